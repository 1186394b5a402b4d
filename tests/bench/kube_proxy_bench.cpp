// kube-proxy's work on one node of a cluster with many Services, in each of its modes.

#include "bench.h"

#include "core/addons/kube_proxy/proxier.h"
#include "core/api/json.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/net/node_stack.h"

namespace kubewalk::bench {

namespace {

// kube-proxy of one node at 5,000 Services with 10 endpoints each, spread over 100 nodes.
void bench_kube_proxy(addons::ProxyMode mode) {
    constexpr int services = 5000, endpoints = 10, nodes = 100;
    addons::ProxierConfig config;
    config.node_name = "node-1";
    config.node_ip = net::Ip::v4(192, 168, 122, 12);
    config.local_cidr = net::Prefix{net::Ip::v4(10, 128, 0, 0), 11};
    config.node_ports_on_primary_only = mode == addons::ProxyMode::nftables;
    const auto slice = [](int i, int from) {
        std::string list;
        for (int e = 0; e < endpoints; ++e) {
            const int pod = i * endpoints + (e + from) % (endpoints + 1);
            append(list, e ? "," : "", "{\"addresses\":[\"10.", 128 + pod / 65536, '.', pod / 256 % 256, '.', pod % 256, "\"],\"nodeName\":\"node-",
                   pod % nodes, "\",\"conditions\":{\"ready\":true}}");
        }
        return api::parse_json(cat("{\"addressType\":\"IPv4\",\"metadata\":{\"name\":\"s", i, "-1\",\"namespace\":\"default\",\"labels\":",
                                   "{\"kubernetes.io/service-name\":\"s", i, "\"}},\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":8080}],",
                                   "\"endpoints\":[", list, "]}"))
            .value();
    };
    const auto proxier = addons::make_proxier(mode, config);
    for (int i = 0; i < services; ++i) {
        proxier->set_service(api::parse_json(cat("{\"metadata\":{\"name\":\"s", i, "\",\"namespace\":\"default\"},\"spec\":{\"type\":\"ClusterIP\",",
                                                 "\"clusterIP\":\"10.96.", i / 250, '.', i % 250 + 1, "\",\"ports\":[{\"name\":\"http\",",
                                                 "\"protocol\":\"TCP\",\"port\":80}]}}"))
                                 .value());
        proxier->set_slice(slice(i, 0));
    }
    net::NetNamespace host(1, "node-1", std::make_shared<net::ChainNames>());
    const std::string name(addons::proxy_mode_name(mode));
    row("kube-proxy " + name + ": full sync, 5,000 x 10",
        median_ms(5, [&] { proxier->synchronize(addons::SyncKind::full, host, Time{}); }), "ms");
    int turn = 0;
    row("kube-proxy " + name + ": sync after one endpoint", median_ms(21, [&] {
            proxier->set_slice(slice(2500, ++turn));
            proxier->synchronize(addons::SyncKind::partial, host, Time{});
        }), "ms");
    if (mode != addons::ProxyMode::iptables)
        return;
    Random random(1);
    net::Dice dice(random);
    constexpr int verdicts = 100000;
    const double spent = median_ms(5, [&] {
        for (int i = 0; i < verdicts; ++i) {
            net::Packet packet;
            const int service = i % services;
            packet.tuple = {net::Ip::v4(10, 128, 1, 2), net::Ip::v4(10, 96, static_cast<std::uint8_t>(service / 250), static_cast<std::uint8_t>(service % 250 + 1)),
                            40000, 80, net::Protocol::tcp};
            net::Evaluation at{packet, net::ctstate::fresh, "cni0", "", host, host.recent, dice, Time{}};
            (void)host.rules().evaluate(net::TableId::nat, net::chain_prerouting, at);
        }
    });
    row("one verdict among 5,000 Services, nothing recorded", spent * 1e6 / verdicts, "ns");
}

}  // namespace

void kube_proxy() {
    for (addons::ProxyMode mode : {addons::ProxyMode::iptables, addons::ProxyMode::nftables, addons::ProxyMode::ipvs})
        bench_kube_proxy(mode);
}

}  // namespace kubewalk::bench
