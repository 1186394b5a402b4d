// Captures and how tcpdump words a packet. Upstream: the-tcpdump-group/tcpdump print-ip.c, print-tcp.c,
// print-udp.c, print-icmp.c, print-icmp6.c, print-vxlan.c (4.99); pcap-filter(7).

#include "core/net/capture.h"

#include <cstdio>

#include "core/base/text.h"
#include "core/net/network.h"
#include "core/net/network_state.h"

namespace kubewalk::net {

namespace {

using Term = CaptureFilter::Term;

Error syntax_error() { return Error{"SyntaxError", "can't parse filter expression: syntax error", {}}; }

bool is_protocol(std::string_view word) {
    return word == "tcp" || word == "udp" || word == "icmp" || word == "sctp" || word == "arp" || word == "icmp6";
}

Term protocol_term(std::string_view word) {
    Term term;
    term.kind = Term::Kind::protocol;
    term.arp = word == "arp";
    if (word == "icmp6") {
        term.prefix = {Ip{Family::ipv6, {}}, 0};
        term.protocol = Protocol::icmp;
    }
    for (Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp, Protocol::icmp})
        if (protocol_name(protocol) == word)
            term.protocol = protocol;
    return term;
}

bool fits(const Term& term, const Packet& packet) {
    const bool error = packet.kind == PacketKind::icmp_error;
    const auto either = [&term](bool source, bool destination) {
        switch (term.side) {
        case Term::Side::source: return source;
        case Term::Side::destination: return destination;
        default: return source || destination;
        }
    };
    switch (term.kind) {
    case Term::Kind::host:
    case Term::Kind::net: return either(term.prefix.contains(packet.source()), term.prefix.contains(packet.destination()));
    case Term::Kind::port:
        return !error && packet.tuple.protocol != Protocol::icmp &&
               either(packet.tuple.source_port == term.port, packet.tuple.destination_port == term.port);
    case Term::Kind::protocol:
        return !term.arp && packet.protocol() == term.protocol &&
               (term.protocol != Protocol::icmp || packet.source().family == term.prefix.ip.family);
    }
    return false;
}

// "10.244.1.4.80": tcpdump writes the port like a fifth number.
std::string with_port(const Ip& ip, std::uint16_t port) { return cat(ip.text(), '.', port); }

std::string clock_text(Time at) {
    const std::int64_t micros = at.ns / 1000;
    const std::int64_t second_of_day = (epoch_unix_seconds + micros / 1'000'000) % 86400;
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%02d:%02d:%02d.%06d", static_cast<int>(second_of_day / 3600),
                  static_cast<int>(second_of_day / 60 % 60), static_cast<int>(second_of_day % 60),
                  static_cast<int>(micros % 1'000'000));
    return buffer;
}

std::string_view tcp_flags(PacketKind kind) {
    switch (kind) {
    case PacketKind::syn: return "S";
    case PacketKind::syn_ack: return "S.";
    case PacketKind::fin: return "F.";
    case PacketKind::rst: return "R.";
    default: return ".";
    }
}

std::string icmp_text(const Packet& packet, int bytes) {
    const Tuple& about = packet.tuple;
    const std::string target = about.destination.text();
    switch (packet.icmp) {
    case IcmpCode::net_unreachable: return cat("net ", target, " unreachable, length ", bytes);
    case IcmpCode::host_unreachable: return cat("host ", target, " unreachable, length ", bytes);
    case IcmpCode::admin_prohibited: return cat("host ", target, " unreachable - admin prohibited filter, length ", bytes);
    case IcmpCode::ttl_exceeded: return cat("time exceeded in-transit, length ", bytes);
    case IcmpCode::fragmentation_needed:
        return cat(target, " unreachable - need to frag (mtu ", packet.mtu, "), length ", bytes);
    default:
        return cat(target, ' ', protocol_name(about.protocol), " port ", about.destination_port, " unreachable, length ", bytes);
    }
}

std::string icmp6_text(const Packet& packet, int bytes) {
    const Tuple& about = packet.tuple;
    const std::string target = about.destination.text();
    constexpr std::string_view gone = "ICMP6, destination unreachable, ";
    switch (packet.icmp) {
    case IcmpCode::net_unreachable: return cat(gone, "unreachable route ", target, ", length ", bytes);
    case IcmpCode::host_unreachable: return cat(gone, "unreachable address ", target, ", length ", bytes);
    case IcmpCode::admin_prohibited: return cat(gone, "unreachable prohibited ", target, ", length ", bytes);
    case IcmpCode::ttl_exceeded: return cat("ICMP6, time exceeded in-transit for ", target, ", length ", bytes);
    case IcmpCode::fragmentation_needed: return cat("ICMP6, packet too big, mtu ", packet.mtu, ", length ", bytes);
    default:
        return cat(gone, "unreachable port, ", target, ' ', protocol_name(about.protocol), " port ", about.destination_port, ", length ", bytes);
    }
}

std::string ip_text(const Packet& packet, std::string_view payload) {
    constexpr int udp_header = 8, tcp_header = 40, icmp_embedded = 68, icmp6_embedded = 88;
    const Tuple& tuple = packet.tuple;
    const bool ipv6 = tuple.source.family == Family::ipv6;
    const int ip_header = ipv6 ? 40 : 20;
    const std::string_view ip = ipv6 ? "IP6 " : "IP ";
    const std::string addresses = cat(ip, packet.source().text(), " > ", packet.destination().text(), ": ");
    if (packet.kind == PacketKind::icmp_error && ipv6)
        return cat(addresses, icmp6_text(packet, icmp6_embedded));
    if (packet.kind == PacketKind::icmp_error)
        return cat(addresses, "ICMP ", icmp_text(packet, icmp_embedded));
    if (tuple.protocol == Protocol::icmp)
        return cat(addresses, ipv6 ? "ICMP6, echo " : "ICMP echo ", packet.kind == PacketKind::echo_reply ? "reply" : "request", ", id ",
                   tuple.source_port, ", seq ", packet.sequence, ", length ", packet.length - ip_header);
    const std::string ends = cat(ip, with_port(tuple.source, tuple.source_port), " > ",
                                 with_port(tuple.destination, tuple.destination_port), ": ");
    if (tuple.protocol == Protocol::tcp) {
        const int size = packet.length > ip_header + tcp_header ? packet.length - ip_header - tcp_header : 0;
        return cat(ends, "Flags [", size > 0 ? "P." : tcp_flags(packet.kind), "], length ", size,
                   payload.empty() ? "" : ": ", payload);
    }
    if (tuple.protocol == Protocol::sctp)
        return cat(ends, "sctp (1) [INIT]");
    return payload.empty() ? cat(ends, "UDP, length ", packet.length - ip_header - udp_header) : cat(ends, payload);
}

}  // namespace

Result<CaptureFilter> CaptureFilter::parse(const std::vector<std::string>& words) {
    CaptureFilter filter;
    bool negate = false;
    Term::Side side = Term::Side::either;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "and" || word == "&&")
            continue;
        if (word == "not" || word == "!") {
            negate = !negate;
            continue;
        }
        if (word == "src" || word == "dst") {
            side = word == "src" ? Term::Side::source : Term::Side::destination;
            continue;
        }
        Term term;
        const bool names_kind = word == "host" || word == "port" || word == "net";
        if (is_protocol(word)) {
            term = protocol_term(word);
        } else if (word == "ip" || word == "ip6") {
            term.kind = Term::Kind::net;
            term.prefix = {Ip{word == "ip" ? Family::ipv4 : Family::ipv6, {}}, 0};
        } else {
            if (names_kind && ++i == words.size())
                return syntax_error();
            const std::string& value = words[i];
            if (word == "port") {
                const auto port = parse_int(value);
                if (!port || *port < 0 || *port > 65535)
                    return syntax_error();
                term.kind = Term::Kind::port;
                term.port = static_cast<std::uint16_t>(*port);
            } else {  // a bare address is a host
                const auto prefix = Prefix::parse(value);
                if (!prefix)
                    return syntax_error();
                term.kind = word == "net" ? Term::Kind::net : Term::Kind::host;
                term.prefix = *prefix;
            }
            term.side = side;
            side = Term::Side::either;
        }
        term.negate = negate;
        negate = false;
        filter.terms.push_back(term);
    }
    if (negate || side != Term::Side::either)
        return syntax_error();
    return filter;
}

bool CaptureFilter::matches(const Packet& packet) const {
    for (const Term& term : terms)
        if (fits(term, packet) == term.negate)
            return false;
    return true;
}

std::string capture_line(const CapturedPacket& seen, bool any) {
    std::string line = cat(clock_text(seen.at), ' ');
    if (any)
        append(line, seen.interface_, seen.way == Way::in ? " In  " : " Out ");
    if (!seen.inner)
        return line + ip_text(seen.packet, seen.payload);
    const Tuple& outer = seen.packet.tuple;
    // tcpdump knows VXLAN by its registered port only; flannel's 8472 it takes for OTV, which looks alike.
    const bool registered = outer.destination_port == 4789;
    return cat(line, outer.source.family == Family::ipv6 ? "IP6 " : "IP ", with_port(outer.source, outer.source_port), " > ", with_port(outer.destination, outer.destination_port),
               registered ? ": VXLAN, flags [I] (0x08), vni " : ": OTV, flags [I] (0x08), overlay 0, instance ", seen.vni, '\n',
               ip_text(*seen.inner, seen.payload));
}

// -- Network's part -----------------------------------------------------------------------------------------

std::uint64_t Network::start_capture(NamespaceId where, std::string_view interface_, const CaptureFilter& filter, std::size_t most) {
    const NetNamespace* found = state_->find(where);
    if (!found || (interface_ != "any" && !found->find_interface(interface_)))
        return 0;
    constexpr std::size_t limit = 10'000;  // of what a page can show
    Capture capture;
    capture.where = where;
    capture.interface_ = interface_;
    capture.filter = filter;
    capture.most = most == 0 ? limit : most;
    const std::uint64_t id = state_->next_capture++;
    state_->captures[id] = std::move(capture);
    return id;
}

const Capture* Network::capture(std::uint64_t id) const {
    const auto it = state_->captures.find(id);
    return it == state_->captures.end() ? nullptr : &it->second;
}

void Network::stop_capture(std::uint64_t id) { state_->captures.erase(id); }

}  // namespace kubewalk::net
