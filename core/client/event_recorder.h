#pragma once
// Writes core/v1 Events about objects, as client-go's tools/record does: name "OBJECT.HEX", equal
// events are counted up instead of written anew, and per object no more than 25 at once, then one in
// five minutes (EventSourceObjectSpamFilter). Similar events are not combined (EventAggregator).
// A value type. Upstream: k8s.io/client-go/tools/record/{event.go,events_cache.go}.

#include <map>
#include <string>
#include <string_view>

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
    struct Seen {
        std::string name;
        std::string namespace_name;
        int count = 0;
        std::string first;  // timestamp, RFC 3339
    };
    struct Bucket {
        double tokens = 0;
        Time refilled;
    };

    bool allowed(Time now, const std::string& object);
    std::string unique_name(Time now, std::string_view object);

    Client client_;
    std::string component_;
    std::string host_;
    std::map<std::string, Seen> seen_;
    std::map<std::string, Bucket> buckets_;
    std::int64_t last_stamp_ = 0;
};

}  // namespace kubewalk::client
