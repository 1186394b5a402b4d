#include "core/view/dns_origin.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"

namespace kubewalk::view {

namespace {

// What the kubernetes plugin gives: its Corefile's ttl, or the plugin's own default.
std::int64_t fresh_ttl(const cluster::Cluster& cluster) {
    constexpr std::int64_t usual = 5;
    const auto file = cluster.peek(api::kind::config_maps, "kube-system", "coredns")["data"]["Corefile"].str();
    const auto block = file.find("kubernetes ");
    const auto at = block == std::string::npos ? block : file.find("ttl ", block);
    if (at == std::string::npos)
        return usual;
    const auto words = fields(std::string_view(file).substr(at + 4));
    return words.empty() ? usual : parse_int(words[0]).value_or(usual);
}

std::int64_t ttl_of(const api::Value& query) {
    std::int64_t ttl = -1;
    for (const std::string_view part : {"answer", "authority"})
        for (const auto& record : query[part].items())
            if (const auto value = record["ttl"].as_int(); ttl < 0 || value < ttl)
                ttl = value;
    return ttl;
}

}  // namespace

DnsOrigin dns_origin(const cluster::Session& session, const net::Trace& trace, std::size_t connection, const api::Value& query) {
    DnsOrigin origin;
    const auto& asked = trace.connections[connection];
    const auto& cluster = session.cluster();
    // A node's cache is known by its process: its Pod has no network of its own.
    const bool on_node = !asked.request.empty() && asked.request.back().at == "node-cache";
    if (asked.outcome != net::Outcome::delivered || (!on_node && !asked.endpoint_name.starts_with("pod/kube-system/coredns")))
        return origin;
    origin.ttl = ttl_of(query);
    if (connection + 1 < trace.connections.size() && trace.connections[connection + 1].depth == asked.depth + 1) {
        origin.source = DnsSource::upstream;
        origin.upstream = trace.connections[connection + 1].server.text();
        return origin;
    }
    if (on_node) {
        origin.source = origin.ttl < 0 ? DnsSource::unknown : DnsSource::node_cache;
        return origin;
    }
    const bool own = asked.request_line.ends_with(cat(".", cluster.layout().cluster_domain, "."));
    if (!own) {
        // Nobody else was asked, and it is no name of the cluster's.
        origin.source = asked.response_line.starts_with("NOERROR") || asked.response_line.starts_with("NXDOMAIN") ? DnsSource::cache : DnsSource::unknown;
        return origin;
    }
    if (origin.ttl < 0)
        return origin;
    const auto fresh = fresh_ttl(cluster);
    origin.source = origin.ttl < fresh ? DnsSource::cache : DnsSource::watch;
    origin.age_s = std::max<std::int64_t>(0, fresh - origin.ttl);
    return origin;
}

}  // namespace kubewalk::view
