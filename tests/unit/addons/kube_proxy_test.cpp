// kube-proxy's rules under real packets: two nodes wired by the CNI plugin, Services by hand.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/addons/flannel_cni.h"
#include "core/addons/kube_proxy/iptables.h"
#include "core/addons/kube_proxy/ipvs.h"
#include "core/api/json.h"
#include "core/net/kubelet_chains.h"
#include "core/net/network.h"

using namespace kubewalk;
using namespace kubewalk::addons;

namespace {

net::Ip ip(std::string_view text) { return *net::Ip::parse(text); }

class WhoAmI : public sim::Component, public net::Server {
public:
    std::string_view name() const override { return "whoami"; }
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return static_cast<net::Server*>(this); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<WhoAmI>(*this); }
    net::HttpResponse serve_http(const net::HttpRequest&, const net::Peer& peer) override {
        return {200, {}, peer.local.ip.text() + " sees " + peer.client.ip.text(), {}};
    }
    std::optional<net::DnsMessage> serve_dns(const net::DnsMessage& query, const net::Peer& peer) override {
        net::DnsMessage answer = query;
        answer.question.name = peer.local.ip.text();
        return answer;
    }
};

// node-1 (.12) with Pods 10.244.1.2 and .3, node-2 (.13) with 10.244.2.2; tunnels as flanneld makes them.
struct Cluster {
    sim::Simulation simulation{1};
    net::Network network{simulation};
    sim::ComponentId server = simulation.add(std::make_unique<WhoAmI>());
    std::vector<std::unique_ptr<Proxier>> proxiers;
    std::vector<net::NamespaceId> pods;
    net::NamespaceId laptop;

    explicit Cluster(ProxyMode mode = ProxyMode::iptables) {
        laptop = network.add_machine("laptop", ip("192.168.122.1"), 24, std::nullopt);
        for (std::uint8_t i = 1; i <= 2; ++i) {
            const std::string name = "node-" + std::to_string(i), other = "node-" + std::to_string(3 - i);
            const net::Ip address = net::Ip::v4(192, 168, 122, static_cast<std::uint8_t>(11 + i));
            const net::Ip remote = net::Ip::v4(192, 168, 122, static_cast<std::uint8_t>(14 - i));
            const net::Ip base = net::Ip::v4(10, 244, i, 0), far = net::Ip::v4(10, 244, static_cast<std::uint8_t>(3 - i), 0);
            network.add_machine(name, address, 24, ip("192.168.122.254"));  // as life: no default route, no Services
            network.prepare_node(name);
            net::NodeStack& stack = *network.stack(name);
            stack.files[std::string(flannel_env_path)] =
                "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244." + std::to_string(i) + ".1/24\nFLANNEL_MTU=1450\n";
            net::NetNamespace& host = stack.root();
            net::Interface tunnel;
            tunnel.name = "flannel.1";
            tunnel.kind = net::InterfaceKind::vxlan;
            tunnel.vni = 1;
            tunnel.vxlan_local = address;
            tunnel.fdb.push_back({net::mac_for(other), remote});
            host.add_interface(tunnel);
            host.add_address("flannel.1", {base, 32});
            host.set_neighbour({far, net::mac_for(other), "flannel.1"});
            host.set_route({{far, 24}, far, "flannel.1", true, "", false, std::nullopt, net::Route::Kind::unicast});
            host.set_sysctl("net.ipv4.conf.all.route_localnet", "1");
            net::ensure_kubelet_chains(host.edit_rules());
            ProxierConfig config;
            config.node_name = name;
            config.node_ip = address;
            config.local_cidr = net::Prefix::parse("10.244.0.0/16");
            config.node_ports_on_primary_only = mode == ProxyMode::nftables;
            config.service_cidrs = {*net::Prefix::parse("10.96.0.0/12")};
            proxiers.push_back(make_proxier(mode, config));
        }
        add_pod("node-1", "a");
        add_pod("node-1", "b");
        add_pod("node-2", "c");
    }

    void add_pod(const std::string& node, const std::string& name) {
        const net::NamespaceId pod = network.add_namespace(node, "default/" + name);
        REQUIRE(cni_add(network, node, pod, name).ok());
        REQUIRE(network.listen(pod, {net::Protocol::tcp, {}, 8080, server, "whoami"}).ok());
        REQUIRE(network.listen(pod, {net::Protocol::udp, {}, 53, server, "whoami"}).ok());
        pods.push_back(pod);
    }

    // A NodePort Service with the given endpoints ("address node" each) and extra spec members.
    void service(const std::string& spec, const std::vector<std::pair<std::string, std::string>>& endpoints) {
        api::Value service = api::parse_json(R"({"kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":)" + spec + "}").value();
        api::Value slice = api::parse_json(R"({"kind":"EndpointSlice","addressType":"IPv4","metadata":{"name":"web-1","namespace":"default",
            "labels":{"kubernetes.io/service-name":"web"}},"ports":[{"name":"http","protocol":"TCP","port":8080},
            {"name":"dns","protocol":"UDP","port":53}]})").value();
        slice.set("endpoints", api::Value::array());
        for (const auto& [address, node] : endpoints)
            slice.edit("endpoints").push_back(api::Value::object(
                {{"addresses", api::Value::array({address})}, {"nodeName", node}, {"conditions", api::Value::object({{"ready", true}})}}));
        for (std::size_t i = 0; i < 2; ++i) {
            proxiers[i]->set_service(service);
            proxiers[i]->set_slice(slice);
            proxiers[i]->synchronize(SyncKind::full, network.stack(i == 0 ? "node-1" : "node-2")->root(), simulation.now());
        }
    }

    std::string get(net::NamespaceId from, const char* to, std::uint16_t port) {
        const net::Dialled dialled = network.connect(from, {ip(to), port});
        if (!dialled.id)
            return std::string(net::outcome_name(dialled.outcome));
        const auto response = network.http(dialled.id, {});
        network.disconnect(dialled.id);
        return response.ok() ? response.value().body : response.error().reason;
    }
};

const std::string node_port = R"({"type":"NodePort","clusterIP":"10.96.0.50","ports":[
    {"name":"http","port":80,"nodePort":30080,"protocol":"TCP"},{"name":"dns","port":53,"nodePort":30053,"protocol":"UDP"}])";

constexpr ProxyMode modes[] = {ProxyMode::iptables, ProxyMode::ipvs, ProxyMode::nftables};

}  // namespace

TEST_CASE("a Pod reaches a Service and is seen as itself; through a node port it is the node") {
    Cluster cluster;
    cluster.service(node_port + "}", {{"10.244.2.2", "node-2"}});
    CHECK(cluster.get(cluster.pods[0], "10.96.0.50", 80) == "10.244.2.2 sees 10.244.1.2");
    // The second hop is masqueraded to the node's address toward the tunnel.
    CHECK(cluster.get(cluster.laptop, "192.168.122.12", 30080) == "10.244.2.2 sees 10.244.1.0");
    CHECK(cluster.get(cluster.laptop, "192.168.122.13", 30080) == "10.244.2.2 sees 10.244.2.1");
    CHECK(cluster.get(cluster.network.machine("node-1"), "10.96.0.50", 80) == "10.244.2.2 sees 10.244.1.0");
    CHECK(cluster.get(cluster.network.machine("node-2"), "127.0.0.1", 30080) == "10.244.2.2 sees 10.244.2.1");
}

// What the client looks like to the Pod does not depend on the mode.
TEST_CASE("ipvs and nftables: Pods, nodes and the world outside reach a Service") {
    for (ProxyMode mode : {ProxyMode::ipvs, ProxyMode::nftables}) {
        CAPTURE(proxy_mode_name(mode));
        Cluster cluster(mode);
        cluster.service(node_port + "}", {{"10.244.2.2", "node-2"}});
        CHECK(cluster.get(cluster.pods[0], "10.96.0.50", 80) == "10.244.2.2 sees 10.244.1.2");
        CHECK(cluster.get(cluster.laptop, "192.168.122.12", 30080) == "10.244.2.2 sees 10.244.1.0");
        CHECK(cluster.get(cluster.laptop, "192.168.122.13", 30080) == "10.244.2.2 sees 10.244.2.1");
        CHECK(cluster.get(cluster.network.machine("node-1"), "10.96.0.50", 80) == "10.244.2.2 sees 10.244.1.0");
    }
}

TEST_CASE("hairpin: a Pod reaches itself through its Service, seen as the bridge") {
    for (ProxyMode mode : modes) {
        Cluster cluster(mode);
        CAPTURE(proxy_mode_name(mode));
        cluster.service(node_port + "}", {{"10.244.1.2", "node-1"}});
        CHECK(cluster.get(cluster.pods[0], "10.96.0.50", 80) == "10.244.1.2 sees 10.244.1.1");
        // Another Pod of the node: no masquerade, and the answer crosses the bridge.
        CHECK(cluster.get(cluster.pods[1], "10.96.0.50", 80) == "10.244.1.2 sees 10.244.1.3");
    }
}

TEST_CASE("every endpoint gets its share") {
    for (ProxyMode mode : modes) {
        Cluster cluster(mode);
        CAPTURE(proxy_mode_name(mode));
        cluster.service(node_port + "}", {{"10.244.1.2", "node-1"}, {"10.244.1.3", "node-1"}, {"10.244.2.2", "node-2"}});
        std::map<std::string, int> seen;
        for (int i = 0; i < 300; ++i)
            ++seen[cluster.get(cluster.laptop, "192.168.122.12", 30080).substr(0, 10)];
        REQUIRE(seen.size() == 3);
        for (const auto& [endpoint, count] : seen)
            CHECK(count > 60);
    }
}

TEST_CASE("session affinity keeps a client at its endpoint until the time is over") {
    for (ProxyMode mode : modes) {
        Cluster cluster(mode);
        CAPTURE(proxy_mode_name(mode));
        cluster.service(node_port + R"(,"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}}})",
                        {{"10.244.1.2", "node-1"}, {"10.244.1.3", "node-1"}, {"10.244.2.2", "node-2"}});
        std::set<std::string> seen;
        for (int i = 0; i < 20; ++i)
            seen.insert(cluster.get(cluster.laptop, "192.168.122.12", 30080).substr(0, 10));
        CHECK(seen.size() == 1);
        for (int i = 0; i < 20; ++i) {
            cluster.simulation.run_for(seconds(61));
            seen.insert(cluster.get(cluster.laptop, "192.168.122.12", 30080).substr(0, 10));
        }
        CHECK(seen.size() > 1);
    }
}

TEST_CASE("externalTrafficPolicy Local keeps the client's address, and drops where no endpoint is") {
    Cluster cluster;
    cluster.service(node_port + R"(,"externalTrafficPolicy":"Local"})", {{"10.244.2.2", "node-2"}});
    CHECK(cluster.get(cluster.laptop, "192.168.122.13", 30080) == "10.244.2.2 sees 192.168.122.1");
    CHECK(cluster.get(cluster.laptop, "192.168.122.12", 30080) == "dropped");
    // From inside the cluster neither policy applies to node ports.
    CHECK(cluster.get(cluster.pods[0], "192.168.122.12", 30080) == "10.244.2.2 sees 10.244.1.2");
}

TEST_CASE("internalTrafficPolicy Local uses this node's endpoints only") {
    Cluster cluster;
    cluster.service(node_port + R"(,"internalTrafficPolicy":"Local"})", {{"10.244.2.2", "node-2"}});
    CHECK(cluster.get(cluster.pods[2], "10.96.0.50", 80).starts_with("10.244.2.2 sees"));
    CHECK(cluster.get(cluster.pods[0], "10.96.0.50", 80) == "dropped");
}

TEST_CASE("a Service without endpoints refuses at once") {
    for (ProxyMode mode : modes) {
        Cluster cluster(mode);
        CAPTURE(proxy_mode_name(mode));
        cluster.service(node_port + "}", {});
        CHECK(cluster.get(cluster.pods[0], "10.96.0.50", 80) == "refused");
        CHECK(cluster.get(cluster.laptop, "192.168.122.12", 30080) == "refused");
        CHECK(cluster.get(cluster.network.machine("node-1"), "10.96.0.50", 80) == "refused");
    }
}

TEST_CASE("UDP: the entry of an endpoint that went is cleaned up") {
    for (ProxyMode mode : modes) {
        Cluster cluster(mode);
        CAPTURE(proxy_mode_name(mode));
        cluster.service(node_port + "}", {{"10.244.2.2", "node-2"}});
        net::DnsMessage query;
        CHECK(cluster.network.dns(cluster.pods[0], {ip("10.96.0.50"), 53}, query).answer.question.name == "10.244.2.2");
        const auto count = [&] { return cluster.network.stack("node-1")->root().conntrack.list(cluster.simulation.now()).size(); };
        CHECK(count() > 0);
        cluster.service(node_port + "}", {{"10.244.1.3", "node-1"}});
        for (const net::ConntrackEntry& entry : cluster.network.stack("node-1")->root().conntrack.list(cluster.simulation.now()))
            CHECK(!(entry.original.destination == ip("10.96.0.50")));
        CHECK(cluster.network.dns(cluster.pods[0], {ip("10.96.0.50"), 53}, query).answer.question.name == "10.244.1.3");
    }
}

TEST_CASE("the recording names the rule and the chance") {
    Cluster cluster;
    cluster.service(node_port + "}", {{"10.244.1.2", "node-1"}, {"10.244.2.2", "node-2"}});
    net::Network::Recording recording(cluster.network);
    cluster.get(cluster.laptop, "192.168.122.12", 30080);
    REQUIRE(recording.trace().connections.size() == 1);
    const net::Hop* dnat = nullptr;
    for (const net::Hop& hop : recording.trace().connections[0].request)
        if (hop.verdict == "DNAT")
            dnat = &hop;
    REQUIRE(dnat);
    CHECK(dnat->at == "PREROUTING");
    CHECK(dnat->why.id == "net.why.dnat.random");
    REQUIRE(dnat->why.args.size() >= 4);
    CHECK(dnat->why.args[0] == "default/web:http");
    CHECK(dnat->why.args[3] == "2");
    CHECK(dnat->rule.starts_with("-A KUBE-SEP-"));
    CHECK(dnat->in.destination.text() == "192.168.122.12:30080");
}

// Upstream: pkg/proxy/ipvs/proxier.go; ipvsadm(8) prints the table.
TEST_CASE("ipvs: what ipvsadm, kube-ipvs0 and the trace show") {
    Cluster cluster(ProxyMode::ipvs);
    cluster.service(node_port + "}", {{"10.244.1.2", "node-1"}, {"10.244.2.2", "node-2"}});
    const auto& host = std::as_const(*cluster.network.stack("node-1")).root();
    CHECK(host.find_interface("kube-ipvs0")->addresses == std::vector<net::Prefix>{{ip("10.96.0.50"), 32}});
    CHECK(net::ipvsadm_text(*host.ipvs(), host.conntrack, cluster.simulation.now())
              .find("TCP  10.96.0.50:80 rr\n"
                    "  -> 10.244.1.2:8080              Masq    1      0          0         \n"
                    "  -> 10.244.2.2:8080              Masq    1      0          0         \n") != std::string::npos);
    // Round robin: one after the other.
    CHECK(cluster.get(cluster.pods[1], "10.96.0.50", 80) == "10.244.1.2 sees 10.244.1.3");
    CHECK(cluster.get(cluster.pods[1], "10.96.0.50", 80) == "10.244.2.2 sees 10.244.1.3");
    net::Network::Recording recording(cluster.network);
    cluster.get(cluster.pods[1], "10.96.0.50", 80);
    const net::Hop* chosen = nullptr;
    for (const net::Hop& hop : recording.trace().connections.at(0).request)
        if (hop.why.id == "net.why.ipvs")
            chosen = &hop;
    REQUIRE(chosen);
    CHECK(chosen->at == "INPUT");
    CHECK(chosen->rule == "-A -t 10.96.0.50:80 -s rr");
    CHECK(chosen->out.destination.text() == "10.244.1.2:8080");
    // KUBE-IPVS-FILTER: the address is the node's, but nothing except the Service is to be had there.
    CHECK(cluster.network.ping(cluster.pods[1], ip("10.96.0.50")).outcome == net::Outcome::refused);
    CHECK(cluster.get(cluster.pods[1], "10.96.0.50", 81) == "refused");
}

// Upstream: pkg/proxy/nftables/proxier.go (cluster-ips-check), proxier_test.go (TestClusterIPGeneral).
TEST_CASE("nftables: unknown ports are refused, unallocated addresses swallowed, and the trace names the choice") {
    Cluster cluster(ProxyMode::nftables);
    cluster.service(node_port + "}", {{"10.244.1.2", "node-1"}, {"10.244.2.2", "node-2"}});
    CHECK(cluster.get(cluster.pods[1], "10.96.0.50", 81) == "refused");
    CHECK(cluster.get(cluster.pods[1], "10.96.0.51", 80) == "dropped");
    net::Network::Recording recording(cluster.network);
    cluster.get(cluster.pods[1], "10.96.0.50", 80);
    const net::Hop* chosen = nullptr;
    for (const net::Hop& hop : recording.trace().connections.at(0).request)
        if (hop.verdict == "DNAT")
            chosen = &hop;
    REQUIRE(chosen);
    CHECK(chosen->why.id == "net.why.dnat.random");
    CHECK(chosen->why.args[0] == "default/web:http");
    CHECK(chosen->rule.starts_with("meta l4proto tcp dnat to 10.244."));
    CHECK(std::find(chosen->chain.begin(), chosen->chain.end(), "nat-prerouting") != chosen->chain.end());
}

TEST_CASE("a change of mode: nftables takes the others' rules away, ipvs leaves those of iptables") {
    Cluster cluster;
    cluster.service(node_port + "}", {{"10.244.2.2", "node-2"}});
    net::NetNamespace& host = cluster.network.stack("node-1")->root();
    const auto has = [&](std::string_view chain) { return host.rules().chain(net::TableId::nat, chain) != nullptr; };
    REQUIRE(has("KUBE-SERVICES"));
    clean_up_other_modes(ProxyMode::ipvs, host, net::Family::ipv4);
    CHECK(has("KUBE-SERVICES"));
    clean_up_other_modes(ProxyMode::nftables, host, net::Family::ipv4);
    CHECK_FALSE(has("KUBE-SERVICES"));
    CHECK(net::save_text(host.rules(), Time{}).find("KUBE-SEP-") == std::string::npos);
    CHECK(net::save_text(host.rules(), Time{}).find("service portals") == std::string::npos);
}
