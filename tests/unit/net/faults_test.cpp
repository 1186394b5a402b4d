// What a learner breaks on wires and in the kernel, and what tools see of it: cut, slow and lossy cables, a
// full connection tracking table, packets too big, TTLs that end, ARP tables, captures.
// Facts: tc-netem(8), ip-sysctl.rst (tcp_syn_retries), Linux net/core/neighbour.c, nf_conntrack_core.c.

#include <doctest/doctest.h>

#include "core/net/network.h"
#include "core/net/node_stack.h"

using namespace kubewalk;
using namespace kubewalk::net;

namespace {

Ip ip(const char* text) { return *Ip::parse(text); }

// client - router - server: two networks, the router between them; all on one switch.
struct Lab {
    sim::Simulation simulation{7};
    Network network{simulation};
    NamespaceId client, router, server;

    Lab() {
        simulation.register_service(network);
        client = network.add_machine("client", ip("10.0.0.2"), 24, ip("10.0.0.1"));
        router = network.add_machine("router", ip("10.0.0.1"), 24, std::nullopt);
        server = network.add_machine("server", ip("10.0.1.2"), 24, std::nullopt);
        NetNamespace& middle = root("router");
        middle.set_sysctl("net.ipv4.ip_forward", "1");
        Route out;
        out.destination = {ip("10.0.1.0"), 24};
        out.device = "eth0";
        middle.set_route(out);
        Route back;
        back.destination = {ip("10.0.0.0"), 24};
        back.via = ip("10.0.0.1");
        back.device = "eth0";
        root("server").set_route(back);
        (void)network.listen(server, {Protocol::tcp, {}, 80, 0, "web"});
    }
    NetNamespace& root(const char* name) { return network.stack(name)->root(); }
    Network::Echo ping(const Network::EchoOptions& options = {}) { return network.ping(client, ip("10.0.1.2"), options); }
};

std::vector<std::string> words(const char* text) {
    std::vector<std::string> out(1);
    for (const char* c = text; *c; ++c) {
        if (*c == ' ')
            out.emplace_back();
        else
            out.back() += *c;
    }
    return out;
}

}  // namespace

TEST_CASE("a cut cable: neighbours on the same network get no route to host, others an ICMP error") {
    Lab lab;
    CHECK(lab.network.connect(lab.client, {ip("10.0.1.2"), 80}).outcome == Outcome::delivered);
    lab.network.set_link_fault("server", {true, {}, 0});
    const Dialled behind = lab.network.connect(lab.client, {ip("10.0.1.2"), 80});
    CHECK(behind.outcome == Outcome::unreachable);
    CHECK(behind.error == "No route to host");
    lab.network.set_link_fault("server", {});
    CHECK(lab.network.connect(lab.client, {ip("10.0.1.2"), 80}).outcome == Outcome::delivered);
    lab.network.set_link_fault("client", {true, {}, 0});
    const Dialled own = lab.network.connect(lab.client, {ip("10.0.0.1"), 80});
    CHECK(own.error == "No route to host");
    CHECK(own.connection.elapsed == milliseconds(3060));  // three ARP requests, a second apart
}

TEST_CASE("a slow cable delays each way; whoever waits less gives up") {
    Lab lab;
    const Duration before = lab.ping().round_trip;
    lab.network.set_link_fault("server", {false, milliseconds(200), 0});
    CHECK(lab.ping().round_trip == before + milliseconds(400));
    Network::EchoOptions impatient;
    impatient.give_up = milliseconds(300);
    CHECK(lab.ping(impatient).outcome == Outcome::timeout);
    CHECK(lab.ping(impatient).round_trip == milliseconds(300));
}

TEST_CASE("a lossy cable: pings get lost, connection requests are sent again after 1, 3, 7 seconds") {
    Lab lab;
    lab.network.set_link_fault("server", {false, {}, 500'000});
    int lost = 0, late = 0, fast = 0;
    for (int i = 0; i < 200; ++i)
        lost += lab.ping().outcome != Outcome::delivered;
    // Each way half of them: three of four.
    CHECK(lost > 120);
    CHECK(lost < 180);
    for (int i = 0; i < 100; ++i) {
        const Dialled dialled = lab.network.connect(lab.client, {ip("10.0.1.2"), 80});
        REQUIRE((dialled.outcome == Outcome::delivered || dialled.connection.elapsed == syn_give_up));
        const auto seconds_taken = dialled.connection.elapsed.ns / 1'000'000'000;
        const bool known = seconds_taken == 0 || seconds_taken == 1 || seconds_taken == 3 || seconds_taken == 7 || seconds_taken == 15 ||
                           seconds_taken == 31 || seconds_taken == 63 || seconds_taken == 127;
        CHECK(known);
        late += seconds_taken > 0;
        fast += seconds_taken == 0;
        if (dialled.id)
            lab.network.disconnect(dialled.id);
    }
    CHECK(late > 50);
    CHECK(fast > 10);
    lab.network.set_link_fault("server", {false, {}, 1'000'000});
    const Dialled never = lab.network.connect(lab.client, {ip("10.0.1.2"), 80});
    CHECK(never.outcome == Outcome::timeout);
    CHECK(never.connection.elapsed == syn_give_up);
}

TEST_CASE("what is lost is decided by the seed") {
    Lab a, b;
    for (Lab* lab : {&a, &b})
        lab->network.set_link_fault("server", {false, {}, 300'000});
    for (int i = 0; i < 50; ++i)
        CHECK(a.ping().outcome == b.ping().outcome);
}

TEST_CASE("a full connection tracking table drops new connections and says so in the kernel's log") {
    Lab lab;
    lab.root("router").edit_rules().ensure_chain(TableId::filter, "ANY");
    const Dialled open = lab.network.connect(lab.client, {ip("10.0.1.2"), 80});
    REQUIRE(open.outcome == Outcome::delivered);
    CHECK(lab.network.set_conntrack_max("router", 1));
    Network::Recording recording(lab.network);
    const Dialled refused = lab.network.connect(lab.client, {ip("10.0.1.2"), 80});
    CHECK(refused.outcome == Outcome::dropped);
    CHECK(recording.trace().connections.back().request.back().why.id == "net.why.conntrack.full");
    CHECK(lab.root("router").conntrack_refused == 1);
    REQUIRE(lab.network.stack("router")->kernel_log.size() == 1);
    CHECK(lab.network.stack("router")->kernel_log[0].text == "nf_conntrack: nf_conntrack: table full, dropping packet");
    CHECK(lab.network.set_conntrack_max("router", 262144));
    CHECK(lab.network.connect(lab.client, {ip("10.0.1.2"), 80}).outcome == Outcome::delivered);
}

TEST_CASE("a packet that must not be cut and does not fit: the narrow machine says so") {
    Lab lab;
    lab.root("router").find_interface("eth0")->mtu = 1400;
    Network::EchoOptions big;
    big.size = 1472;
    CHECK(lab.ping(big).outcome == Outcome::delivered);  // fragments
    big.dont_fragment = true;
    const Network::Echo needs = lab.ping(big);
    CHECK(needs.icmp == IcmpCode::fragmentation_needed);
    CHECK(needs.reporter == ip("10.0.0.1"));
    CHECK(needs.mtu == 1400);
    big.size = 1473;  // 1501 bytes with headers: the sender's own interface
    const Network::Echo own = lab.ping(big);
    CHECK(own.icmp == IcmpCode::fragmentation_needed);
    CHECK(own.reporter.unspecified());
    CHECK(own.mtu == 1500);
}

TEST_CASE("traceroute's packets die where their TTL ends") {
    Lab lab;
    Network::EchoOptions options;
    options.size = 60;
    options.ttl = 1;
    const auto first = lab.network.probe(lab.client, {ip("10.0.1.2"), 33434}, Protocol::udp, options);
    CHECK(first.icmp == IcmpCode::ttl_exceeded);
    CHECK(first.reporter == ip("10.0.0.1"));
    options.ttl = 2;
    const auto second = lab.network.probe(lab.client, {ip("10.0.1.2"), 33435}, Protocol::udp, options);
    CHECK(second.icmp == IcmpCode::port_unreachable);
    CHECK(second.reporter == ip("10.0.1.2"));
}

TEST_CASE("an error that a machine makes is related to the packet it is about, also when that was the first") {
    // Linux net/ipv4/icmp.c (icmp_send), nf_conntrack_attach; kube-router drops what is INVALID.
    Lab lab;
    lab.root("router").edit_rules().ensure_rule(Ruleset::Position::append, TableId::filter, "OUTPUT",
                                                Rule().state(ctstate::invalid).drop());
    Network::EchoOptions options;
    options.size = 60;
    options.ttl = 1;
    CHECK(lab.network.probe(lab.client, {ip("10.0.1.2"), 33434}, Protocol::udp, options).icmp == IcmpCode::ttl_exceeded);
}

TEST_CASE("the ARP table: reachable, stale, failed, gone") {
    Lab lab;
    (void)lab.ping();
    const auto& learned = lab.root("client").learned;
    REQUIRE(learned.count(ip("10.0.0.1")) == 1);
    CHECK(learned.at(ip("10.0.0.1")).mac == lab.root("router").find_interface("eth0")->mac);
    CHECK(neighbour_state(learned.at(ip("10.0.0.1")), lab.simulation.now()) == "REACHABLE");
    CHECK(neighbour_state(learned.at(ip("10.0.0.1")), lab.simulation.now() + seconds(40)) == "STALE");
    (void)lab.network.connect(lab.client, {ip("10.0.0.77"), 80});
    CHECK(neighbour_state(learned.at(ip("10.0.0.77")), lab.simulation.now()) == "FAILED");
    CHECK(neighbour_state(learned.at(ip("10.0.0.77")), lab.simulation.now() + minutes(2)) == "");
}

TEST_CASE("a capture sees what passes its interface, and nothing else") {
    Lab lab;
    const auto filter = CaptureFilter::parse(words("host 10.0.1.2 and icmp"));
    REQUIRE(filter.ok());
    const auto id = lab.network.start_capture(lab.router, "eth0", filter.value(), 0);
    REQUIRE(id != 0);
    CHECK(lab.network.start_capture(lab.router, "eth7", filter.value(), 0) == 0);
    Network::EchoOptions options;
    options.identifier = 42;
    (void)lab.ping(options);
    (void)lab.network.connect(lab.client, {ip("10.0.1.2"), 80});
    (void)lab.network.connect(lab.client, {ip("10.0.0.1"), 80});
    const Capture* capture = lab.network.capture(id);
    REQUIRE(capture->packets.size() == 4);  // in and out again, there and back
    CHECK(capture_line(capture->packets[0], false).substr(16) ==
          "IP 10.0.0.2 > 10.0.1.2: ICMP echo request, id 42, seq 1, length 64");
    CHECK(capture_line(capture->packets[3], true).substr(16) ==
          "eth0 Out IP 10.0.1.2 > 10.0.0.2: ICMP echo reply, id 42, seq 1, length 64");
    lab.network.stop_capture(id);
    CHECK(lab.network.capture(id) == nullptr);
}

TEST_CASE("capture filters are those of pcap-filter(7)") {
    Packet packet;
    packet.tuple = {ip("10.0.0.2"), ip("10.0.1.2"), 40000, 80, Protocol::tcp};
    const auto fits = [&packet](const char* text) { return CaptureFilter::parse(words(text)).value().matches(packet); };
    CHECK(fits("tcp port 80"));
    CHECK(fits("dst port 80"));
    CHECK_FALSE(fits("src port 80"));
    CHECK(fits("not udp and host 10.0.0.2"));
    CHECK(fits("src net 10.0.0.0/24"));
    CHECK_FALSE(fits("dst net 10.0.0.0/24"));
    CHECK_FALSE(fits("arp"));
    CHECK_FALSE(CaptureFilter::parse(words("port http-but-not-known")).ok());
    CHECK_FALSE(CaptureFilter::parse(words("host")).ok());
}

TEST_CASE("a machine that starts again has its disk and its own interface, and nothing else") {
    Lab lab;
    NodeStack& stack = *lab.network.stack("server");
    const NamespaceId pod = lab.network.add_namespace("server", "default/web");
    stack.add_veth("veth0", "", pod, "eth0", 1500);
    stack.root().edit_rules().ensure_chain(TableId::filter, "ANY");
    stack.files["/run/flannel/subnet.env"] = "x";
    stack.files["/etc/cni/net.d/10-flannel.conflist"] = "y";
    lab.network.reboot("server");
    CHECK(lab.network.view(pod) == nullptr);
    CHECK(stack.root().find_interface("veth0") == nullptr);
    CHECK(stack.root().rules().empty());
    CHECK(stack.files.count("/run/flannel/subnet.env") == 0);
    CHECK(stack.files.count("/etc/cni/net.d/10-flannel.conflist") == 1);
    CHECK(lab.ping().outcome == Outcome::delivered);
    const Dialled nobody = lab.network.connect(lab.client, {ip("10.0.1.2"), 80});
    CHECK(nobody.outcome == Outcome::refused);  // its listeners are gone
}
