#include "core/addons/portmap.h"

#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

using net::Prefix;
using net::Protocol;
using net::Rule;
using net::Ruleset;
using net::TableId;

constexpr std::string_view entry_chain = "CNI-HOSTPORT-DNAT", mark_chain = "CNI-HOSTPORT-SETMARK", masq_chain = "CNI-HOSTPORT-MASQ";
constexpr std::uint32_t mark = 0x2000;  // bit 13
constexpr auto append_rule = Ruleset::Position::append;

// "CNI-DN-" and a hash, 28 characters in all. The plugin hashes with SHA-512; a container's ID is chance
// anyway.
std::string container_chain(std::string_view network, std::string_view container_id) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string name = "CNI-DN-";
    for (const std::uint8_t byte : sha256(cat(network, container_id))) {
        name += digits[byte >> 4];
        name += digits[byte & 15];
    }
    name.resize(28);
    return name;
}

std::string comment(std::string_view network, std::string_view container_id) {
    return cat("dnat name: \"", network, "\" id: \"", container_id, "\"");
}

void ensure_common(Ruleset& rules) {
    for (std::string_view chain : {entry_chain, mark_chain, masq_chain})
        rules.ensure_chain(TableId::nat, chain);
    for (std::string_view hook : {"PREROUTING", "OUTPUT"})
        rules.ensure_rule(append_rule, TableId::nat, hook, Rule().destination_local().jump(rules.names().id(entry_chain)));
    rules.ensure_rule(append_rule, TableId::nat, mark_chain, Rule().comment("CNI portfwd masquerade mark").or_mark(mark));
    rules.ensure_rule(append_rule, TableId::nat, masq_chain, Rule().mark(mark, mark).masquerade());
    rules.ensure_rule(append_rule, TableId::nat, "POSTROUTING",
                      Rule().comment("CNI portfwd requiring masquerade").jump(rules.names().id(masq_chain)));
}

}  // namespace

void portmap_add(Ruleset& rules, std::string_view network, std::string_view container_id, const Prefix& subnet,
                 std::span<const HostPort> ports) {
    if (ports.empty())
        return;
    ensure_common(rules);
    const std::string chain = container_chain(network, container_id);
    const net::ChainId own = rules.names().id(chain), set_mark = rules.names().id(mark_chain);
    const bool ipv4 = subnet.ip.family == net::Family::ipv4;
    const Prefix loopback{net::Ip::v4(127, 0, 0, 1), 32};
    std::vector<Rule> translations;
    for (const HostPort& port : ports) {
        if (port.host_ip && port.host_ip->family != subnet.ip.family)
            continue;
        const auto base = [&port] {
            Rule rule;
            if (port.host_ip)
                rule.destination({*port.host_ip, port.host_ip->family == net::Family::ipv4 ? 32 : 128});
            rule.protocol_only(port.protocol);
            return rule;
        };
        // Hairpin and local clients must come back the way they went.
        translations.push_back(base().source({subnet.network(), subnet.length}).destination_port(port.host_port).jump(set_mark));
        if (ipv4)
            translations.push_back(base().source(loopback).destination_port(port.host_port).jump(set_mark));
        translations.push_back(base().destination_port(port.host_port).dnat({subnet.ip, port.container_port}));
        rules.ensure_rule(append_rule, TableId::nat, entry_chain,
                          Rule()
                              .protocol_only(port.protocol)
                              .comment(comment(network, container_id))
                              .destination_ports(port.host_port, port.host_port)
                              .jump(own));
    }
    rules.replace_chain(TableId::nat, own, std::move(translations));
}

void portmap_del(Ruleset& rules, std::string_view network, std::string_view container_id) {
    net::ChainId own = 0;
    if (!rules.names().find(container_chain(network, container_id), own) || !rules.chain(TableId::nat, own))
        return;
    std::vector<Rule> going;
    if (const net::Chain* entry = rules.chain(TableId::nat, entry_chain))
        for (const Rule& rule : entry->rules)
            if (rule.target.chain == own)
                going.push_back(rule);
    for (const Rule& rule : going)
        rules.delete_rule(TableId::nat, entry_chain, rule);
    rules.delete_chain(TableId::nat, own);
}

}  // namespace kubewalk::addons
