// kube-proxy of one node: a full sync, a sync after one endpoint has changed, one verdict.

#include "bench.h"
#include "core/addons/kube_proxy/proxier.h"
#include "core/base/random.h"
#include "core/base/text.h"

namespace kubewalk::bench {

namespace {

void measure(addons::ProxyMode mode) {
    addons::ProxierConfig config;
    config.node_name = node_name(1);
    config.node_ip = node_ip(1);
    config.local_cidr = net::Prefix{net::Ip::v4(10, 128, 0, 0), 11};
    config.node_ports_on_primary_only = mode == addons::ProxyMode::nftables;
    const auto proxier = addons::make_proxier(mode, config);
    for (int i = 0; i < services; ++i) {
        proxier->set_service(service_object(i));
        proxier->set_slice(slice_object(i));
    }
    net::NetNamespace host(1, config.node_name, std::make_shared<net::ChainNames>());
    const std::string name(addons::proxy_mode_name(mode));
    line(cat("kube-proxy, ", name, ": full sync"),
         median_ms(5, [&] { proxier->synchronize(addons::SyncKind::full, host, Time{}); }), "ms");
    int turn = 0;
    line(cat("kube-proxy, ", name, ": sync after one endpoint"), median_ms(21, [&] {
             proxier->set_slice(slice_object(2500, ++turn));
             proxier->synchronize(addons::SyncKind::partial, host, Time{});
         }), "ms");
    if (mode != addons::ProxyMode::iptables)
        return;
    Random random(1);
    net::Dice dice(random);
    constexpr int verdicts = 100000;
    line("one verdict, nothing recorded", 1e9 / per_second(verdicts, [&](int i) {
             net::Packet packet;
             packet.tuple = {pod_ip(1, 300), cluster_ip(i % services), 40000, 80, net::Protocol::tcp};
             net::Evaluation at{packet, net::ctstate::fresh, "cni0", "", host, host.recent, dice, Time{}};
             (void)host.rules().evaluate(net::TableId::nat, net::chain_prerouting, at);
         }), "ns");
}

}  // namespace

void kube_proxy() {
    for (addons::ProxyMode mode : {addons::ProxyMode::iptables, addons::ProxyMode::nftables, addons::ProxyMode::ipvs})
        measure(mode);
}

}  // namespace kubewalk::bench
