#include "core/addons/ingress/balancer.h"

#include <algorithm>

#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::addons::ingress {

namespace {

constexpr char delimiter = '|';

struct Cookie {
    std::string key;
    std::string backend;
};

Cookie session_of(const Upstream& upstream, const net::HttpRequest& request) {
    const auto header = request.headers.find("cookie");
    if (!upstream.sticky || header == request.headers.end())
        return {};
    const auto value = cookie_value(header->second, upstream.cookie.name).value_or("");
    const auto bar = value.find(delimiter);
    return {value.substr(0, bar), bar == std::string::npos ? std::string() : value.substr(bar + 1)};
}

bool affinitized(const Upstream& upstream, const net::HttpRequest& request) {
    return upstream.sticky && session_of(upstream, request).backend == Balancer::backend_key(upstream);
}

// FNV spreads short texts badly over the ring; this is MurmurHash3's finalizer.
std::uint64_t ring_place(std::string_view text) {
    std::uint64_t x = fnv1a(text);
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdull;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ull;
    return x ^ (x >> 33);
}

// A consistent hash: an endpoint that goes moves only the sessions that it had.
const Endpoint* hashed(const Upstream& upstream, std::string_view key) {
    constexpr int points_each = 40;
    const auto wanted = ring_place(key);
    const Endpoint* first = nullptr;
    const Endpoint* next = nullptr;
    std::uint64_t lowest = 0, nearest = 0;
    for (const auto& endpoint : upstream.endpoints)
        for (int i = 0; i < points_each; ++i) {
            const auto point = ring_place(cat(i, "#", endpoint.text()));
            if (!first || point < lowest) {
                first = &endpoint;
                lowest = point;
            }
            if (point >= wanted && (!next || point < nearest)) {
                next = &endpoint;
                nearest = point;
            }
        }
    return next ? next : first;
}

}  // namespace

std::optional<std::string> cookie_value(std::string_view header, std::string_view name) {
    for (const auto piece : split(header, ';')) {
        const auto pair = trim(piece);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
            return std::string(pair.substr(equals + 1));
    }
    return std::nullopt;
}

std::string Balancer::backend_key(const Upstream& upstream) { 
    constexpr std::string_view digits = "0123456789abcdef";
    const auto hash = sha256(upstream.name);
    std::string out;
    for (std::size_t i = 0; i < 16; ++i) {
        out += digits[hash[i] >> 4];
        out += digits[hash[i] & 15];
    }
    return out;
}

const Upstream& Balancer::route(const Configuration& configuration, const Upstream& upstream, const net::HttpRequest& request) {
    if (upstream.alternatives.empty() || affinitized(upstream, request))
        return upstream;
    const auto found = configuration.upstreams.find(upstream.alternatives.front());
    if (found == configuration.upstreams.end() || found->second.endpoints.empty())
        return upstream;
    const Upstream& other = found->second;
    const Canary& canary = other.canary;
    if (affinitized(other, request))
        return other;
    if (const auto header = request.headers.find(canary.header); !canary.header.empty() && header != request.headers.end()) {
        const auto& value = header->second;
        if (!canary.header_value.empty()) {
            if (value == canary.header_value)
                return other;
        } else if (!canary.header_pattern.empty()) {
            const auto pattern = Regex::compile(canary.header_pattern);
            if (!pattern.ok())
                return upstream;
            if (pattern.value().matches(value))
                return other;
        } else if (value == "always" || value == "never") {
            return value == "always" ? other : upstream;
        }
    }
    if (const auto cookies = request.headers.find("cookie"); !canary.cookie.empty() && cookies != request.headers.end()) {
        const auto value = cookie_value(cookies->second, canary.cookie).value_or("");
        if (value == "always" || value == "never")
            return value == "always" ? other : upstream;
    }
    const int total = std::max(100, canary.weight_total);
    return static_cast<int>(random_.below(static_cast<std::uint64_t>(total))) < canary.weight ? other : upstream;
}

Choice Balancer::choose(const Upstream& upstream, const net::HttpRequest& request, const std::set<std::string>& failed, Time now) {
    if (upstream.sticky) {
        const auto session = session_of(upstream, request);
        if (!session.key.empty() && (failed.empty() || !upstream.cookie.change_on_failure))
            return {hashed(upstream, session.key), {}};
        constexpr int most_checks = 20;
        Choice choice;
        for (int i = 1; i <= most_checks; ++i) {
            // time, process number, chance: as upstream builds the key
            const auto stamp = epoch_unix_seconds + now.ns / 1'000'000'000 + i;
            const auto thousandths = now.ns / 1'000'000 % 1000;
            choice.cookie = cat(stamp, ".", thousandths, ".", 31, ".", random_.below(999999));
            choice.endpoint = hashed(upstream, choice.cookie);
            if (!choice.endpoint || failed.count(choice.endpoint->text()) == 0)
                break;
        }
        return choice;
    }
    if (upstream.endpoints.empty())
        return {};
    const auto count = upstream.endpoints.size();
    // Each worker begins somewhere, so that not all of them begin with the first.
    const auto [turn, fresh] = turns_.try_emplace(upstream.name, 0);
    if (fresh)
        turn->second = static_cast<std::size_t>(random_.below(count));
    for (std::size_t tried = 0; tried < count; ++tried) {
        const Endpoint& endpoint = upstream.endpoints[turn->second++ % count];
        if (failed.count(endpoint.text()) == 0)
            return {&endpoint, {}};
    }
    return {&upstream.endpoints[turn->second++ % count], {}};
}

}  // namespace kubewalk::addons::ingress
