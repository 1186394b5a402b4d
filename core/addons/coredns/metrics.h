#pragma once
// What CoreDNS counts, and /metrics as Prometheus reads it. Upstream: coredns plugin/metrics/vars,
// plugin/{cache,forward,kubernetes,reload,health}/metrics.go.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/net/dns_message.h"

namespace kubewalk::addons::coredns {

struct Metrics {
    // Which server block and which of its zones; the texts are made when somebody reads them.
    struct Place {
        std::uint16_t server = 0;
        std::uint16_t zone = 0;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    struct Request {
        Place place;
        bool udp = true;
        bool ipv6 = false;
        std::uint16_t type = 0;
        friend auto operator<=>(const Request&, const Request&) = default;
    };
    struct Response {
        Place place;
        net::DnsCode code = net::DnsCode::noerror;
        std::string_view plugin;  // static storage: a Handler's name
        friend bool operator<(const Response& a, const Response& b) {
            return std::tie(a.place.server, a.place.zone, a.code, a.plugin) <
                   std::tie(b.place.server, b.place.zone, b.code, b.plugin);
        }
    };
    static constexpr std::size_t time_buckets = 16;  // 0.25 ms, doubling
    struct Durations {
        std::array<std::uint64_t, time_buckets + 1> counts{};  // the last: beyond all
        Duration sum{};
    };

    // What each cache counts, by the number of its server block.
    enum class CacheEvent : std::uint8_t {
        request, miss, success_hit, denial_hit, prefetch, served_stale, success_eviction, denial_eviction
    };
    std::map<std::pair<int, CacheEvent>, std::uint64_t> caches;
    std::map<Request, std::uint64_t> requests;
    std::map<Response, std::uint64_t> responses;
    std::map<Place, Durations> durations;
    // Everything rarer: the whole name with its labels.
    std::map<std::string, std::uint64_t> counters;

    void add(std::string name, std::uint64_t by = 1) { counters[std::move(name)] += by; }
    void request(const Request& request, Duration took);
    void response(const Response& response) { ++responses[response]; }
};

// The words behind the numbers.
struct MetricNames {
    std::vector<std::string> servers;               // "dns://:53"
    std::vector<std::string> cache_zones;           // of each server, joined by commas
    std::vector<std::string> zones;                 // of the prometheus plugin
    std::vector<std::pair<std::string, std::string>> plugins;  // server, plugin
    std::string version;
    std::string go_version;
    std::string revision;
};
// The text format 0.0.4; families in order of name. `gauges`: further lines with their whole names.
std::string metrics_text(const Metrics& metrics, const MetricNames& names,
                         const std::map<std::string, std::uint64_t>& gauges);

}  // namespace kubewalk::addons::coredns
