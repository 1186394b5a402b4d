// What one answer of the DNS server alone costs: kubeadm's chain of plugins over an index of 5,000 Services.

#include "bench.h"
#include "core/addons/coredns/chain.h"
#include "core/base/text.h"

namespace kubewalk::bench {

namespace {

using namespace addons::coredns;

constexpr std::string_view here = ".default.svc.cluster.local.", nowhere = ".none.svc.cluster.local.";

constexpr std::string_view corefile =
    ".:53 {\n errors\n kubernetes cluster.local in-addr.arpa ip6.arpa {\n  pods insecure\n  fallthrough in-addr.arpa "
    "ip6.arpa\n  ttl 30\n }\n prometheus :9153\n forward . 192.0.2.1\n cache 30 {\n  disable success cluster.local\n  "
    "disable denial cluster.local\n }\n loop\n reload\n loadbalance\n}\n";

double answers_per_second(const Servers& servers, const Index& index, net::DnsType type, std::string_view suffix) {
    constexpr int names = 500;
    std::vector<net::DnsMessage> questions;
    for (int i = 0; i < names; ++i)
        questions.push_back(net::dns_query(1, cat("s", i * 10, suffix), type));
    ChainState state;
    const net::Peer peer{{net::Ip::v4(10, 244, 1, 9), 40000}, {net::Ip::v4(10, 244, 0, 2), 53}, false, net::Protocol::udp};
    std::size_t records = 0;
    const double rate = per_second(100000, [&](int i) {
        Query query{servers, index, true, {}, peer, {}, state, {}};
        records += servers.serve(query, questions[static_cast<std::size_t>(i % names)]).answer.size();
    });
    if (records == 0 && suffix != nowhere)
        std::printf("no answers\n");
    return rate;
}

}  // namespace

void dns() {
    const auto servers = Servers::load(corefile, "/etc/coredns/Corefile", {});
    Index index;
    index.set_namespace(api::Value::object({{"metadata", api::Value::object({{"name", "default"}})}}));
    for (int i = 0; i < services; ++i) {
        index.set_service(service_object(i));
        index.set_endpoint_slice(slice_object(i));
    }
    line("answers of the DNS server alone: A", answers_per_second(*servers.value(), index, net::DnsType::A, here), "per s");
    line("answers of the DNS server alone: SRV", answers_per_second(*servers.value(), index, net::DnsType::SRV, here), "per s");
    line("answers of the DNS server alone: NXDOMAIN", answers_per_second(*servers.value(), index, net::DnsType::A, nowhere), "per s");
}

}  // namespace kubewalk::bench
