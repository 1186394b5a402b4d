#pragma once
// Tells a new Node what the cloud knows about its machine (provider ID, type, zone, addresses), and takes
// the taint away that kept Pods off until then.
// Upstream: k8s.io/cloud-provider/controllers/node/node_controller.go, node/helpers.

#include "core/client/controller.h"
#include "core/cloud/controllers.h"

namespace kubewalk::cloud {

class CloudNodeController final : public client::ControllerOf<CloudNodeController> {
public:
    CloudNodeController(client::Environment environment, Cloud& cloud, const ControllerOptions& options);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    void synced() override;
    void own_event(std::uint32_t code, const sim::Event& event) override;

    client::Outcome initialise(const api::Value& node);
    client::Outcome reconcile_labels(const api::Value& node);
    Result<void> update_addresses(const api::Value& node, const Instance& instance);

    Cloud* cloud_;
    Duration update_frequency_;
};

}  // namespace kubewalk::cloud
