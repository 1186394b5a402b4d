#pragma once
// What tcpdump sees: copies of the packets that pass an interface, filtered as pcap-filter(7) does.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/packet.h"

namespace kubewalk::net {

using NamespaceId = std::uint32_t;

enum class Way : std::uint8_t { in, out };

// A conjunction, which is what people type: "host 10.244.1.4 and tcp port 80 and not icmp".
struct CaptureFilter {
    struct Term {
        enum class Kind : std::uint8_t { host, net, port, protocol } kind = Kind::host;
        enum class Side : std::uint8_t { either, source, destination } side = Side::either;
        bool negate = false;
        Prefix prefix;
        std::uint16_t port = 0;
        Protocol protocol = Protocol::tcp;
        bool arp = false;  // "arp": never fits an IP packet
    };
    std::vector<Term> terms;

    // Error: "syntax error" as tcpdump words it.
    static Result<CaptureFilter> parse(const std::vector<std::string>& words);
    bool matches(const Packet& packet) const;
};

struct CapturedPacket {
    Time at;
    std::string interface_;
    Way way = Way::in;
    Packet packet;               // its payload stands in `payload`
    std::string payload;
    std::optional<Packet> inner; // what a VXLAN datagram carries
    std::uint32_t vni = 0;
};

struct Capture {
    NamespaceId where = 0;
    std::string interface_;  // "any": all
    CaptureFilter filter;
    std::size_t most = 0;    // packets to take; 0: no limit but this program's own
    std::vector<CapturedPacket> packets;
    bool full() const { return most != 0 && packets.size() >= most; }
};

// One line of `tcpdump -n`, without its newline; `any` shows the interface and the direction too.
std::string capture_line(const CapturedPacket& packet, bool any);

}  // namespace kubewalk::net
