#pragma once
// What the walk remembers of established flows, so that their packets need not be judged anew each; only core/net's own
// files include it. A memo is good for as long as nothing that the walk looked at has changed.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "core/base/pool.h"
#include "core/net/conntrack.h"
#include "core/net/network.h"

namespace kubewalk::net {

// A few things in place. More of them than there is room for are counted and not kept.
template <typename Thing, std::size_t Most>
class FewOf {
public:
    FewOf() {}
    FewOf(const FewOf& other) : count_(other.count_) { std::copy_n(other.things_.begin(), kept(), things_.begin()); }
    FewOf& operator=(const FewOf& other) {
        count_ = other.count_;
        std::copy_n(other.things_.begin(), kept(), things_.begin());
        return *this;
    }
    void push_back(const Thing& thing) {
        if (count_ < Most)
            things_[count_] = thing;
        ++count_;
    }
    void clear() { count_ = 0; }
    std::size_t size() const { return count_; }
    bool complete() const { return count_ <= Most; }
    const Thing* begin() const { return things_.data(); }
    const Thing* end() const { return things_.data() + kept(); }

private:
    std::size_t kept() const { return std::min<std::size_t>(count_, Most); }
    std::uint32_t count_ = 0;
    std::array<Thing, Most> things_;
};

// What a packet of an established flow met on its way. The next one of the same flow and direction meets the same, as
// long as nothing that the walk looked at has changed: then its effects are repeated (conntrack's states and time-outs,
// the ARP table, the time it takes), and nothing else. Never kept of a walk that chance or a first packet had a part in.
struct PathMemo : pool::Pooled {
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
    };
    struct Learned {
        std::uint8_t visit;
        std::uint16_t device;  // its place among the interfaces
        Mac mac;
        Ip ip;
    };
    static constexpr std::size_t most_visits = 8;
    bool usable = false;
    bool common = false;       // nothing on the way depended on the client's port: FlowClass
    std::uint64_t wiring = 0;  // State::wiring at the time
    FewOf<Visit, most_visits> visits;
    FewOf<Flow, 8> flows;
    FewOf<Learned, 6> learned;
    Duration elapsed{};

    bool complete() const { return visits.complete() && flows.complete() && learned.complete(); }
    void clear() {
        usable = false;
        common = false;
        visits.clear();
        flows.clear();
        learned.clear();
    }
};

// Where an exchange keeps one: made when it is first filled; a copy has its own.
class MemoPlace {
public:
    MemoPlace() = default;
    MemoPlace(const MemoPlace& other) : kept_(other.kept_ ? std::make_unique<PathMemo>(*other.kept_) : nullptr) {}
    MemoPlace(MemoPlace&&) = default;
    MemoPlace& operator=(MemoPlace other) {
        kept_ = std::move(other.kept_);
        return *this;
    }
    ~MemoPlace() = default;
    PathMemo& memo() {
        if (!kept_)
            kept_ = std::make_unique<PathMemo>();
        return *kept_;
    }

private:
    std::unique_ptr<PathMemo> kept_;
};

// The source port of a tunnel's datagrams, from a hash of the flow inside.
inline std::uint16_t tunnel_port(std::uint32_t flow) { return static_cast<std::uint16_t>(32768 + flow % 28232); }

// The same way again. False when something has changed since, and the packet has to walk.
bool repeat(Network::State& state, const PathMemo& memo, PacketKind kind, Time now, Duration& elapsed);

// What established flows between the same two programs have in common: they differ by the client's port, which nothing on
// the way looked at. A flow's first packet of a direction then takes its memo from another's, when it finds conntrack's
// entries as they were for that one; else it walks.
class FlowClasses {
public:
    FlowClasses();
    ~FlowClasses();
    // False when there is no such class, or an entry is not as it was.
    bool adopt(const Network::State& state, const Dial& dial, bool toward_server, Time now, PathMemo& memo) const;
    // After a walk that left a usable memo.
    void offer(const Network::State& state, const Dial& dial, bool toward_server, const PathMemo& memo);
    void clear();

private:
    struct Kept;
    std::unique_ptr<Kept> kept_;
};

}  // namespace kubewalk::net
