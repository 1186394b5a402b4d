// Partial syncs give what full ones give, whatever happened; and every verdict follows from the rules
// as iptables-save prints them.

#include <doctest/doctest.h>

#include "core/addons/kube_proxy/iptables.h"
#include "core/addons/kube_proxy/nftables.h"
#include "core/api/json.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "save_reader.h"

using namespace kubewalk;
using namespace kubewalk::addons;

namespace {

net::NetNamespace bare_node() {
    net::NetNamespace host(1, "node-1", std::make_shared<net::ChainNames>());
    net::Interface eth0;
    eth0.name = "eth0";
    host.add_interface(eth0);
    host.add_address("eth0", {net::Ip::v4(192, 168, 122, 12), 24});
    return host;
}

ProxierConfig settings() {
    ProxierConfig config;
    config.node_name = "node-1";
    config.node_ip = net::Ip::v4(192, 168, 122, 12);
    config.local_cidr = net::Prefix::parse("10.244.0.0/16");
    config.service_cidrs = {*net::Prefix::parse("10.96.0.0/12")};
    return config;
}

std::string service_name(std::uint64_t i) { return cat("svc-", i); }

api::Value random_service(Random& random, std::uint64_t i) {
    const bool local = random.below(3) == 0, balancer = random.below(4) == 0, node_port = balancer || random.below(2) == 0;
    std::string spec = cat("{\"type\":\"", balancer ? "LoadBalancer" : node_port ? "NodePort" : "ClusterIP", "\",\"clusterIP\":\"10.96.0.", i + 10, "\"");
    if (local && node_port)
        spec += ",\"externalTrafficPolicy\":\"Local\"";
    if (random.below(4) == 0)
        spec += ",\"internalTrafficPolicy\":\"Local\"";
    if (random.below(3) == 0)
        spec += ",\"sessionAffinity\":\"ClientIP\",\"sessionAffinityConfig\":{\"clientIP\":{\"timeoutSeconds\":60}}";
    if (balancer && random.below(2))
        spec += ",\"loadBalancerSourceRanges\":[\"203.0.113.0/25\"]";
    if (random.below(5) == 0)
        spec += cat(",\"externalIPs\":[\"198.51.100.", i, "\"]");
    append(spec, ",\"ports\":[{\"name\":\"http\",\"protocol\":\"", random.below(4) ? "TCP" : "SCTP", "\",\"port\":80",
           node_port ? cat(",\"nodePort\":", 30000 + i) : std::string(), "}]}");
    const std::string status = balancer ? cat("{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.114.", i, "\",\"ipMode\":\"VIP\"}]}}") : "{}";
    return api::parse_json(cat("{\"kind\":\"Service\",\"metadata\":{\"name\":\"", service_name(i), "\",\"namespace\":\"d\"},\"spec\":", spec,
                               ",\"status\":", status, "}"))
        .value();
}

api::Value random_slice(Random& random, std::uint64_t i) {
    std::string endpoints;
    const std::uint64_t count = random.below(5);
    for (std::uint64_t e = 0; e < count; ++e)
        append(endpoints, e ? "," : "", "{\"addresses\":[\"10.244.", 1 + random.below(2), '.', 2 + e + 10 * (i % 20), "\"],\"nodeName\":\"node-",
               1 + random.below(2), "\",\"conditions\":{\"ready\":", random.below(5) ? "true" : "false", ",\"serving\":true,\"terminating\":",
               random.below(5) ? "false" : "true", "}}");
    return api::parse_json(cat("{\"kind\":\"EndpointSlice\",\"addressType\":\"IPv4\",\"metadata\":{\"name\":\"", service_name(i),
                               "-1\",\"namespace\":\"d\",\"labels\":{\"kubernetes.io/service-name\":\"", service_name(i),
                               "\"}},\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":8080},{\"name\":\"http\",\"protocol\":\"SCTP\",\"port\":8080}],\"endpoints\":[",
                               endpoints, "]}"))
        .value();
}

std::string printed(const net::NetNamespace& host) {
    return cat(net::save_text(host.rules(), Time{}), host.nft() ? net::nft_list_text(*host.nft(), Time{}) : "");
}

std::string text_of(const net::Verdict& verdict) {
    switch (verdict.kind) {
    case net::TargetKind::dnat: return cat("DNAT ", verdict.rule->target.to.text());
    case net::TargetKind::masquerade: return "MASQUERADE";
    case net::TargetKind::drop: return "DROP";
    case net::TargetKind::reject: return "REJECT";
    default: return verdict.rule ? "ACCEPT" : "";
    }
}

}  // namespace

TEST_CASE("a partial sync leaves the node as a full one would") {
    for (ProxyMode mode : {ProxyMode::iptables, ProxyMode::nftables})
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            CAPTURE(proxy_mode_name(mode));
            CAPTURE(seed);
            Random random(seed);
            net::NetNamespace host = bare_node();
            auto proxier = make_proxier(mode, settings());
            proxier->synchronize(SyncKind::full, host, Time{});
            for (int step = 0; step < 60; ++step) {
                for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
                    const std::uint64_t i = random.below(12);
                    switch (random.below(6)) {
                    case 0: proxier->delete_service(cat("d/", service_name(i))); break;
                    case 1: proxier->set_service(random_service(random, i)); break;
                    case 2: proxier->delete_slice(random_slice(random, i)); break;
                    default: proxier->set_slice(random_slice(random, i));
                    }
                }
                proxier->synchronize(SyncKind::partial, host, Time{});
                net::NetNamespace other = bare_node();
                auto fresh = proxier->clone();
                fresh->synchronize(SyncKind::full, other, Time{});
                REQUIRE(printed(host) == printed(other));
            }
        }
}

TEST_CASE("every verdict follows from the rules that iptables-save prints, and the index agrees") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Random random(seed);
        net::NetNamespace host = bare_node();
        IptablesProxier proxier(settings());
        for (std::uint64_t i = 0; i < 30; ++i) {
            proxier.set_service(random_service(random, i));
            proxier.set_slice(random_slice(random, i));
        }
        proxier.synchronize(SyncKind::full, host, Time{});
        const SaveReader reader(host);
        const net::Ip clients[] = {net::Ip::v4(10, 244, 1, 2), net::Ip::v4(203, 0, 113, 9), net::Ip::v4(203, 0, 113, 200), net::Ip::v4(192, 168, 122, 12)};
        for (int probe = 0; probe < 150; ++probe) {
            const std::uint64_t i = random.below(32);
            net::Packet packet;
            packet.tuple.source = clients[random.below(4)];
            packet.tuple.source_port = 40000;
            packet.tuple.protocol = random.below(3) ? net::Protocol::tcp : net::Protocol::sctp;
            packet.tuple.destination_port = 80;
            switch (random.below(4)) {
            case 0: packet.tuple.destination = net::Ip::v4(10, 96, 0, static_cast<std::uint8_t>(i + 10)); break;
            case 1: packet.tuple.destination = net::Ip::v4(203, 0, 114, static_cast<std::uint8_t>(i)); break;
            case 2: packet.tuple.destination = net::Ip::v4(198, 51, 100, static_cast<std::uint8_t>(i)); break;
            default:
                packet.tuple.destination = net::Ip::v4(192, 168, 122, 12);
                packet.tuple.destination_port = static_cast<std::uint16_t>(30000 + i);
            }
            const std::size_t pick = random.below(4);
            for (const auto& [table, name, hook] : {std::tuple{"nat", "PREROUTING", net::chain_prerouting}, std::tuple{"filter", "INPUT", net::chain_input},
                                                    std::tuple{"filter", "FORWARD", net::chain_forward}}) {
                net::Packet read = packet;
                const std::string expected = reader.judge(table, name, read, "NEW", pick);
                for (net::UseIndex use : {net::UseIndex::yes, net::UseIndex::no}) {
                    net::Packet walked = packet;
                    std::vector<bool> script(pick, false);
                    script.push_back(true);
                    net::Dice dice(std::move(script));
                    host.recent.clear();
                    net::Evaluation at{walked, net::ctstate::fresh, "eth0", "", host, host.recent, dice, Time{}};
                    const net::TableId id = std::string_view(table) == "nat" ? net::TableId::nat : net::TableId::filter;
                    REQUIRE(text_of(host.rules().evaluate(id, hook, at, nullptr, use)) == expected);
                    REQUIRE(walked.mark == read.mark);
                }
            }
        }
    }
}
