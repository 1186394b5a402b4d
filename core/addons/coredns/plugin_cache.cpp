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
    std::size_t capacity = 10000;
    std::vector<std::string> except;  // zones that are not cached
};

enum class Verify : std::uint8_t { no, yes };

struct CacheConfig {
    std::vector<std::string> zones;
    Limits success{5, 3600, 10000, {}};
    Limits denial{5, 1800, 10000, {}};
    std::uint32_t servfail_ttl = 5;
    bool keep_ttl = false;
    // Entries asked for `prefetch` times without a pause of `pause` are renewed in their last percent.
    int prefetch = 0;
    Duration pause = minutes(1);
    int percentage = 10;
    // Entries past their time that are still served.
    Duration stale{};
    Verify verify = Verify::no;
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
    using Event = Metrics::CacheEvent;

    Cache(CacheConfig config, int instance) : config_(std::move(config)), instance_(instance) {}
    std::string_view name() const override { return "cache"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        if (matching_zone(config_.zones, message.question.name).empty())
            return next(query, message, chain, position, name());
        if (!query.refreshing && never_kept(message.question.name)) {
            count(query, Event::request);
            count(query, Event::miss);
            auto served = next(query, message, chain, position, name());
            if (served.message)
                bound_ttl(*served.message, kind_of(*served.message));
            return served;
        }
        const auto key = key_of(message);
        if (query.refreshing)
            return refresh(query, message, chain, position, key);
        count(query, Event::request);
        auto item = find(query, key);
        if (!item) {
            count(query, Event::miss);
            return refresh(query, message, chain, position, key);
        }
        const auto left = ttl_left(*item, query.now);
        if (left <= 0) {
            if (config_.verify == Verify::yes) {
                auto fresh = next(query, message, chain, position, name());
                if (fresh.message &&
                    (fresh.message->code == DnsCode::noerror || fresh.message->code == DnsCode::nxdomain)) {
                    keep(query, key, *fresh.message);
                    return fresh;
                }
                count(query, Event::served_stale);
                return {from_cache(std::move(*item), message, 0), DnsCode::noerror, {}, name()};
            }
            query.state.timers.push_back({Timer::Kind::refresh, {}, cat(instance_, "|", key)});
            count(query, Event::served_stale);
        } else if (to_be_renewed(query, key, *item, left)) {
            count(query, Event::prefetch);
            query.state.timers.push_back({Timer::Kind::refresh, {}, cat(instance_, "|", key)});
        }
        return {from_cache(std::move(*item), message, static_cast<std::uint32_t>(std::max<std::int64_t>(left, 0))),
                DnsCode::noerror,
                {},
                name()};
    }

    void on_timer(const Timer& timer, Query& query) const override {
        const auto mine = cat(instance_, "|");
        if (timer.kind != Timer::Kind::refresh || timer.key.compare(0, mine.size(), mine) != 0 ||
            query.server->number != instance_)
            return;
        // "FLAGS|TYPE|NAME": the question again.
        const auto parts = split(std::string_view(timer.key).substr(mine.size()), '|');
        auto question = net::dns_query(0, parts[2], static_cast<DnsType>(parse_int(parts[1]).value_or(1)));
        question.checking_disabled = parts[0] == "2" || parts[0] == "3";
        if (parts[0] == "1" || parts[0] == "3")
            question.edns = net::DnsEdns{4096, true, {}};
        const auto key = key_of(question);
        const auto old = find(query, key);
        query.refreshing = true;
        for (std::size_t i = 0; i < query.server->chain.size(); ++i)
            if (query.server->chain[i].get() == this)
                (void)refresh(query, question, query.server->chain, i, key);
        query.refreshing = false;
        if (auto fresh = find(query, key); fresh && old) {
            fresh->hits = old->hits;
            fresh->last_hit = query.now;
            store(query, *fresh).set(key, *fresh);
        }
    }

private:
    static std::string key_of(const DnsMessage& message) {
        const bool dnssec = message.edns && message.edns->dnssec_ok;
        return cat((dnssec ? 1 : 0) + (message.checking_disabled ? 2 : 0), "|",
                   static_cast<int>(message.question.type), "|", to_lower(message.question.name));
    }

    static std::int64_t ttl_left(const CacheItem& item, Time now) {
        return static_cast<std::int64_t>(item.ttl) - (now - item.stored).whole_seconds();
    }

    void count(Query& query, Metrics::CacheEvent event) const {
        if (query.servers.settings().metrics)
            ++query.state.metrics.caches[{instance_, event}];
    }

    static bool denies(const CacheItem& item) { return kind_of(item.message) != Kind::success; }
    ChainState::Cache& store(Query& query, const CacheItem& item) const {
        return denies(item) ? query.state.negative[instance_] : query.state.positive[instance_];
    }

    // Denials first, as upstream. Nothing when nothing may be served any more.
    std::optional<CacheItem> find(Query& query, const std::string& key) const {
        for (auto* cache : {&query.state.negative, &query.state.positive}) {
            const auto* item = (*cache)[instance_].find(key);
            if (!item)
                continue;
            const auto left = ttl_left(*item, query.now);
            if (left <= 0 && -left >= config_.stale.whole_seconds())
                continue;
            count(query, cache == &query.state.negative ? Event::denial_hit : Event::success_hit);
            return *item;
        }
        return std::nullopt;
    }

    bool to_be_renewed(Query& query, const std::string& key, CacheItem& item, std::int64_t left) const {
        if (config_.prefetch <= 0)
            return false;
        item.hits = item.hits > 0 && query.now - item.last_hit < config_.pause ? item.hits + 1 : 1;
        item.last_hit = query.now;
        store(query, item).set(key, item);
        const auto threshold = (static_cast<std::int64_t>(item.ttl) * config_.percentage + 99) / 100;
        return item.hits >= config_.prefetch && left <= threshold;
    }

    Served refresh(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position,
                   const std::string& key) const {
        auto served = next(query, message, chain, position, name());
        if (served.message)
            keep(query, key, *served.message);
        return served;
    }

    DnsMessage from_cache(CacheItem item, const DnsMessage& message, std::uint32_t left) const {
        DnsMessage reply = std::move(item.message);
        reply.id = message.id;
        reply.question = message.question;
        reply.recursion_desired = message.recursion_desired;
        reply.authoritative = true;  // some clients drop answers without it
        reply.took = {};
        const bool wants_ad = message.authentic_data || (message.edns && message.edns->dnssec_ok);
        reply.authentic_data = reply.authentic_data && wants_ad;
        set_ttl(reply, config_.keep_ttl ? item.ttl : left);
        return reply;
    }

    // `disable success` and `disable denial` both: nothing of that zone is ever there.
    bool never_kept(std::string_view asked) const {
        return !matching_zone(config_.success.except, asked).empty() && !matching_zone(config_.denial.except, asked).empty();
    }

    // The client sees the bounded TTL as well.
    std::uint32_t bound_ttl(DnsMessage& message, Kind kind) const {
        const auto& limits = kind == Kind::denial ? config_.denial : config_.success;
        const auto ttl =
            kind == Kind::servfail ? config_.servfail_ttl
                                   : std::min(std::max(smallest_ttl(message, kind), limits.min_ttl), limits.max_ttl);
        set_ttl(message, ttl);
        return ttl;
    }

    void keep(Query& query, const std::string& key, DnsMessage& message) const {
        const auto kind = kind_of(message);
        const auto ttl = bound_ttl(message, kind);
        const bool positive = kind == Kind::success;
        const auto& except = positive ? config_.success.except : config_.denial.except;
        if (kind == Kind::uncached || message.truncated || ttl == 0 ||
            !matching_zone(except, message.question.name).empty())
            return;
        auto& cache = positive ? query.state.positive[instance_] : query.state.negative[instance_];
        if (cache.size() >= (positive ? config_.success : config_.denial).capacity && !cache.find(key)) {
            cache.erase(std::string(cache.begin()->first));
            count(query, positive ? Event::success_eviction : Event::denial_eviction);
        }
        cache.set(key, {message, query.now, ttl, 0, {}});
        if (query.refreshing && positive)
            query.state.negative[instance_].erase(key);
    }

    CacheConfig config_;
    int instance_;
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
        if (i == 2 && *number < 0)
            return plain_error(cat("cache min TTL can not be negative: ", *number));
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

// "AMOUNT [DURATION [PERCENTAGE%]]".
Result<void> read_prefetch(const Setup& setup, const Property& property, CacheConfig& config) {
    if (property.args.empty() || property.args.size() > 3)
        return setup.argument_error(property);
    KUBEWALK_TRY(amount, number_of(property.args[0]));
    if (amount < 0)
        return plain_error(cat("prefetch amount should be positive: ", amount));
    config.prefetch = static_cast<int>(amount);
    if (property.args.size() > 1) {
        KUBEWALK_TRY(pause, duration_of(property.args[1]));
        config.pause = pause;
    }
    if (property.args.size() > 2) {
        std::string_view percent = property.args[2];
        if (percent.back() != '%')
            return plain_error(cat("last character of percentage should be `%`, but is: ", quoted(percent.substr(percent.size() - 1))));
        percent.remove_suffix(1);
        KUBEWALK_TRY(number, number_of(percent));
        if (number < 10 || number > 90)
            return plain_error(cat("percentage should fall in range [10, 90]: ", number));
        config.percentage = static_cast<int>(number);
    }
    return {};
}

// "[DURATION [immediate|verify]]".
Result<void> read_stale(const Setup& setup, const Property& property, CacheConfig& config) {
    if (property.args.size() > 2)
        return setup.argument_error(property);
    config.stale = minutes(60);
    config.verify = Verify::no;
    if (!property.args.empty()) {
        KUBEWALK_TRY(stale, duration_of(property.args[0]));
        if (stale < Duration{})
            return plain_error("invalid negative duration for serve_stale");
        config.stale = stale;
    }
    if (property.args.size() > 1) {
        const auto mode = to_lower(property.args[1]);
        if (mode != "immediate" && mode != "verify")
            return plain_error(cat("invalid value for serve_stale refresh mode: ", mode));
        config.verify = mode == "verify" ? Verify::yes : Verify::no;
    }
    return {};
}

Result<void> read_property(const Setup& setup, const Property& property, CacheConfig& config) {
    if (property.name == "success")
        return read_limits(setup, property, config.success);
    if (property.name == "denial")
        return read_limits(setup, property, config.denial);
    if (property.name == "disable")
        return read_disable(setup, property, config);
    if (property.name == "prefetch")
        return read_prefetch(setup, property, config);
    if (property.name == "serve_stale")
        return read_stale(setup, property, config);
    if (property.name == "keepttl" && property.args.empty()) {
        config.keep_ttl = true;
    } else if (property.name == "servfail" && property.args.size() == 1) {
        KUBEWALK_TRY(ttl, duration_of(property.args[0]));
        if (ttl < Duration{})
            return plain_error("invalid negative ttl for servfail");
        if (ttl > minutes(5))
            return plain_error("caching SERVFAIL responses over 5 minutes is not permitted");
        config.servfail_ttl = static_cast<std::uint32_t>(ttl.whole_seconds());
    } else {
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
    into.chain.push_back(std::make_shared<Cache>(std::move(config), setup.instance));
    return {};
}

}  // namespace kubewalk::addons::coredns
