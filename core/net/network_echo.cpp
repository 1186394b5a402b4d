// ping, traceroute's probes, nc -zu: one packet, and whatever comes back.

#include "core/net/network.h"
#include "core/net/network_exchange.h"
#include "core/net/network_state.h"

namespace kubewalk::net {

namespace {

constexpr int ip_and_icmp_header = 28, ip6_and_icmp_header = 48;

}  // namespace

Network::Echo Network::ping(NamespaceId from, Ip to, const EchoOptions& options) {
    Exchange attempt;
    attempt.from = from;
    attempt.give_up = options.give_up;
    attempt.packet.kind = PacketKind::echo_request;
    attempt.packet.ttl = options.ttl;
    attempt.packet.length = static_cast<std::uint16_t>(options.size + (to.family == Family::ipv4 ? ip_and_icmp_header : ip6_and_icmp_header));
    attempt.packet.dont_fragment = options.dont_fragment;
    attempt.packet.sequence = options.sequence;
    attempt.answer_kind = PacketKind::echo_reply;
    const auto identifier =
        options.identifier ? options.identifier : static_cast<std::uint16_t>(1 + simulation_.random().below(65535));
    attempt.packet.tuple = {{to.family, {}}, to, identifier, identifier, Protocol::icmp};
    return answer_of(attempt, {to, 0}, "ICMP echo request");
}

Network::Echo Network::probe(NamespaceId from, SocketAddress to, Protocol protocol, const EchoOptions& options) {
    Exchange attempt;
    attempt.from = from;
    attempt.give_up = options.give_up;
    const bool tcp = protocol == Protocol::tcp;
    attempt.packet.kind = tcp ? PacketKind::syn : PacketKind::datagram;
    attempt.answer_kind = tcp ? PacketKind::syn_ack : PacketKind::datagram;
    attempt.packet.ttl = options.ttl;
    attempt.packet.length = static_cast<std::uint16_t>(options.size);
    attempt.packet.dont_fragment = tcp || options.dont_fragment;
    const std::uint16_t port = take_port(from, protocol);
    attempt.packet.tuple = {{to.ip.family, {}}, to.ip, port, to.port, protocol};
    const Echo echo = answer_of(attempt, to, "");
    release_port(from, protocol, port);
    return echo;
}

Network::Echo Network::answer_of(Exchange& attempt, const SocketAddress& to, std::string_view line) {
    Connection connection;
    const bool recording = recording_ != nullptr;
    exchange(attempt, recording ? &connection.request : nullptr, recording ? &connection.reply : nullptr);
    if (recording) {
        connection.client = {attempt.sent.source, 0};
        connection.server = to;
        connection.protocol = attempt.packet.tuple.protocol;
        connection.outcome = attempt.outcome;
        connection.elapsed = attempt.elapsed;
        connection.depth = depth_;
        connection.client_name = endpoint_name(attempt.from);
        connection.request_line = std::string(line);
        if (attempt.server) {
            connection.client_seen = {attempt.arrived.source, 0};
            connection.endpoint = {attempt.arrived.destination, 0};
            connection.endpoint_name = endpoint_name(attempt.server);
        }
        recording_->trace_.connections.push_back(std::move(connection));
    }
    return {attempt.outcome, attempt.elapsed, attempt.answer_ttl, attempt.icmp, attempt.reporter, attempt.mtu};
}

}  // namespace kubewalk::net
