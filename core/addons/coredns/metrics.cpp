#include "core/addons/coredns/metrics.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::addons::coredns {

namespace {

struct Family {
    std::string_view name;
    std::string_view type;
    std::string_view help;
};
constexpr Family families[] = {
    {"coredns_build_info", "gauge", "A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built."},
    {"coredns_cache_entries", "gauge", "The number of elements in the cache."},
    {"coredns_cache_evictions_total", "counter", "The count of cache evictions."},
    {"coredns_cache_hits_total", "counter", "The count of cache hits."},
    {"coredns_cache_misses_total", "counter", "The count of cache misses. Deprecated, derive misses from cache hits/requests counters."},
    {"coredns_cache_prefetch_total", "counter", "The number of times the cache has prefetched a cached item."},
    {"coredns_cache_requests_total", "counter", "The count of cache requests."},
    {"coredns_cache_served_stale_total", "counter", "The number of requests served from stale cache entries."},
    {"coredns_dns_request_duration_seconds", "histogram", "Histogram of the time (in seconds) each request took per zone."},
    {"coredns_dns_requests_total", "counter", "Counter of DNS requests made per zone, protocol and family."},
    {"coredns_dns_responses_total", "counter", "Counter of response status codes."},
    {"coredns_forward_healthcheck_broken_total", "counter", "Counter of the number of complete failures of the healthchecks."},
    {"coredns_hosts_entries", "gauge", "The combined number of entries in hosts and Corefile."},
    {"coredns_panics_total", "counter", "A metrics that counts the number of panics."},
    {"coredns_plugin_enabled", "gauge", "A metric that indicates whether a plugin is enabled on per server and zone basis."},
    {"coredns_proxy_healthcheck_failures_total", "counter", "Counter of the number of failed healthchecks."},
    {"coredns_proxy_request_duration_seconds_count", "counter", "Histogram of the time each request took."},
    {"coredns_reload_failed_total", "counter", "Counter of the number of failed reload attempts."},
};

// By CacheEvent: the metric and its label "type".
constexpr std::pair<std::string_view, std::string_view> cache_metrics[] = {
    {"coredns_cache_requests_total", ""},       {"coredns_cache_misses_total", ""},
    {"coredns_cache_hits_total", "success"},    {"coredns_cache_hits_total", "denial"},
    {"coredns_cache_prefetch_total", ""},       {"coredns_cache_served_stale_total", ""},
    {"coredns_cache_evictions_total", "success"}, {"coredns_cache_evictions_total", "denial"},
};

std::string label_text(const net::DnsType type) {
    using net::DnsType;
    constexpr DnsType monitored[] = {DnsType::A,  DnsType::AAAA, DnsType::CNAME, DnsType::DNSKEY, DnsType::DS,
                                     DnsType::MX, DnsType::NS,   DnsType::PTR,   DnsType::RRSIG,  DnsType::SOA,
                                     DnsType::SRV, DnsType::TXT, DnsType::ANY,   DnsType::HTTPS};
    const bool known = std::find(std::begin(monitored), std::end(monitored), type) != std::end(monitored);
    return known ? std::string(net::dns_type_name(type)) : "other";
}

}  // namespace

void Metrics::request(const Request& request, Duration took) {
    ++requests[request];
    auto& times = durations[request.place];
    std::int64_t limit_ns = 250'000;
    std::size_t bucket = 0;
    for (; bucket < time_buckets && took.ns > limit_ns; ++bucket)
        limit_ns *= 2;
    ++times.counts[bucket];
    times.sum = times.sum + took;
}

std::string metrics_text(const Metrics& metrics, const MetricNames& names,
                         const std::map<std::string, std::uint64_t>& gauges) {
    std::map<std::string, std::uint64_t> lines = metrics.counters;
    lines.insert(gauges.begin(), gauges.end());
    const auto server = [&](const Metrics::Place& place) -> std::string {
        return place.server < names.servers.size() ? names.servers[place.server] : "";
    };
    const auto zone = [&](const Metrics::Place& place) -> std::string {
        return place.zone < names.zones.size() ? names.zones[place.zone] : "dropped";
    };
    for (const auto& [key, count] : metrics.requests)
        lines[cat("coredns_dns_requests_total{family=\"", key.ipv6 ? 2 : 1, "\",proto=\"", key.udp ? "udp" : "tcp",
                  "\",server=\"", server(key.place), "\",type=\"", label_text(static_cast<net::DnsType>(key.type)),
                  "\",view=\"\",zone=\"", zone(key.place), "\"}")] += count;
    for (const auto& [key, count] : metrics.responses)
        lines[cat("coredns_dns_responses_total{plugin=\"", key.plugin, "\",rcode=\"", net::dns_code_name(key.code),
                  "\",server=\"", server(key.place), "\",view=\"\",zone=\"", zone(key.place), "\"}")] += count;
    for (const auto& [key, count] : metrics.caches) {
        const auto& [metric, type] = cache_metrics[static_cast<std::size_t>(key.second)];
        const auto at = static_cast<std::size_t>(key.first);
        if (at < names.servers.size() && at < names.cache_zones.size())
            lines[cat(metric, "{server=\"", names.servers[at], "\"", type.empty() ? "" : cat(",type=\"", type, "\""),
                      ",view=\"\",zones=\"", names.cache_zones[at], "\"}")] += count;
    }
    lines[cat("coredns_build_info{goversion=\"", names.go_version, "\",revision=\"", names.revision, "\",version=\"",
              names.version, "\"}")] = 1;
    lines["coredns_panics_total"] += 0;
    for (const auto& [at, plugin] : names.plugins)
        lines[cat("coredns_plugin_enabled{name=\"", plugin, "\",server=\"", at, "\",view=\"\",zone=\".\"}")] = 1;

    std::string text;
    for (const auto& family : families) {
        std::string body;
        for (auto at = lines.lower_bound(std::string(family.name)); at != lines.end(); ++at) {
            const auto name = std::string_view(at->first).substr(0, at->first.find('{'));
            if (name == family.name)
                append(body, at->first, " ", at->second, "\n");
            else if (name.substr(0, family.name.size()) != family.name)
                break;
        }
        if (family.type == "histogram") {
            for (const auto& [place, times] : metrics.durations) {
                const auto labels = cat("server=\"", server(place), "\",view=\"\",zone=\"", zone(place), "\"");
                std::uint64_t sum = 0;
                double limit = 0.00025;
                for (std::size_t i = 0; i < Metrics::time_buckets; ++i, limit *= 2) {
                    sum += times.counts[i];
                    append(body, family.name, "_bucket{", labels, ",le=\"", format_double(limit), "\"} ", sum, "\n");
                }
                sum += times.counts[Metrics::time_buckets];
                append(body, family.name, "_bucket{", labels, ",le=\"+Inf\"} ", sum, "\n");
                append(body, family.name, "_sum{", labels, "} ", format_double(times.sum.seconds()), "\n");
                append(body, family.name, "_count{", labels, "} ", sum, "\n");
            }
        }
        if (!body.empty())
            append(text, "# HELP ", family.name, " ", family.help, "\n# TYPE ", family.name, " ", family.type, "\n",
                   body);
    }
    return text;
}

}  // namespace kubewalk::addons::coredns
