#include "core/controllers/controllers.h"

#include "core/controllers/certificates/root_ca_publisher.h"
#include "core/controllers/certificates/signing_requests.h"
#include "core/controllers/clusterroleaggregation/clusterroleaggregation_controller.h"
#include "core/controllers/cronjob/cronjob_controller.h"
#include "core/controllers/daemon/daemon_controller.h"
#include "core/controllers/deployment/deployment_controller.h"
#include "core/controllers/disruption/disruption.h"
#include "core/controllers/endpoint/endpoints_controller.h"
#include "core/controllers/endpointslice/endpointslice_controller.h"
#include "core/controllers/endpointslicemirroring/endpointslicemirroring_controller.h"
#include "core/controllers/garbagecollector/garbagecollector.h"
#include "core/controllers/job/job_controller.h"
#include "core/controllers/namespace/namespace_controller.h"
#include "core/controllers/nodeipam/range_allocator.h"
#include "core/controllers/nodelifecycle/node_lifecycle_controller.h"
#include "core/controllers/podautoscaler/horizontal.h"
#include "core/controllers/podgc/gc_controller.h"
#include "core/controllers/replicaset/replica_set.h"
#include "core/controllers/resourcequota/resource_quota_controller.h"
#include "core/controllers/serviceaccount/serviceaccounts_controller.h"
#include "core/controllers/serviceaccount/tokens_controller.h"
#include "core/controllers/servicecidrs/servicecidrs_controller.h"
#include "core/controllers/statefulset/stateful_set.h"
#include "core/controllers/tainteviction/taint_eviction.h"
#include "core/controllers/ttlafterfinished/ttlafterfinished_controller.h"
#include "core/controllers/volume/attachdetach/attach_detach_controller.h"
#include "core/controllers/volume/persistentvolume/pv_controller.h"
#include "core/controllers/volume/pvcprotection/pvc_protection_controller.h"
#include "core/controllers/volume/pvprotection/pv_protection_controller.h"

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

std::unique_ptr<sim::Component> make_replication_manager(client::Environment environment, const ControllerOptions&) {
    return ReplicaSetController::create_replication_manager(environment);
}

constexpr ControllerEntry table[] = {
    {"certificatesigningrequest-approving-controller", make<CertificateApprover>},
    {"certificatesigningrequest-cleaner-controller", make<CertificateCleaner>},
    {"certificatesigningrequest-signing-controller", make<CertificateSigner>},
    {"clusterrole-aggregation-controller", make<ClusterRoleAggregationController>},
    {"cronjob-controller", make<CronJobController>},
    {"daemonset-controller", make<DaemonSetsController>},
    {"deployment-controller", make<DeploymentController>},
    {"disruption-controller", make<DisruptionController>},
    {"endpoints-controller", make<EndpointsController>},
    {"endpointslice-controller", make<EndpointSliceController>},
    {"endpointslice-mirroring-controller", make<EndpointSliceMirroringController>},
    {"garbage-collector-controller", make<GarbageCollector>},
    {"horizontal-pod-autoscaler-controller", make<HorizontalController>},
    {"job-controller", make<JobController>},
    {"namespace-controller", make<NamespaceController>},
    {"node-ipam-controller", make_with_options<RangeAllocator>},
    {"node-lifecycle-controller", make_with_options<NodeLifecycleController>},
    {"persistentvolume-attach-detach-controller", make<AttachDetachController>},
    {"persistentvolume-binder-controller", make<PersistentVolumeController>},
    {"persistentvolume-protection-controller", make<PVProtectionController>},
    {"persistentvolumeclaim-protection-controller", make<PVCProtectionController>},
    {"pod-garbage-collector-controller", make<PodGCController>},
    {"replicaset-controller", make<ReplicaSetController>},
    {"replicationcontroller-controller", make_replication_manager},
    {"resourcequota-controller", make<ResourceQuotaController>},
    {"root-ca-certificate-publisher-controller", make_with_options<RootCAPublisher>},
    {"service-cidr-controller", make<ServiceCIDRsController>},
    {"serviceaccount-controller", make<ServiceAccountsController>},
    {"serviceaccount-token-controller", make_with_options<TokensController>},
    {"statefulset-controller", make<StatefulSetController>},
    {"taint-eviction-controller", make<TaintEvictionController>},
    {"ttl-after-finished-controller", make<TTLAfterFinishedController>},
};

}  // namespace

std::span<const ControllerEntry> controllers() { return table; }

}  // namespace kubewalk::controllers
