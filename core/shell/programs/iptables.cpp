// iptables-save and iptables -S, -L, and ip6tables': the rules of the namespace. Upstream: iptables iptables/xtables-save.c, nft-shared.c,
// extensions/libxt_*.c (1.8.9, which writes protocols as numbers with -n).

#include <algorithm>
#include <cstdio>

#include "core/net/node_stack.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

using net::Match;
using net::Rule;
using net::TargetKind;

std::string hex(std::uint32_t number) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "0x%x", number);
    return buffer;
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width)
        text.resize(width, ' ');
    return text;
}

const Match* first_of(const Rule& rule, Match::Kind kind) {
    for (const Match& match : rule.matches)
        if (match.kind == kind)
            return &match;
    return nullptr;
}

std::string ports(const Match& match, std::string_view word) {
    return match.low == match.high ? cat(word, match.negate ? ":!" : ":", match.low) : cat(word, "s", match.negate ? ":!" : ":", match.low, ":", match.high);
}

std::string_view whole(bool ipv6) { return ipv6 ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255"; }

// What stands behind source and destination, in the words of each extension.
std::string match_words(const Match& match, const Rule& rule, bool ipv6) {
    const std::string_view bang = match.negate ? "! " : "";
    switch (match.kind) {
    case Match::Kind::comment: return cat("/* ", match.text, " */");
    case Match::Kind::protocol: {
        if (!match.module && match.protocol != net::Protocol::icmp && !first_of(rule, Match::Kind::destination_port))
            return {};
        std::string out(match.protocol == net::Protocol::icmp ? std::string_view{} : net::protocol_name(match.protocol));
        if (const Match* port = first_of(rule, Match::Kind::source_port))
            append(out, " ", ports(*port, "spt"));
        if (const Match* port = first_of(rule, Match::Kind::destination_port))
            append(out, " ", ports(*port, "dpt"));
        return out;
    }
    case Match::Kind::mark: return cat("mark match ", bang, hex(match.value), "/", hex(match.mask));
    case Match::Kind::ctstate: return cat(bang, "ctstate ", net::ctstate::text(match.value));
    case Match::Kind::statistic: {
        char buffer[32];
        std::snprintf(buffer, sizeof buffer, "%.11f", static_cast<double>(match.value) / 2147483648.0);
        return cat("statistic mode random probability ", buffer);
    }
    case Match::Kind::recent_set: return cat("recent: SET name: ", match.text, " side: source mask: ", whole(ipv6));
    case Match::Kind::recent_check:
        return cat("recent: CHECK seconds: ", match.value, " reap name: ", match.text, " side: source mask: ", whole(ipv6));
    case Match::Kind::destination_local: return cat("ADDRTYPE match dst-type ", match.negate ? "!" : "", "LOCAL");
    case Match::Kind::source_local: return cat("ADDRTYPE match src-type ", match.negate ? "!" : "", "LOCAL");
    case Match::Kind::nfacct: return cat("nfacct-name  ", match.text);
    case Match::Kind::set: return cat(bang, "match-set ", match.text, " ", match.directions.text());
    case Match::Kind::destination_ports: return cat("multiport dports ", bang, match.low, ":", match.high);
    case Match::Kind::icmp_type: return cat(ipv6 ? "ipv6-icmptype " : "icmptype ", bang, match.value);
    case Match::Kind::physdev_bridged: return cat("PHYSDEV match ", bang, "--physdev-is-bridged");
    case Match::Kind::physdev_in: return cat("PHYSDEV match ", bang, "--physdev-is-in");
    case Match::Kind::ipvs:
        return cat("vaddr ", match.prefix.ip.text(), " vproto ", match.protocol == net::Protocol::udp ? 17 : 6, " vport ", match.low);
    case Match::Kind::limit: return cat("limit: avg ", match.value, "/min burst ", match.low);
    default: return {};
    }
}

std::string target_words(const net::Target& target, bool ipv6) {
    switch (target.kind) {
    case TargetKind::mark:
        if (target.mark_xor == 0)
            return cat("MARK and ", hex(target.mark_and));
        return cat("MARK ", target.mark_and == ~target.mark_xor ? "or " : "xor ", hex(target.mark_xor));
    case TargetKind::dnat:
    case TargetKind::snat: return cat("to:", target.to.port ? target.to.text() : target.to.ip.text());
    case TargetKind::masquerade: return target.random_fully ? "random-fully" : "";
    case TargetKind::reject:
        switch (target.reject_with) {
        case net::IcmpCode::net_unreachable: return ipv6 ? "reject-with icmp6-no-route" : "reject-with icmp-net-unreachable";
        case net::IcmpCode::host_unreachable: return ipv6 ? "reject-with icmp6-addr-unreachable" : "reject-with icmp-host-unreachable";
        case net::IcmpCode::admin_prohibited: return ipv6 ? "reject-with icmp6-adm-prohibited" : "reject-with icmp-admin-prohibited";
        default: return ipv6 ? "reject-with icmp6-port-unreachable" : "reject-with icmp-port-unreachable";
        }
    case TargetKind::nflog: return cat("nflog-group ", target.group);
    default: return {};
    }
}

std::string target_name(const net::Target& target, const net::ChainNames& names) {
    switch (target.kind) {
    case TargetKind::none: return "";
    case TargetKind::accept: return "ACCEPT";
    case TargetKind::drop: return "DROP";
    case TargetKind::return_: return "RETURN";
    case TargetKind::reject: return "REJECT";
    case TargetKind::mark: return "MARK";
    case TargetKind::dnat: return "DNAT";
    case TargetKind::snat: return "SNAT";
    case TargetKind::masquerade: return "MASQUERADE";
    case TargetKind::nflog: return "NFLOG";
    case TargetKind::notrack: return "NOTRACK";
    default: return names.name(target.chain);
    }
}

struct ListStyle {
    bool numeric = false, verbose = false, numbered = false, ipv6 = false;
};

std::string address_words(const Rule& rule, Match::Kind kind, const ListStyle& style) {
    const Match* match = first_of(rule, kind);
    if (!match)
        return !style.numeric ? "anywhere" : style.ipv6 ? "::/0" : "0.0.0.0/0";
    const auto text = match->prefix.length == (style.ipv6 ? 128 : 32) ? match->prefix.ip.text() : match->prefix.text();
    return cat(match->negate ? "!" : "", text);
}

std::string protocol_words(const Rule& rule, const ListStyle& style) {
    const Match* match = first_of(rule, Match::Kind::protocol);
    if (!match)
        return style.numeric ? "0" : "all";
    if (!style.numeric)
        return style.ipv6 && match->protocol == net::Protocol::icmp ? "ipv6-icmp" : std::string(net::protocol_name(match->protocol));
    constexpr int numbers[] = {6, 17, 132, 1};
    if (style.ipv6 && match->protocol == net::Protocol::icmp)
        return "58";
    return cat(numbers[static_cast<std::size_t>(match->protocol)]);
}

std::string interface_words(const Rule& rule, Match::Kind kind, const ListStyle& style) {
    const Match* match = first_of(rule, kind);
    return match ? cat(match->negate ? "!" : "", match->text) : style.numeric ? "*" : "any";
}

std::string list_line(const Rule& rule, std::size_t position, const net::ChainNames& names, const ListStyle& style) {
    std::string out = style.numbered ? padded(cat(position + 1), 5) : std::string();
    if (style.verbose)
        out += "    0     0 ";  // nothing is counted here
    append(out, padded(target_name(rule.target, names), 9), "  ", padded(protocol_words(rule, style), 4), style.ipv6 ? "     " : " --  ");
    if (style.verbose)
        append(out, padded(interface_words(rule, Match::Kind::in_interface, style), 6), " ",
               padded(interface_words(rule, Match::Kind::out_interface, style), 6), "  ");
    append(out, padded(address_words(rule, Match::Kind::source, style), 19), "  ", padded(address_words(rule, Match::Kind::destination, style), 19), " ");
    if (rule.target.kind == TargetKind::go_to)
        out += " [goto]";
    for (const Match& match : rule.matches)
        if (const auto words = match_words(match, rule, style.ipv6); !words.empty())
            append(out, " ", words);
    if (const auto words = target_words(rule.target, style.ipv6); !words.empty())
        append(out, " ", words);
    return out + "\n";
}

void list_chain(Process& process, const net::Ruleset& rules, net::TableId table, const net::Chain& chain, const ListStyle& style) {
    const net::ChainNames& names = rules.names();
    std::size_t references = 0;
    rules.each_chain(table, [&](const net::Chain& other) {
        for (const Rule& rule : other.rules)
            references += (rule.target.kind == TargetKind::jump || rule.target.kind == TargetKind::go_to) && rule.target.chain == chain.id;
    });
    const bool builtin = chain.id < net::builtin_chain_count;
    const std::string policy = cat("policy ", chain.drop_policy ? "DROP" : "ACCEPT", style.verbose ? " 0 packets, 0 bytes" : "");
    process.print("Chain ", names.name(chain.id), " (", builtin ? policy : cat(references, " references"), ")\n",
                  style.numbered ? "num  " : "", style.verbose ? " pkts bytes " : "", "target     prot opt ",
                  style.verbose ? "in     out     " : "", "source               destination         \n");
    for (std::size_t i = 0; i < chain.rules.size(); ++i)
        process.print(list_line(chain.rules[i], i, names, style));
}

int list_main(Process& process, net::Family family) {
    const bool ipv6 = family == net::Family::ipv6;
    const std::string_view name = ipv6 ? "ip6tables" : "iptables";
    const std::string complaint = cat("Try `", name, " -h' or '", name, " --help' for more information.\n");
    const auto options = parse_options(process.args, "L S n v list=L list-rules=S numeric=n verbose=v line-numbers=line-numbers", "t w table=t wait=w");
    const auto* view = process.context.network.view(process.context.netns);
    if (!view || (!options.has("L") && !options.has("S")) || !options.unknown.empty())
        return process.fail(2, name, " v1.8.9 (nf_tables): ", options.unknown.empty() ? "no command specified" : cat("unknown option \"", options.unknown, "\""), "\n", complaint);
    if (process.context.uid != 0)
        return process.fail(4, name, " v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n");
    const std::string wanted_table(options.value("t", "filter"));
    const net::TableId all[] = {net::TableId::mangle, net::TableId::raw, net::TableId::filter, net::TableId::nat};
    const auto* table = std::find_if(std::begin(all), std::end(all), [&](net::TableId id) { return net::table_name(id) == wanted_table; });
    if (table == std::end(all))
        return process.fail(3, name, " v1.8.9 (nf_tables): table '", wanted_table, "' does not exist\nPerhaps ", name, " or your kernel needs to be upgraded.\n");
    const net::Ruleset& rules = view->rules(family);
    const std::string chain = options.operands.empty() ? std::string() : options.operands.front();
    std::vector<const net::Chain*> chains;
    for (const net::Chain* one : rules.chains(*table))
        if (chain.empty() || rules.names().name(one->id) == chain)
            chains.push_back(one);
    if (chains.empty() && !chain.empty())
        return process.fail(1, name, ": No chain/target/match by that name.\n");
    if (options.has("S")) {
        for (const net::Chain* one : chains)
            process.print(one->id < net::builtin_chain_count ? "-P " : "-N ", rules.names().name(one->id),
                          one->id < net::builtin_chain_count ? (one->drop_policy ? " DROP" : " ACCEPT") : "", "\n");
        for (const net::Chain* one : chains)
            for (const Rule& rule : one->rules)
                process.print(net::save_text(rule, one->id, rules.names(), family), "\n");
        return 0;
    }
    const ListStyle style{options.has("n"), options.has("v"), options.has("line-numbers"), ipv6};
    for (std::size_t i = 0; i < chains.size(); ++i) {
        process.print(i ? "\n" : "");
        list_chain(process, rules, *table, *chains[i], style);
    }
    return 0;
}

int save_main(Process& process, net::Family family) {
    const std::string_view name = family == net::Family::ipv6 ? "ip6tables-save" : "iptables-save";
    const auto* view = process.context.network.view(process.context.netns);
    if (!view)
        return process.fail(1, name, ": no network namespace\n");
    if (process.context.uid != 0)
        return process.fail(4, name, ": Permission denied (you must be root)\n");
    const auto options = parse_options(process.args, "c counters=c", "t table=t");
    const auto table = options.value("t");
    const auto text = net::save_text(view->rules(family), process.context.simulation.now(), table);
    if (text.empty() && !table.empty())
        return process.fail(3, name, ": can't initialize iptables table `", table, "'\n");
    process.print(text);
    return 0;
}

}  // namespace

int iptables_main(Process& process) { return list_main(process, net::Family::ipv4); }
int ip6tables_main(Process& process) { return list_main(process, net::Family::ipv6); }
int iptables_save_main(Process& process) { return save_main(process, net::Family::ipv4); }
int ip6tables_save_main(Process& process) { return save_main(process, net::Family::ipv6); }

}  // namespace kubewalk::shell
