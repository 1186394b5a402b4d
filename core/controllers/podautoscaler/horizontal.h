#pragma once
// Scales workloads by what their Pods use. Metrics come from the API group metrics.k8s.io, as a metrics-server
// gives them; the kinds Object, Pods and External need adapters that are not here and say so as upstream does.
// Upstream: pkg/controller/podautoscaler/horizontal.go, metrics/client.go.

#include <map>

#include "core/client/controller.h"
#include "core/controllers/podautoscaler/replica_calculator.h"
#include "core/controllers/podautoscaler/scaling_rules.h"

namespace kubewalk::controllers {

class HorizontalController final : public client::ControllerOf<HorizontalController> {
public:
    explicit HorizontalController(client::Environment environment);

private:
    struct Proposal {
        std::int64_t replicas = -1;
        std::string name;  // "cpu resource utilization (percentage of request)"
        Value status;      // for status.currentMetrics
    };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    Result<void> scale(Value& autoscaler, Value target);
    // The largest of what the metrics ask for; sets condition ScalingActive.
    Result<Proposal> propose(Value& autoscaler, const Value& target);
    Result<Proposal> propose_for(const Value& autoscaler, const Value& target, const Value& metric, std::string& reason);
    Result<podautoscaler::PodMetrics> pod_metrics(std::string_view namespace_name, std::string_view selector,
                                                  std::string_view resource, std::string_view container) const;
    Result<Value> send_scale(client::Method method, const Value& autoscaler, const Value& body) const;
    void set_condition(Value& autoscaler, std::string_view type, bool state, std::string_view reason,
                       std::string_view message) const;
    void tell(const Value& autoscaler, client::EventType type, std::string_view reason, const std::string& message);
    Result<void> write_status(const Value& before, Value autoscaler);

    std::map<std::string, podautoscaler::History> histories_;
};

}  // namespace kubewalk::controllers
