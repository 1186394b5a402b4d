#include "core/cloud/controllers.h"

#include "core/cloud/node_controller.h"
#include "core/cloud/node_lifecycle_controller.h"
#include "core/cloud/route_controller.h"
#include "core/cloud/service_controller.h"

namespace kubewalk::cloud {

namespace {

template <typename Controller>
std::unique_ptr<sim::Component> make(client::Environment environment, Cloud& cloud, const ControllerOptions& options) {
    return std::make_unique<Controller>(environment, cloud, options);
}

// --allocate-node-cidrs does not matter here (staging/src/k8s.io/cloud-provider/app/core.go, startRouteController).
std::unique_ptr<sim::Component> make_route_controller(client::Environment environment, Cloud& cloud, const ControllerOptions& options) {
    if (!options.configure_cloud_routes)
        return nullptr;
    return std::make_unique<RouteController>(environment, cloud, options);
}

constexpr ControllerEntry table[] = {
    {"cloud-node-controller", make<CloudNodeController>},
    {"cloud-node-lifecycle-controller", make<CloudNodeLifecycleController>},
    {"node-route-controller", make_route_controller},
    {"service-lb-controller", make<ServiceController>},
};

}  // namespace

std::span<const ControllerEntry> controllers() { return table; }

}  // namespace kubewalk::cloud
