#include "core/addons/coredns/chain.h"

#include <algorithm>
#include <set>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;

namespace {

// In the order in which a query passes them. Upstream: coredns plugin.cfg.
struct Plugin {
    std::string_view name;
    Result<void> (*setup)(const Setup& setup, PluginSetup& into);
};
constexpr Plugin plugins[] = {
    {"root", setup_root},
    {"metadata", setup_metadata},
    {"cancel", setup_cancel},
    {"timeouts", setup_timeouts},
    {"multisocket", setup_multisocket},
    {"reload", setup_reload},
    {"nsid", setup_nsid},
    {"bufsize", setup_bufsize},
    {"bind", setup_bind},
    {"debug", setup_debug},
    {"ready", setup_ready},
    {"health", setup_health},
    {"prometheus", setup_prometheus},
    {"errors", setup_errors},
    {"log", setup_log},
    {"local", setup_local},
    {"dns64", setup_dns64},
    {"any", setup_any},
    {"chaos", setup_chaos},
    {"loadbalance", setup_loadbalance},
    {"cache", setup_cache},
    {"rewrite", setup_rewrite},
    {"acl", setup_acl},
    {"header", setup_header},
    {"autopath", setup_autopath},
    {"minimal", setup_minimal},
    {"template", setup_template},
    {"hosts", setup_hosts},
    {"k8s_external", setup_k8s_external},
    {"kubernetes", setup_kubernetes},
    {"file", setup_file},
    {"loop", setup_loop},
    {"forward", setup_forward},
    {"whoami", setup_whoami},
};

bool known_plugin(std::string_view name) {
    return std::any_of(std::begin(plugins), std::end(plugins), [name](const auto& p) { return p.name == name; });
}

// "dns://cluster.local:1053" -> its zones and port.
Result<std::uint16_t> read_key(std::string_view key, std::vector<std::string>& zones) {
    constexpr std::string_view scheme = "dns://";
    if (key.substr(0, scheme.size()) == scheme)
        key.remove_prefix(scheme.size());
    std::uint16_t port = 53;
    const auto colon = key.rfind(':');
    if (colon != std::string_view::npos && colon + 1 == key.size())
        return plain_error(cat("expecting data after last colon: ", quoted(key)));
    if (colon != std::string_view::npos) {
        if (auto number = parse_int(key.substr(colon + 1)); number && *number > 0 && *number < 65536) {
            port = static_cast<std::uint16_t>(*number);
            key = key.substr(0, colon);
        }
    }
    for (auto& zone : normalised_zones(key))
        zones.push_back(std::move(zone));
    return port;
}

}  // namespace

std::vector<std::string> normalised_zones(std::string_view name) {
    auto prefix = name.find('/') == std::string_view::npos ? std::nullopt : net::Prefix::parse(name);
    if (!prefix)
        return {to_lower(net::absolute_name(name))};
    // A reverse zone per octet (IPv6: per nibble); a length in between is several zones.
    const bool ipv4 = prefix->ip.family == net::Family::ipv4;
    const int step = ipv4 ? 8 : 4;
    const int labels = (prefix->length + step - 1) / step;
    const int free_bits = labels * step - prefix->length;
    const auto reversed = net::reverse_name(prefix->ip.text());
    const int all_labels = ipv4 ? 4 : 32;
    std::string_view rest = *reversed;
    for (int i = labels; i < all_labels; ++i)
        rest.remove_prefix(rest.find('.') + 1);
    if (free_bits == 0)
        return {std::string(rest)};
    const auto first_label = rest.substr(0, rest.find('.'));
    const auto tail = rest.substr(first_label.size());
    const int octet = labels - 1;
    int value = ipv4 ? prefix->ip.bytes[static_cast<std::size_t>(octet)]
                     : (prefix->ip.bytes[static_cast<std::size_t>(octet / 2)] >> (octet % 2 == 0 ? 4 : 0)) & 15;
    value &= ~((1 << free_bits) - 1);
    std::vector<std::string> zones;
    for (int i = 0; i < 1 << free_bits; ++i)
        zones.push_back(ipv4 ? cat(value + i, tail) : cat("0123456789abcdef"[value + i], tail));
    return zones;
}

std::vector<std::string> Setup::origins(const std::vector<std::string>& args) const {
    if (args.empty())
        return zones;
    std::vector<std::string> out;
    for (const auto& arg : args)
        for (auto& zone : normalised_zones(arg))
            out.push_back(std::move(zone));
    return out;
}

void Fallthrough::set(const std::vector<std::string>& args) {
    zones = args.empty() ? std::vector<std::string>{"."} : std::vector<std::string>{};
    for (const auto& arg : args)
        for (auto& zone : normalised_zones(arg))
            zones.push_back(std::move(zone));
}

bool Fallthrough::through(std::string_view name) const { return !matching_zone(zones, name).empty(); }

Result<std::int64_t> number_of(std::string_view text) {
    if (auto number = parse_int(text))
        return *number;
    return plain_error(cat("strconv.Atoi: parsing ", quoted(text), ": invalid syntax"));
}

Result<Duration> duration_of(std::string_view text) {
    if (auto duration = parse_go_duration(text))
        return *duration;
    const bool unit_missing = parse_int(text).has_value();
    return plain_error(cat(unit_missing ? "time: missing unit in duration " : "time: invalid duration ", quoted(text)));
}

std::optional<Error> Setup::more_than_once() const {
    if (directives.size() < 2)
        return std::nullopt;
    return Error{"ParseError", "this plugin can only be used once per Server Block", {}, directives[1].line, 0};
}

Served Handler::next(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position,
                     std::string_view from) {
    if (position + 1 >= chain.size())
        return Served::failure(cat("plugin/", from, ": no next plugin found"));
    const auto& handler = *chain[position + 1];
    auto served = handler.serve(query, message, chain, position + 1);
    if (served.plugin.empty() && served.message)
        served.plugin = handler.name();
    return served;
}

std::optional<DnsMessage> look_up(Query& query, std::string_view name, net::DnsType type) {
    constexpr int deepest = 10;
    if (query.depth >= deepest)
        return std::nullopt;
    ++query.depth;
    const auto* server = query.server;
    auto zone = query.zone;
    auto answered = query.servers.serve(query, net::dns_query(0, name, type));
    query.server = server;
    query.zone = std::move(zone);
    --query.depth;
    return answered;
}

Result<std::shared_ptr<const Servers>> Servers::load(std::string_view corefile, std::string path,
                                                     const std::map<std::string, std::string>& files) {
    KUBEWALK_TRY(file, parse_corefile(corefile, path, known_plugin, files));
    auto loaded = std::make_shared<Servers>();
    std::set<std::string> taken;
    for (const auto& block : file.blocks) {
        Server server;
        server.number = static_cast<int>(loaded->servers_.size());
        for (const auto& key : block.keys) {
            auto port = read_key(key, server.zones);
            if (!port)
                return port.error();
            server.port = port.value();
        }
        PluginSetup into{*loaded, server.chain, server};
        for (const auto& plugin : plugins) {
            Setup setup{file.path, server.zones, server.port, files, {}, server.number};
            for (const auto& directive : block.directives)
                if (directive.name == plugin.name)
                    setup.directives.push_back(directive);
            if (setup.directives.empty())
                continue;
            server.plugins.emplace_back(plugin.name);
            if (auto done = plugin.setup(setup, into); !done) {
                auto error = done.error();
                error.message = cat("plugin/", plugin.name, ": ", error.message);
                return error;
            }
        }
        for (const auto& zone : server.zones)
            for (const auto& where : server.bind.empty() ? std::vector<net::Ip>{{}} : server.bind)
                if (const auto key = cat("dns://", zone, ":", server.port);
                    !taken.insert(cat(key, " ", where.text())).second)
                    return plain_error(cat("cannot serve ", key, " - it is already defined"));
        loaded->servers_.push_back(std::move(server));
    }
    return std::shared_ptr<const Servers>(std::move(loaded));
}

void Servers::count(Query& query, const Server& server, const DnsMessage& message, const Served& served,
                    DnsCode code) const {
    std::uint16_t zone = static_cast<std::uint16_t>(settings_.metric_zones.size());
    std::size_t longest = 0;
    for (std::size_t i = 0; i < settings_.metric_zones.size(); ++i)
        if (settings_.metric_zones[i].size() > longest && net::in_dns_zone(message.question.name, settings_.metric_zones[i])) {
            longest = settings_.metric_zones[i].size();
            zone = static_cast<std::uint16_t>(i);
        }
    const Metrics::Place place{static_cast<std::uint16_t>(server.number), zone};
    query.state.metrics.request({place, query.peer.protocol == net::Protocol::udp,
                                 query.peer.client.ip.family == net::Family::ipv6,
                                 static_cast<std::uint16_t>(message.question.type)},
                                query.elapsed);
    query.state.metrics.response({place, code, served.plugin});
}

DnsMessage Servers::serve(Query& query, const DnsMessage& message) const {
    const std::uint16_t port = query.peer.local.port == 0 ? 53 : query.peer.local.port;
    const Server* best = nullptr;
    std::size_t longest = 0;
    const auto bound_here = [&](const Server& server) {
        return server.bind.empty() || query.peer.local.ip.unspecified() ||
               std::find(server.bind.begin(), server.bind.end(), query.peer.local.ip) != server.bind.end();
    };
    for (const auto& server : servers_) {
        if (server.port != port || !bound_here(server))
            continue;
        const auto zone = matching_zone(server.zones, message.question.name);
        if (!zone.empty() && (!best || zone.size() > longest)) {
            best = &server;
            longest = zone.size();
            query.zone = zone;
        }
    }
    const bool chaos = best && best->chaos && message.question.dns_class == net::DnsClass::CH;
    if (!best || best->chain.empty() || (message.question.dns_class != net::DnsClass::IN && !chaos))
        return net::dns_reply(message, DnsCode::refused);
    query.server = best;
    auto served = best->chain.front()->serve(query, message, best->chain, 0);
    if (served.message && served.plugin.empty())
        served.plugin = best->chain.front()->name();
    const auto code = served.message ? served.message->code : served.code;
    if (settings_.metrics && query.depth == 0)
        count(query, *best, message, served, code);
    auto reply = served.message ? std::move(*served.message) : net::dns_reply(message, served.code);
    reply.id = message.id;
    reply.edns = message.edns;  // size, flags and cookie come back as they came
    return reply;
}

void Servers::on_timer(const Timer& timer, Query& query) const {
    for (const auto& server : servers_) {
        query.server = &server;
        for (const auto& handler : server.chain)
            handler->on_timer(timer, query);
    }
}

std::vector<std::uint16_t> Servers::ports() const {
    std::set<std::uint16_t> ports;
    for (const auto& server : servers_)
        ports.insert(server.port);
    return {ports.begin(), ports.end()};
}

std::vector<net::SocketAddress> Servers::sockets() const {
    std::vector<net::SocketAddress> sockets;
    for (const auto& server : servers_)
        for (const auto& ip : server.bind.empty() ? std::vector<net::Ip>{{}} : server.bind)
            if (const net::SocketAddress socket{ip, server.port};
                std::find(sockets.begin(), sockets.end(), socket) == sockets.end())
                sockets.push_back(socket);
    return sockets;
}

std::string Servers::not_ready(bool synced) const {
    std::set<std::string> names;
    for (const auto& server : servers_)
        for (const auto& handler : server.chain)
            if (!handler->ready(synced))
                names.insert(std::string(handler->name()));
    return join({names.begin(), names.end()}, ",");
}

}  // namespace kubewalk::addons::coredns
