#pragma once
// Upstream: pkg/controller/endpointslice/endpointslice_controller.go, staging/src/k8s.io/endpointslice/util/
// {endpointslice_tracker.go,trigger_time_tracker.go}.

#include <map>

#include "core/client/controller.h"
#include "core/controllers/endpointslice/reconciler.h"
#include "core/controllers/trigger_time_tracker.h"

namespace kubewalk::controllers {

class EndpointSliceController final : public client::ControllerOf<EndpointSliceController> {
public:
    explicit EndpointSliceController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    // Slices we wrote and the cache has not shown yet make what we see stale: then we wait.
    bool is_stale(const std::string& service_key) const;
    Result<void> send(const std::string& service_key, const endpointslice::Changes& changes);
    void expect(const std::string& service_key, const Value& slice);
    // The nodes have changed: Services whose hints no longer fit come up again.
    void check_topology();

    TriggerTimeTracker trigger_times_;
    endpointslice::TopologyCache topology_;
    // service key -> slice name -> resourceVersion that the cache must reach; "" until it is gone
    std::map<std::string, std::map<std::string, std::string>> expected_;
};

}  // namespace kubewalk::controllers
