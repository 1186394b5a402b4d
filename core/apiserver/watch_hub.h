#pragma once
// Open watches and what each of them still has to read. Watches of the same terms (kind, namespace, selectors) share
// a channel: one list of events, and one picture of the objects, which informers take as their cache. A write looks
// at the channels of its kind; those of Pods with a spec.nodeName selector are found by the node, those of one
// object by its name, so that a write costs only who listens.
// Upstream: k8s.io/apiserver/pkg/storage/cacher/cacher.go.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/apiserver/selectors.h"
#include "core/base/ordered_map.h"
#include "core/client/transport.h"
#include "core/sim/simulation.h"
#include "core/store/store.h"

namespace kubewalk::apiserver {

class WatchHub {
public:
    // What is watched. `served`: the form in which the client wants the objects of `kind`, which is the one that is
    // stored.
    struct Terms {
        const api::Kind* kind = nullptr;
        const api::Kind* served = nullptr;
        Filter filter;
    };
    struct Reader {
        sim::ComponentId target = 0;
        std::uint32_t event_code = 0;
    };

    // Opens a watch whose first answers are `backlog`; changes published from now on follow.
    client::WatchId open(sim::Simulation& simulation, Random& random, const store::Store& store, Terms terms, Reader reader,
                         std::vector<client::WatchEvent> backlog);
    client::Transport::WatchBatch read(client::WatchId watch);
    // Null when the watch is not open.
    const client::Cache* state(client::WatchId watch) const;
    void close(client::WatchId watch);
    // All watches end: the server stops. Their readers are told.
    void close_all(sim::Simulation& simulation, Random& random);

    // Hands one change of the store to whom it concerns; how many these are.
    int publish(sim::Simulation& simulation, Random& random, const api::Kind& kind, store::Revision revision, const store::Change& change);

    // What a watch with this filter sees of a change; nothing when it does not concern it.
    static std::optional<client::WatchEvent> seen_by(const Filter& filter, store::Revision revision, const store::Change& change);
    std::size_t size() const { return channel_of_.size(); }

private:
    using ChannelId = std::uint32_t;  // 0: the watch has ended and its reader does not know yet
    struct Watch {
        client::WatchId id = 0;
        Reader reader;
        std::uint64_t next = 0;  // the first event it has not read
        bool told = false;       // an event of urgency work is on its way
        bool whispered = false;  // one of urgency background is
        std::shared_ptr<const std::vector<client::WatchEvent>> backlog;
    };
    struct Channel {
        std::shared_ptr<const Terms> terms;
        std::string key;            // of the terms
        std::string place;          // where in index_ it stands
        std::vector<Watch> watches;  // oldest first
        std::deque<client::WatchEvent> events;
        std::uint64_t first = 0;     // number of events.front()
        client::Cache state;

        Watch* find(client::WatchId id);
    };

    ChannelId channel_for(const store::Store& store, Terms terms);
    void drop_if_idle(ChannelId id);
    void notify(sim::Simulation& simulation, Random& random, Watch& watch, sim::Urgency urgency);
    // The channels of one place that see the change get it; `seen` collects them.
    void spread(const std::string& place, store::Revision revision, const store::Change& change, std::vector<ChannelId>& seen);
    int tell(sim::Simulation& simulation, Random& random, const std::vector<ChannelId>& channels, const store::Change& change);
    static void forget_read(Channel& channel);
    static bool lags(const Channel& channel, const Watch& watch);

    OrderedMap<client::WatchId, ChannelId> channel_of_;
    OrderedMap<ChannelId, Channel> channels_;
    OrderedMap<std::string, ChannelId> by_terms_;
    // "pods", "pods@node-1" (those of one node), "nodes=node-1" (one object) -> channels, oldest first.
    OrderedMap<std::string, std::vector<ChannelId>> index_;
    client::WatchId next_ = 1;
    ChannelId next_channel_ = 1;
};

}  // namespace kubewalk::apiserver
