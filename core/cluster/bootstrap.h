#pragma once
// What `kubeadm init`, `kubeadm join` and `kubectl apply -f kube-flannel.yml` leave behind, in their
// order: static Pods on the control plane, then the objects in kube-system, then the workers.
// Upstream: cmd/kubeadm/app/phases.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/cluster/cluster.h"

namespace kubewalk::cluster {

class Bootstrap {
public:
    explicit Bootstrap(Cluster& cluster) : cluster_(cluster) {}

    // From power-on to a settled cluster with the scenario's application on it.
    Result<void> run();

private:
    void add_machines();
    void add_node(int index);
    Result<void> wait_for_api_server();
    Result<void> create(std::string_view manifests);
    Result<void> create_addons();
    Result<void> apply_scenario();
    // Fills in {{placeholders}} of assets/bootstrap.
    std::string fill(std::string_view text) const;

    Cluster& cluster_;
};

}  // namespace kubewalk::cluster
