#pragma once
// A packet as the walk carries it: what netfilter, routing and conntrack look at, and nothing else.

#include <cstdint>
#include <string_view>

#include "core/net/address.h"

namespace kubewalk::net {

// What conntrack knows a flow's direction by. ICMP echo carries its identifier in both ports.
struct Tuple {
    Ip source;
    Ip destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    Protocol protocol = Protocol::tcp;

    Tuple inverse() const { return {destination, source, destination_port, source_port, protocol}; }
    friend bool operator==(const Tuple& a, const Tuple& b) {
        return a.ports() == b.ports() && a.source == b.source && a.destination == b.destination;
    }
    // The ports first: they tell nearly all connections of a machine apart, in one comparison.
    friend std::strong_ordering operator<=>(const Tuple& a, const Tuple& b) {
        if (const auto order = a.ports() <=> b.ports(); order != 0)
            return order;
        if (const auto order = a.source <=> b.source; order != 0)
            return order;
        return a.destination <=> b.destination;
    }

private:
    std::uint64_t ports() const {
        return static_cast<std::uint64_t>(source_port) << 24 | static_cast<std::uint64_t>(destination_port) << 8 |
               static_cast<std::uint64_t>(protocol);
    }
};

enum class PacketKind : std::uint8_t { syn, syn_ack, data, fin, rst, datagram, echo_request, echo_reply, icmp_error };

// Why an ICMP error was sent (or what `--reject-with` says).
enum class IcmpCode : std::uint8_t {
    none, net_unreachable, host_unreachable, port_unreachable, admin_prohibited, ttl_exceeded, fragmentation_needed
};

struct Packet {
    Tuple tuple;  // icmp_error: the flow it reports on, in the flow's own direction, as seen at this place
    PacketKind kind = PacketKind::syn;
    IcmpCode icmp = IcmpCode::none;
    Ip reporter;  // icmp_error: who sends it
    std::uint32_t mark = 0;
    int ttl = 64;
    std::uint16_t length = 60;    // of the IP packet, in bytes
    bool dont_fragment = true;    // DF: TCP always sets it, ping by default not
    std::uint16_t sequence = 0;   // of an echo
    std::uint16_t mtu = 0;        // fragmentation_needed: of the way that was too narrow
    std::string_view payload;     // as tcpdump words it; lives as long as the walk

    // The IP header. An ICMP error goes back to where the reported packet came from.
    const Ip& source() const { return kind == PacketKind::icmp_error ? reporter : tuple.source; }
    const Ip& destination() const { return kind == PacketKind::icmp_error ? tuple.source : tuple.destination; }
    Protocol protocol() const { return kind == PacketKind::icmp_error ? Protocol::icmp : tuple.protocol; }
};

}  // namespace kubewalk::net
