// cache: answers and denials by name and type. Upstream: coredns plugin/cache/{setup,cache,handler,item}.go.

#include <algorithm>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;
using net::DnsType;

namespace {

struct Limits {
    std::uint32_t min_ttl = 5;
    std::uint32_t max_ttl = 0;
    std::size_t capacity = 9984;
    std::vector<std::string> except;  // zones that are not cached
};

struct CacheConfig {
    std::vector<std::string> zones;
    Limits success{5, 3600, 9984, {}};
    Limits denial{5, 1800, 9984, {}};
    std::uint32_t servfail_ttl = 5;
    bool keep_ttl = false;
};

enum class Kind : std::uint8_t { success, denial, servfail, uncached };

bool has_soa(const DnsMessage& message) {
    return std::any_of(message.authority.begin(), message.authority.end(),
                       [](const auto& record) { return record.type == DnsType::SOA; });
}

// Does the answer hold what was asked for, along its chain of CNAMEs?
bool answers_question(const DnsMessage& message) {
    std::string name = message.question.name;
    for (std::size_t hops = 0; hops <= message.answer.size(); ++hops) {
        const net::DnsRecord* cname = nullptr;
        for (const auto& record : message.answer) {
            if (!net::same_dns_name(record.name, name))
                continue;
            if (record.type == message.question.type || message.question.type == DnsType::ANY)
                return true;
            if (record.type == DnsType::CNAME)
                cname = &record;
        }
        if (!cname)
            return false;
        name = cname->data;
    }
    return false;
}

Kind kind_of(const DnsMessage& message) {
    switch (message.code) {
    case DnsCode::nxdomain: return has_soa(message) ? Kind::denial : Kind::uncached;
    case DnsCode::servfail: return Kind::servfail;
    case DnsCode::noerror:
        if (message.answer.empty())
            return has_soa(message) ? Kind::denial : Kind::success;
        if (answers_question(message))
            return Kind::success;
        return has_soa(message) ? Kind::denial : Kind::uncached;
    default: return Kind::uncached;
    }
}

std::uint32_t smallest_ttl(const DnsMessage& message, Kind kind) {
    constexpr std::uint32_t fallback = 5;
    std::optional<std::uint32_t> smallest;
    for (const auto* section : {&message.answer, &message.authority, &message.additional}) {
        for (const auto& record : *section) {
            auto ttl = record.ttl;
            if (kind == Kind::denial && record.type == DnsType::SOA) {
                const auto parts = fields(record.data);
                ttl = std::min(ttl, static_cast<std::uint32_t>(parse_int(parts.back()).value_or(ttl)));
            }
            smallest = std::min(smallest.value_or(ttl), ttl);
        }
    }
    return smallest.value_or(fallback);
}

void set_ttl(DnsMessage& message, std::uint32_t ttl) {
    for (auto* section : {&message.answer, &message.authority, &message.additional})
        for (auto& record : *section)
            record.ttl = ttl;
}

class Cache final : public Handler {
public:
    explicit Cache(CacheConfig config) : config_(std::move(config)) {}
    std::string_view name() const override { return "cache"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto qname = to_lower(message.question.name);
        if (matching_zone(config_.zones, qname).empty())
            return next(query, message, chain, position, name());
        const auto key = cat(qname, "|", static_cast<int>(message.question.type));
        if (const auto* item = query.state.cache.find(key)) {
            const auto age = static_cast<std::uint64_t>((query.now - item->stored).whole_seconds());
            if (age < item->ttl)
                return {from_cache(*item, message, static_cast<std::uint32_t>(age)), DnsCode::noerror, {}};
        }
        auto served = next(query, message, chain, position, name());
        if (served.message)
            keep(query, key, qname, *served.message);
        return served;
    }

private:
    DnsMessage from_cache(const CacheItem& item, const DnsMessage& message, std::uint32_t age) const {
        DnsMessage reply = item.message;
        reply.id = message.id;
        reply.question = message.question;
        reply.recursion_desired = message.recursion_desired;
        reply.authoritative = true;
        reply.took = {};
        set_ttl(reply, config_.keep_ttl ? item.ttl : item.ttl - age);
        return reply;
    }

    void keep(Query& query, const std::string& key, const std::string& qname, DnsMessage& message) const {
        const auto kind = kind_of(message);
        const auto& limits = kind == Kind::denial ? config_.denial : config_.success;
        const auto ttl =
            kind == Kind::servfail
                ? config_.servfail_ttl
                : std::clamp(smallest_ttl(message, kind), std::min(limits.min_ttl, limits.max_ttl), limits.max_ttl);
        set_ttl(message, ttl);  // the client sees the bounded TTL as well
        if (kind == Kind::uncached || message.truncated || ttl == 0 || !matching_zone(limits.except, qname).empty())
            return;
        auto& cache = query.state.cache;
        if (cache.size() >= limits.capacity)
            cache.erase(std::string(cache.begin()->first));
        cache.set(key, {message, query.now, ttl});
    }

    CacheConfig config_;
};

// "CAPACITY [TTL] [MINTTL]".
Result<void> read_limits(const Setup& setup, const Property& property, Limits& limits) {
    if (property.args.empty())
        return setup.argument_error(property);
    std::int64_t numbers[3] = {static_cast<std::int64_t>(limits.capacity), limits.max_ttl, limits.min_ttl};
    for (std::size_t i = 0; i < std::min<std::size_t>(3, property.args.size()); ++i) {
        auto number = parse_int(property.args[i]);
        if (!number)
            return plain_error(cat("strconv.Atoi: parsing ", quoted(property.args[i]), ": invalid syntax"));
        if (i == 1 && *number <= 0)
            return plain_error(cat("cache TTL can not be zero or negative: ", *number));
        numbers[i] = *number;
    }
    limits.capacity = static_cast<std::size_t>(numbers[0]);
    limits.max_ttl = static_cast<std::uint32_t>(numbers[1]);
    limits.min_ttl = static_cast<std::uint32_t>(numbers[2]);
    return {};
}

Result<void> read_disable(const Setup& setup, const Property& property, CacheConfig& config) {
    if (property.args.empty())
        return setup.argument_error(property);
    std::vector<std::string> zones;
    for (std::size_t i = 1; i < property.args.size(); ++i)
        zones.push_back(to_lower(net::absolute_name(property.args[i])));
    if (zones.empty())
        zones.push_back(".");
    if (property.args[0] == "success")
        config.success.except = zones;
    else if (property.args[0] == "denial")
        config.denial.except = zones;
    else
        return plain_error("cache type for disable must be \"success\" or \"denial\"");
    return {};
}

Result<void> read_property(const Setup& setup, const Property& property, CacheConfig& config) {
    if (property.name == "success")
        return read_limits(setup, property, config.success);
    if (property.name == "denial")
        return read_limits(setup, property, config.denial);
    if (property.name == "disable")
        return read_disable(setup, property, config);
    if (property.name == "keepttl") {
        config.keep_ttl = true;
    } else if (property.name == "servfail") {
        auto ttl = property.args.size() == 1 ? parse_go_duration(property.args[0]) : std::nullopt;
        if (!ttl)
            return setup.argument_error(property);
        if (*ttl > minutes(5))
            return plain_error("caching SERVFAIL responses over 5 minutes is not permitted");
        config.servfail_ttl = static_cast<std::uint32_t>(ttl->whole_seconds());
    } else if (property.name != "prefetch" && property.name != "serve_stale") {  // accepted, without effect here
        return setup.argument_error(property);
    }
    return {};
}

}  // namespace

Result<void> setup_cache(const Setup& setup, PluginSetup& into) {
    if (setup.directives.size() > 1)
        return plain_error("this plugin can only be used once per Server Block");
    const auto& directive = setup.directives.front();
    CacheConfig config;
    auto args = directive.args;
    if (!args.empty()) {
        if (auto ttl = parse_int(args[0])) {
            if (*ttl <= 0)
                return plain_error(cat("cache TTL can not be zero or negative: ", *ttl));
            config.success.max_ttl = config.denial.max_ttl = static_cast<std::uint32_t>(*ttl);
            args.erase(args.begin());
        }
    }
    config.zones = setup.origins(args);
    for (const auto& property : directive.block)
        if (auto read = read_property(setup, property, config); !read)
            return read.error();
    into.chain.push_back(std::make_shared<Cache>(std::move(config)));
    return {};
}

}  // namespace kubewalk::addons::coredns
