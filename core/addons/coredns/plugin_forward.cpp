// forward: asks other servers; loop: notices when they lead back here.
// Upstream: coredns plugin/forward/{setup,forward,policy}.go, plugin/loop.

#include <algorithm>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"
#include "core/net/resolver.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;
using net::DnsType;
using net::Outcome;

namespace {

enum class Policy : std::uint8_t { random, round_robin, sequential };

struct ForwardConfig {
    std::string from = ".";
    std::vector<net::SocketAddress> to;
    std::vector<std::string> except;
    Policy policy = Policy::random;
    bool force_tcp = false;
    bool prefer_udp = false;
    std::uint32_t max_fails = 2;
    std::uint32_t max_connect_attempts = 0;
    bool failfast = false;
    std::vector<DnsCode> failover;
    std::vector<DnsCode> next;
    Duration check_interval = milliseconds(500);
    std::string check_domain = ".";
    bool check_recursion = true;
};

constexpr Duration read_timeout = seconds(2);
constexpr Duration check_timeout = seconds(1);
constexpr Duration deadline = seconds(5);

bool holds(const std::vector<DnsCode>& codes, DnsCode code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

class Forward final : public Handler {
public:
    Forward(ForwardConfig config, std::string id) : config_(std::move(config)), id_(std::move(id)) {}
    std::string_view name() const override { return "forward"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto& qname = message.question.name;
        if (!net::in_dns_zone(qname, config_.from) ||
            (!net::same_dns_name(qname, config_.from) && !matching_zone(config_.except, qname).empty()))
            return next(query, message, chain, position, name());
        auto list = ordered(query);
        const auto begin = query.elapsed;
        std::size_t fails = 0;
        std::size_t refusals = 0;
        std::uint32_t attempts = 0;
        std::string error;
        for (std::size_t i = 0; query.elapsed - begin < deadline &&
                                (config_.max_connect_attempts == 0 || attempts < config_.max_connect_attempts);) {
            if (i >= list.size())
                i = fails = 0;
            auto upstream = list[i++];
            if (down(query, upstream)) {
                if (++fails < list.size())
                    continue;
                query.state.metrics.add("coredns_forward_healthcheck_broken_total");
                if (config_.failfast)
                    break;
                // All are down, or the checks are wrong: one of them is asked all the same.
                upstream = list[static_cast<std::size_t>(query.state.random.below(list.size()))];
            }
            auto exchange = connect(query, upstream, message);
            if (exchange.outcome != Outcome::delivered) {
                error = failure(query, upstream, exchange.outcome, protocol(query));
                check_health(query, upstream);
                ++attempts;
                // Refusals come at once: upstream spins until the deadline; two tries each show the same.
                refusals += exchange.elapsed < read_timeout ? 1 : 0;
                if (fails >= list.size() || refusals >= 2 * list.size())
                    break;
                continue;
            }
            error.clear();
            auto reply = std::move(exchange.answer);
            reply.took = {};
            if (holds(config_.failover, reply.code) && fails < list.size()) {
                ++fails;
                continue;
            }
            if (holds(config_.next, reply.code) && position + 1 < chain.size() &&
                chain[position + 1]->name() == name())
                return next(query, message, chain, position, name());
            return {std::move(reply), DnsCode::noerror, {}, name()};
        }
        return Served::failure(error.empty() ? "no healthy proxies" : std::move(error));
    }

    // Asks an upstream that failed, again and again, until it answers.
    void on_timer(const Timer& timer, Query& query) const override {
        const auto found = query.state.upstreams.find(timer.key);
        if (timer.kind != Timer::Kind::health_check || timer.key.compare(0, id_.size(), id_) != 0 ||
            found == query.state.upstreams.end())
            return;
        auto& upstream = found->second;
        auto question = net::dns_query(1, upstream.domain, DnsType::NS);
        question.recursion_desired = upstream.recursion_desired;
        const auto exchange = query.ask(upstream.address, question, check_timeout, upstream.protocol);
        if (exchange.outcome == Outcome::delivered) {
            upstream.fails = 0;
            upstream.checking = false;
            return;
        }
        ++upstream.fails;
        query.state.metrics.add(cat("coredns_proxy_healthcheck_failures_total{proxy_name=\"forward\",to=\"",
                                    upstream.address.text(), "\"}"));
        const bool at_once = exchange.outcome == Outcome::refused || exchange.outcome == Outcome::unreachable;
        query.state.timers.push_back(
            {Timer::Kind::health_check, upstream.interval + (at_once ? Duration{} : check_timeout), timer.key});
    }

private:
    std::string key_of(const net::SocketAddress& upstream) const { return cat(id_, upstream.text()); }

    bool down(const Query& query, const net::SocketAddress& upstream) const {
        const auto found = query.state.upstreams.find(key_of(upstream));
        return config_.max_fails > 0 && found != query.state.upstreams.end() &&
               found->second.fails > config_.max_fails;
    }

    void check_health(Query& query, const net::SocketAddress& address) const {
        if (config_.max_fails == 0)
            return;
        const auto key = key_of(address);
        auto& upstream = query.state.upstreams[key];
        if (upstream.checking)
            return;
        upstream = {address,
                    config_.force_tcp ? net::Protocol::tcp : net::Protocol::udp,
                    config_.check_interval,
                    config_.check_domain,
                    config_.check_recursion,
                    upstream.fails,
                    true};
        query.state.timers.push_back({Timer::Kind::health_check, {}, key});
    }

    // As the question came, unless the Corefile says otherwise.
    net::Protocol protocol(const Query& query) const {
        if (config_.force_tcp)
            return net::Protocol::tcp;
        return config_.prefer_udp ? net::Protocol::udp : query.peer.protocol;
    }

    net::Network::DnsExchange connect(Query& query, const net::SocketAddress& upstream,
                                      const DnsMessage& message) const {
        auto how = protocol(query);
        while (true) {
            auto exchange = query.ask(upstream, message, read_timeout, how);
            query.elapsed = query.elapsed + exchange.elapsed;
            query.state.metrics.add(
                cat("coredns_proxy_request_duration_seconds_count{proxy_name=\"forward\",rcode=\"",
                    exchange.outcome == Outcome::delivered ? net::dns_code_name(exchange.answer.code) : "SERVFAIL",
                    "\",to=\"", upstream.text(), "\"}"));
            const bool again = exchange.outcome == Outcome::delivered && exchange.answer.truncated &&
                               how == net::Protocol::udp && config_.prefer_udp;
            if (!again)
                return exchange;
            how = net::Protocol::tcp;
        }
    }

    std::vector<net::SocketAddress> ordered(Query& query) const {
        auto list = config_.to;
        if (list.size() < 2 || config_.policy == Policy::sequential)
            return list;
        if (config_.policy == Policy::round_robin) {
            const auto turn = static_cast<std::size_t>(++query.state.turns[id_] % list.size());
            std::rotate(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(turn),
                        list.begin() + static_cast<std::ptrdiff_t>(turn) + 1);
            return list;  // the one whose turn it is, then the others in order
        }
        for (std::size_t i = 0; i + 1 < list.size(); ++i)
            std::swap(list[i], list[i + static_cast<std::size_t>(query.state.random.below(list.size() - i))]);
        return list;
    }

    // As Go's net.OpError prints it.
    static std::string failure(Query& query, const net::SocketAddress& upstream, Outcome outcome,
                               net::Protocol protocol) {
        constexpr std::uint64_t first_ephemeral = 32768;
        constexpr std::uint64_t ephemeral_ports = 28232;
        const auto name = net::protocol_name(protocol);
        if (outcome == Outcome::unreachable)
            return cat("dial ", name, " ", upstream.text(), ": connect: network is unreachable");
        if (protocol == net::Protocol::tcp)
            return cat("dial tcp ", upstream.text(),
                       outcome == Outcome::refused ? ": connect: connection refused" : ": i/o timeout");
        const auto port = static_cast<std::uint16_t>(first_ephemeral + query.state.random.below(ephemeral_ports));
        const auto own = query.local_addresses();
        const net::SocketAddress local{own.empty() ? net::Ip{} : own.front(), port};
        return cat("read udp ", local.text(), "->", upstream.text(),
                   outcome == Outcome::refused ? ": read: connection refused" : ": i/o timeout");
    }

    ForwardConfig config_;
    std::string id_;  // "BLOCK/NUMBER/"
};

// "/etc/resolv.conf", "8.8.8.8", "8.8.8.8:5353", "dns://8.8.8.8".
Result<void> add_upstreams(const Setup& setup, std::string_view text, ForwardConfig& config) {
    constexpr std::string_view scheme = "dns://";
    if (text.substr(0, scheme.size()) == scheme)
        text.remove_prefix(scheme.size());
    if (auto file = setup.files.find(std::string(text)); file != setup.files.end()) {
        bool any = false;
        for (auto line : split(file->second, '\n')) {
            const auto words = fields(line);
            if (words.size() < 2 || words[0] != "nameserver")
                continue;
            if (auto ip = net::Ip::parse(words[1])) {
                config.to.push_back({*ip, 53});
                any = true;
            }
        }
        if (!any)
            return plain_error(cat("no nameservers found in ", text));
        return {};
    }
    net::SocketAddress address{{}, 53};
    auto ip = net::Ip::parse(text);
    if (const auto colon = text.rfind(':'); !ip && colon != std::string_view::npos) {
        auto host = text.substr(0, colon);
        if (host.size() > 1 && host.front() == '[' && host.back() == ']')
            host = host.substr(1, host.size() - 2);
        ip = net::Ip::parse(host);
        const auto port = parse_int(text.substr(colon + 1)).value_or(0);
        if (port < 1 || port > 65535)
            ip.reset();
        address.port = static_cast<std::uint16_t>(port);
    }
    if (!ip)
        return plain_error(cat("not an IP address or file: ", quoted(text)));
    address.ip = *ip;
    config.to.push_back(address);
    return {};
}

Result<std::vector<DnsCode>> codes_of(const Setup& setup, const Property& property) {
    if (property.args.empty())
        return setup.argument_error(property);
    std::vector<DnsCode> codes;
    for (const auto& word : property.args) {
        const auto code = net::parse_dns_code(word);
        if (!code)
            return plain_error(cat(word, " is not a valid rcode"));
        codes.push_back(*code);
    }
    return codes;
}

Result<void> read_policy(const Setup& setup, const Property& property, ForwardConfig& config) {
    if (property.args.size() != 1)
        return setup.argument_error(property);
    if (property.args[0] == "random")
        config.policy = Policy::random;
    else if (property.args[0] == "round_robin")
        config.policy = Policy::round_robin;
    else if (property.args[0] == "sequential")
        config.policy = Policy::sequential;
    else
        return setup.error(property.line, cat("unknown policy '", property.args[0], "'"));
    return {};
}

Result<void> read_health_check(const Setup& setup, const Property& property, ForwardConfig& config) {
    if (property.args.empty())
        return setup.argument_error(property);
    KUBEWALK_TRY(interval, duration_of(property.args[0]));
    if (interval < Duration{})
        return plain_error(cat("health_check can't be negative: ", interval.ns));
    config.check_interval = interval;
    for (std::size_t i = 1; i < property.args.size(); ++i) {
        if (property.args[i] == "no_rec") {
            config.check_recursion = false;
        } else if (property.args[i] == "domain") {
            if (++i == property.args.size())
                return setup.argument_error(property);
            config.check_domain = to_lower(net::absolute_name(property.args[i]));
        } else {
            return plain_error(cat("health_check: unknown option ", property.args[i]));
        }
    }
    return {};
}

// Properties that change nothing here: connections upstream are not kept, nothing is encrypted, and
// questions come one after the other.
Result<bool> read_without_effect(const Setup& setup, const Property& property) {
    constexpr std::string_view numbers[] = {"max_concurrent", "max_idle_conns"};
    for (auto name : numbers) {
        if (property.name != name)
            continue;
        if (property.args.empty())
            return setup.argument_error(property);
        KUBEWALK_TRY(number, number_of(property.args[0]));
        if (number < 0)
            return plain_error(cat(name, " can't be negative: ", number));
        return true;
    }
    if (property.name == "expire") {
        if (property.args.empty())
            return setup.argument_error(property);
        KUBEWALK_TRY(expire, duration_of(property.args[0]));
        if (expire < Duration{})
            return plain_error(cat("expire can't be negative: ", go_duration(expire)));
        return true;
    }
    if (property.name == "tls_servername" && property.args.empty())
        return setup.argument_error(property);
    return property.name == "tls_servername" || property.name == "tls";
}

Result<void> read_property(const Setup& setup, const Property& property, ForwardConfig& config) {
    const auto& name = property.name;
    KUBEWALK_TRY(without_effect, read_without_effect(setup, property));
    if (without_effect)
        return {};
    if (name == "policy")
        return read_policy(setup, property, config);
    if (name == "health_check")
        return read_health_check(setup, property, config);
    if (name == "except") {
        if (property.args.empty())
            return setup.argument_error(property);
        for (const auto& arg : property.args)
            for (auto& zone : normalised_zones(arg))
                config.except.push_back(std::move(zone));
    } else if (name == "max_fails" || name == "max_connect_attempts") {
        if (property.args.empty())
            return setup.argument_error(property);
        const auto number = parse_int(property.args[0]);
        if (!number || *number < 0)
            return plain_error(cat("strconv.ParseUint: parsing ", quoted(property.args[0]), ": invalid syntax"));
        (name == "max_fails" ? config.max_fails : config.max_connect_attempts) = static_cast<std::uint32_t>(*number);
    } else if (name == "next" || name == "failover") {
        KUBEWALK_TRY(codes, codes_of(setup, property));
        if (name == "failover" && holds(codes, DnsCode::noerror))
            return plain_error("NoError cannot be used in failover");
        (name == "next" ? config.next : config.failover) = std::move(codes);
    } else if (name == "force_tcp" || name == "prefer_udp" || name == "failfast_all_unhealthy_upstreams") {
        if (!property.args.empty())
            return setup.argument_error(property);
        (name == "force_tcp" ? config.force_tcp : name == "prefer_udp" ? config.prefer_udp : config.failfast) = true;
    } else {
        return setup.unknown(property);
    }
    return {};
}

}  // namespace

Result<void> setup_forward(const Setup& setup, PluginSetup& into) {
    int number = 0;
    for (const auto& directive : setup.directives) {
        ForwardConfig config;
        if (directive.args.size() < 2)
            return setup.argument_error(directive);
        config.from = normalised_zones(directive.args[0]).front();
        for (std::size_t i = 1; i < directive.args.size(); ++i)
            if (auto added = add_upstreams(setup, directive.args[i], config); !added)
                return added.error();
        for (const auto& property : directive.block)
            if (auto read = read_property(setup, property, config); !read)
                return read.error();
        constexpr std::size_t most = 15;
        if (config.to.size() > most)
            return plain_error(cat("more than ", most, " TOs configured: ", config.to.size()));
        into.chain.push_back(
            std::make_shared<Forward>(std::move(config), cat(setup.instance, "/", number++, "/")));
    }
    into.server.chaos = true;
    return {};
}

}  // namespace kubewalk::addons::coredns
