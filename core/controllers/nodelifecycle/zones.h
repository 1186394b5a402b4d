#pragma once
// How fast Nodes may be given up, zone by zone: if many fail at once it is more likely the network than the Nodes.
// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go (ComputeZoneState, handleDisruption),
// scheduler/rate_limited_queue.go.

#include <deque>
#include <map>
#include <set>
#include <string>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::nodelifecycle {

enum class ZoneState : unsigned char { initial, normal, partial_disruption, full_disruption };
ZoneState zone_state(std::int64_t ready, std::int64_t not_ready);
// Nodes a second (--node-eviction-rate and --secondary-node-eviction-rate).
double eviction_rate(ZoneState state, std::int64_t size);

// "region:\0:zone", "" for neither.
std::string zone_of(const Value& node);

// The Nodes of one zone that wait for their NoExecute taint: the first at once, then one per 1/rate seconds.
class EvictionQueue {
public:
    void set_rate(double per_second) { rate_ = per_second; }
    void add(const std::string& node);
    void remove(const std::string& node);
    bool empty() const { return order_.empty(); }
    // The next one that may go now; "" when none may.
    std::string take(Time now);
    // Until then; nothing when none waits or none may go.
    std::optional<Duration> next_in(Time now) const;

private:
    std::deque<std::string> order_;
    double rate_ = 0;
    Time free_at_;
};

struct Zone {
    ZoneState state = ZoneState::initial;
    EvictionQueue queue;
};

}  // namespace kubewalk::controllers::nodelifecycle
