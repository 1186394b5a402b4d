#pragma once
// Looks after Nodes that are not ready: those whose machine the cloud has no more are deleted, those
// whose machine is switched off are tainted.
// Upstream: k8s.io/cloud-provider/controllers/nodelifecycle/node_lifecycle_controller.go.

#include "core/client/controller.h"
#include "core/cloud/controllers.h"

namespace kubewalk::cloud {

class CloudNodeLifecycleController final : public client::ControllerOf<CloudNodeLifecycleController> {
public:
    CloudNodeLifecycleController(client::Environment environment, Cloud& cloud, const ControllerOptions& options);

private:
    void changed(std::size_t, const client::Change&) override {}
    client::Outcome reconcile(const std::string&) override { return client::Outcome::done(); }
    void synced() override;
    void own_event(std::uint32_t code, const sim::Event& event) override;

    void monitor(const api::Value& node);
    void remove(const api::Value& node);

    Cloud* cloud_;
    Duration period_;
};

}  // namespace kubewalk::cloud
