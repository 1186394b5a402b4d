// nft(8)'s two ways to write a rule. `nft list ruleset`: nftables 1.0.6 (src/rule.c, src/expression.c,
// src/meta.c); commands: as pkg/proxy/nftables writes them.

#include <cstdio>

#include "core/base/text.h"
#include "core/net/nft.h"

namespace kubewalk::net {

namespace {

enum class Style : std::uint8_t { list, command };

std::string_view ip_word(Family family) { return family == Family::ipv4 ? "ip" : "ip6"; }
std::string_view address_type(Family family) { return family == Family::ipv4 ? "ipv4_addr" : "ipv6_addr"; }

std::string mark_text(std::uint32_t value, Style style) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, style == Style::list ? "0x%08x" : "0x%04x", value);
    return buffer;
}

std::string prefix_text(const Prefix& prefix) {
    return prefix.length == (prefix.ip.family == Family::ipv4 ? 32 : 128) ? prefix.ip.text() : prefix.text();
}

std::string addresses_text(const NftMatch& match, Style style) {
    if (!match.set.empty())
        return cat('@', match.set);
    std::string out;
    for (const Prefix& prefix : match.prefixes)
        append(out, out.empty() ? "" : style == Style::list ? ", " : " , ", prefix_text(prefix));
    // The list shows a set of one as what it is.
    const bool braces = match.prefixes.size() > 1 || (match.anonymous_set && style == Style::command);
    return braces ? cat("{ ", out, " }") : out;
}

void append_match(std::string& out, const NftMatch& match, Family family, Style style) {
    const std::string_view bang = match.negate ? "!= " : "";
    switch (match.kind) {
    case NftMatch::Kind::source: append(out, ip_word(family), " saddr ", bang, addresses_text(match, style)); break;
    case NftMatch::Kind::destination: append(out, ip_word(family), " daddr ", bang, addresses_text(match, style)); break;
    case NftMatch::Kind::destination_port: append(out, protocol_name(match.protocol), " dport ", bang, match.port); break;
    case NftMatch::Kind::protocol: append(out, "meta l4proto ", bang, protocol_name(match.protocol)); break;
    case NftMatch::Kind::state_new: out += "ct state new"; break;
    case NftMatch::Kind::source_local: out += "fib saddr type local"; break;
    case NftMatch::Kind::destination_local: out += "fib daddr type local"; break;
    case NftMatch::Kind::mark_clear:
        if (style == Style::list)
            append(out, "meta mark & ", mark_text(match.value, style), " == 0x00000000");
        else
            append(out, "mark and ", mark_text(match.value, style), " == 0");
        break;
    }
    out += ' ';
}

void append_random(std::string& out, const std::vector<std::string>& chains, Style style) {
    append(out, "numgen random mod ", chains.size(), " vmap { ");
    for (std::size_t i = 0; i < chains.size(); ++i)
        append(out, i == 0 ? "" : style == Style::list ? ", " : " , ", i, " : goto ", chains[i]);
    out += " }";
}

void append_action(std::string& out, const NftAction& action, Family family, Style style) {
    using Kind = NftAction::Kind;
    const bool list = style == Style::list;
    switch (action.kind) {
    case Kind::none: break;
    case Kind::accept: out += "accept"; break;
    case Kind::drop: out += "drop"; break;
    case Kind::reject: out += "reject"; break;
    case Kind::return_: out += "return"; break;
    case Kind::jump: append(out, "jump ", action.name); break;
    case Kind::go_to: append(out, "goto ", action.name); break;
    case Kind::mark_or:
        append(out, list ? "meta mark set meta mark | " : "mark set mark or ", mark_text(action.value, style));
        break;
    case Kind::mark_xor:
        append(out, list ? "meta mark set meta mark ^ " : "mark set mark xor ", mark_text(action.value, style));
        break;
    case Kind::update_set: append(out, "update @", action.name, " { ", ip_word(family), " saddr }"); break;
    case Kind::service_vmap: append(out, ip_word(family), " daddr . meta l4proto . th dport vmap @", action.name); break;
    case Kind::port_vmap: append(out, "meta l4proto . th dport vmap @", action.name); break;
    case Kind::random_vmap: append_random(out, action.chains, style); break;
    case Kind::dnat: append(out, "dnat to ", action.to.text()); break;
    case Kind::masquerade: out += "masquerade fully-random"; break;
    }
}

std::string rule_text(const NftRule& rule, Family family, Style style) {
    std::string out;
    for (const NftMatch& match : rule.matches)
        append_match(out, match, family, style);
    append_action(out, rule.action, family, style);
    if (!rule.comment.empty())
        append(out, " comment \"", rule.comment, '"');
    return out;
}

std::string_view hook_word(ChainId hook) {
    constexpr std::string_view names[] = {"prerouting", "input", "forward", "output", "postrouting"};
    return names[hook];
}

std::string_view type_word(NftChainType type) { return type == NftChainType::nat ? "nat" : "filter"; }

// Priorities have names, some of them at some hooks only.
std::string priority_text(const NftBase& base) {
    struct Named {
        std::string_view name;
        int value;
        std::optional<ChainId> only_at;
    };
    constexpr int near = 10;
    const Named names[] = {{"raw", -300, {}}, {"mangle", -150, {}}, {"dstnat", -100, chain_prerouting}, {"filter", 0, {}},
                           {"security", 50, {}}, {"srcnat", 100, chain_postrouting}};
    for (const Named& named : names) {
        const int off = base.priority - named.value;
        if ((named.only_at && *named.only_at != base.hook) || off > near || off < -near)
            continue;
        return off == 0 ? std::string(named.name) : cat(named.name, off > 0 ? " + " : " - ", off > 0 ? off : -off);
    }
    return cat(base.priority);
}

std::string key_text(const NftKey& key, NftMap::Keys keys) {
    return cat(keys == NftMap::Keys::services ? cat(key.ip.text(), " . ") : std::string(), protocol_name(key.protocol), " . ", key.port);
}

std::string element_text(const NftKey& key, const NftElement& element, NftMap::Keys keys) {
    return cat(key_text(key, keys), element.comment.empty() ? "" : cat(" comment \"", element.comment, '"'), " : ",
               element.verdict == NftAction::Kind::drop ? std::string("drop") : cat("goto ", element.chain));
}

std::string map_type(NftMap::Keys keys, Family family) {
    return keys == NftMap::Keys::services ? cat(address_type(family), " . inet_proto . inet_service : verdict") : "inet_proto . inet_service : verdict";
}

// "3h", "2h59m58s": how nft writes a span.
std::string span_text(std::int64_t whole) {
    std::string out;
    constexpr std::pair<std::int64_t, char> units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    for (const auto& [size, letter] : units)
        if (whole >= size) {
            append(out, whole / size, letter);
            whole %= size;
        }
    return out.empty() ? "0s" : out;
}

void append_elements(std::string& out, const std::vector<std::string>& elements, std::size_t per_line) {
    if (elements.empty())
        return;
    out += "\t\telements = { ";
    for (std::size_t i = 0; i < elements.size(); ++i)
        append(out, i == 0 ? "" : i % per_line == 0 ? ",\n\t\t\t     " : ", ", elements[i]);
    out += " }\n";
}

void append_set(std::string& out, const std::string& name, const NftSet& set, Family family, Time now) {
    append(out, "\tset ", name, " {\n\t\ttype ", address_type(family), '\n');
    if (set.timeout)
        append(out, "\t\tflags dynamic,timeout\n\t\ttimeout ", span_text(*set.timeout), '\n');
    if (!set.comment.empty())
        append(out, "\t\tcomment \"", set.comment, "\"\n");
    std::vector<std::string> elements;
    for (const auto& [ip, until] : set.elements)
        if (!set.timeout)
            elements.push_back(ip.text());
        else if (until >= now)
            elements.push_back(cat(ip.text(), " expires ", span_text((until - now).whole_seconds())));
    append_elements(out, elements, family == Family::ipv4 && !set.timeout ? 2 : 1);
    out += "\t}\n\n";
}

void append_map(std::string& out, const std::string& name, const NftMap& map, Family family) {
    append(out, "\tmap ", name, " {\n\t\ttype ", map_type(map.keys, family), '\n');
    if (!map.comment.empty())
        append(out, "\t\tcomment \"", map.comment, "\"\n");
    std::vector<std::string> elements;
    for (const auto& [key, element] : map.elements)
        elements.push_back(element_text(key, element, map.keys));
    append_elements(out, elements, 1);
    out += "\t}\n\n";
}

}  // namespace

std::string nft_rule_text(const NftRule& rule, Family family) { return rule_text(rule, family, Style::list); }
std::string nft_rule_command(const NftRule& rule, Family family) { return rule_text(rule, family, Style::command); }

std::string nft_list_text(const NftTables& tables, Time now) {
    std::string out;
    for (const auto& [id, table] : tables.all()) {
        append(out, "table ", ip_word(table.family), ' ', table.name, " {\n");
        if (!table.comment.empty())
            append(out, "\tcomment \"", table.comment, "\"\n\n");
        for (const auto& [name, set] : table.sets)
            append_set(out, name, set, table.family, now);
        for (const auto& [name, map] : table.maps)
            append_map(out, name, map, table.family);
        std::size_t left = table.chains().size();
        for (const auto& [name, chain] : table.chains()) {
            append(out, "\tchain ", name, " {\n");
            if (!chain->comment.empty())
                append(out, "\t\tcomment \"", chain->comment, "\"\n");
            if (chain->base)
                append(out, "\t\ttype ", type_word(chain->base->type), " hook ", hook_word(chain->base->hook), " priority ",
                       priority_text(*chain->base), "; policy accept;\n");
            for (const NftRule& rule : chain->rules)
                append(out, "\t\t", nft_rule_text(rule, table.family), '\n');
            out += --left == 0 ? "\t}\n" : "\t}\n\n";
        }
        out += "}\n";
    }
    return out;
}

std::string nft_commands(const NftTable& table) {
    const std::string where = cat(ip_word(table.family), ' ', table.name);
    std::string out = cat("add table ", where, " { comment \"", table.comment, "\" ; }\n");
    for (const auto& [name, set] : table.sets) {
        append(out, "add set ", where, ' ', name, " { type ", address_type(table.family), " ; ");
        if (set.timeout)
            append(out, "flags dynamic,timeout ; timeout ", *set.timeout, "s ; ");
        append(out, set.comment.empty() ? "" : cat("comment \"", set.comment, "\" ; "), "}\n");
    }
    for (const auto& [name, map] : table.maps)
        append(out, "add map ", where, ' ', name, " { type ", map_type(map.keys, table.family), " ; comment \"", map.comment, "\" ; }\n");
    for (const auto& [name, chain] : table.chains()) {
        append(out, "add chain ", where, ' ', name);
        if (chain->base)
            append(out, " { type ", type_word(chain->base->type), " hook ", hook_word(chain->base->hook), " priority ", chain->base->priority, " ; }");
        else if (!chain->comment.empty())
            append(out, " { comment \"", chain->comment, "\" ; }");
        out += '\n';
    }
    for (const auto& [name, chain] : table.chains())
        for (const NftRule& rule : chain->rules)
            append(out, "add rule ", where, ' ', name, ' ', nft_rule_command(rule, table.family), '\n');
    for (const auto& [name, set] : table.sets)
        for (const auto& [ip, until] : set.elements)
            if (!set.timeout)
                append(out, "add element ", where, ' ', name, " { ", ip.text(), " }\n");
    for (const auto& [name, map] : table.maps)
        for (const auto& [key, element] : map.elements)
            append(out, "add element ", where, ' ', name, " { ", element_text(key, element, map.keys), " }\n");
    return out;
}

}  // namespace kubewalk::net
