#pragma once
// Everything the cloud-controller-manager runs: one line each. Upstream: k8s.io/cloud-provider/app
// (DefaultInitFuncConstructors), names/controller_names.go.

#include <memory>
#include <span>
#include <string_view>

#include "core/client/controller.h"
#include "core/cloud/cloud.h"

namespace kubewalk::cloud {

// The flags of cloud-controller-manager that its controllers read.
struct ControllerOptions {
    std::string cluster_cidr = "10.244.0.0/16";
    bool configure_cloud_routes = true;
    Duration node_monitor_period = seconds(5);
    Duration node_status_update_frequency = minutes(5);
    Duration route_reconciliation_period = seconds(10);
};

struct ControllerEntry {
    std::string_view name;  // as --controllers names it: "service-lb-controller"
    // Null when the flags leave it out.
    std::unique_ptr<sim::Component> (*create)(client::Environment environment, Cloud& cloud, const ControllerOptions& options);
};

std::span<const ControllerEntry> controllers();

// Whom its requests are from.
constexpr std::string_view controller_user = "system:serviceaccount:kube-system:cloud-controller-manager";

}  // namespace kubewalk::cloud
