#pragma once
// Hints of Services with the annotation service.kubernetes.io/topology-mode: Auto: each zone is given endpoints in
// proportion to its nodes' CPU. Upstream: staging/src/k8s.io/endpointslice/topologycache/{topologycache.go,
// sliceinfo.go,utils.go,event.go}. Where Go leaves the order of zones to a map, here they come by name.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/client/event_recorder.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::endpointslice {

// What the Service is told.
struct Told {
    client::EventType type = client::EventType::warning;
    std::string reason;
    std::string message;
};

// The slices of one Service and address family.
struct SliceInfo {
    std::string service_key;
    std::string address_type;
    Objects create;
    Objects update;
    Objects unchanged;
};

class TopologyCache {
public:
    void set_nodes(const Objects& nodes);
    // Fills in the hints, or takes them away where they cannot be had; `update` may grow by slices that were unchanged.
    std::vector<Told> add_hints(SliceInfo& slices);
    // The annotation is gone. Nothing, or that the Service had hints.
    std::vector<Told> forget(const std::string& service_key, const std::string& address_type);
    void forget(const std::string& service_key);
    // Services whose share no longer fits the nodes.
    std::vector<std::string> overloaded() const;

private:
    using ByZone = std::map<std::string, int>;
    struct Allocation {
        int minimum = 0;
        int maximum = 0;
        double desired = 0;
    };
    using Allocations = std::map<std::string, Allocation>;
    // Nothing, and why there are none.
    std::optional<Allocations> allocations(int endpoints, std::string& why) const;
    std::vector<Told> give_up(SliceInfo& slices, const std::string& why);
    static std::optional<ByZone> hints_by_zone(const Value& slice, const ByZone& so_far, const Allocations& allocations);

    std::map<std::string, double> cpu_ratios_;  // by zone; empty: too little is known
    std::map<std::string, std::map<std::string, ByZone>> by_service_;  // -> address type -> endpoints by zone
    std::set<std::string> with_hints_;
};

// The annotation, by its old name or its new one.
bool topology_mode_auto(const Value& service);

}  // namespace kubewalk::controllers::endpointslice
