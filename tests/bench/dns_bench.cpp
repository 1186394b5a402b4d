// What one answer of the DNS server alone costs: kubeadm's chain of plugins over an index of 5,000 Services.

#include "bench.h"

#include "core/addons/coredns/chain.h"
#include "core/base/text.h"

namespace kubewalk::bench {

namespace {

using namespace addons::coredns;

constexpr std::string_view corefile =
    ".:53 {\n errors\n kubernetes cluster.local in-addr.arpa ip6.arpa {\n  pods insecure\n  fallthrough in-addr.arpa "
    "ip6.arpa\n  ttl 30\n }\n prometheus :9153\n forward . 192.0.2.1\n cache 30 {\n  disable success cluster.local\n  "
    "disable denial cluster.local\n }\n loop\n reload\n loadbalance\n}\n";

// 5,000 Services with 10 endpoints each.
void fill(Index& index) {
    constexpr int services = 5000;
    constexpr int endpoints = 10;
    index.set_namespace(api::Value::object({{"metadata", api::Value::object({{"name", "shop"}})}}));
    for (int i = 0; i < services; ++i) {
        const auto name = cat("svc-", i);
        const auto ip = cat("10.", 96 + i / 65025, ".", i / 255 % 255, ".", 1 + i % 255);
        const auto ports = api::Value::array({api::Value::object({{"name", "http"}, {"protocol", "TCP"}, {"port", 80}})});
        index.set_service(api::Value::object(
            {{"metadata", api::Value::object({{"name", name}, {"namespace", "shop"}})},
             {"spec", api::Value::object({{"clusterIP", ip}, {"clusterIPs", api::Value::array({ip})}, {"ports", ports}})}}));
        auto list = api::Value::array();
        for (int j = 0; j < endpoints; ++j)
            list.push_back(api::Value::object(
                {{"addresses", api::Value::array({cat("10.244.", i % 250, ".", 2 + (i / 250 * endpoints + j) % 250)})},
                 {"conditions", api::Value::object({{"ready", true}})}}));
        index.set_endpoint_slice(api::Value::object(
            {{"metadata",
              api::Value::object({{"name", cat(name, "-abc")},
                                  {"namespace", "shop"},
                                  {"labels", api::Value::object({{"kubernetes.io/service-name", name}})}})},
             {"endpoints", list},
             {"ports", ports}}));
    }
}

double answers_per_second(const Servers& servers, const Index& index, net::DnsType type, std::string_view suffix) {
    constexpr int rounds = 200000;
    constexpr int names = 500;
    std::vector<net::DnsMessage> questions;
    for (int i = 0; i < names; ++i)
        questions.push_back(net::dns_query(1, cat("svc-", i * 10, suffix), type));
    ChainState state;
    const net::Peer peer{{net::Ip::v4(10, 244, 1, 9), 40000}, {net::Ip::v4(10, 244, 0, 2), 53}, false, net::Protocol::udp};
    std::size_t records = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) {
        Query query{servers, index, true, {}, peer, {}, state, {}};
        records += servers.serve(query, questions[static_cast<std::size_t>(i % names)]).answer.size();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (records == 0 && suffix != ".none.svc.cluster.local")
        std::printf("no answers\n");
    return rounds / took.count();
}

}  // namespace

void dns() {
    const auto servers = Servers::load(corefile, "/etc/coredns/Corefile", {});
    Index index;
    fill(index);
    const auto print = [](const char* what, double value) { std::printf("%-52s %10.0f %-10s\n", what, value, "per s"); };
    print("DNS answers: A of a Service, 5,000 Services",
          answers_per_second(*servers.value(), index, net::DnsType::A, ".shop.svc.cluster.local"));
    print("DNS answers: SRV of a Service",
          answers_per_second(*servers.value(), index, net::DnsType::SRV, ".shop.svc.cluster.local"));
    print("DNS answers: NXDOMAIN",
          answers_per_second(*servers.value(), index, net::DnsType::A, ".none.svc.cluster.local"));
}

}  // namespace kubewalk::bench
