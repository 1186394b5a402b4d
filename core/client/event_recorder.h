#pragma once
// Writes core/v1 Events about objects, as client-go's tools/record does: name "OBJECT.HEX", equal
// events are counted up instead of written anew, and per object no more than 25 at once, then one in
// five minutes (EventSourceObjectSpamFilter). Similar events are not combined (EventAggregator).
// A value type. Upstream: k8s.io/client-go/tools/record/{event.go,events_cache.go}.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ordered_map.h"
#include "core/client/client.h"

namespace kubewalk::client {

enum class EventType : unsigned char { normal, warning };

class EventRecorder {
public:
    // `component` is what `kubectl describe` shows in FROM: "deployment-controller", "kubelet";
    // `host` the node for kubelets.
    EventRecorder(Client client, std::string component, std::string host = {});

    // `field_path` names a part of the object: "spec.containers{carts}".
    void record(sim::Simulation& simulation, const api::Value& object, EventType type, std::string_view reason,
                std::string_view message, std::string_view field_path = {});

private:
    // What makes events equal, and what an object is, is remembered as a hash of 64 bits: two that fall together are
    // not to be expected in the life of a cluster.
    using Hash = std::uint64_t;
    struct Seen {
        std::int64_t stamp = 0;  // in the event's name
        int count = 0;
    };
    struct Bucket {
        double tokens = 0;
        Time refilled;
    };

    bool allowed(Time now, Hash object);
    std::int64_t unique_stamp(Time now);

    Client client_;
    std::string component_;
    std::string host_;
    api::Value blank_;  // an Event with what all of this recorder's have in common
    OrderedMap<Hash, Seen> seen_;
    OrderedMap<Hash, Bucket> buckets_;
    std::int64_t last_stamp_ = 0;
};

}  // namespace kubewalk::client
