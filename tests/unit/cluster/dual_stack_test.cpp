// A dual-stack cluster, packet by packet. What it shows to kubectl is told by tests/golden/dual-stack.script.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/session.h"
#include "core/net/nft.h"
#include "core/net/node_stack.h"

using namespace kubewalk;
using cluster::Options;
using cluster::Session;

namespace {

Options dual_stack() {
    Options options;
    options.scenario = "empty";
    options.pod_network_cidr = "10.244.0.0/16,fd00:10:244::/56";
    options.service_cidr = "10.96.0.0/16,fd00:10:96::/112";
    return options;
}

constexpr std::string_view server_and_client = R"(
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec: {nodeName: node-2, containers: [{name: web, image: "nginx:1.29"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {nodeName: node-1, containers: [{name: shell, image: nicolaka/netshoot, command: [sleep, "100000"]}]}
---
apiVersion: v1
kind: Service
metadata: {name: server}
spec: {type: NodePort, ipFamilyPolicy: PreferDualStack, selector: {app: server}, ports: [{port: 80, nodePort: 30080}]}
)";

std::string second_address(Session& session, std::string_view service) {
    return session.cluster().peek(api::kind::services, "default", service)["spec"]["clusterIPs"][1].str();
}

const net::Hop* hop_with(const std::vector<net::Hop>& hops, std::string_view verdict) {
    const auto found = std::find_if(hops.begin(), hops.end(), [&](const net::Hop& hop) { return hop.verdict == verdict; });
    return found == hops.end() ? nullptr : &*found;
}

void set_proxy_mode(Session& session, std::string_view mode) {
    const std::string config = cat(R"({"data":{"config.conf":"apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n)",
                                   R"(clusterCIDR: 10.244.0.0/16,fd00:10:244::/56\nmode: )", mode, R"(\n"}})");
    CHECK(session.run(cat("kubectl patch configmap kube-proxy -n kube-system --type merge -p '", config, "'")).exit == 0);
    CHECK(session.run("kubectl rollout restart daemonset kube-proxy -n kube-system").exit == 0);
    session.advance(minutes(1));
}

}  // namespace

TEST_CASE("a request over IPv6 is followed hop by hop: DNAT by ip6tables, VXLAN over IPv6, back the same way") {
    Session session(dual_stack());
    REQUIRE_FALSE(session.cluster().failure());
    REQUIRE(session.apply(std::string(server_and_client)).ok);
    session.settle();
    const std::string url = cat("http://[", second_address(session, "server"), "]/");
    const auto traced = session.trace("pod/client", url);
    REQUIRE(traced.ok());
    const auto& result = traced.value();
    CHECK(result.status == 200);
    CHECK(result.endpoint_pod == "default/server");
    const auto& connection = result.trace->connections.back();
    CHECK(connection.client.ip.text().starts_with("fd00:10:244:1::"));
    CHECK(connection.client_seen == connection.client);
    CHECK(connection.endpoint.ip.text().starts_with("fd00:10:244:2::"));

    const net::Hop* rewritten = hop_with(connection.request, "DNAT");
    REQUIRE(rewritten);
    CHECK(rewritten->node == "node-1");
    CHECK(rewritten->rule.find(cat("-j DNAT --to-destination ", connection.endpoint.text())) != std::string::npos);
    const net::Hop* wrapped = hop_with(connection.request, "encapsulate");
    REQUIRE(wrapped);
    CHECK(wrapped->at == "flannel-v6.1");
    REQUIRE(wrapped->outer);
    CHECK(wrapped->outer->source.ip.text() == "fd00:1:2:3::12");
    CHECK(wrapped->outer->destination == net::SocketAddress{*net::Ip::parse("fd00:1:2:3::13"), 8472});
    REQUIRE(hop_with(connection.reply, "un-NAT"));

    SUBCASE("a NodePort takes both families, and hides the client in both") {
        for (const char* node : {"[fd00:1:2:3::12]", "192.168.122.12"}) {
            const auto outside = session.trace("laptop", cat("http://", node, ":30080/"));
            REQUIRE(outside.ok());
            CHECK(outside.value().status == 200);
            CHECK(hop_with(outside.value().trace->connections.back().request, "MASQUERADE"));
        }
    }
    SUBCASE("nobody lies behind the gateway") {
        const auto beyond = session.trace("pod/client", "http://[2001:db8::1]/");
        REQUIRE(beyond.ok());
        CHECK(beyond.value().outcome == net::Outcome::unreachable);
    }
    SUBCASE("a policy is enforced in both families") {
        REQUIRE(session.apply("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: some}\n"
                              "spec: {podSelector: {matchLabels: {app: server}}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: "
                              "{cidr: \"fd00:10:244:1::/64\"}}]}]}\n")
                    .ok);
        session.settle();
        CHECK(session.trace("pod/client", url).value().status == 200);
        const std::string first = session.cluster().peek(api::kind::services, "default", "server")["spec"]["clusterIP"].str();
        CHECK(session.trace("pod/client", cat("http://", first, "/")).value().outcome == net::Outcome::refused);
    }
    SUBCASE("a node that starts anew finds both families again") {
        session.cluster().set_node_power("node-1", cluster::Power::off);
        session.advance(seconds(5));
        session.cluster().set_node_power("node-1", cluster::Power::on);
        session.advance(minutes(3));
        CHECK(session.trace("pod/client", url).value().status == 200);
    }
    SUBCASE("nftables") {
        set_proxy_mode(session, "nftables");
        const auto again = session.trace("pod/client", url);
        CHECK(again.value().status == 200);
        const net::Hop* hop = hop_with(again.value().trace->connections.back().request, "DNAT");
        REQUIRE(hop);
        CHECK(hop->rule.starts_with("meta l4proto tcp dnat to "));
        CHECK(session.cluster().iptables_save("node-1", net::Family::ipv6).value().find("KUBE-SEP-") == std::string::npos);
        const auto* nft = session.cluster().network().stack("node-1")->root().nft();
        REQUIRE(nft);
        CHECK(nft->find(net::Family::ipv6, "kube-proxy"));
        CHECK(nft->find(net::Family::ipv4, "kube-proxy"));
    }
    SUBCASE("ipvs") {
        set_proxy_mode(session, "ipvs");
        CHECK(session.trace("pod/client", url).value().status == 200);
        CHECK(session.trace("laptop", "http://[fd00:1:2:3::12]:30080/").value().status == 200);
    }
}

TEST_CASE("a single-stack cluster has nothing of IPv6") {
    Options options;
    options.scenario = "empty";
    Session session(options);
    REQUIRE_FALSE(session.cluster().failure());
    for (const std::string& node : session.cluster().nodes()) {
        const auto& host = session.cluster().network().stack(node)->root();
        CHECK_FALSE(host.ipv6());
        CHECK(host.rules(net::Family::ipv6).empty());
    }
}
