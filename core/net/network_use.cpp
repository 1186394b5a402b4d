// Connections, datagrams and pings: packets there and back, and what their senders make of it.

#include <algorithm>

#include "core/base/text.h"
#include "core/net/network.h"
#include "core/net/network_exchange.h"
#include "core/net/walk.h"

namespace kubewalk::net {

namespace {

struct Failure {
    Outcome outcome;
    std::string_view error;
};

// What connect(2) makes of an ICMP error (net/ipv4/icmp.c, icmp_err_convert; net/ipv6/icmp.c, tab_unreach).
Failure icmp_failure(IcmpCode code, Family family) {
    if (code == IcmpCode::admin_prohibited && family == Family::ipv6)
        return {Outcome::refused, "Permission denied"};
    switch (code) {
    case IcmpCode::net_unreachable: return {Outcome::unreachable, "Network is unreachable"};
    case IcmpCode::host_unreachable:
    case IcmpCode::ttl_exceeded: return {Outcome::unreachable, "No route to host"};
    case IcmpCode::admin_prohibited: return {Outcome::refused, "No route to host"};
    default: return {Outcome::refused, "Connection refused"};
    }
}

}  // namespace

// An answer (or an error) on its way back; what it means is decided where it arrives.
void Network::bounce(Exchange& exchange, const Packet& packet, NamespaceId from, std::vector<Hop>* back) {
    // Flow classes know answers, and the packets they answer, of one kind.
    const bool classed = !back && exchange.passage.way && exchange.answered;
    if (classed && classes_->repeat(*state_, exchange.passage, PathKind::answer, exchange.sent.source_port, packet.kind, simulation_.now(),
                                    exchange.answer_ttl, exchange.elapsed)) {
        exchange.outcome = Outcome::delivered;
        return;
    }
    PathMemo memo;
    const Arrival arrival =
        Walker(*state_, simulation_, back, classed ? &memo : nullptr, Walker::ClientPort::destination).send(from, packet);
    exchange.elapsed = exchange.elapsed + arrival.elapsed;
    exchange.by_chance = arrival.by_chance;
    const bool home = arrival.kind == Arrival::Kind::arrived && arrival.at == exchange.from;
    const Tuple& seen = arrival.packet.tuple;
    const bool about = packet.kind == PacketKind::icmp_error;
    // The socket only takes what carries its own four numbers.
    if (!home || !(about ? seen == exchange.sent : seen == exchange.sent.inverse())) {
        exchange.outcome = arrival.kind == Arrival::Kind::dropped ? Outcome::dropped : Outcome::timeout;
        exchange.error = "Connection timed out";
        exchange.elapsed = exchange.give_up;
        return;
    }
    exchange.answer_ttl = arrival.packet.ttl;
    if (about && exchange.give_up.ns > 0 && exchange.elapsed > exchange.give_up) {
        exchange.outcome = Outcome::timeout;  // nobody waits for it any more
        exchange.error = "Connection timed out";
        exchange.elapsed = exchange.give_up;
    } else if (about) {
        const Failure failure = icmp_failure(packet.icmp, packet.tuple.source.family);
        exchange.icmp = packet.icmp;
        exchange.reporter = arrival.packet.source();
        exchange.mtu = packet.mtu;
        exchange.outcome = failure.outcome;
        exchange.error = failure.error;
    } else if (packet.kind == PacketKind::rst) {
        exchange.outcome = Outcome::refused;
        exchange.error = "Connection refused";
    } else {
        exchange.outcome = Outcome::delivered;
        if (classed)
            classes_->offer(*state_, exchange.ends(), exchange.passage, PathKind::answer, memo, exchange.answer_ttl);
    }
    if (back) {
        Hop hop;
        hop.node = machine_of(exchange.from);
        hop.place = Place::client;
        hop.at = namespace_name(exchange.from);
        hop.in.source = {arrival.packet.source(), about ? std::uint16_t{0} : seen.source_port};
        hop.in.destination = {arrival.packet.destination(), about ? std::uint16_t{0} : seen.destination_port};
        hop.in.ttl = arrival.packet.ttl;
        hop.out = hop.in;
        hop.verdict = "deliver";
        hop.why = {about                               ? "net.why.client.icmp_error"
                   : packet.kind == PacketKind::rst    ? "net.why.client.reset"
                                                       : "net.why.client.answer",
                   {hop.in.source.text()}};
        back->push_back(std::move(hop));
    }
}

// A connection request that a bad wire swallowed is sent again: after 1, 3, 7, ... seconds.
void Network::exchange(Exchange& exchange, std::vector<Hop>* there, std::vector<Hop>* back) {
    Duration waited{};
    Duration timeout = seconds(1);
    for (int tries = 1;; ++tries) {
        exchange.by_chance = false;
        exchange_once(exchange, there, back);
        const bool again = exchange.by_chance && exchange.packet.kind == PacketKind::syn;
        if (!again || waited + timeout >= exchange.give_up)
            break;
        waited = waited + timeout;
        timeout = timeout * 2;
        if (there)
            there->clear();
        if (back)
            back->clear();
        exchange.retransmissions = tries;
    }
    exchange.elapsed = std::min(waited + exchange.elapsed, std::max(exchange.give_up, exchange.elapsed));
    if (there && exchange.retransmissions > 0 && !there->empty())
        there->front().why = {"net.why.client.retransmit", {cat(exchange.retransmissions), cat(waited.ns / 1'000'000'000)}};
    // An answer that comes when nobody waits any more is none.
    if (exchange.outcome == Outcome::delivered && exchange.give_up.ns > 0 && exchange.elapsed > exchange.give_up) {
        exchange.outcome = Outcome::timeout;
        exchange.error = "Connection timed out";
        exchange.elapsed = exchange.give_up;
    }
}

// The packet's way there. Where nobody looks on, and the packet is one of many alike, its class may know it.
Arrival Network::send_first(Exchange& exchange, std::vector<Hop>* there) {
    Packet packet = exchange.packet;
    packet.payload = exchange.question;
    const Packet plain;
    const bool classed = !there && (packet.kind == PacketKind::syn || packet.kind == PacketKind::datagram) && packet.ttl == plain.ttl &&
                         packet.length == plain.length && packet.dont_fragment == plain.dont_fragment;
    exchange.passage = {};
    Arrival arrival;
    if (FlowEnds ends; classed && classes_->open(*state_, simulation_.random(), exchange.from, packet, simulation_.now(), exchange.passage, ends,
                                                 arrival.packet.ttl, arrival.elapsed)) {
        exchange.sent = ends.sent;
        arrival.kind = Arrival::Kind::arrived;
        arrival.at = ends.server;
        arrival.packet.tuple = ends.arrived;
        return arrival;
    }
    // The socket binds its source address by the route before the packet is built.
    if (const NetNamespace* client = state_->find(exchange.from); client && packet.tuple.source.unspecified()) {
        const Ip& to = packet.tuple.destination;
        const Route* route = client->lookup(to);
        if (client->is_local(to))
            packet.tuple.source = to;
        else if (route && route->kind == Route::Kind::unicast)
            packet.tuple.source = client->source_address(*route, to).value_or(Ip{});
    }
    exchange.sent = packet.tuple;
    if (there) {
        Hop hop;
        hop.node = machine_of(exchange.from);
        hop.place = Place::client;
        hop.at = namespace_name(exchange.from);
        hop.in.source = {packet.tuple.source, packet.tuple.source_port};
        hop.in.destination = {packet.tuple.destination, packet.tuple.destination_port};
        hop.out = hop.in;
        hop.verdict = "send";
        hop.why = {"net.why.client.send", {hop.in.source.text(), hop.in.destination.text()}};
        there->push_back(std::move(hop));
    }
    PathMemo memo;
    arrival = Walker(*state_, simulation_, there, classed ? &memo : nullptr).send(exchange.from, packet);
    if (classed && arrival.kind == Arrival::Kind::arrived)
        classes_->offer(*state_, {exchange.from, arrival.at, exchange.sent, arrival.packet.tuple}, exchange.passage, PathKind::open, memo,
                        arrival.packet.ttl, &exchange.packet);
    return arrival;
}

void Network::exchange_once(Exchange& exchange, std::vector<Hop>* there, std::vector<Hop>* back) {
    const Packet& packet = exchange.packet;
    const Arrival arrival = send_first(exchange, there);
    exchange.elapsed = arrival.elapsed;
    exchange.by_chance = arrival.by_chance;
    const auto fail = [&exchange](Outcome outcome, std::string_view error, Duration elapsed) {
        exchange.outcome = outcome;
        exchange.error = error;
        exchange.elapsed = elapsed;
    };
    switch (arrival.kind) {
    case Arrival::Kind::dropped: return fail(Outcome::dropped, "Connection timed out", exchange.give_up);
    case Arrival::Kind::lost: return fail(Outcome::timeout, "Connection timed out", exchange.give_up);
    case Arrival::Kind::no_route: return fail(Outcome::unreachable, "Network is unreachable", arrival.elapsed);
    case Arrival::Kind::host_unreachable:  // the machine tells itself
        exchange.icmp = IcmpCode::host_unreachable;
        exchange.reporter = exchange.sent.source;
        return fail(Outcome::unreachable, "No route to host", std::min(latency::arp_give_up, exchange.give_up));
    case Arrival::Kind::too_big:
        exchange.icmp = IcmpCode::fragmentation_needed;
        exchange.mtu = arrival.mtu;
        return fail(Outcome::unreachable, "Message too long", arrival.elapsed);
    case Arrival::Kind::error: return bounce(exchange, arrival.error, arrival.at, back);
    case Arrival::Kind::arrived: break;
    }
    exchange.server = arrival.at;
    exchange.arrived = arrival.packet.tuple;
    const SocketAddress local{exchange.arrived.destination, exchange.arrived.destination_port};
    const bool echo = packet.kind == PacketKind::echo_request;
    const Listener* socket = echo ? nullptr : listener(exchange.passage, arrival.at, packet.tuple.protocol, local);
    if (socket)
        exchange.listener = *socket;
    if (there) {
        Hop hop;
        hop.node = machine_of(arrival.at);
        hop.place = Place::socket;
        hop.at = socket ? socket->process : namespace_name(arrival.at);
        hop.in.source = {exchange.arrived.source, exchange.arrived.source_port};
        hop.in.destination = local;
        hop.in.ttl = arrival.packet.ttl;
        hop.out = hop.in;
        hop.verdict = socket || echo ? "deliver" : "refuse";
        hop.why = echo     ? sim::Fact{"net.why.echo", {local.ip.text()}}
                  : socket ? sim::Fact{"net.why.listener", {socket->process, local.text(), hop.in.source.text()}}
                           : sim::Fact{"net.why.listener.none", {local.text(), namespace_name(arrival.at)}};
        there->push_back(std::move(hop));
    }
    Packet answer;
    answer.tuple = exchange.arrived.inverse();
    answer.kind = exchange.answer_kind;
    answer.length = exchange.reply_length ? exchange.reply_length : packet.length;
    answer.dont_fragment = packet.dont_fragment;
    answer.sequence = packet.sequence;
    answer.payload = exchange.reply;
    exchange.answered = socket != nullptr;
    if (!socket && !echo) {
        if (packet.tuple.protocol == Protocol::tcp || packet.tuple.protocol == Protocol::sctp) {
            answer.kind = PacketKind::rst;
        } else {
            answer.kind = PacketKind::icmp_error;
            answer.icmp = IcmpCode::port_unreachable;
            answer.tuple = exchange.arrived;
            answer.reporter = local.ip;
        }
    }
    bounce(exchange, answer, arrival.at, back);
}

const Listener* Network::listener(const Passage& passage, NamespaceId where, Protocol protocol, const SocketAddress& local) const {
    const NetNamespace* found = classes_->server(*state_, passage, where);
    return found ? listener_in(*found, protocol, local) : nullptr;
}

Connection* Network::recorded(const Dial& dial) {
    for (Recording* recording = recording_; recording; recording = recording->outer_)
        if (recording->id_ == dial.recording && dial.connection < recording->trace_.connections.size())
            return &recording->trace_.connections[dial.connection];
    return nullptr;
}

Dialled Network::connect(NamespaceId from, SocketAddress to, std::string_view label, Duration give_up) {
    Exchange attempt;
    attempt.from = from;
    attempt.give_up = std::min(give_up, syn_give_up);
    attempt.packet.kind = PacketKind::syn;
    attempt.packet.tuple = {{to.ip.family, {}}, to.ip, take_port(from, Protocol::tcp), to.port, Protocol::tcp};
    Dialled out;
    Connection& connection = out.connection;
    const bool recording = recording_ != nullptr;
    exchange(attempt, recording ? &connection.request : nullptr, recording ? &connection.reply : nullptr);
    out.outcome = connection.outcome = attempt.outcome;
    out.error = attempt.outcome == Outcome::delivered ? std::string_view{} : attempt.error;
    connection.client = {attempt.sent.source, attempt.sent.source_port};
    connection.server = to;
    connection.elapsed = attempt.elapsed;
    connection.protocol = Protocol::tcp;
    connection.request_line = std::string(label);
    connection.depth = depth_;
    if (attempt.server) {
        connection.client_seen = {attempt.arrived.source, attempt.arrived.source_port};
        connection.endpoint = {attempt.arrived.destination, attempt.arrived.destination_port};
    }
    if (recording) {
        connection.client_name = endpoint_name(from);
        connection.endpoint_name = attempt.server ? endpoint_name(attempt.server) : "";
    }
    Dial dial{from, attempt.sent, attempt.server, attempt.arrived, attempt.listener.owner, 0, 0, std::move(attempt.passage)};
    if (recording) {
        dial.recording = recording_->id_;
        dial.connection = recording_->trace_.connections.size();
        recording_->trace_.connections.push_back(connection);
    }
    if (attempt.outcome != Outcome::delivered) {
        release_port(from, Protocol::tcp, attempt.sent.source_port);
        return out;
    }
    Duration unused{};
    carry(dial, PacketKind::data, true, unused);  // the handshake's third packet
    out.id = state_->next_dial++;
    state_->dials[out.id] = std::make_shared<Dial>(std::move(dial));
    return out;
}

bool Network::carry(const Dial& dial, PacketKind kind, bool toward_server, Duration& elapsed) {
    const PathKind path = toward_server ? PathKind::there : PathKind::back;
    const FlowEnds ends{dial.client, dial.server, dial.tuple, dial.arrived};
    int ttl = 0;
    if (!dial.passage.way)
        classes_->find(*state_, ends, dial.passage);
    if (classes_->repeat(*state_, dial.passage, path, ends.sent.source_port, kind, simulation_.now(), ttl, elapsed))
        return true;
    PathMemo memo;
    Packet packet;
    packet.kind = kind;
    packet.tuple = toward_server ? dial.tuple : dial.arrived.inverse();
    const NamespaceId from = toward_server ? dial.client : dial.server;
    // What a bad wire swallows is sent again: 200 ms, doubling, fifteen times (net.ipv4.tcp_retries2).
    constexpr int most_retries = 15;
    Arrival arrival =
        Walker(*state_, simulation_, nullptr, &memo, toward_server ? Walker::ClientPort::source : Walker::ClientPort::destination)
            .send(from, packet);
    Duration timeout = milliseconds(200);
    for (int tries = 0; arrival.by_chance && tries < most_retries; ++tries) {
        elapsed = elapsed + timeout;
        timeout = std::min(timeout * 2, seconds(120));
        arrival = Walker(*state_, simulation_, nullptr).send(from, packet);
    }
    elapsed = elapsed + arrival.elapsed;
    const Tuple& expected = toward_server ? dial.arrived : dial.tuple.inverse();
    const bool there = arrival.kind == Arrival::Kind::arrived && arrival.at == (toward_server ? dial.server : dial.client) &&
                       arrival.packet.tuple == expected;
    if (there)
        classes_->offer(*state_, ends, dial.passage, path, memo, arrival.packet.ttl);
    return there;
}

void Network::disconnect(std::uint64_t dialled) {
    const std::shared_ptr<Dial> dial = state_->edit_dial(dialled);
    if (!dial)
        return;
    state_->dials.erase(dialled);
    Duration unused{};
    if (carry(*dial, PacketKind::fin, true, unused))
        carry(*dial, PacketKind::fin, false, unused);
    release_port(dial->client, dial->tuple.protocol, dial->tuple.source_port);
}

namespace {

struct DepthScope {
    explicit DepthScope(int& depth) : depth_(depth) { ++depth_; }
    ~DepthScope() { --depth_; }
    DepthScope(const DepthScope&) = delete;
    DepthScope& operator=(const DepthScope&) = delete;
    int& depth_;
};

}  // namespace

Result<HttpResponse> Network::http(std::uint64_t dialled, const HttpRequest& request) {
    const std::shared_ptr<Dial> kept = state_->edit_dial(dialled);
    if (!kept)
        return Error{"ConnectionReset", "Connection reset by peer", {}};
    const Dial& dial = *kept;
    Duration elapsed{};
    if (!carry(dial, PacketKind::data, true, elapsed))
        return Error{"Timeout", "Connection timed out", {}};
    const SocketAddress local{dial.arrived.destination, dial.arrived.destination_port};
    const Listener* socket = listener(dial.passage, dial.server, Protocol::tcp, local);
    if (!socket || socket->owner != dial.owner)
        return Error{"ConnectionReset", "Connection reset by peer", {}};
    Server* answering = server(dial.owner);
    if (!answering) {  // a frozen program: the kernel took the connection, nobody reads from it
        if (Connection* connection = recorded(dial))
            connection->outcome = Outcome::timeout;
        return Error{"Timeout", "Connection timed out", {}};
    }
    HttpResponse response;
    {
        DepthScope scope(depth_);
        const Peer peer{{dial.arrived.source, dial.arrived.source_port}, local, request.tls.has_value()};
        std::optional<Certificate> certificate;
        if (request.tls && !(certificate = answering->tls_certificate(*request.tls, peer)))
            return Error{"TlsProtocol", "wrong version number", {}};
        response = answering->serve_http(request, peer);
        response.certificate = std::move(certificate);
    }
    if (!carry(dial, PacketKind::data, false, elapsed))
        return Error{"Timeout", "Connection timed out", {}};
    if (Connection* connection = recorded(dial)) {
        connection->request_line = cat(request.method, ' ', request.path);
        connection->tls = request.tls.has_value();
        connection->request_headers.assign(1, {"host", request.host});
        connection->request_headers.insert(connection->request_headers.end(), request.headers.begin(), request.headers.end());
        connection->response_line = cat(response.status, ' ', http_reason(response.status));
        connection->elapsed = connection->elapsed + elapsed + response.took;
    }
    response.took = response.took + elapsed;
    return response;
}

Result<Certificate> Network::tls(std::uint64_t dialled, const std::string& server_name) {
    const std::shared_ptr<Dial> kept = state_->edit_dial(dialled);
    if (!kept)
        return Error{"ConnectionReset", "Connection reset by peer", {}};
    const Dial& dial = *kept;
    Duration elapsed{};
    if (!carry(dial, PacketKind::data, true, elapsed))
        return Error{"Timeout", "Connection timed out", {}};
    const SocketAddress local{dial.arrived.destination, dial.arrived.destination_port};
    Server* answering = server(dial.owner);
    const Peer peer{{dial.arrived.source, dial.arrived.source_port}, local, true};
    const auto certificate = answering ? answering->tls_certificate(server_name, peer) : std::nullopt;
    if (!carry(dial, PacketKind::data, false, elapsed))
        return Error{"Timeout", "Connection timed out", {}};
    if (Connection* connection = recorded(dial))
        connection->elapsed = connection->elapsed + elapsed;
    if (!certificate)
        return Error{"TlsProtocol", "wrong version number", {}};
    return *certificate;
}

Result<std::string> Network::bytes(std::uint64_t dialled, const std::string& request) {
    const std::shared_ptr<Dial> kept = state_->edit_dial(dialled);
    if (!kept)
        return Error{"ConnectionReset", "Connection reset by peer", {}};
    const Dial& dial = *kept;
    Duration elapsed{};
    const SocketAddress local{dial.arrived.destination, dial.arrived.destination_port};
    Server* answering = carry(dial, PacketKind::data, true, elapsed) ? server(dial.owner) : nullptr;
    if (!answering)
        return Error{"Timeout", "Connection timed out", {}};
    std::string answer;
    {
        DepthScope scope(depth_);
        answer = answering->serve_bytes(request, {{dial.arrived.source, dial.arrived.source_port}, local, false});
    }
    if (!carry(dial, PacketKind::data, false, elapsed))
        return Error{"Timeout", "Connection timed out", {}};
    if (Connection* connection = recorded(dial))
        connection->elapsed = connection->elapsed + elapsed;
    return answer;
}

Network::DnsExchange Network::dns_over_tcp(NamespaceId from, SocketAddress to, const DnsMessage& query,
                                           Duration give_up) {
    DnsExchange out;
    auto dialled = connect(from, to, cat(dns_type_name(query.question.type), ' ', query.question.name), give_up);
    out.outcome = dialled.outcome;
    out.elapsed = dialled.connection.elapsed;
    if (dialled.outcome != Outcome::delivered)
        return out;
    const std::shared_ptr<Dial> kept = state_->edit_dial(dialled.id);
    const Dial& dial = *kept;
    const SocketAddress local{dial.arrived.destination, dial.arrived.destination_port};
    Server* answering = carry(dial, PacketKind::data, true, out.elapsed) ? server(dial.owner) : nullptr;
    std::optional<DnsMessage> answer;
    if (answering) {
        DepthScope scope(depth_);
        answer = answering->serve_dns(
            query, {{dial.arrived.source, dial.arrived.source_port}, local, false, Protocol::tcp});
    }
    if (answer && carry(dial, PacketKind::data, false, out.elapsed)) {
        out.elapsed = out.elapsed + answer->took;
        out.answer = std::move(*answer);
    } else {
        out.outcome = Outcome::timeout;
        out.elapsed = give_up;
    }
    if (Connection* connection = recorded(dial)) {
        connection->elapsed = out.elapsed;
        if (out.outcome == Outcome::delivered)
            connection->response_line = std::string(dns_code_name(out.answer.code));
    }
    disconnect(dialled.id);
    return out;
}

Network::DnsExchange Network::dns(NamespaceId from, SocketAddress to, const DnsMessage& query, Duration give_up,
                                  Protocol protocol, std::shared_ptr<const std::string> resolv_conf) {
    if (protocol == Protocol::tcp)
        return dns_over_tcp(from, to, query, give_up);
    Exchange attempt;
    attempt.from = from;
    attempt.give_up = give_up;
    attempt.packet.kind = PacketKind::datagram;
    attempt.answer_kind = PacketKind::datagram;
    const std::uint16_t port = take_port(from, Protocol::udp);
    attempt.packet.tuple = {{to.ip.family, {}}, to.ip, port, to.port, Protocol::udp};
    Connection connection;
    const bool recording = recording_ != nullptr;
    std::size_t at = 0;
    std::uint64_t recording_id = 0;
    if (recording) {  // the place in the order is taken before the server asks others
        at = recording_->trace_.connections.size();
        recording_id = recording_->id_;
        recording_->trace_.connections.push_back(connection);
    }
    exchange(attempt, recording ? &connection.request : nullptr, recording ? &connection.reply : nullptr);
    DnsExchange out;
    out.outcome = attempt.outcome;
    out.elapsed = attempt.elapsed;
    if (attempt.outcome == Outcome::delivered) {
        Server* answering = server(attempt.listener.owner);
        std::optional<DnsMessage> answer;
        if (answering) {
            DepthScope scope(depth_);
            answer = answering->serve_dns(query, {{attempt.arrived.source, attempt.arrived.source_port},
                                                  {attempt.arrived.destination, attempt.arrived.destination_port},
                                                  false,
                                                  Protocol::udp});
        }
        if (answer && out.elapsed + answer->took <= give_up) {
            out.elapsed = out.elapsed + answer->took;
            out.answer = std::move(*answer);
        } else {
            out.outcome = Outcome::timeout;
            out.elapsed = give_up;
            connection.reply.clear();
        }
    }
    release_port(from, Protocol::udp, port);
    if (!recording)
        return out;
    connection.client = {attempt.sent.source, attempt.sent.source_port};
    connection.server = to;
    connection.protocol = Protocol::udp;
    connection.outcome = out.outcome;
    connection.elapsed = out.elapsed;
    connection.depth = depth_;
    connection.client_name = endpoint_name(from);
    connection.request_line = cat(dns_type_name(query.question.type), ' ', query.question.name);
    connection.resolv_conf = std::move(resolv_conf);
    if (out.outcome == Outcome::delivered)
        connection.response_line = std::string(dns_code_name(out.answer.code));
    if (attempt.server) {
        connection.client_seen = {attempt.arrived.source, attempt.arrived.source_port};
        connection.endpoint = {attempt.arrived.destination, attempt.arrived.destination_port};
        connection.endpoint_name = endpoint_name(attempt.server);
    }
    Dial place;
    place.recording = recording_id;
    place.connection = at;
    if (Connection* slot = recorded(place))
        *slot = std::move(connection);
    return out;
}

// -- recording ------------------------------------------------------------------------------------------------

Network::Recording::Recording(Network& network)
    : network_(network), outer_(network.recording_), id_(++network.recordings_) {
    network_.recording_ = this;
}

Network::Recording::~Recording() {
    network_.recording_ = outer_;
    if (outer_)
        for (const Connection& connection : trace_.connections)
            outer_->trace_.connections.push_back(connection);
}

}  // namespace kubewalk::net
