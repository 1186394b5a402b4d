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

// Routes are the cloud's business only where it also hands out the Pods' addresses.
std::unique_ptr<sim::Component> make_route_controller(client::Environment environment, Cloud& cloud, const ControllerOptions& options) {
    if (!options.allocate_node_cidrs || !options.configure_cloud_routes)
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
