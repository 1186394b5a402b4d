#pragma once
// Connection tracking of one network namespace: who talks to whom, in which state, and how NAT
// rewrote it. Replies are un-NATed by these entries, not by rules.
// Behaviour: net/netfilter/nf_conntrack_core.c, nf_nat_core.c.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ordered_map.h"
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

class Conntrack {
public:
    struct Found {
        std::uint64_t id = 0;  // 0: none
        Direction direction = Direction::original;
    };
    // By the packet's tuple as it arrives; expired entries are not there.
    Found find(const Tuple& tuple, Time now) const;
    const ConntrackEntry& entry(std::uint64_t id) const { return *entries_.find(id); }

    // 0 when the table is full ("nf_conntrack: table full, dropping packet").
    std::uint64_t create(const Tuple& original, Time now);
    // Gives the entry its reply tuple; false when another entry holds it already.
    bool set_reply(std::uint64_t id, const Tuple& reply);
    bool reply_free(const Tuple& reply, Time now) const;
    ConntrackEntry& edit(std::uint64_t id) { return entries_[id]; }
    // State and timeout after a packet of this kind went that way.
    void advance(std::uint64_t id, Direction direction, PacketKind kind, Time now);
    void erase(std::uint64_t id);
    // Every entry that is alive, in order of creation: what `conntrack -L` lists.
    std::vector<ConntrackEntry> list(Time now) const;
    // What kube-proxy does when UDP endpoints go: removes entries for which `goes` says so.
    template <typename Goes>
    std::size_t erase_if(Goes goes) {
        std::vector<std::uint64_t> gone;
        for (const auto& [id, entry] : entries_)
            if (goes(entry))
                gone.push_back(id);
        for (std::uint64_t id : gone)
            erase(id);
        return gone.size();
    }
    template <typename Visit>
    void each(Visit visit) const {
        for (const auto& [id, entry] : entries_)
            visit(entry);
    }
    std::size_t size() const { return entries_.size(); }

    ConntrackSettings settings;

private:
    void sweep(Time now);

    struct Ref {
        std::uint64_t id = 0;
        Direction direction = Direction::original;
    };
    OrderedMap<std::uint64_t, ConntrackEntry> entries_;
    OrderedMap<Tuple, Ref> by_tuple_;
    std::uint64_t next_id_ = 1;
    std::uint32_t since_sweep_ = 0;
};

// One line of `conntrack -L`.
std::string conntrack_line(const ConntrackEntry& entry, Time now);

}  // namespace kubewalk::net
