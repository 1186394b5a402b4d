#pragma once
// Marks Nodes that send no sign of life, and taints those that are not ready.
// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go.

#include <map>
#include <optional>

#include "core/client/controller.h"
#include "core/controllers/controllers.h"
#include "core/controllers/nodelifecycle/zones.h"

namespace kubewalk::controllers {

class NodeLifecycleController final : public client::ControllerOf<NodeLifecycleController> {
public:
    NodeLifecycleController(client::Environment environment, const ControllerOptions& options);

private:
    // Signs of life as seen so far.
    struct Health {
        std::string uid;
        std::string ready_heartbeat;  // lastHeartbeatTime of the Ready condition
        std::string ready_status;
        std::string lease_renewal;
        Time last_sign;
    };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    void synced() override;
    void own_event(std::uint32_t code, const sim::Event& event) override;

    void monitor();
    // The Node, or what it became: conditions Unknown when it has been silent for too long.
    std::optional<api::Value> check_health(const api::Value& node, Health& health);
    Result<api::Value> write_taints(const api::Value& node, const api::Value& taints);
    void mark_pods_not_ready(const api::Value& node);
    // NoExecute taints: taken away or exchanged at once, given by the zone's queue.
    void plan_no_execute(const api::Value& node);
    Result<void> set_no_execute(const api::Value& node, std::string_view wanted);
    void handle_disruption(const std::map<std::string, std::pair<std::int64_t, std::int64_t>>& counts);
    // Gives the taint to the Nodes whose turn it is; comes back for the next.
    void run_queues();

    Duration monitor_period_;
    Duration grace_period_;
    Duration startup_grace_period_;
    std::map<std::string, Health> known_;
    std::map<std::string, nodelifecycle::Zone> zones_;
    sim::EventId queue_event_ = 0;
};

}  // namespace kubewalk::controllers
