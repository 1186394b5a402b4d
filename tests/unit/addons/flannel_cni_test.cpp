// The flannel CNI plugin: addresses as host-local gives them, errors as the plugins word them.

#include <doctest/doctest.h>

#include "core/addons/flannel_cni.h"
#include "core/net/node_stack.h"

using namespace kubewalk;
using namespace kubewalk::addons;

namespace {

struct Node {
    sim::Simulation simulation{1};
    net::Network network{simulation};
    Node() { network.add_machine("node-1", net::Ip::v4(192, 168, 122, 12), 24, std::nullopt); }
    void give_subnet(const char* subnet) {
        network.stack("node-1")->files[std::string(flannel_env_path)] =
            std::string("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=") + subnet + "\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n";
    }
    Result<net::Ip> add(const std::string& id) {
        const auto ips = cni_add(network, "node-1", network.add_namespace("node-1", "default/" + id), id);
        if (!ips.ok())
            return ips.error();
        return ips.value().front();
    }
};

}  // namespace

TEST_CASE("without flanneld there is no subnet.env") {
    Node node;
    const auto result = node.add("a");
    REQUIRE(!result.ok());
    CHECK(result.error().message ==
          "plugin type=\"flannel\" failed (add): failed to load flannel 'subnet.env' file: open /run/flannel/subnet.env: no such "
          "file or directory. Check the flannel pod log for this node.");
}

TEST_CASE("addresses go round robin from .2; the bridge comes with the first Pod") {
    Node node;
    node.give_subnet("10.244.1.1/24");
    CHECK(node.add("a").value().text() == "10.244.1.2");
    const net::NamespaceId pod = node.network.add_namespace("node-1", "default/b");
    CHECK(cni_add(node.network, "node-1", pod, "b").value().front().text() == "10.244.1.3");
    cni_del(node.network, "node-1", pod, "b");
    CHECK(node.add("c").value().text() == "10.244.1.4");
    const net::NetNamespace& host = node.network.stack("node-1")->root();
    REQUIRE(host.find_interface("cni0"));
    CHECK(host.find_interface("cni0")->addresses.front().text() == "10.244.1.1/24");
    bool connected = false;
    for (const net::Route& route : host.routes)
        connected = connected || route.text() == "10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1";
    CHECK(connected);
}

TEST_CASE("a subnet runs out of addresses") {
    Node node;
    node.give_subnet("10.244.1.1/29");
    for (int i = 0; i < 5; ++i)
        REQUIRE(node.add("pod-" + std::to_string(i)).ok());
    const auto result = node.add("one-more");
    REQUIRE(!result.ok());
    CHECK(result.error().message == "plugin type=\"flannel\" failed (add): failed to delegate add: failed to allocate for range 0: no "
                                    "IP addresses available in range set: 10.244.1.1-10.244.1.6");
}

TEST_CASE("with a range of each family a Pod gets an address of each") {
    Node node;
    node.network.add_second_address("node-1", *net::Prefix::parse("fd00:1:2:3::12/64"), std::nullopt);
    node.network.prepare_node("node-1");
    node.network.stack("node-1")->files[std::string(flannel_env_path)] =
        "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_IPV6_NETWORK=fd00:10:244::/56\n"
        "FLANNEL_IPV6_SUBNET=fd00:10:244:1::1/64\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n";
    const auto texts = [](const std::vector<net::Ip>& ips) {
        std::string out;
        for (const net::Ip& ip : ips)
            out += ip.text() + " ";
        return out;
    };
    const net::NamespaceId a = node.network.add_namespace("node-1", "default/a"), b = node.network.add_namespace("node-1", "default/b");
    CHECK(texts(cni_add(node.network, "node-1", a, "a").value()) == "10.244.1.2 fd00:10:244:1::2 ");
    const auto second = cni_add(node.network, "node-1", b, "b").value();
    CHECK(texts(second) == "10.244.1.3 fd00:10:244:1::3 ");
    const net::NodeStack& stack = *node.network.stack("node-1");
    CHECK(stack.files.find("/var/lib/cni/networks/cbr0/last_reserved_ip.1")->second == "fd00:10:244:1::3");
    std::string routes;
    for (const net::Route& route : stack.find(a)->routes)
        if (route.destination.ip.family == net::Family::ipv6)
            routes += route.text() + "\n";
    CHECK(routes ==
          "default via fd00:10:244:1::1 dev eth0 metric 1024 pref medium\n"
          "::1 dev lo proto kernel metric 256 pref medium\n"
          "fd00:10:244::/56 via fd00:10:244:1::1 dev eth0 metric 1024 pref medium\n"
          "fd00:10:244:1::/64 dev eth0 proto kernel metric 256 pref medium\n");
    CHECK(node.network.ping(a, second[1]).outcome == net::Outcome::delivered);
    CHECK(node.network.ping(a, *net::Ip::parse("fd00:1:2:3::12")).outcome == net::Outcome::delivered);
    // Nobody has that one: the kernel's solicitations stay unanswered.
    CHECK(node.network.ping(a, *net::Ip::parse("fd00:10:244:1::99")).outcome == net::Outcome::timeout);
    cni_del(node.network, "node-1", b, "b");
    CHECK_FALSE(stack.files.contains("/var/lib/cni/networks/cbr0/fd00:10:244:1::3"));
}

TEST_CASE("two Pods of one node reach each other over cni0") {
    Node node;
    node.give_subnet("10.244.1.1/24");
    const net::NamespaceId a = node.network.add_namespace("node-1", "default/a");
    REQUIRE(cni_add(node.network, "node-1", a, "a").ok());
    const auto b = node.add("b");
    CHECK(node.network.ping(a, b.value()).outcome == net::Outcome::delivered);
    CHECK(node.network.ping(a, net::Ip::v4(10, 244, 1, 1)).outcome == net::Outcome::delivered);
}
