#pragma once
// How many Pods may be taken away at will: the status of PodDisruptionBudgets.
// Upstream: pkg/controller/disruption/disruption.go.

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

class DisruptionController final : public client::ControllerOf<DisruptionController> {
public:
    explicit DisruptionController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    struct Expected {
        std::int64_t count = 0;
        std::int64_t desired_healthy = 0;
        std::vector<std::string> unmanaged;  // Pods without a controller that says how many there should be
    };
    Result<Expected> expected_pods(const Value& budget, const Objects& selected) const;
    Result<std::int64_t> expected_scale(const Objects& selected, std::vector<std::string>& unmanaged) const;
    // Replicas of what controls the Pod in the end: a Deployment rather than its ReplicaSet.
    struct Scale {
        std::string uid;
        std::int64_t replicas = 0;
    };
    // Nothing: what controlled it is gone.
    Result<std::optional<Scale>> scale_of(const Value& pod) const;
    Result<std::optional<Scale>> scale_of_other(const Value& pod, const Value& owner) const;
    // Pods that an eviction announced and that are still there; forgets those that take too long.
    Value still_disrupted(const Value& budget, const Objects& selected, std::optional<Duration>& recheck);
    Result<void> write(const Value& budget, const Value& status);
};

}  // namespace kubewalk::controllers
