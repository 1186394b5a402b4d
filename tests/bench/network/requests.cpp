// Packets between Pods on 100 nodes, flannel's tunnels and kube-proxy's rules on each of them: requests through a
// ClusterIP, traces with every hop, lookups through the kube-dns Service. Requests also in the shape that @ngrok/webernetes is
// measured in (webernetes.mjs): three nodes, one Service with two Pods that is always asked, and a hundred others.

#include <memory>

#include "bench.h"
#include "core/addons/coredns/chain.h"
#include "core/addons/flannel_cni.h"
#include "core/addons/kube_proxy/proxier.h"
#include "core/base/text.h"
#include "core/net/kubelet_chains.h"
#include "core/net/network.h"
#include "core/net/node_stack.h"

namespace kubewalk::bench {

namespace {

namespace coredns = addons::coredns;

struct Shape {
    int node_count = nodes, service_count = services;
    int asked = 100;        // Services whose endpoints are Pods that answer; the others' are addresses only
    int client_node = 1;
    bool as_peer = false;   // the first Service has a Pod on each of the first two nodes, the others have none
};
constexpr Shape large, as_peer{3, 101, 1, 2, true};
const net::Ip dns_ip = net::Ip::v4(10, 96, 0, 10);

// What answers in the Pods: 200 to everything, or names from the index.
class Program : public sim::Component, public net::Server {
public:
    Program(std::shared_ptr<const coredns::Servers> servers, std::shared_ptr<const coredns::Index> index)
        : servers_(std::move(servers)), index_(std::move(index)) {}
    std::string_view name() const override { return "program"; }
    void on_event(const sim::Event&) override {}
    sim::Facet* facet() override { return static_cast<net::Server*>(this); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Program>(*this); }
    net::HttpResponse serve_http(const net::HttpRequest&, const net::Peer&) override {
        net::HttpResponse response;
        response.body = "hello\n";
        return response;
    }
    std::optional<net::DnsMessage> serve_dns(const net::DnsMessage& message, const net::Peer& peer) override {
        coredns::Query query{*servers_, *index_, true, {}, peer, {}, state_, {}};
        return servers_->serve(query, message);
    }

private:
    std::shared_ptr<const coredns::Servers> servers_;
    std::shared_ptr<const coredns::Index> index_;
    coredns::ChainState state_;
};

api::Value slice_of(const Shape& shape, int service) {
    auto slice = slice_object(service);
    if (!shape.as_peer)
        return slice;
    auto list = api::Value::array();
    for (int node = 0; service == 0 && node < 2; ++node)
        list.push_back(api::Value::object({{"addresses", api::Value::array({pod_ip(node, 0).text()})},
                                           {"nodeName", node_name(node)},
                                           {"conditions", api::Value::object({{"ready", true}})}}));
    slice.set("endpoints", list);
    return slice;
}

std::shared_ptr<const coredns::Index> index_of_services(const Shape& shape) {
    auto index = std::make_shared<coredns::Index>();
    index->set_namespace(api::Value::object({{"metadata", api::Value::object({{"name", "default"}})}}));
    for (int i = 0; i < shape.service_count; ++i) {
        index->set_service(service_object(i));
        index->set_endpoint_slice(slice_of(shape, i));
    }
    return index;
}

// kube-system/kube-dns and its Pod on node 0.
api::Value dns_service() {
    return api::Value::object(
        {{"metadata", api::Value::object({{"name", "kube-dns"}, {"namespace", "kube-system"}})},
         {"spec",
          api::Value::object({{"clusterIP", dns_ip.text()},
                              {"ports", api::Value::array({api::Value::object({{"name", "dns"}, {"protocol", "UDP"}, {"port", 53}})})}})}});
}

api::Value dns_slice(const net::Ip& pod) {
    auto slice = slice_object(0);
    slice.edit("metadata") = api::Value::object({{"name", "kube-dns-1"},
                                                 {"namespace", "kube-system"},
                                                 {"labels", api::Value::object({{"kubernetes.io/service-name", "kube-dns"}})}});
    slice.set("ports", api::Value::array({api::Value::object({{"name", "dns"}, {"protocol", "UDP"}, {"port", 53}})}));
    slice.set("endpoints", api::Value::array({api::Value::object({{"addresses", api::Value::array({pod.text()})},
                                                                  {"nodeName", node_name(0)}})}));
    return slice;
}

class World {
public:
    explicit World(const Shape& of) : shape_(of) {
        const auto corefile = ".:53 {\n errors\n kubernetes cluster.local in-addr.arpa ip6.arpa {\n  pods insecure\n }\n"
                              " prometheus :9153\n cache 30\n loop\n loadbalance\n}\n";
        const auto servers = coredns::Servers::load(corefile, "/etc/coredns/Corefile", {});
        program_ = simulation.add(std::make_unique<Program>(servers.value(), index_of_services(shape_)));
        for (int node = 0; node < shape_.node_count; ++node)
            add_node(node);
        for (int node = 0; node < (shape_.as_peer ? 2 : nodes); ++node)
            for (int pod = 0; pod < (shape_.as_peer ? 1 : shape_.asked * endpoints_each / nodes); ++pod)
                add_pod(node, cat("web-", node, "-", pod), net::Protocol::tcp, 8080);
        dns_pod_ = add_pod(0, "coredns", net::Protocol::udp, 53);
        client = add_pod(shape_.client_node, "client", net::Protocol::tcp, 1);
        program_rules();
    }

    sim::Simulation simulation{1};
    net::Network network{simulation};
    net::NamespaceId client = 0;

private:
    void add_node(int node) {
        network.add_machine(node_name(node), node_ip(node), 16, net::Ip::v4(172, 16, 255, 254));
        network.prepare_node(node_name(node));
        net::NodeStack& stack = *network.stack(node_name(node));
        stack.files[std::string(addons::flannel_env_path)] =
            cat("FLANNEL_NETWORK=10.128.0.0/11\nFLANNEL_SUBNET=", subnet(node, 1).text(), "\nFLANNEL_MTU=1450\n");
        net::NetNamespace& host = stack.root();
        net::Interface tunnel;
        tunnel.name = "flannel.1";
        tunnel.kind = net::InterfaceKind::vxlan;
        tunnel.vni = 1;
        tunnel.mtu = 1450;
        tunnel.vxlan_local = node_ip(node);
        for (int other = 0; other < shape_.node_count; ++other)
            if (other != node)
                tunnel.fdb.push_back({net::mac_for(node_name(other)), node_ip(other)});
        host.add_interface(tunnel);
        host.add_address("flannel.1", {subnet(node, 0).ip, 32});
        for (int other = 0; other < shape_.node_count; ++other) {
            if (other == node)
                continue;
            const net::Ip far = subnet(other, 0).ip;
            host.set_neighbour({far, net::mac_for(node_name(other)), "flannel.1"});
            host.set_route({{far, 22}, far, "flannel.1", true, "", false, std::nullopt, net::Route::Kind::unicast});
        }
        net::ensure_kubelet_chains(host.edit_rules());
    }

    static net::Prefix subnet(int node, int host) { return {net::Ip::from_v4_number(pod_ip(node, host - 2).v4_number()), 22}; }

    net::Ip add_pod_ip(int node, net::NamespaceId pod, const std::string& name) {
        return addons::cni_add(network, node_name(node), pod, name).value().front();
    }

    net::NamespaceId add_pod(int node, const std::string& name, net::Protocol protocol, std::uint16_t port) {
        const net::NamespaceId pod = network.add_namespace(node_name(node), cat("default/", name));
        last_ip_ = add_pod_ip(node, pod, name);
        (void)network.listen(pod, {protocol, {}, port, program_, "program"});
        return pod;
    }

    // Every node's kube-proxy has seen the same.
    void program_rules() {
        const net::Ip dns = network.addresses(dns_pod_).front();
        addons::ProxierConfig config;
        config.local_cidr = net::Prefix{net::Ip::v4(10, 128, 0, 0), 11};
        for (int node = 0; node < shape_.node_count; ++node) {
            config.node_name = node_name(node);
            config.node_ip = node_ip(node);
            const auto proxier = addons::make_proxier(addons::ProxyMode::iptables, config);
            // The rules of nodes that packets only end at are those of the Services that lead there: a node's own
            // endpoints. The client's node has them all.
            for (int i = 0; i < shape_.service_count; ++i) {
                if (!shape_.as_peer && node != shape_.client_node && i >= shape_.asked)
                    break;
                proxier->set_service(service_object(i));
                proxier->set_slice(slice_of(shape_, i));
            }
            proxier->set_service(dns_service());
            proxier->set_slice(dns_slice(dns));
            proxier->synchronize(addons::SyncKind::full, network.stack(node_name(node))->root(), Time{});
        }
    }

    Shape shape_;
    sim::ComponentId program_ = 0;
    net::NamespaceId dns_pod_ = 0;
    net::Ip last_ip_;
};

}  // namespace

namespace {

// A request every 10 ms: closed connections stay in conntrack for their two minutes, as in life.
bool request(World& world, int service) {
    world.simulation.run_for(milliseconds(10));
    const net::Dialled dialled = world.network.connect(world.client, {cluster_ip(service), 80});
    const auto response = world.network.http(dialled.id, {});
    world.network.disconnect(dialled.id);
    return response.ok() && response.value().status == 200;
}

}  // namespace

void requests() {
    int failed = 0;
    {
        World small(as_peer);
        line("requests through a ClusterIP, the peer's cluster", per_second(20000, [&](int) { failed += !request(small, 0); }), "per s");
    }
    World world(large);
    net::Network& network = world.network;
    line("requests through a ClusterIP, a connection each",
         per_second(20000, [&](int i) { failed += !request(world, i % large.asked); }), "per s");
    const net::Dialled open = network.connect(world.client, {cluster_ip(0), 80});
    line("requests through a ClusterIP, one connection", per_second(50000, [&](int) {
             failed += !network.http(open.id, {}).ok();
         }), "per s");
    network.disconnect(open.id);
    line("traces with every hop recorded", per_second(1000, [&](int i) {
             net::Network::Recording recording(network);
             failed += !request(world, i % large.asked);
             failed += recording.trace().connections.size() != 1;
         }), "per s");
    std::vector<net::DnsMessage> questions;
    for (int i = 0; i < 500; ++i)
        questions.push_back(net::dns_query(1, cat("s", i * 10, ".default.svc.cluster.local."), net::DnsType::A));
    line("lookups through the kube-dns Service", per_second(20000, [&](int i) {
             world.simulation.run_for(milliseconds(10));
             const auto answer = network.dns(world.client, {dns_ip, 53}, questions[static_cast<std::size_t>(i % 500)]);
             failed += answer.answer.answer.empty();
         }), "per s");
    if (failed)
        std::printf("%d requests failed\n", failed);
}

}  // namespace kubewalk::bench
