// What core costs natively: start of the cluster, traces, rewinding. Medians of several runs; compare
// figures of one run with each other, not with those of another machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "core/addons/kube_proxy/proxier.h"
#include "core/api/json.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/session.h"
#include "core/view/architecture.h"
#include "dns_bench.h"

namespace {

using namespace kubewalk;

double median_ms(int runs, const std::function<void()>& work) {
    std::vector<double> times;
    for (int i = 0; i < runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

void row(const char* what, double value, const char* unit, const char* budget = "") {
    std::printf("%-52s %10.3f %-10s %s\n", what, value, unit, budget);
}

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
    row(("kube-proxy " + name + ": full sync, 5,000 x 10").c_str(),
        median_ms(5, [&] { proxier->synchronize(addons::SyncKind::full, host, Time{}); }), "ms");
    int turn = 0;
    row(("kube-proxy " + name + ": sync after one endpoint").c_str(), median_ms(21, [&] {
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

int main() {
    for (addons::ProxyMode mode : {addons::ProxyMode::iptables, addons::ProxyMode::nftables, addons::ProxyMode::ipvs})
        bench_kube_proxy(mode);

    cluster::Options empty;
    empty.scenario = "empty";
    row("start of the empty cluster", median_ms(9, [&] { cluster::Session session(empty); }), "ms");
    row("start of the sock-shop cluster", median_ms(9, [] { cluster::Session session(cluster::Options{}); }), "ms", "budget 50 ms");

    cluster::Session session{cluster::Options{}};
    constexpr int batch = 200;
    const double traced = median_ms(5, [&] {
        for (int i = 0; i < batch; ++i)
            (void)session.trace("laptop", "http://192.168.122.12:30001/");
    });
    row("traces with every hop recorded", batch / traced * 1000, "per s");
    row("Architecture snapshot", median_ms(21, [&] { (void)view::architecture(session); }), "ms");
    row("checkpoint", median_ms(21, [&] { (void)session.cluster().simulation().checkpoint(); }), "ms");

    const Time start = session.now();
    session.advance(minutes(60));
    row("entries in the log after one more hour", static_cast<double>(session.log().size()), "");
    row("one hour of the settled cluster", median_ms(1, [&] { session.advance(minutes(60)); }), "ms");
    row("going back half an hour", median_ms(5, [&] {
            session.seek(session.now() - minutes(30));
            session.seek(session.known_until());
        }), "ms", "there and back again");
    row("going back to the start", median_ms(1, [&] { session.seek(start); }), "ms");
    bench::dns();
    return 0;
}
