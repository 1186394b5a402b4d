#include "core/controllers/controllers.h"

#include "core/controllers/certificates/root_ca_publisher.h"
#include "core/controllers/daemon/daemon_controller.h"
#include "core/controllers/deployment/deployment_controller.h"
#include "core/controllers/endpoint/endpoints_controller.h"
#include "core/controllers/endpointslice/endpointslice_controller.h"
#include "core/controllers/garbagecollector/garbagecollector.h"
#include "core/controllers/namespace/namespace_controller.h"
#include "core/controllers/nodeipam/range_allocator.h"
#include "core/controllers/nodelifecycle/node_lifecycle_controller.h"
#include "core/controllers/podgc/gc_controller.h"
#include "core/controllers/replicaset/replica_set.h"
#include "core/controllers/serviceaccount/serviceaccounts_controller.h"
#include "core/controllers/tainteviction/taint_eviction.h"

namespace kubewalk::controllers {

namespace {

template <typename Controller>
std::unique_ptr<sim::Component> make(client::Environment environment, const ControllerOptions&) {
    return std::make_unique<Controller>(environment);
}

template <typename Controller>
std::unique_ptr<sim::Component> make_with_options(client::Environment environment, const ControllerOptions& options) {
    return std::make_unique<Controller>(environment, options);
}

constexpr ControllerEntry table[] = {
    {"daemonset-controller", make<DaemonSetsController>},
    {"deployment-controller", make<DeploymentController>},
    {"endpoints-controller", make<EndpointsController>},
    {"endpointslice-controller", make<EndpointSliceController>},
    {"garbage-collector-controller", make<GarbageCollector>},
    {"namespace-controller", make<NamespaceController>},
    {"node-ipam-controller", make_with_options<RangeAllocator>},
    {"node-lifecycle-controller", make_with_options<NodeLifecycleController>},
    {"pod-garbage-collector-controller", make<PodGCController>},
    {"replicaset-controller", make<ReplicaSetController>},
    {"root-ca-certificate-publisher-controller", make_with_options<RootCAPublisher>},
    {"serviceaccount-controller", make<ServiceAccountsController>},
    {"taint-eviction-controller", make<TaintEvictionController>},
};

}  // namespace

std::span<const ControllerEntry> controllers() { return table; }

}  // namespace kubewalk::controllers
