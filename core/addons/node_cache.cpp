#include "core/addons/node_cache.h"

#include <algorithm>
#include <utility>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::addons {

using net::Protocol;
using net::Rule;
using net::TableId;

namespace {

constexpr std::string_view skip_conntrack = "NodeLocal DNS Cache: skip conntrack";
constexpr std::string_view allow_traffic = "NodeLocal DNS Cache: allow DNS traffic";

net::Prefix host_prefix(const net::Ip& ip) { return {ip, ip.family == net::Family::ipv4 ? 32 : 128}; }

std::string joined(const std::vector<net::Ip>& ips) {
    std::vector<std::string> texts;
    for (const auto& ip : ips)
        texts.push_back(ip.text());
    return join(texts, " ");
}

// "$KUBE_DNS_UPSTREAM_SERVICE_HOST": every Pod that starts after the Service has it.
std::string service_variable(std::string_view service) {
    std::string name = cat(service, "_SERVICE_HOST");
    for (char& c : name)
        c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

std::string text_at(const std::map<std::string, std::string>& files, const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::string() : found->second;
}

std::string words_of(const api::Value& list) {
    std::vector<std::string> words;
    for (const auto& item : list.items())
        words.push_back(item.str());
    return join(words, " ");
}

// "-name value", "-name=value", "--name=value" as Go's flag package reads them; a bool takes its value after "=" alone.
class Flags {
public:
    explicit Flags(const std::vector<std::string>& argv) {
        constexpr std::string_view switches[] = {"setupinterface", "setupiptables", "skipteardown", "reloadwithsignal"};
        for (std::size_t i = 1; i < argv.size(); ++i) {
            std::string_view word = argv[i];
            if (!word.starts_with('-'))
                break;
            word.remove_prefix(word.starts_with("--") ? 2 : 1);
            const auto equals = word.find('=');
            const auto name = word.substr(0, equals);
            if (equals != std::string_view::npos)
                values_[std::string(name)] = word.substr(equals + 1);
            else if (std::find(std::begin(switches), std::end(switches), name) != std::end(switches))
                values_[std::string(name)] = "true";
            else if (i + 1 < argv.size())
                values_[std::string(name)] = argv[++i];
        }
    }
    void read(const std::string& name, std::string& into) const {
        if (const auto found = values_.find(name); found != values_.end())
            into = found->second;
    }
    void read(const std::string& name, bool& into) const {
        if (const auto found = values_.find(name); found != values_.end())
            into = found->second == "true" || found->second == "1";
    }
    // False: no port.
    bool read(const std::string& name, std::uint16_t& into) const {
        const auto found = values_.find(name);
        if (found == values_.end())
            return true;
        const auto number = parse_int(found->second);
        if (!number || *number < 0 || *number > 65535)
            return false;
        into = static_cast<std::uint16_t>(*number);
        return true;
    }

private:
    std::map<std::string, std::string> values_;
};

}  // namespace

Result<NodeCacheConfig> NodeCacheConfig::parse(const std::vector<std::string>& argv) {
    NodeCacheConfig config;
    const Flags flags(argv);
    std::string addresses, port;
    flags.read("localip", addresses);
    flags.read("interfacename", config.interface_name);
    flags.read("upstreamsvc", config.upstream_service);
    flags.read("basecorefile", config.base_corefile);
    flags.read("corefile", config.corefile);
    flags.read("conf", config.corefile);
    flags.read("kubednscm", config.kube_dns_folder);
    flags.read("setupinterface", config.setup_interface);
    flags.read("setupiptables", config.setup_iptables);
    flags.read("skipteardown", config.skip_teardown);
    const auto wrong = [](std::string why) { return Error{"Invalid", cat("Error parsing flags - ", why, ", Exiting"), {}, 0, 0}; };
    for (const auto text : split(addresses, ',')) {
        const auto ip = net::Ip::parse(text);
        if (!ip)
            return wrong(cat("invalid localip specified - ", quoted(text)));
        config.local_ips.push_back(*ip);
    }
    for (const auto& ip : config.local_ips)
        if (ip.family != config.family())
            return wrong(cat("unexpected IP Family for localIP - ", quoted(ip.text()), ", want IPv6=",
                             config.family() == net::Family::ipv6 ? "true" : "false"));
    flags.read("dns.port", port);
    if (!flags.read("dns.port", config.local_port))
        return wrong(cat("invalid port specified - ", quoted(port)));
    flags.read("health-port", port);
    if (!flags.read("health-port", config.health_port))
        return wrong(cat("invalid healthcheck port specified - ", quoted(port)));
    return config;
}

std::string node_cache_corefile(const NodeCacheConfig& config, const std::map<std::string, std::string>& files,
                                const std::map<std::string, std::string>& environment) {
    const auto setting = [&](std::string_view key) {
        auto read = api::parse_json(text_at(files, cat(config.kube_dns_folder, "/", key)));
        return read.ok() ? read.take() : api::Value();
    };
    // Whoever names no servers gets the machine's own.
    const auto own_servers = words_of(setting("upstreamNameservers"));
    const auto address = environment.find(service_variable(config.upstream_service));
    const auto listen = joined(config.local_ips);
    const std::pair<std::string_view, std::string> variables[] = {
        {"__PILLAR__UPSTREAM__SERVERS__", own_servers.empty() ? "/etc/resolv.conf" : own_servers},
        {"__PILLAR__CLUSTER__DNS__", address == environment.end() ? "<nil>" : address->second},
        {"__PILLAR__LOCAL__DNS__", listen},
        {"__PILLAR__DNS__SERVER__", ""},
    };
    std::string text = text_at(files, config.base_corefile);
    for (const auto& [name, value] : variables)
        text = replace_all(text, name, value);
    const auto stubs = setting("stubDomains");
    for (const auto& stub : stubs.members())
        append(text, "\n", stub.key, ":", config.local_port, " {\n    errors\n    cache 30\n    bind ", listen, "\n    forward . ",
               words_of(stub.value), "\n}\n");
    return text;
}

std::vector<NodeCacheRule> node_cache_rules(const NodeCacheConfig& config) {
    constexpr Protocol both[] = {Protocol::tcp, Protocol::udp};
    enum class Side : std::uint8_t { to, from };
    std::vector<NodeCacheRule> rules;
    const auto add = [&rules](TableId table, std::string_view chain, const net::Ip& ip, Protocol protocol, Side side, std::uint16_t port) {
        const bool raw = table == TableId::raw;
        const auto comment = raw ? skip_conntrack : allow_traffic;
        Rule rule = Rule().protocol(protocol);
        if (side == Side::to)
            rule.destination(host_prefix(ip)).destination_port(port);
        else
            rule.source(host_prefix(ip)).source_port(port);
        rule.comment(comment);
        if (raw)
            rule.no_track();
        else
            rule.accept();
        rules.push_back({table, chain, std::move(rule),
                         cat("-p ", net::protocol_name(protocol), side == Side::to ? " -d " : " -s ", ip.text(),
                             side == Side::to ? " --dport " : " --sport ", port, " -j ", raw ? "NOTRACK" : "ACCEPT",
                             " -m comment --comment ", comment)});
    };
    for (const auto& ip : config.local_ips) {
        const auto for_dns = [&](TableId table, std::string_view chain, Side side) {
            for (const auto protocol : both)
                add(table, chain, ip, protocol, side, config.local_port);
        };
        for_dns(TableId::raw, "PREROUTING", Side::to);
        for_dns(TableId::filter, "INPUT", Side::to);
        for_dns(TableId::raw, "OUTPUT", Side::from);
        for_dns(TableId::filter, "OUTPUT", Side::from);
        for_dns(TableId::raw, "OUTPUT", Side::to);  // asked by the machine itself and by Pods of its network
        for (const auto side : {Side::to, Side::from})
            add(TableId::raw, "OUTPUT", ip, Protocol::tcp, side, config.health_port);
    }
    return rules;
}

std::vector<std::string> set_up_node_cache(const NodeCacheConfig& config, net::NetNamespace& host, WithRules with_rules) {
    std::vector<std::string> log;
    if (config.setup_iptables && with_rules == WithRules::yes)
        for (const auto& [table, chain, rule, words] : node_cache_rules(config)) {
            const net::Chain* there = host.rules(config.family()).chain(table, chain);
            if (there && std::find(there->rules.begin(), there->rules.end(), rule) != there->rules.end())
                continue;
            host.edit_rules(config.family()).ensure_rule(net::Ruleset::Position::prepend, table, chain, rule);
            log.push_back(cat("[INFO] Added back nodelocaldns rule - {", net::table_name(table), " ", chain, " [", words, "]}"));
        }
    if (!config.setup_interface)
        return log;
    if (!std::as_const(host).find_interface(config.interface_name)) {
        net::Interface device;
        device.name = config.interface_name;
        device.kind = net::InterfaceKind::dummy;
        device.up = false;  // nobody sets it up: its addresses are the machine's all the same
        host.add_interface(std::move(device));
        log.push_back(cat("[INFO] Added interface - ", config.interface_name));
    }
    for (const auto& ip : config.local_ips) {
        const auto& addresses = std::as_const(host).find_interface(config.interface_name)->addresses;
        if (std::find(addresses.begin(), addresses.end(), host_prefix(ip)) == addresses.end())
            host.add_address(config.interface_name, host_prefix(ip));
    }
    return log;
}

void tear_down_node_cache(const NodeCacheConfig& config, net::NetNamespace& host) {
    if (config.setup_iptables)
        for (const auto& rule : node_cache_rules(config))
            host.edit_rules(config.family()).delete_rule(rule.table, rule.chain, rule.rule);
    if (config.setup_interface && host.find_interface(config.interface_name))
        host.remove_interface(config.interface_name);
}

}  // namespace kubewalk::addons
