// hosts: names from a hosts file and from the Corefile itself. Upstream: coredns plugin/hosts.

#include <algorithm>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"
#include "core/net/resolver.h"

namespace kubewalk::addons::coredns {

using net::DnsMessage;
using net::DnsType;

namespace {

struct HostsConfig {
    std::vector<std::string> zones;
    std::vector<net::HostsEntry> entries;  // names absolute, lower case
    std::uint32_t ttl = 3600;
    bool reverse = true;
    Fallthrough fall;
};

class Hosts final : public Handler {
public:
    explicit Hosts(HostsConfig config) : config_(std::move(config)) {}
    std::string_view name() const override { return "hosts"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto qname = to_lower(message.question.name);
        const auto type = message.question.type;
        if (matching_zone(config_.zones, qname).empty() && type != DnsType::PTR)
            return next(query, message, chain, position, name());
        auto reply = net::dns_reply(message);
        reply.authoritative = true;
        if (type == DnsType::PTR) {
            const auto ip = net::Ip::parse(net::address_of_reverse_name(qname));
            for (const auto& entry : config_.entries)
                if (config_.reverse && ip && entry.ip == *ip)
                    for (const auto& host : entry.names)
                        reply.answer.push_back({qname, type, config_.ttl, host});
            if (reply.answer.empty())
                return next(query, message, chain, position, name());
            return {std::move(reply), net::DnsCode::noerror, {}, name()};
        }
        bool exists = false;
        for (const auto& entry : config_.entries) {
            if (std::find(entry.names.begin(), entry.names.end(), qname) == entry.names.end())
                continue;
            exists = true;
            if (type == (entry.ip.family == net::Family::ipv4 ? DnsType::A : DnsType::AAAA))
                reply.answer.push_back({qname, type, config_.ttl, entry.ip.text()});
        }
        if (!exists)
            return config_.fall.through(qname) ? next(query, message, chain, position, name())
                                               : Served::failure({});  // there is no SOA to deny it with
        return {std::move(reply), net::DnsCode::noerror, {}, name()};
    }

private:
    HostsConfig config_;
};

Result<void> read_property(const Setup& setup, const Property& property, HostsConfig& config,
                           std::string& inline_text) {
    if (property.name == "fallthrough") {
        config.fall.set(property.args);
    } else if (property.name == "no_reverse") {
        config.reverse = false;
    } else if (property.name == "reload") {
        if (property.args.size() != 1)
            return setup.error(property.line, "reload needs a duration (zero seconds to disable)");
        if (!parse_go_duration(property.args[0]))
            return setup.error(property.line, cat("invalid duration for reload '", property.args[0], "'"));
    } else if (property.name == "ttl") {
        if (property.args.empty())
            return setup.error(property.line, "ttl needs a time in second");
        auto ttl = parse_int(property.args[0]);
        if (!ttl)
            return setup.error(property.line, "ttl needs a number of second");
        if (*ttl <= 0 || *ttl > 65535)
            return setup.error(property.line, "ttl provided is invalid");
        config.ttl = static_cast<std::uint32_t>(*ttl);
    } else if (config.fall.zones.empty()) {
        append(inline_text, property.name, " ", join(property.args, " "), "\n");
    } else {
        return setup.unknown(property);
    }
    return {};
}

}  // namespace

Result<void> setup_hosts(const Setup& setup, PluginSetup& into) {
    if (setup.directives.size() > 1)
        return plain_error("this plugin can only be used once per Server Block");
    const auto& directive = setup.directives.front();
    HostsConfig config;
    auto zones = directive.args;
    std::string path = "/etc/hosts";
    if (!zones.empty()) {
        path = zones.front();
        zones.erase(zones.begin());
    }
    config.zones = setup.origins(zones);
    std::string inline_text;
    for (const auto& property : directive.block)
        if (auto read = read_property(setup, property, config, inline_text); !read)
            return read.error();
    const auto file = setup.files.find(path);
    for (auto& entry :
         net::parse_hosts((file == setup.files.end() ? std::string() : file->second + "\n") + inline_text)) {
        for (auto& name : entry.names)
            name = to_lower(net::absolute_name(name));
        std::erase_if(entry.names, [&](const auto& name) { return matching_zone(config.zones, name).empty(); });
        config.entries.push_back(std::move(entry));
    }
    into.chain.push_back(std::make_shared<Hosts>(std::move(config)));
    return {};
}

}  // namespace kubewalk::addons::coredns
