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
    Result<net::Ip> add(const std::string& id) { return cni_add(network, "node-1", network.add_namespace("node-1", "default/" + id), id); }
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
    CHECK(cni_add(node.network, "node-1", pod, "b").value().text() == "10.244.1.3");
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

TEST_CASE("two Pods of one node reach each other over cni0") {
    Node node;
    node.give_subnet("10.244.1.1/24");
    const net::NamespaceId a = node.network.add_namespace("node-1", "default/a");
    REQUIRE(cni_add(node.network, "node-1", a, "a").ok());
    const auto b = node.add("b");
    CHECK(node.network.ping(a, b.value()).outcome == net::Outcome::delivered);
    CHECK(node.network.ping(a, net::Ip::v4(10, 244, 1, 1)).outcome == net::Outcome::delivered);
}
