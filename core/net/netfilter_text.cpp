// The two printers of one rule: iptables-restore input as kube-proxy writes it (pkg/proxy/iptables)
// and the output of iptables-save (iptables 1.8.9, nf_tables: iptables/nft.c, extensions/libxt_*.c).

#include <cstdio>

#include "core/base/text.h"
#include "core/net/netfilter.h"

namespace kubewalk::net {

namespace {

std::string hex(std::uint32_t number) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "0x%x", number);
    return buffer;
}

std::string probability_text(std::uint32_t probability_of_2_31) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.11f", static_cast<double>(probability_of_2_31) / 2147483648.0);
    return buffer;
}

// kube-proxy writes addresses bare, networks with their length.
std::string restore_prefix(const Match& match) {
    const Prefix& prefix = match.prefix;
    const int host = prefix.ip.family == Family::ipv4 ? 32 : 128;
    return prefix.length == host && !match.written_in_full ? prefix.ip.text() : prefix.text();
}

// xtables_save_string: quoted unless made of plain characters.
std::string save_string(std::string_view text) {
    bool plain = !text.empty();
    for (char c : text)
        plain = plain && ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-');
    if (plain)
        return std::string(text);
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\' || c == '\'')
            out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
    return out;
}

// Upstream quotes comments that hold blanks, in its own code.
std::string restore_string(std::string_view text) {
    return text.find(' ') == std::string_view::npos ? std::string(text) : cat('"', text, '"');
}

int protocol_number(Protocol protocol) {
    return protocol == Protocol::tcp ? 6 : protocol == Protocol::udp ? 17 : protocol == Protocol::icmp ? 1 : 132;
}

std::string_view protocol_name(Protocol protocol, Family family) {
    return protocol == Protocol::icmp && family == Family::ipv6 ? "ipv6-icmp" : protocol_name(protocol);
}

// -m recent keeps whole addresses.
std::string_view full_mask(Family family) {
    return family == Family::ipv6 ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255";
}

std::string_view reject_name(IcmpCode code, Family family) {
    const bool v6 = family == Family::ipv6;
    switch (code) {
    case IcmpCode::net_unreachable: return v6 ? "icmp6-no-route" : "icmp-net-unreachable";
    case IcmpCode::host_unreachable: return v6 ? "icmp6-addr-unreachable" : "icmp-host-unreachable";
    case IcmpCode::admin_prohibited: return v6 ? "icmp6-adm-prohibited" : "icmp-admin-prohibited";
    default: return v6 ? "icmp6-port-unreachable" : "icmp-port-unreachable";
    }
}

std::string port_range(const Match& match) {
    return match.low == match.high ? cat(match.low) : cat(match.low, ':', match.high);
}

void append_restore_match(std::string& out, const Match& match) {
    const std::string_view bang = match.negate ? " !" : "";
    switch (match.kind) {
    case Match::Kind::source: append(out, bang, " -s ", restore_prefix(match)); break;
    case Match::Kind::destination: append(out, bang, " -d ", restore_prefix(match)); break;
    case Match::Kind::protocol: {
        const std::string_view name = protocol_name(match.protocol);
        if (match.module)
            append(out, " -m ", name);
        append(out, bang, " -p ", name);
        break;
    }
    case Match::Kind::in_interface: append(out, bang, " -i ", match.text); break;
    case Match::Kind::out_interface: append(out, bang, " -o ", match.text); break;
    case Match::Kind::source_port: append(out, bang, " --sport ", port_range(match)); break;
    case Match::Kind::destination_port: append(out, bang, " --dport ", port_range(match)); break;
    case Match::Kind::mark: append(out, " -m mark", bang, " --mark ", hex(match.value), '/', hex(match.mask)); break;
    case Match::Kind::ctstate: append(out, " -m conntrack", bang, " --ctstate ", ctstate::text(match.value)); break;
    case Match::Kind::statistic:
        append(out, " -m statistic --mode random --probability ", match.text);
        break;
    case Match::Kind::recent_set: append(out, " -m recent --name ", match.text, " --set"); break;
    case Match::Kind::recent_check:
        append(out, " -m recent --name ", match.text, " --rcheck --seconds ", match.value, " --reap");
        break;
    case Match::Kind::destination_local: append(out, " -m addrtype", bang, " --dst-type LOCAL"); break;
    case Match::Kind::source_local: append(out, " -m addrtype", bang, " --src-type LOCAL"); break;
    case Match::Kind::nfacct: append(out, " -m nfacct --nfacct-name ", match.text); break;
    case Match::Kind::comment: append(out, " -m comment --comment ", restore_string(match.text)); break;
    case Match::Kind::set: append(out, " -m set", bang, " --match-set ", match.text, ' ', match.directions.text()); break;
    case Match::Kind::destination_ports: append(out, " -m multiport", bang, " --dports ", port_range(match)); break;
    case Match::Kind::icmp_type: append(out, bang, " --icmp-type ", match.text); break;
    case Match::Kind::physdev_bridged: append(out, " -m physdev", bang, " --physdev-is-bridged"); break;
    case Match::Kind::physdev_in: append(out, " -m physdev", bang, " --physdev-is-in"); break;
    case Match::Kind::ipvs:
        append(out, " -m ipvs --vaddr ", match.prefix.ip.text(), " --vproto ", protocol_name(match.protocol), " --vport ", match.low);
        break;
    case Match::Kind::limit: append(out, " -m limit --limit ", match.value, "/minute --limit-burst ", match.low); break;
    }
}

void append_restore_target(std::string& out, const Target& target, const ChainNames& names) {
    switch (target.kind) {
    case TargetKind::none: break;
    case TargetKind::accept: out += " -j ACCEPT"; break;
    case TargetKind::drop: out += " -j DROP"; break;
    case TargetKind::return_: out += " -j RETURN"; break;
    case TargetKind::reject: out += " -j REJECT"; break;
    case TargetKind::jump: append(out, " -j ", names.name(target.chain)); break;
    case TargetKind::go_to: append(out, " -g ", names.name(target.chain)); break;
    case TargetKind::mark:
        append(out, " -j MARK ", target.mark_and == ~target.mark_xor ? "--or-mark " : "--xor-mark ", hex(target.mark_xor));
        break;
    case TargetKind::dnat: append(out, " -j DNAT --to-destination ", target.to.port ? target.to.text() : target.to.ip.text()); break;
    case TargetKind::snat: append(out, " -j SNAT --to-source ", target.to.port ? target.to.text() : target.to.ip.text()); break;
    case TargetKind::masquerade: append(out, " -j MASQUERADE", target.random_fully ? " --random-fully" : ""); break;
    case TargetKind::nflog: append(out, " -j NFLOG --nflog-group ", target.group); break;
    case TargetKind::notrack: out += " -j NOTRACK"; break;
    }
}

const Match* find(const Rule& rule, Match::Kind kind) {
    for (const Match& match : rule.matches)
        if (match.kind == kind)
            return &match;
    return nullptr;
}

// The IP part, which the real tool prints first: -s -d -i -o -p.
void append_save_header(std::string& out, const Rule& rule, Family family) {
    auto bang = [](const Match& match) { return match.negate ? " !" : ""; };
    if (const Match* match = find(rule, Match::Kind::source))
        append(out, bang(*match), " -s ", match->prefix.text());
    if (const Match* match = find(rule, Match::Kind::destination))
        append(out, bang(*match), " -d ", match->prefix.text());
    if (const Match* match = find(rule, Match::Kind::in_interface))
        append(out, bang(*match), " -i ", match->text);
    if (const Match* match = find(rule, Match::Kind::out_interface))
        append(out, bang(*match), " -o ", match->text);
    if (const Match* match = find(rule, Match::Kind::protocol))
        append(out, bang(*match), " -p ", protocol_name(match->protocol, family));
}

void append_save_ports(std::string& out, const Rule& rule) {
    if (const Match* match = find(rule, Match::Kind::source_port))
        append(out, match->negate ? " !" : "", " --sport ", port_range(*match));
    if (const Match* match = find(rule, Match::Kind::destination_port))
        append(out, match->negate ? " !" : "", " --dport ", port_range(*match));
}

void append_save_match(std::string& out, const Rule& rule, const Match& match, bool& ports_printed, Family family) {
    const std::string_view bang = match.negate ? " !" : "";
    switch (match.kind) {
    case Match::Kind::source:
    case Match::Kind::destination:
    case Match::Kind::in_interface:
    case Match::Kind::out_interface: break;
    case Match::Kind::protocol:
        if (match.module) {
            append(out, " -m ", protocol_name(match.protocol));
            append_save_ports(out, rule);
            ports_printed = true;
        }
        break;
    case Match::Kind::source_port:
    case Match::Kind::destination_port:
        if (!ports_printed) {
            if (const Match* protocol = find(rule, Match::Kind::protocol))
                append(out, " -m ", protocol_name(protocol->protocol));
            append_save_ports(out, rule);
            ports_printed = true;
        }
        break;
    case Match::Kind::statistic:
        append(out, " -m statistic --mode random --probability ", probability_text(match.value));
        break;
    case Match::Kind::recent_set:
        append(out, " -m recent --set --name ", match.text, " --mask ", full_mask(family), " --rsource");
        break;
    case Match::Kind::recent_check:
        append(out, " -m recent --rcheck --seconds ", match.value, " --reap --name ", match.text, " --mask ", full_mask(family),
               " --rsource");
        break;
    // libxt_nfacct prints two blanks before the name.
    case Match::Kind::nfacct: append(out, " -m nfacct --nfacct-name  ", match.text); break;
    case Match::Kind::comment: append(out, " -m comment --comment ", save_string(match.text)); break;
    case Match::Kind::ipvs:
        append(out, " -m ipvs --vproto ", protocol_number(match.protocol), " --vaddr ", match.prefix.text(), " --vport ", match.low);
        break;
    case Match::Kind::icmp_type:
        append(out, family == Family::ipv6 ? " -m icmp6" : " -m icmp", bang, family == Family::ipv6 ? " --icmpv6-type " : " --icmp-type ",
               match.value);
        break;
    case Match::Kind::limit: append(out, " -m limit --limit ", match.value, "/min --limit-burst ", match.low); break;
    case Match::Kind::mark: append(out, " -m mark", bang, " --mark ", hex(match.value), '/', hex(match.mask)); break;
    default: append_restore_match(out, match); break;
    }
}

void append_save_target(std::string& out, const Rule& rule, const ChainNames& names, Family family) {
    const Target& target = rule.target;
    if (target.kind == TargetKind::reject)
        append(out, " -j REJECT --reject-with ", reject_name(target.reject_with, family));
    else if (target.kind == TargetKind::mark)
        append(out, " -j MARK --set-xmark ", hex(target.mark_xor), '/', hex(~target.mark_and));
    else
        append_restore_target(out, target, names);
}

// ctime(3) without the newline: "Thu Jan  1 00:03:12 2026".
std::string ctime_text(Time time) {
    constexpr std::string_view days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::string stamp = to_rfc3339(time);  // 2026-01-01T00:03:12Z
    const std::int64_t unix_day = (epoch_unix_seconds + time.ns / 1'000'000'000) / 86400;
    const auto month = parse_int(stamp.substr(5, 2)).value_or(1);
    const auto day = parse_int(stamp.substr(8, 2)).value_or(1);
    return cat(days[unix_day % 7], ' ', months[month - 1], day < 10 ? "  " : " ", day, ' ', stamp.substr(11, 8), ' ',
               stamp.substr(0, 4));
}

}  // namespace

std::string ctstate::text(std::uint32_t bits) {
    constexpr std::pair<std::uint32_t, std::string_view> names[] = {
        {invalid, "INVALID"}, {fresh, "NEW"}, {related, "RELATED"}, {established, "ESTABLISHED"},
        {untracked, "UNTRACKED"}, {snat, "SNAT"}, {dnat, "DNAT"}};
    std::string out;
    for (const auto& [bit, name] : names)
        if (bits & bit)
            append(out, out.empty() ? "" : ",", name);
    return out;
}

std::string restore_text(const Rule& rule, ChainId chain, const ChainNames& names) {
    std::string out = cat("-A ", names.name(chain));
    for (const Match& match : rule.matches)
        append_restore_match(out, match);
    append_restore_target(out, rule.target, names);
    return out;
}

std::string save_text(const Rule& rule, ChainId chain, const ChainNames& names, Family family) {
    std::string out = cat("-A ", names.name(chain));
    append_save_header(out, rule, family);
    bool ports_printed = false;
    for (const Match& match : rule.matches)
        append_save_match(out, rule, match, ports_printed, family);
    append_save_target(out, rule, names, family);
    return out;
}

std::string save_text(const Ruleset& rules, Time now, std::string_view only) {
    std::string out;
    const std::string stamp = ctime_text(now);
    const std::string_view program = rules.family() == Family::ipv6 ? "ip6tables-save" : "iptables-save";
    for (std::size_t i = 0; i < table_count; ++i) {
        const TableId table = static_cast<TableId>(i);
        if (rules.empty(table) || (!only.empty() && only != table_name(table)))
            continue;
        append(out, "# Generated by ", program, " v1.8.9 (nf_tables) on ", stamp, "\n*", table_name(table), '\n');
        const auto chains = rules.chains(table);
        for (const Chain* chain : chains)
            append(out, ':', rules.names().name(chain->id), ' ',
                   chain->id >= builtin_chain_count ? "-" : chain->drop_policy ? "DROP" : "ACCEPT", " [0:0]\n");
        for (const Chain* chain : chains)
            for (const Rule& rule : chain->rules)
                append(out, save_text(rule, chain->id, rules.names(), rules.family()), '\n');
        append(out, "COMMIT\n# Completed on ", stamp, '\n');
    }
    return out;
}

}  // namespace kubewalk::net
