// The cloud by itself: what happens to packets at a load balancer, health checks, addresses, routes.

#include <doctest/doctest.h>

#include "tests/unit/cloud/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;
using net::Forwarding;

TEST_CASE("a balancer passes on to the nodes' port, and they see the client itself") {
    CloudWorld world;
    const net::Ip address = world.build(CloudWorld::request());
    CHECK(address == ip("198.51.100.20"));
    const std::string answer = world.get(world.internet, address);
    CHECK(answer.substr(6) == " sees 203.0.113.7");
    CHECK(world.nodes_behind(address).size() == 14);  // both
    // From the nodes' own network too: the answer goes back through the balancer, not straight.
    CHECK(world.get(world.laptop, address).substr(6) == " sees 192.168.122.1");
    // Nothing else is let in.
    CHECK(world.get(world.internet, address, 81) == "dropped");
    CHECK(world.get(world.internet, address, node_port) == "dropped");
}

TEST_CASE("every hop of the balancer's is in the trace") {
    CloudWorld world;
    const net::Ip address = world.build(CloudWorld::request());
    net::Network::Recording recording(world.network);
    world.get(world.internet, address);
    const auto& connection = recording.trace().connections.front();
    bool rewritten = false, brought_back = false;
    for (const net::Hop& hop : connection.request)
        if (hop.node == "lb-web" && hop.verdict == "DNAT") {
            rewritten = true;
            CHECK(hop.place == net::Place::edge);
            CHECK(hop.in.destination == net::SocketAddress{address, 80});
            CHECK(hop.out.destination.port == node_port);
            CHECK(hop.out.source.ip == ip("203.0.113.7"));
            CHECK(hop.why.id == "net.why.balancer.dnat");
        }
    for (const net::Hop& hop : connection.reply)
        brought_back = brought_back || hop.why.id == "net.why.wire.balancer";
    CHECK(rewritten);
    CHECK(brought_back);
    CHECK(connection.reply.back().in.source == net::SocketAddress{address, 80});
}

TEST_CASE("a proxying balancer shows its own address") {
    CloudWorld world;
    const net::Ip address = world.build(CloudWorld::request(Forwarding::proxy));
    CHECK(world.get(world.internet, address).substr(6) == " sees 192.168.122.253");
}

TEST_CASE("a direct balancer changes nothing: the nodes must know the address themselves") {
    CloudWorld world;
    auto wanted = CloudWorld::request(Forwarding::direct);
    wanted.check = {cloud::HealthCheck::Kind::http, check_port, "/healthz"};
    const net::Ip address = world.build(wanted);
    for (int i = 0; i < 2; ++i) {
        auto& host = world.network.stack("node-" + std::to_string(i + 1))->root();
        host.edit_rules().ensure_rule(net::Ruleset::Position::append, net::TableId::nat, "PREROUTING",
                                      net::Rule()
                                          .destination({address, 32})
                                          .dnat({net::Ip::v4(192, 168, 122, static_cast<std::uint8_t>(12 + i)), node_port}));
    }
    CHECK(world.get(world.internet, address).substr(6) == " sees 203.0.113.7");
    CHECK(world.nodes_behind(address).size() == 14);
    // The flows of one client keep to one node when the Service wants affinity.
    wanted.affinity_seconds = 10800;
    world.build(wanted);
    CHECK(world.nodes_behind(address).size() == 7);
}

TEST_CASE("session affinity keeps a client to its node") {
    CloudWorld world;
    auto wanted = CloudWorld::request();
    wanted.affinity_seconds = 10800;
    const net::Ip address = world.build(wanted);
    CHECK(world.nodes_behind(address).size() == 7);
}

TEST_CASE("only the sources named get through") {
    CloudWorld world;
    auto wanted = CloudWorld::request();
    wanted.sources = {prefix("192.168.122.0/24")};
    const net::Ip address = world.build(wanted);
    CHECK(world.get(world.internet, address) == "dropped");
    CHECK(world.get(world.laptop, address).substr(6) == " sees 192.168.122.1");
}

TEST_CASE("nodes that fail their checks get no new connections") {
    CloudWorld world;
    auto wanted = CloudWorld::request();
    wanted.check = {cloud::HealthCheck::Kind::http, check_port, "/healthz"};
    world.server(1).has_endpoints = false;
    const net::Ip address = world.build(wanted);
    CHECK(world.nodes_behind(address) == "node-1 ");

    // One failure is forgiven, two are not: five seconds apart.
    world.server(0).has_endpoints = false;
    world.simulation.run_for(seconds(5));
    CHECK(world.nodes_behind(address) == "node-1 ");
    world.simulation.run_for(seconds(5));
    CHECK(world.get(world.internet, address) == "dropped");

    world.server(1).has_endpoints = true;
    world.simulation.run_for(seconds(10));
    CHECK(world.nodes_behind(address) == "node-2 ");
}

TEST_CASE("a machine without power fails its checks") {
    CloudWorld world;
    const net::Ip address = world.build(CloudWorld::request());
    world.network.set_machine_up("node-1", false);
    world.simulation.run_for(seconds(10));
    CHECK(world.nodes_behind(address) == "node-2 ");
    CHECK_FALSE(world.cloud.running(*world.cloud.instance_named("node-1")));
}

TEST_CASE("addresses come from the pool and go back to it") {
    CloudWorld world;
    auto first = CloudWorld::request();
    CHECK(world.build(first) == ip("198.51.100.20"));
    auto second = CloudWorld::request();
    second.name = "a2";
    CHECK(world.build(second) == ip("198.51.100.21"));
    CHECK(world.cloud.balancer("a2")->machine == "lb-web-2");
    CHECK(world.cloud.balancer("a2")->inside_ip == ip("192.168.122.252"));
    world.cloud.delete_balancer("a1");
    CHECK(world.get(world.internet, ip("198.51.100.20")) != "node-1 sees 203.0.113.7");
    CHECK(world.network.machine("lb-web") == 0);
    auto third = CloudWorld::request();
    third.name = "a3";
    third.address = ip("198.51.100.50");
    CHECK(world.build(third) == ip("198.51.100.50"));
    third.name = "a4";
    const auto taken = world.cloud.ensure_balancer(third, world.instances());
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().reason == "AddressUnavailable");
    third.address.reset();
    third.ports[0].node_port = 0;
    CHECK(world.cloud.ensure_balancer(third, world.instances()).error().reason == "InvalidParameter");
}

TEST_CASE("a checkpoint brings balancers and their checks back") {
    CloudWorld world;
    const net::Ip address = world.build(CloudWorld::request());
    const auto checkpoint = world.simulation.checkpoint();
    world.cloud.delete_balancer("a1");
    world.simulation.run_for(seconds(20));
    world.simulation.restore(*checkpoint);
    REQUIRE(world.cloud.balancer("a1"));
    CHECK(world.get(world.internet, address).substr(6) == " sees 203.0.113.7");
    world.network.set_machine_up("node-1", false);
    world.simulation.run_for(seconds(10));
    CHECK(world.nodes_behind(address) == "node-2 ");
}

TEST_CASE("a route makes the router know whose Pods those are") {
    CloudWorld world;
    CHECK(world.get(world.laptop, ip("10.244.1.7")) != "dropped");
    REQUIRE(world.cloud.create_route({"r1", "node-1", prefix("10.244.1.0/24"), ip("192.168.122.12")}).ok());
    const auto* route = world.network.stack("edge")->root().lookup(ip("10.244.1.7"));
    REQUIRE(route);
    CHECK(route->text() == "10.244.1.0/24 via 192.168.122.12 dev eth0 proto static");
    CHECK_FALSE(world.cloud.create_route({"r2", "node-9", prefix("10.244.9.0/24"), ip("192.168.122.99")}).ok());
    world.cloud.delete_route("r1");
    CHECK_FALSE(world.network.stack("edge")->root().lookup(ip("10.244.1.7")));
}
