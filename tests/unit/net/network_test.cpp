// Packets between machines and Pods without kube-proxy: routing, bridges, tunnels, refusals.

#include <doctest/doctest.h>

#include "core/net/network.h"
#include "core/net/node_stack.h"

using namespace kubewalk;
using namespace kubewalk::net;

namespace {

Ip ip(const char* text) { return *Ip::parse(text); }
Prefix prefix(const char* text) { return *Prefix::parse(text); }

// Answers with what it sees of its client.
class EchoServer : public sim::Component, public Server {
public:
    std::string_view name() const override { return "echo"; }
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return this; }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<EchoServer>(*this); }
    HttpResponse serve_http(const HttpRequest& request, const Peer& peer) override {
        return {request.path == "/missing" ? 404 : 200, {}, peer.client.ip.text(), milliseconds(1)};
    }
    std::optional<DnsMessage> serve_dns(const DnsMessage& query, const Peer&) override {
        DnsMessage answer = query;
        answer.response = true;
        return answer;
    }
};

// Two nodes with bridges and a tunnel between them, a laptop, an edge and the internet; rules by hand.
struct World {
    sim::Simulation simulation{1};
    Network network{simulation};
    NamespaceId laptop, pod_a, pod_b, pod_c;
    sim::ComponentId server;

    World() {
        simulation.register_service(network);
        laptop = network.add_machine("laptop", ip("192.168.122.1"), 24, std::nullopt);
        for (int i = 1; i <= 2; ++i) {
            const std::string name = "node-" + std::to_string(i);
            network.add_machine(name, Ip::v4(192, 168, 122, static_cast<std::uint8_t>(10 + i)), 24, ip("192.168.122.254"));
            network.prepare_node(name);
            NetNamespace& host = network.stack(name)->root();
            const std::string subnet = "10.244." + std::to_string(i) + ".";
            Interface cni0;
            cni0.name = "cni0";
            cni0.kind = InterfaceKind::bridge;
            host.add_interface(cni0);
            host.add_address("cni0", prefix((subnet + "1/24").c_str()));
            Interface tunnel;
            tunnel.name = "flannel.1";
            tunnel.kind = InterfaceKind::vxlan;
            tunnel.vni = 1;
            tunnel.mac = mac_for(name);
            tunnel.vxlan_local = Ip::v4(192, 168, 122, static_cast<std::uint8_t>(10 + i));
            const int other = 3 - i;
            tunnel.fdb.push_back({mac_for("node-" + std::to_string(other)), Ip::v4(192, 168, 122, static_cast<std::uint8_t>(10 + other))});
            host.add_interface(tunnel);
            host.add_address("flannel.1", prefix((subnet + "0/32").c_str()));
            const Ip remote = Ip::v4(10, 244, static_cast<std::uint8_t>(other), 0);
            host.set_route({{remote, 24}, remote, "flannel.1", true, "", false, std::nullopt, Route::Kind::unicast});
            host.set_neighbour({remote, mac_for("node-" + std::to_string(other)), "flannel.1"});
        }
        pod_a = pod("node-1", "default/a", "10.244.1.2", "veth0000000a");
        pod_b = pod("node-1", "default/b", "10.244.1.3", "veth0000000b");
        pod_c = pod("node-2", "default/c", "10.244.2.2", "veth0000000c");
        server = simulation.add(std::make_unique<EchoServer>());
        for (NamespaceId id : {pod_b, pod_c}) {
            CHECK(network.listen(id, {Protocol::tcp, {}, 80, server, "echo"}).ok());
            CHECK(network.listen(id, {Protocol::udp, {}, 53, server, "echo"}).ok());
        }
    }

    NamespaceId pod(const char* node, const char* name, const char* address, const char* veth) {
        const NamespaceId id = network.add_namespace(node, name);
        NodeStack& stack = *network.stack(node);
        stack.add_veth(veth, "cni0", id, "eth0", 1450);
        NetNamespace& inside = stack.edit(id);
        inside.add_address("eth0", {ip(address), 24});
        Ip gateway = ip(address);
        gateway.bytes[3] = 1;
        inside.set_route({prefix("0.0.0.0/0"), gateway, "eth0", false, "", false, std::nullopt, Route::Kind::unicast});
        return id;
    }
    std::string get(NamespaceId from, const char* to) {
        Dialled dialled = network.connect(from, {ip(to), 80});
        if (dialled.outcome != Outcome::delivered)
            return std::string(outcome_name(dialled.outcome)) + ": " + std::string(dialled.error);
        auto response = network.http(dialled.id, {});
        network.disconnect(dialled.id);
        return response.ok() ? response.value().body : response.error().reason;
    }
};

}  // namespace

TEST_CASE("a Pod reaches a Pod on its own node and on another one, as itself") {
    World world;
    CHECK(world.get(world.pod_a, "10.244.1.3") == "10.244.1.2");
    CHECK(world.get(world.pod_a, "10.244.2.2") == "10.244.1.2");
    CHECK(world.get(world.network.machine("node-1"), "10.244.2.2") == "10.244.1.0");
    CHECK(world.network.ping(world.pod_a, ip("10.244.2.2")).outcome == Outcome::delivered);
    // Two routers on the way: the nodes.
    CHECK(world.network.ping(world.pod_a, ip("10.244.2.2")).ttl == 62);
}

TEST_CASE("what goes wrong says so as a socket does") {
    World world;
    // No listener: reset.
    CHECK(world.get(world.pod_b, "10.244.1.2") == "refused: Connection refused");
    // No route at all.
    CHECK(world.get(world.laptop, "10.244.1.3") == "unreachable: Network is unreachable");
    // On-link, but nobody has that address.
    CHECK(world.get(world.laptop, "192.168.122.77") == "unreachable: No route to host");
    CHECK(world.get(world.pod_a, "10.244.1.99") == "unreachable: No route to host");
    // The other node is off: the tunnel's packets get no answer.
    world.network.set_machine_up("node-2", false);
    CHECK(world.get(world.pod_a, "10.244.2.2") == "timeout: Connection timed out");
    world.network.set_machine_up("node-2", true);
    world.network.stack("node-1")->root().set_sysctl("net.ipv4.ip_forward", "0");
    CHECK(world.get(world.pod_a, "10.244.2.2") == "timeout: Connection timed out");
}

TEST_CASE("a rule that drops makes the outcome dropped, one that rejects refused") {
    World world;
    Ruleset& rules = world.network.stack("node-1")->root().edit_rules();
    rules.ensure_rule(Ruleset::Position::append, TableId::filter, "FORWARD", Rule().destination(prefix("10.244.2.2/32")).drop());
    CHECK(world.get(world.pod_a, "10.244.2.2") == "dropped: Connection timed out");
    CHECK(world.network.connect(world.pod_a, {ip("10.244.2.2"), 80}).connection.elapsed == seconds(127));
    world.network.stack("node-1")->root().edit_rules().replace_chain(
        TableId::filter, chain_forward, {Rule().destination(prefix("10.244.2.2/32")).reject()});
    CHECK(world.get(world.pod_a, "10.244.2.2") == "refused: Connection refused");
}

TEST_CASE("DNAT and masquerade are undone for the answer by conntrack") {
    World world;
    Ruleset& rules = world.network.stack("node-1")->root().edit_rules();
    const Rule dnat = Rule().destination(prefix("10.96.0.20/32")).protocol(Protocol::tcp).destination_port(80).dnat({ip("10.244.2.2"), 80});
    rules.ensure_rule(Ruleset::Position::append, TableId::nat, "PREROUTING", dnat);
    rules.ensure_rule(Ruleset::Position::append, TableId::nat, "OUTPUT", dnat);
    CHECK(world.get(world.pod_a, "10.96.0.20") == "10.244.1.2");
    CHECK(world.get(world.network.machine("node-1"), "10.96.0.20") == "192.168.122.11");
    // Same-node endpoint: the answer crosses the bridge only, and is translated because of br_netfilter.
    const Rule local = Rule().destination(prefix("10.96.0.21/32")).dnat({ip("10.244.1.3"), 0});
    world.network.stack("node-1")->root().edit_rules().ensure_rule(Ruleset::Position::append, TableId::nat, "PREROUTING", local);
    CHECK(world.get(world.pod_a, "10.96.0.21") == "10.244.1.2");
    world.network.stack("node-1")->root().set_sysctl("net.bridge.bridge-nf-call-iptables", "0");
    CHECK(world.get(world.pod_a, "10.96.0.21") == "timeout: Connection timed out");
    const auto entries = world.network.stack("node-1")->root().conntrack.list(world.simulation.now());
    REQUIRE(!entries.empty());
    CHECK(entries.front().original.destination == ip("10.96.0.20"));
    CHECK(entries.front().reply.source == ip("10.244.2.2"));
}

// iptables-extensions(8), NOTRACK: no entry, hence no NAT; rules behind it see UNTRACKED.
TEST_CASE("what NOTRACK marks has no entry, is not rewritten and matches UNTRACKED") {
    World world;
    const auto host = [&world]() -> NetNamespace& { return world.network.stack("node-1")->root(); };
    host().edit_rules().ensure_rule(Ruleset::Position::append, TableId::nat, "PREROUTING", Rule().destination(prefix("10.244.2.2/32")).dnat({ip("10.244.1.3"), 80}));
    host().edit_rules().ensure_rule(Ruleset::Position::append, TableId::raw, "PREROUTING", Rule().destination(prefix("10.244.2.2/32")).no_track());
    host().edit_rules().ensure_rule(Ruleset::Position::append, TableId::raw, "PREROUTING", Rule().source(prefix("10.244.2.2/32")).no_track());
    CHECK(world.get(world.pod_a, "10.244.2.2") == "10.244.1.2");  // the Pod that was dialled, although a rule wanted another one
    for (const auto& entry : host().conntrack.list(world.simulation.now()))
        CHECK_FALSE(entry.original.destination == ip("10.244.2.2"));
    CHECK(world.get(world.pod_a, "10.244.1.3") == "10.244.1.2");
    host().edit_rules().ensure_rule(Ruleset::Position::append, TableId::filter, "FORWARD", Rule().state(ctstate::untracked).reject());
    CHECK(world.get(world.pod_a, "10.244.2.2") == "refused: Connection refused");
    CHECK(world.get(world.pod_a, "10.244.1.3") == "10.244.1.2");
}

TEST_CASE("a recording holds every hop, there and back, with the tunnel's outer header") {
    World world;
    Network::Recording recording(world.network);
    Dialled dialled = world.network.connect(world.pod_a, {ip("10.244.2.2"), 80});
    REQUIRE(dialled.outcome == Outcome::delivered);
    CHECK(world.network.http(dialled.id, {"GET", "c", "/missing", {}, "", std::nullopt}).value().status == 404);
    REQUIRE(recording.trace().connections.size() == 1);
    const Connection& connection = recording.trace().connections[0];
    CHECK(connection.client_name == "pod/default/a");
    CHECK(connection.endpoint_name == "pod/default/c");
    CHECK(connection.request_line == "GET /missing");
    CHECK(connection.response_line == "404 Not Found");
    bool outer = false;
    for (const Hop& hop : connection.request)
        outer = outer || (hop.outer && hop.outer->destination.port == 8472 && hop.in.destination.ip == ip("10.244.2.2"));
    CHECK(outer);
    CHECK(connection.request.back().verdict == "deliver");
    CHECK(connection.reply.back().verdict == "deliver");
    bool route = false;
    for (const Hop& hop : connection.request)
        route = route || hop.rule == "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink";
    CHECK(route);
}

TEST_CASE("from the internet only the public address is reached") {
    World world;
    EdgeConfig edge{"edge", prefix("192.168.122.254/24"), ip("198.51.100.10"), prefix("203.0.113.1/24"), ip("192.168.122.12")};
    world.network.add_edge(edge);
    const NamespaceId internet = world.network.add_internet_machine("internet", ip("203.0.113.7"), 24, ip("203.0.113.1"));
    CHECK(world.network.listen(world.network.machine("node-2"), {Protocol::tcp, {}, 80, world.server, "echo"}).ok());
    CHECK(world.get(internet, "198.51.100.10") == "203.0.113.7");
    CHECK(world.get(internet, "192.168.122.12") == "unreachable: Network is unreachable");
    CHECK(world.get(internet, "10.244.1.3") == "unreachable: Network is unreachable");
    // And outward: the edge masquerades.
    CHECK(world.network.listen(internet, {Protocol::tcp, {}, 80, world.server, "echo"}).ok());
    CHECK(world.get(world.network.machine("node-1"), "203.0.113.7") == "198.51.100.10");
}

TEST_CASE("a datagram and its answer; nobody there is refused by ICMP") {
    World world;
    DnsMessage query;
    query.question = {"a.", DnsType::A};
    CHECK(world.network.dns(world.pod_a, {ip("10.244.2.2"), 53}, query).answer.response);
    CHECK(world.network.dns(world.pod_b, {ip("10.244.1.2"), 53}, query).outcome == Outcome::refused);
}

TEST_CASE("a checkpoint brings the network back") {
    World world;
    const auto saved = world.network.save();
    world.network.close_all(world.server);
    CHECK(world.get(world.pod_a, "10.244.2.2") == "refused: Connection refused");
    world.network.remove_namespace(world.pod_c);
    world.network.load(saved);
    CHECK(world.get(world.pod_a, "10.244.2.2") == "10.244.1.2");
}
