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
};

constexpr Duration read_timeout = seconds(2);
constexpr Duration deadline = seconds(5);
constexpr std::size_t attempts_per_upstream = 2;

class Forward final : public Handler {
public:
    explicit Forward(ForwardConfig config) : config_(std::move(config)) {}
    std::string_view name() const override { return "forward"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto qname = to_lower(message.question.name);
        if (!net::in_dns_zone(qname, config_.from) ||
            (qname != config_.from && !matching_zone(config_.except, qname).empty()))
            return next(query, message, chain, position, name());
        const auto upstreams = ordered(query);
        const auto begin = query.elapsed;
        std::string error = "no healthy proxies";
        for (std::size_t i = 0; i < upstreams.size() * attempts_per_upstream; ++i) {
            if (query.elapsed - begin >= deadline)
                break;
            const auto& upstream = upstreams[i % upstreams.size()];
            auto exchange = query.ask(upstream, message);
            if (exchange.outcome == Outcome::delivered) {
                query.elapsed = query.elapsed + exchange.elapsed;
                auto reply = std::move(exchange.answer);
                reply.took = {};
                return {std::move(reply), DnsCode::noerror, {}};
            }
            error = failure(query, upstream, exchange.outcome);
            const bool at_once = exchange.outcome == Outcome::refused || exchange.outcome == Outcome::unreachable;
            query.elapsed = query.elapsed + (at_once ? exchange.elapsed : read_timeout);
        }
        return Served::failure(std::move(error));
    }

private:
    std::vector<net::SocketAddress> ordered(Query& query) const {
        auto list = config_.to;
        if (list.size() < 2 || config_.policy == Policy::sequential)
            return list;
        std::size_t first = 0;
        if (config_.policy == Policy::round_robin)
            first = static_cast<std::size_t>(query.state.turns[config_.from]++ % list.size());
        else
            first = static_cast<std::size_t>(query.state.random.below(list.size()));
        std::rotate(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(first), list.end());
        return list;
    }

    // As Go's net.OpError prints it.
    static std::string failure(Query& query, const net::SocketAddress& upstream, Outcome outcome) {
        constexpr std::uint64_t first_ephemeral = 32768;
        constexpr std::uint64_t ephemeral_ports = 28232;
        const auto port = static_cast<std::uint16_t>(first_ephemeral + query.state.random.below(ephemeral_ports));
        const net::SocketAddress local{query.local_addresses.empty() ? net::Ip{} : query.local_addresses.front(),
                                       port};
        if (outcome == Outcome::unreachable)
            return cat("dial udp ", upstream.text(), ": connect: network is unreachable");
        return cat("read udp ", local.text(), "->", upstream.text(),
                   outcome == Outcome::refused ? ": read: connection refused" : ": i/o timeout");
    }

    ForwardConfig config_;
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

Result<void> read_property(const Setup& setup, const Property& property, ForwardConfig& config) {
    // Tuning that changes nothing a learner could see here, and how many words each takes.
    constexpr std::string_view accepted[] = {"max_concurrent", "max_fails", "expire",     "health_check",
                                             "force_tcp",      "prefer_udp", "tls_servername"};
    if (property.name == "except") {
        if (property.args.empty())
            return setup.argument_error(property);
        for (const auto& arg : property.args)
            for (auto& zone : normalised_zones(arg))
                config.except.push_back(std::move(zone));
    } else if (property.name == "policy") {
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
    } else if (std::find(std::begin(accepted), std::end(accepted), property.name) == std::end(accepted)) {
        return setup.unknown(property);
    }
    return {};
}

class Loop final : public Handler {
public:
    explicit Loop(std::string zone, std::uint16_t port) : zone_(std::move(zone)), port_(port) {}
    std::string_view name() const override { return "loop"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        constexpr int tolerated = 2;
        auto& state = query.state;
        if (message.question.type == DnsType::HINFO && !state.loop_name.empty() &&
            net::same_dns_name(message.question.name, state.loop_name) && ++state.loops_seen > tolerated)
            state.fatal = cat("[FATAL] plugin/loop: Loop (", query.peer.client.text(), " -> :", port_,
                              ") detected for zone ", quoted(zone_),
                              ", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO ",
                              state.loop_name, "\"");
        if (!state.fatal.empty())
            return Served::failure({});
        return next(query, message, chain, position, name());
    }

private:
    std::string zone_;
    std::uint16_t port_;
};

}  // namespace

Result<void> setup_forward(const Setup& setup, PluginSetup& into) {
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
        into.chain.push_back(std::make_shared<Forward>(std::move(config)));
    }
    return {};
}

Result<void> setup_loop(const Setup& setup, PluginSetup& into) {
    if (setup.directives.size() > 1)
        return plain_error("this plugin can only be used once per Server Block");
    if (!setup.directives.front().args.empty())
        return setup.argument_error(setup.directives.front());
    into.settings().loop = true;
    into.chain.push_back(std::make_shared<Loop>(setup.zones.empty() ? "." : setup.zones.front(), setup.port));
    return {};
}

}  // namespace kubewalk::addons::coredns
