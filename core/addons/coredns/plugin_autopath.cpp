// autopath: walks the search list for the client; dns64: AAAA made from A; acl: who may ask.
// Upstream: coredns plugin/{autopath,dns64,acl}, plugin/kubernetes/autopath.go.

#include <algorithm>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/kubernetes.h"
#include "core/addons/coredns/plugins.h"
#include "core/base/text.h"
#include "core/net/resolver.h"

namespace kubewalk::addons::coredns {

using net::DnsCode;
using net::DnsMessage;
using net::DnsRecord;
using net::DnsType;

namespace {

class AutoPath final : public Handler {
public:
    // `search` of a file, or empty with `kubernetes`: the client Pod's own.
    AutoPath(std::vector<std::string> zones, std::vector<std::string> search, bool kubernetes,
             std::vector<std::string> host_search)
        : zones_(std::move(zones)), search_(std::move(search)), kubernetes_(kubernetes),
          host_search_(std::move(host_search)) {}
    std::string_view name() const override { return "autopath"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto qname = to_lower(message.question.name);
        const auto search = kubernetes_ ? search_of_client(query, qname) : search_;
        if (matching_zone(zones_, qname).empty() || search.empty() || !net::in_dns_zone(qname, search.front()))
            return next(query, message, chain, position, name());
        const auto base = trim_zone(message.question.name, search.front());
        std::optional<Served> first;
        for (const auto& domain : search) {
            auto walked = message;
            walked.question.name = cat(base, ".", domain);
            auto served = next(query, walked, chain, position, name());
            if (!served.error.empty())
                return served;
            const bool found = served.message && served.message->code != DnsCode::nxdomain;
            if (!first)
                first = served;
            if (!found)
                continue;
            point_to(*served.message, message.question);
            return served;
        }
        return *first;
    }

private:
    // The Pod behind the client's address: its namespace's names first.
    std::vector<std::string> search_of_client(const Query& query, const std::string& qname) const {
        const auto* config = query.servers.kubernetes();
        const auto zone = config ? matching_zone(config->zones, qname) : std::string_view();
        if (zone.empty() || config->pods != PodMode::verified)
            return {};
        const auto pods = query.index.pods_by_ip(query.peer.client.ip.text());
        if (pods.empty())
            return {};
        const auto below = [zone](std::string_view labels) { return zone == "." ? cat(labels, ".") : cat(labels, ".", zone); };
        std::vector<std::string> search = {below(cat(pods.front()->namespace_name, ".svc")), below("svc"), std::string(zone)};
        search.insert(search.end(), host_search_.begin(), host_search_.end());
        search.emplace_back();  // the name as it is
        return search;
    }

    // An alias from the asked name to the one that was found.
    static void point_to(DnsMessage& reply, const net::DnsQuestion& question) {
        reply.question = question;
        for (const auto& record : reply.answer) {
            if (net::same_dns_name(record.name, question.name))
                continue;
            DnsRecord alias{question.name, DnsType::CNAME, record.ttl, record.name};
            reply.answer.insert(reply.answer.begin(), std::move(alias));
            return;
        }
    }

    std::vector<std::string> zones_;
    std::vector<std::string> search_;
    bool kubernetes_;
    std::vector<std::string> host_search_;
};

std::vector<std::string> search_in(const Setup& setup, const std::string& path) {
    const auto file = setup.files.find(path);
    std::vector<std::string> search;
    if (file != setup.files.end())
        for (const auto& domain : net::ResolvConf::parse(file->second, net::Libc::go).search)
            search.push_back(to_lower(net::absolute_name(domain)));
    return search;
}

struct Dns64Config {
    net::Prefix prefix{*net::Ip::parse("64:ff9b::"), 96};
    bool translate_all = false;
    bool allow_ipv4 = false;
};

class Dns64 final : public Handler {
public:
    explicit Dns64(Dns64Config config) : config_(config) {}
    std::string_view name() const override { return "dns64"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        auto served = next(query, message, chain, position, name());
        const bool asks = message.question.type == DnsType::AAAA && message.question.dns_class == net::DnsClass::IN &&
                          (config_.allow_ipv4 || query.peer.client.ip.family == net::Family::ipv6);
        if (!asks || !served.message || served.message->code == DnsCode::nxdomain)
            return served;
        const auto& answer = served.message->answer;
        const bool has_address =
            std::any_of(answer.begin(), answer.end(), [](const auto& r) { return r.type == DnsType::AAAA; });
        if (has_address && !config_.translate_all)
            return served;
        std::uint32_t longest = 600;
        for (const auto& record : served.message->authority)
            if (record.type == DnsType::SOA)
                longest = record.ttl;
        auto found = look_up(query, message.question.name, DnsType::A);
        if (!found)
            return Served::failure({});
        auto reply = net::dns_reply(message);
        reply.authority = found->authority;
        reply.additional = found->additional;
        for (auto record : found->answer) {
            if (record.type == DnsType::A)
                record = {record.name, DnsType::AAAA, std::min(record.ttl, longest), embedded(record.data)};
            reply.answer.push_back(std::move(record));
        }
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }

private:
    // RFC 6052: the four octets behind the prefix, around octet 8.
    std::string embedded(const std::string& address) const {
        const auto ipv4 = net::Ip::parse(address).value_or(net::Ip{});
        net::Ip out = config_.prefix.ip;
        std::size_t at = static_cast<std::size_t>(config_.prefix.length) / 8;
        for (std::size_t i = 0; i < 4; ++i) {
            if (at == 8)
                out.bytes[at++] = 0;
            out.bytes[at++] = ipv4.bytes[i];
        }
        return out.text();
    }

    Dns64Config config_;
};

Result<net::Prefix> dns64_prefix(const Setup& setup, int line, const std::string& text) {
    const auto prefix = net::Prefix::parse(text);
    if (!prefix)
        return plain_error(cat("invalid CIDR address: ", text));
    if (prefix->ip.family != net::Family::ipv6)
        return setup.error(line, cat("invalid netmask 32 IPv6 address: ", quoted(text)));
    if (prefix->length % 8 != 0 || prefix->length < 32 || prefix->length > 96)
        return setup.error(line, cat("invalid prefix length ", quoted(text)));
    return *prefix;
}

enum class AclAction : std::uint8_t { allow, block, filter, drop };
struct AclRule {
    std::vector<std::string> zones;
    AclAction action = AclAction::allow;
    std::vector<DnsType> types;      // empty: all
    std::vector<net::Prefix> nets;  // empty: all
};

class Acl final : public Handler {
public:
    explicit Acl(std::vector<AclRule> rules) : rules_(std::move(rules)) {}
    std::string_view name() const override { return "acl"; }
    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        for (const auto& rule : rules_) {
            const auto& client = query.peer.client.ip;
            const bool type_fits = rule.types.empty() || std::find(rule.types.begin(), rule.types.end(),
                                                                   message.question.type) != rule.types.end();
            const bool net_fits = rule.nets.empty() || std::any_of(rule.nets.begin(), rule.nets.end(),
                                                                   [&](const auto& n) { return n.contains(client); });
            if (!type_fits || !net_fits || matching_zone(rule.zones, message.question.name).empty())
                continue;
            switch (rule.action) {
            case AclAction::allow: return next(query, message, chain, position, name());
            case AclAction::block: return {net::dns_reply(message, DnsCode::refused), DnsCode::noerror, {}, name()};
            case AclAction::filter: return {net::dns_reply(message), DnsCode::noerror, {}, name()};
            case AclAction::drop: query.dropped = true; return {net::dns_reply(message), DnsCode::noerror, {}, name()};
            }
        }
        return next(query, message, chain, position, name());
    }

private:
    std::vector<AclRule> rules_;
};

Result<AclRule> read_acl(const Setup& setup, const Property& property, std::vector<std::string> zones) {
    constexpr std::pair<std::string_view, AclAction> actions[] = {{"allow", AclAction::allow},
                                                                  {"block", AclAction::block},
                                                                  {"filter", AclAction::filter},
                                                                  {"drop", AclAction::drop}};
    AclRule rule;
    rule.zones = std::move(zones);
    const auto* action = std::find_if(std::begin(actions), std::end(actions),
                                      [&](const auto& a) { return a.first == property.name; });
    if (action == std::end(actions))
        return setup.error(property.line, cat("unexpected token ", quoted(property.name),
                                              "; expect 'allow', 'block', 'filter' or 'drop'"));
    rule.action = action->second;
    std::string section;
    for (const auto& word : property.args) {
        if (word == "type" || word == "net") {
            section = word;
        } else if (word == "*" && !section.empty()) {
            continue;
        } else if (section == "type") {
            const auto type = net::parse_dns_type(word);
            if (!type)
                return setup.error(property.line,
                                   cat("unexpected token ", quoted(word), "; expect legal QTYPE"));
            rule.types.push_back(*type);
        } else if (section == "net") {
            auto prefix = net::Prefix::parse(word);
            if (auto ip = net::Ip::parse(word); ip && !prefix)
                prefix = net::Prefix{*ip, ip->family == net::Family::ipv4 ? 32 : 128};
            if (!prefix)
                return setup.error(property.line, cat("illegal CIDR notation ", quoted(word)));
            rule.nets.push_back(*prefix);
        } else {
            return setup.error(property.line, cat("unexpected token ", quoted(word), "; expect 'type | net'"));
        }
    }
    return rule;
}

}  // namespace

Result<void> setup_autopath(const Setup& setup, PluginSetup& into) {
    const auto& directive = setup.directives.back();
    if (directive.args.empty())
        return plain_error("no resolv-conf specified");
    const auto& source = directive.args.back();
    const auto zones = setup.origins({directive.args.begin(), directive.args.end() - 1});
    if (source.front() == '@') {
        if (source != "@kubernetes")
            return plain_error(cat(source.substr(1), " does not implement the AutoPather interface"));
        into.chain.push_back(std::make_shared<AutoPath>(zones, std::vector<std::string>{}, true,
                                                        search_in(setup, "/etc/resolv.conf")));
        return {};
    }
    if (setup.files.find(source) == setup.files.end())
        return plain_error(cat("failed to parse ", quoted(source), ": open ", source, ": no such file or directory"));
    auto search = search_in(setup, source);
    search.emplace_back();
    into.chain.push_back(std::make_shared<AutoPath>(zones, std::move(search), false, std::vector<std::string>{}));
    return {};
}

Result<void> setup_dns64(const Setup& setup, PluginSetup& into) {
    Dns64Config config;
    const auto& directive = setup.directives.back();
    if (directive.args.size() > 1)
        return setup.argument_error(directive);
    if (directive.args.size() == 1) {
        KUBEWALK_TRY(prefix, dns64_prefix(setup, directive.line, directive.args[0]));
        config.prefix = prefix;
    }
    for (const auto& property : directive.block) {
        if (property.name == "prefix") {
            if (property.args.empty())
                return setup.argument_error(property);
            KUBEWALK_TRY(prefix, dns64_prefix(setup, property.line, property.args[0]));
            config.prefix = prefix;
        } else if (property.name == "translate_all") {
            config.translate_all = true;
        } else if (property.name == "allow_ipv4") {
            config.allow_ipv4 = true;
        } else {
            return setup.unknown(property);
        }
    }
    into.chain.push_back(std::make_shared<Dns64>(config));
    return {};
}

Result<void> setup_acl(const Setup& setup, PluginSetup& into) {
    std::vector<AclRule> rules;
    for (const auto& directive : setup.directives)
        for (const auto& property : directive.block) {
            KUBEWALK_TRY(rule, read_acl(setup, property, setup.origins(directive.args)));
            rules.push_back(std::move(rule));
        }
    into.chain.push_back(std::make_shared<Acl>(std::move(rules)));
    return {};
}

}  // namespace kubewalk::addons::coredns
