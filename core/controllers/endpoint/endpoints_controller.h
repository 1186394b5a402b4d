#pragma once
// The older form of EndpointSlices (v1 Endpoints, deprecated since 1.33, still written for every Service
// with a selector). Upstream: pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go.

#include "core/client/controller.h"
#include "core/controllers/trigger_time_tracker.h"

namespace kubewalk::controllers {

namespace endpoint {
// The subsets for a Service and the Pods it selects: grouped by ports, sorted.
Value subsets_of(const Value& service, const Objects& pods);
}  // namespace endpoint

class EndpointsController final : public client::ControllerOf<EndpointsController> {
public:
    explicit EndpointsController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    client::Outcome write(const std::string& key, const Value& service, const Value& subsets,
                          const std::string& trigger_time);

    TriggerTimeTracker trigger_times_;
};

}  // namespace kubewalk::controllers
