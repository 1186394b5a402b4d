#pragma once
// Connection tracking of one network namespace: who talks to whom, in which state, and how NAT
// rewrote it. Replies are un-NATed by these entries, not by rules.
// Behaviour: net/netfilter/nf_conntrack_core.c, nf_nat_core.c.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/shared_vector.h"
#include "core/base/time.h"
#include "core/net/packet.h"

namespace kubewalk::net {

enum class TcpState : std::uint8_t { none, syn_sent, syn_recv, established, fin_wait, time_wait, close };
std::string_view tcp_state_name(TcpState state);

struct ConntrackEntry {
    Tuple original;  // as the first packet came
    Tuple reply;     // as the answer is expected: differs from original's inverse by NAT
    TcpState tcp = TcpState::none;
    bool seen_reply = false;
    bool assured = false;
    bool confirmed = false;  // its first packet left the machine or reached a socket
    bool destination_done = false;  // the nat table was asked about the destination
    bool source_done = false;       // ... about the source
    bool ipvs = false;              // IPVS rewrites the destination, in INPUT or OUTPUT, not the nat table
    std::uint32_t mark = 0;
    Time expires;

    // A SYN for a connection that is over begins another (nf_conntrack_proto_tcp.c: TIME_WAIT, CLOSE); an entry whose first
    // packet was rejected never stood in the table.
    bool begins_anew() const { return tcp == TcpState::time_wait || tcp == TcpState::close || !confirmed; }
    bool dnat() const { return !(original.destination == reply.source && original.destination_port == reply.source_port); }
    bool snat() const { return !(original.source == reply.destination && original.source_port == reply.destination_port); }
};

enum class Direction : std::uint8_t { original, reply };

// Seconds, as net.netfilter.nf_conntrack_* (the kernel's defaults; kube-proxy changes two of them).
struct ConntrackSettings {
    std::int64_t tcp_syn_sent = 120, tcp_syn_recv = 60, tcp_established = 432000, tcp_fin_wait = 120, tcp_time_wait = 120,
                 tcp_close = 10, udp = 30, udp_stream = 120, icmp = 30;
    std::size_t max = 262144;
    bool tcp_be_liberal = false;
};

// Entries stand in numbered places; an id names the place and when it was taken, so that ids order as the entries
// were created. A hash table leads from tuples to places; it is never read in its own order. Copies share structure.
class Conntrack {
public:
    struct Found {
        std::uint64_t id = 0;  // 0: none
        Direction direction = Direction::original;
    };
    // By the packet's tuple as it arrives; expired entries are not there.
    Found find(const Tuple& tuple, Time now) const;
    // Null when it is gone.
    const ConntrackEntry* peek(std::uint64_t id) const;
    const ConntrackEntry& entry(std::uint64_t id) const { return places_[place_of(id)].entry; }

    // 0 when the table is full ("nf_conntrack: table full, dropping packet").
    std::uint64_t create(const Tuple& original, Time now) { return create(original, original.inverse(), now); }
    // With the reply that NAT makes of it, if nobody else has that.
    std::uint64_t create(const Tuple& original, const Tuple& reply, Time now);
    // Whether there is room for so many more.
    bool takes(std::size_t more) const { return size_ + more < std::min<std::size_t>(settings.max, 1u << place_bits); }
    // Gives the entry its reply tuple; false when another entry holds it already.
    bool set_reply(std::uint64_t id, const Tuple& reply, Time now);
    bool reply_free(const Tuple& reply, Time now) const { return find(reply, now).id == 0; }
    ConntrackEntry& edit(std::uint64_t id) { return places_.edit(place_of(id)).entry; }
    // Null when it is gone, or expired.
    ConntrackEntry* edit_alive(std::uint64_t id, Time now) {
        const ConntrackEntry* entry = peek(id);
        return entry && entry->expires >= now ? &edit(id) : nullptr;
    }
    // State and timeout after a packet of this kind went that way. The entry is this table's.
    void advance(ConntrackEntry& entry, Direction direction, PacketKind kind, Time now) const;
    void erase(std::uint64_t id);
    // Every entry that is alive, in order of creation: what `conntrack -L` lists.
    std::vector<ConntrackEntry> list(Time now) const;
    // What kube-proxy does when UDP endpoints go: removes entries for which `goes` says so.
    template <typename Goes>
    std::size_t erase_if(Goes goes) {
        std::size_t gone = 0;
        for (std::size_t at = 0; at < places_.size(); ++at)
            if (const std::uint64_t id = places_[at].id; id != 0 && goes(places_[at].entry)) {
                erase(id);
                ++gone;
            }
        return gone;
    }
    // In no order that means anything.
    template <typename Visit>
    void each(Visit visit) const {
        for (std::size_t at = 0; at < places_.size(); ++at)
            if (places_[at].id != 0)
                visit(places_[at].entry);
    }
    std::size_t size() const { return size_; }

    ConntrackSettings settings;

private:
    static constexpr int place_bits = 24;
    static std::size_t place_of(std::uint64_t id) { return static_cast<std::size_t>(id & ((1u << place_bits) - 1)); }

    struct Place {
        std::uint64_t id = 0;  // 0: free
        std::uint32_t next_free = 0;
        bool answers = false;  // it is found by its reply, too
        ConntrackEntry entry;
    };
    // A tuple's hash, and the place of its entry + 1; 0: nothing here. Both directions of a flow have one hash, so that an
    // entry without NAT stands in one cell.
    struct Cell {
        std::uint32_t hash = 0;
        std::uint32_t ref = 0;
    };
    // The id is 0 when nothing stands in the table for the tuple. `hash`: the tuple's.
    Found look_up(const Tuple& tuple, std::uint32_t hash) const;
    void put(std::uint32_t hash, std::uint32_t ref);
    void take_out(std::uint32_t hash, std::uint32_t ref);
    void grow();
    void sweep(Time now, std::size_t places);

    SharedVector<Place, 32> places_;
    SharedVector<Cell, 256> cells_;  // their number is a power of two
    std::size_t cells_used_ = 0;
    std::size_t size_ = 0;
    std::uint32_t first_free_ = 0;  // + 1; 0: none
    std::uint64_t taken_ = 0;       // entries made so far
    std::size_t swept_ = 0;         // the place that is looked at next
};

// One line of `conntrack -L`.
std::string conntrack_line(const ConntrackEntry& entry, Time now);

}  // namespace kubewalk::net
