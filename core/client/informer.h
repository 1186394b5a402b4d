#pragma once
// Reflector and Indexer in one: lists, watches, keeps a cache. A value type, so that a component
// which holds one can be cloned for a checkpoint (the cache shares structure with its copies).
// Follows k8s.io/client-go/tools/cache (Reflector.ListAndWatch, Indexer).

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ordered_map.h"
#include "core/client/client.h"

namespace kubewalk::client {

// One change of the cache. `before` is null for additions, `object` is the last known state for
// deletions.
struct Change {
    WatchType type = WatchType::added;
    api::Value before;
    api::Value object;
    sim::CauseId cause = 0;
    bool heartbeat = false;  // nothing but a periodic sign of life (a Lease renewal, a Node's status)
};

class Informer {
public:
    Informer(Client client, const api::Kind& kind, std::string namespace_name = {}, ListOptions options = {});

    // Lists and opens the watch for `target`; events with `event_code` then call on_event(). When the
    // API server does not answer, the same event is scheduled again after a back-off (800 ms doubling
    // to 30 s, as the Reflector's) and on_event() tries once more.
    std::vector<Change> start(sim::Simulation& simulation, sim::ComponentId target, std::uint32_t event_code);
    // Call for each event whose code was given to start() and for which handles(event) holds.
    bool handles(const sim::Event& event) const {
        return event.number != 0 && (event.number == watch_ || event.number == retry_token_);
    }
    std::vector<Change> on_event(sim::Simulation& simulation, const sim::Event& event);
    void stop();

    bool synced() const { return synced_; }
    const Cache& cache() const { return cache_; }
    // Null value when absent.
    const api::Value& get(std::string_view key) const;
    // Objects of one namespace, in name order.
    std::vector<api::Value> in_namespace(std::string_view namespace_name) const;
    const api::Kind& kind() const { return *kind_; }

private:
    std::vector<Change> list_and_watch(sim::Simulation& simulation);
    std::vector<Change> differences(sim::Simulation& simulation, const api::Value& list) const;
    void replace(const api::Value& list);
    void apply(sim::Simulation& simulation, const WatchEvent& event, bool shared, std::vector<Change>& changes);
    void retry_later(sim::Simulation& simulation);

    Client client_;
    const api::Kind* kind_;
    std::string namespace_name_;
    ListOptions options_;
    Cache cache_;
    WatchId watch_ = 0;
    std::uint64_t retry_token_ = 0;  // number of the pending retry event; highest bit set, so never a WatchId
    int failures_ = 0;
    bool synced_ = false;
    sim::ComponentId target_ = 0;
    std::uint32_t event_code_ = 0;
};

}  // namespace kubewalk::client
