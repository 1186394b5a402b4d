#pragma once
// Everything kube-controller-manager runs: one line each. A new controller is its pair of files and its
// line in controllers.cpp. Upstream: cmd/kube-controller-manager/app/controllermanager.go.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/client/controller.h"

namespace kubewalk::controllers {

// The flags of kube-controller-manager that its controllers read.
struct ControllerOptions {
    std::string cluster_name = "kubernetes";
    std::string cluster_cidr = "10.244.0.0/16";
    int node_cidr_mask_size = 24;
    int node_cidr_mask_size_ipv6 = 64;
    std::string service_cluster_ip_range = "10.96.0.0/12";
    bool allocate_node_cidrs = true;
    std::string root_ca;  // PEM, published as kube-root-ca.crt
    Duration node_monitor_period = seconds(5);
    Duration node_monitor_grace_period = seconds(50);
    Duration node_startup_grace_period = seconds(60);
};

struct ControllerEntry {
    std::string_view name;  // as --controllers names it: "deployment-controller"
    std::unique_ptr<sim::Component> (*create)(client::Environment environment, const ControllerOptions& options);
};

std::span<const ControllerEntry> controllers();

}  // namespace kubewalk::controllers
