#pragma once
// What the walk remembers of flows, so that their packets need not be judged anew each; only core/net's own files include
// it. A memo is good for as long as nothing that the walk looked at has changed.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/pool.h"
#include "core/net/conntrack.h"
#include "core/net/netfilter.h"
#include "core/net/network.h"

namespace kubewalk::net {

// A few things in place. More of them than there is room for are counted and not kept.
template <typename Thing, std::size_t Most>
class FewOf {
public:
    FewOf() {}
    void push_back(const Thing& thing) {
        if (count_ < Most)
            things_[count_] = thing;
        ++count_;
    }
    std::size_t size() const { return std::min<std::size_t>(count_, Most); }
    bool complete() const { return count_ <= Most; }
    void cut(std::size_t count) { count_ = static_cast<std::uint32_t>(count); }
    Thing& last() { return things_[size() - 1]; }
    Thing& operator[](std::size_t at) { return things_[at]; }
    const Thing& operator[](std::size_t at) const { return things_[at]; }
    const Thing* begin() const { return things_.data(); }
    const Thing* end() const { return things_.data() + size(); }

private:
    std::uint32_t count_ = 0;
    std::array<Thing, Most> things_;
};

// What a packet met on its way, as the walk notes it.
struct PathMemo {
    struct Visit {
        std::uint32_t machine;
        NamespaceId id;
        std::uint64_t changes;
    };
    struct Flow {
        std::uint64_t entry;
        std::uint32_t tunnel;  // the tunnel's own: what its source port is derived from, without the client's port
        std::uint8_t visit;
        Direction direction;
        bool datagram;  // the tunnel's own
        bool fresh;     // the packet made the entry
        bool quiet;     // ... and nat's rules left it and the packet as they were
    };
    struct Learned {
        std::uint16_t visit;   // in a FlowClass: the space
        std::uint16_t device;  // its place among the interfaces
        Mac mac;
        Ip ip;
    };
    static constexpr std::size_t most_visits = 8, most_learned = 6;
    bool usable = false;
    bool common = true;        // nothing on the way depended on the client's port
    bool fresh = false;        // the packet made an entry
    std::uint64_t wiring = 0;  // State::wiring at the time
    FewOf<Visit, most_visits> visits;
    FewOf<Flow, 8> flows;
    FewOf<Learned, most_learned> learned;
    std::vector<Draw> drawn;
    Duration elapsed{};

    bool complete() const { return visits.complete() && flows.complete() && learned.complete(); }
};

// The source port of a tunnel's datagrams, from a hash of the flow inside.
inline std::uint16_t tunnel_port(std::uint32_t flow) { return static_cast<std::uint16_t>(32768 + flow % 28232); }

struct FlowClass;

// A flow's place in its class, and its own entries of conntrack by the class's slots (0: not looked for yet).
struct Passage {
    static constexpr std::size_t most_slots = 12;
    std::shared_ptr<FlowClass> way;
    std::array<std::uint64_t, most_slots> entries{};
};

// A flow's packets: the one that opens it, the first answer, and what goes there and back from then on.
enum class PathKind : std::uint8_t { open, answer, there, back };
constexpr std::size_t path_kinds = 4;
inline bool toward_server(PathKind path) { return path == PathKind::open || path == PathKind::there; }

// Where a flow leads.
struct FlowEnds {
    NamespaceId client = 0, server = 0;
    Tuple sent;     // as the client's socket shows it
    Tuple arrived;  // as it reached the server
};

// What flows between the same two programs have in common: they differ by the client's port, which nothing on the way
// looked at. A packet of theirs then repeats what another's walk did, when it finds conntrack's entries as they were for
// that one: it makes and moves entries, learns neighbours, takes the time; else it walks. Which of several endpoints a new
// flow goes to is drawn anew each time, as its rules say. A flow that differs by more has a class of its own.
class FlowClasses {
public:
    FlowClasses();
    ~FlowClasses();
    // A flow's first packet. False: it has to walk; nothing has changed then.
    bool open(Network::State& state, Random& random, NamespaceId from, const Packet& packet, Time now, Passage& passage, FlowEnds& ends, int& ttl,
              Duration& elapsed);
    // A later one.
    bool repeat(Network::State& state, Passage& passage, PathKind path, std::uint16_t client_port, PacketKind kind, Time now, int& ttl,
                Duration& elapsed);
    // The namespace that the flow leads to.
    const NetNamespace* server(const Network::State& state, const Passage& passage, NamespaceId id) const;
    // Looks for the class of a flow that was opened by walking.
    void find(const Network::State& state, const FlowEnds& ends, Passage& passage) const;
    // After a walk that arrived. `first`: the packet of PathKind::open, as it was sent.
    void offer(Network::State& state, const FlowEnds& ends, Passage& passage, PathKind path, const PathMemo& memo, int ttl, const Packet* first = nullptr);
    // A checkpoint has taken the state: what it holds is shared now.
    void shared() { ++copies_; }
    // Another state: what has changed since is counted by numbers that will be used again.
    void clear();

private:
    struct Kept;
    bool current(Network::State& state, FlowClass& way) const;
    bool pass(Network::State& state, Passage& passage, PathKind path, std::uint16_t client_port, PacketKind kind, Time now, Duration& elapsed) const;
    std::unique_ptr<Kept> kept_;
    std::uint64_t copies_ = 1;
};

}  // namespace kubewalk::net
