#pragma once
// Open watches and what each of them still has to read. Watches are found by resource, and those of
// Pods with a spec.nodeName selector by the node, so that a write costs only who listens.
// Upstream: k8s.io/apiserver/pkg/storage/cacher/cacher.go.

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
    // Changes after `revision` count (that is where the client's list was).
    // Opens a watch whose first answers are `backlog`.
    // `served`: the form in which the client wants the objects of `kind`, which is the one that is stored.
    client::WatchId open(sim::Simulation& simulation, Random& random, const api::Kind& kind, const api::Kind& served, Filter filter,
                         sim::ComponentId target, std::uint32_t event_code, std::vector<client::WatchEvent> backlog);
    client::Transport::WatchBatch read(client::WatchId watch);
    void close(client::WatchId watch);
    // All watches end: the server stops. Their readers are told.
    void close_all(sim::Simulation& simulation, Random& random);

    // Hands one change of the store to whom it concerns; how many these are.
    int publish(sim::Simulation& simulation, Random& random, const api::Kind& kind, store::Revision revision,
                 const store::Change& change);

    // What a watch with this filter sees of a change; nothing when it does not concern it.
    static std::optional<client::WatchEvent> seen_by(const Filter& filter, store::Revision revision,
                                                     const store::Change& change);
    std::size_t size() const { return watches_.size(); }

private:
    struct Terms {
        Filter filter;
        std::string channel;
        const api::Kind* served = nullptr;
        sim::ComponentId target = 0;
        std::uint32_t event_code = 0;
    };
    struct Watch {
        std::shared_ptr<const Terms> terms;
        std::vector<client::WatchEvent> pending;
        bool told = false;       // an event of urgency work is on its way
        bool whispered = false;  // one of urgency background is
        bool closed = false;
    };

    void notify(sim::Simulation& simulation, Random& random, client::WatchId id, Watch& watch, sim::Urgency urgency);

    OrderedMap<client::WatchId, Watch> watches_;
    OrderedMap<std::string, std::vector<client::WatchId>> channels_;
    client::WatchId next_ = 1;
};

}  // namespace kubewalk::apiserver
