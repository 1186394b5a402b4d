// dig and host. Upstream: bind9 bin/dig/{dig,host,dighost}.c (9.18).

#include <algorithm>

#include "core/base/random.h"
#include "core/shell/programs.h"
#include "core/shell/programs/dns_client.h"

namespace kubewalk::shell {

namespace {

using net::DnsCode;
using net::DnsMessage;
using net::DnsType;

constexpr std::string_view version = "9.18.28";

struct DigOptions {
    std::string name;
    std::string server;
    DnsType type = DnsType::A;
    bool search = false;
    bool short_form = false;
    bool command_line = true;
    bool comments = true;
    bool question = true;
    bool answer = true;
    bool authority = true;
    bool additional = true;
    bool stats = true;
    bool identify = false;
    bool tcp = false;
    bool ignore = false;
    bool recurse = true;
    bool edns = true;
    bool cookie = true;
    bool dnssec = false;
    bool ad_flag = true;
    bool ttl = true;
    std::uint16_t buffer = 1232;
    std::uint16_t port = 53;
    int ndots = -1;
    int tries = 3;
    int timeout_s = 0;
    net::DnsClass dns_class = net::DnsClass::IN;
    std::size_t servers = 0;  // that were named
};

void set_all(DigOptions& o, bool on) {
    o.command_line = o.comments = o.question = o.answer = o.authority = o.additional = o.stats = on;
}

// "+noall", "+short", ...: false when unknown.
bool plus_option(DigOptions& o, std::string_view text) {
    bool on = true;
    if (text.substr(0, 2) == "no") {
        on = false;
        text.remove_prefix(2);
    }
    const std::pair<std::string_view, bool DigOptions::*> flags[] = {
        {"search", &DigOptions::search},         {"short", &DigOptions::short_form},
        {"cmd", &DigOptions::command_line},      {"comments", &DigOptions::comments},
        {"question", &DigOptions::question},     {"answer", &DigOptions::answer},
        {"authority", &DigOptions::authority},   {"stats", &DigOptions::stats},
        {"additional", &DigOptions::additional}, {"identify", &DigOptions::identify},
        {"tcp", &DigOptions::tcp},               {"vc", &DigOptions::tcp},
        {"ignore", &DigOptions::ignore},         {"recurse", &DigOptions::recurse},
        {"rec", &DigOptions::recurse},           {"edns", &DigOptions::edns},
        {"cookie", &DigOptions::cookie},         {"dnssec", &DigOptions::dnssec},
        {"do", &DigOptions::dnssec},             {"adflag", &DigOptions::ad_flag},
        {"ad", &DigOptions::ad_flag},            {"ttlid", &DigOptions::ttl},
    };
    for (const auto& [name, member] : flags) {
        if (name == text) {
            o.*member = on;
            return true;
        }
    }
    if (text == "all") {
        set_all(o, on);
        return true;
    }
    const auto number = [&](std::string_view name, auto& into, std::int64_t least, std::int64_t most) {
        if (text.substr(0, name.size()) != name)
            return false;
        using Number = std::remove_reference_t<decltype(into)>;
        into = static_cast<Number>(std::clamp(parse_int(text.substr(name.size())).value_or(least), least, most));
        return true;
    };
    if (number("ndots=", o.ndots, 0, 15)) {
        o.search = true;
        return true;
    }
    int retries = -1;
    if (number("retry=", retries, 0, 1000)) {
        o.tries = retries + 1;
        return true;
    }
    if (number("tries=", o.tries, 1, 1000) || number("time=", o.timeout_s, 1, 3600) ||
        number("timeout=", o.timeout_s, 1, 3600) || number("bufsize=", o.buffer, 512, 65535))
        return true;
    return text == "multiline" || text == "nssearch" || text == "trace";
}

// A line in columns as BIND's master-file writer makes it: tabs as far as they reach, then blanks, at
// least one column apart (lib/dns/masterdump.c, indent()).
class Columns {
public:
    std::string line;

    void add(std::string_view text) {
        line += text;
        column_ += text.size();
    }
    void to(std::size_t target) {
        constexpr std::size_t tab = 8;
        target = std::max(target, column_ + 1);
        const auto tabs = target / tab - column_ / tab;
        line.append(tabs, '\t');
        line.append(target - (tabs > 0 ? target / tab * tab : column_), ' ');
        column_ = target;
    }

private:
    std::size_t column_ = 0;
};

std::string record_line(const net::DnsRecord& record, net::DnsClass dns_class = net::DnsClass::IN) {
    Columns columns;
    columns.add(record.name);
    columns.to(24);
    columns.add(cat(record.ttl));
    columns.to(32);
    columns.add(net::dns_class_name(dns_class));
    columns.to(40);
    columns.add(net::dns_type_name(record.type));
    columns.to(48);
    return cat(columns.line, record.data, "\n");
}

std::string question_line(const net::DnsQuestion& question) {
    Columns columns;
    columns.add(question.name);
    columns.to(32);
    columns.add(net::dns_class_name(question.dns_class));
    columns.to(40);
    return cat(";", columns.line, net::dns_type_name(question.type), "\n");
}

void print_section(Process& process, std::string_view title, const std::vector<net::DnsRecord>& records,
                   bool comments, net::DnsClass dns_class) {
    if (records.empty())
        return;
    if (comments)
        process.print(";; ", title, " SECTION:\n");
    for (const auto& record : records)
        process.print(record_line(record, dns_class));
    if (comments)
        process.print("\n");
}

void print_message(Process& process, const DigOptions& o, const net::ResolverQuery& query) {
    const auto& m = query.answer;
    if (o.comments) {
        process.print(";; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ", net::dns_code_name(m.code),
                      ", id: ", m.id, "\n");
        process.print(";; flags: qr", m.authoritative ? " aa" : "", m.truncated ? " tc" : "",
                      m.recursion_desired ? " rd" : "", m.recursion_available ? " ra" : "",
                      m.authentic_data ? " ad" : "", m.checking_disabled ? " cd" : "",
                      "; QUERY: 1, ANSWER: ", m.answer.size(), ", AUTHORITY: ", m.authority.size(),
                      ", ADDITIONAL: ", m.additional.size() + (m.edns ? 1 : 0), "\n");
        if (m.recursion_desired && !m.recursion_available)
            process.print(";; WARNING: recursion requested but not available\n");
        process.print("\n");
        if (m.edns) {
            process.print(";; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:", m.edns->dnssec_ok ? " do" : "",
                          "; udp: ", m.edns->udp_size, "\n");
            if (!m.edns->cookie.empty())  // servers without cookies of their own send the client's back
                process.print("; COOKIE: ", m.edns->cookie, " (echoed)\n");
        }
    }
    if (o.question) {
        process.print(o.comments ? ";; QUESTION SECTION:\n" : "", question_line(m.question), o.comments ? "\n" : "");
    }
    if (o.answer)
        print_section(process, "ANSWER", m.answer, o.comments, m.question.dns_class);
    if (o.authority)
        print_section(process, "AUTHORITY", m.authority, o.comments, m.question.dns_class);
    if (o.additional)
        print_section(process, "ADDITIONAL", m.additional, o.comments, m.question.dns_class);
}

std::string when(Time time) {
    // "Thu Jan 01 00:03:12 UTC 2026"
    constexpr std::string_view days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto text = to_rfc3339(time);
    const auto day = (epoch_unix_seconds + time.ns / 1'000'000'000) / 86400;
    return cat(days[day % 7], " ", months[parse_int(text.substr(5, 2)).value_or(1) - 1], " ", text.substr(8, 2), " ",
               text.substr(11, 8), " UTC ", text.substr(0, 4));
}

void print_stats(Process& process, const net::ResolverQuery& query) {
    const auto& ip = query.server.ip;
    process.print(";; Query time: ", query.elapsed.whole_ms(), " msec\n;; SERVER: ", ip.text(), "#",
                  query.server.port, "(", ip.text(),
                  ") (", query.protocol == net::Protocol::tcp ? "TCP" : "UDP", ")\n;; WHEN: ", when(process.context.simulation.now() + process.elapsed),
                  "\n;; MSG SIZE  rcvd: ", net::wire_size(query.answer), "\n\n");
}

bool set_class(DigOptions& o, std::string_view word) {
    for (auto known : {net::DnsClass::IN, net::DnsClass::CH, net::DnsClass::HS}) {
        if (!net::same_dns_name(net::dns_class_name(known), word))
            continue;
        o.dns_class = known;
        return true;
    }
    return false;
}

net::DigOptions query_options(Process& process, const DigOptions& o) {
    net::DigOptions options;
    options.search = o.search ? net::UseSearch::yes : net::UseSearch::no;
    options.dns_class = o.dns_class;
    options.tries = o.tries;
    if (o.timeout_s > 0)
        options.timeout = seconds(o.timeout_s);
    options.protocol = o.tcp ? net::Protocol::tcp : net::Protocol::udp;
    options.ignore_truncation = o.ignore;
    options.recurse = o.recurse;
    if (o.edns) {
        options.edns = net::DnsEdns{o.buffer, o.dnssec, {}};
        if (o.cookie) {  // eight bytes that differ from run to run
            auto bits = fnv1a(cat(o.name, process.context.simulation.now().ns));
            for (int i = 0; i < 16; ++i, bits >>= 4u)
                options.edns->cookie.push_back("0123456789abcdef"[bits & 15u]);
        }
    }
    return options;
}

// Reads the command line. False after a message.
bool read_arguments(Process& process, DigOptions& o) {
    bool type_set = false;
    for (std::size_t i = 1; i < process.args.size(); ++i) {
        const std::string& arg = process.args[i];
        if (arg.empty())
            continue;
        if (arg[0] == '@') {
            o.server = arg.substr(1);
            o.servers = 1;
        } else if (arg[0] == '+') {
            if (!plus_option(o, std::string_view(arg).substr(1))) {
                process.fail(1, "Invalid option: ", arg, "\n");
                return false;
            }
        } else if (arg == "-x" && i + 1 < process.args.size()) {
            const auto& address = process.args[++i];
            o.name = net::reverse_name(address).value_or(address);
            o.type = DnsType::PTR;
        } else if (arg == "-t" && i + 1 < process.args.size()) {
            o.type = net::parse_dns_type(process.args[++i]).value_or(DnsType::A);
        } else if (arg == "-c" && i + 1 < process.args.size()) {
            set_class(o, process.args[++i]);
        } else if (arg == "-p" && i + 1 < process.args.size()) {
            o.port = static_cast<std::uint16_t>(parse_int(process.args[++i]).value_or(53));
        } else if (arg == "-q" && i + 1 < process.args.size()) {
            o.name = process.args[++i];
        } else if (auto type = net::parse_dns_type(arg); type && !type_set && !o.name.empty()) {
            o.type = *type;
            type_set = true;
        } else if (type && o.name.empty() && i + 1 < process.args.size() && process.args[i + 1][0] != '+') {
            o.type = *type;
            type_set = true;
        } else if (arg[0] != '-' && !set_class(o, arg)) {
            o.name = arg;
        }
    }
    return true;
}

}  // namespace

int dig_main(Process& process) {
    DigOptions o;
    if (!read_arguments(process, o))
        return 1;
    if (o.name.empty()) {
        o.name = ".";
        o.type = DnsType::NS;
    }
    DnsClient client(process);
    client.port = o.port;
    if (!o.server.empty() && !client.use_server(o.server))
        return process.fail(10, "dig: couldn't get address for '", o.server, "': not found\n");
    if (o.ndots >= 0)
        client.conf.ndots = o.ndots;
    const bool banner = o.command_line && !o.short_form;
    if (banner)
        process.print("\n; <<>> DiG ", version, " <<>> ", join({process.args.begin() + 1, process.args.end()}, " "),
                      "\n", o.server.empty() ? "" : "; (1 server found)\n", ";; global options: +cmd\n");
    auto queries = client.search(o.name, o.type, query_options(process, o));
    auto& last = queries.back();
    last.server.port = o.port;
    for (const auto& query : queries) {
        if (query.outcome == net::Outcome::delivered) {
            if (query.answer.truncated && &query != &last && o.comments && !o.short_form)
                process.print(";; Truncated, retrying in TCP mode.\n");
            continue;
        }
        process.print(";; communications error to ", query.server.ip.text(), "#", o.port, ": ",
                      query.outcome == net::Outcome::refused       ? "connection refused"
                      : query.outcome == net::Outcome::unreachable ? "network unreachable"
                                                                   : "timed out", "\n");
    }
    if (last.outcome != net::Outcome::delivered) {
        process.print(banner ? "\n" : "", ";; no servers could be reached\n", banner ? "\n" : "");
        return 9;
    }
    if (o.short_form) {
        for (const auto& record : last.answer.answer)
            process.print(record.data, "\n");
        return 0;
    }
    print_message(process, o, last);
    if (o.stats)
        print_stats(process, last);
    else if (o.command_line)
        process.print("\n");
    return 0;
}

int host_main(Process& process) {
    const auto options = parse_options(process.args, "v a 4 6 r", "t W R");
    if (options.operands.empty())
        return process.fail(1, "Usage: host [-t type] name [server]\n");
    DnsClient client(process);
    if (options.operands.size() > 1 && !client.use_server(options.operands[1]))
        return process.fail(1, "host: couldn't get address for '", options.operands[1], "': not found\n");
    if (options.operands.size() > 1)
        process.print("Using domain server:\nName: ", options.operands[1], "\nAddress: ", client.server(0).ip.text(),
                      "#53\nAliases: \n\n");
    auto name = options.operands[0];
    std::vector<DnsType> types = {DnsType::A, DnsType::AAAA};
    if (auto type = net::parse_dns_type(options.value("t")))
        types = {*type};
    else if (auto reverse = net::reverse_name(name)) {
        name = *reverse;
        types = {DnsType::PTR};
    }
    const auto trimmed = [](std::string_view text) {
        return text.size() > 1 && text.back() == '.' ? text.substr(0, text.size() - 1) : text;
    };
    for (std::size_t i = 0; i < types.size(); ++i) {
        const auto queries = client.search(name, types[i]);
        const auto& last = queries.back();
        if (last.outcome != net::Outcome::delivered) {
            process.print(";; connection timed out; no servers could be reached\n");
            return 1;
        }
        if (last.answer.code != DnsCode::noerror) {
            const auto code = static_cast<int>(last.answer.code);
            process.print("Host ",
                          last.answer.code == DnsCode::nxdomain ? trimmed(options.operands[0]) : trimmed(last.name),
                          " not found: ", code, "(", net::dns_code_name(last.answer.code), ")\n");
            return 1;
        }
        for (const auto& record : last.answer.answer) {
            const auto owner = trimmed(record.name);
            switch (record.type) {
            case DnsType::A: process.print(owner, " has address ", record.data, "\n"); break;
            case DnsType::AAAA: process.print(owner, " has IPv6 address ", record.data, "\n"); break;
            case DnsType::CNAME: process.print(owner, " is an alias for ", record.data, "\n"); break;
            case DnsType::PTR: process.print(owner, " domain name pointer ", record.data, "\n"); break;
            case DnsType::SRV: process.print(owner, " has SRV record ", record.data, "\n"); break;
            case DnsType::TXT: process.print(owner, " descriptive text ", record.data, "\n"); break;
            case DnsType::NS: process.print(owner, " name server ", record.data, "\n"); break;
            case DnsType::SOA: process.print(owner, " has SOA record ", record.data, "\n"); break;
            default: break;
            }
        }
        if (last.answer.answer.empty() && types.size() == 1)
            process.print(trimmed(last.name), " has no ", net::dns_type_name(types[i]), " record\n");
        name = last.name;
    }
    return 0;
}

}  // namespace kubewalk::shell
