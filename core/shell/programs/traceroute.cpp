// traceroute: datagrams with a growing TTL, and who complains about each.
// Upstream: traceroute 2.1 (traceroute.c), busybox networking/traceroute.c.

#include <cstdio>

#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

constexpr std::uint16_t first_port = 33434;
constexpr int datagram_header = 28;

std::string time_text(Duration duration) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3f ms", static_cast<double>(duration.ns) / 1e6);
    return buffer;
}

struct Hop {
    bool last = false;
    std::string text;
};

std::string_view remark(net::IcmpCode code) {
    switch (code) {
    case net::IcmpCode::host_unreachable: return " !H";
    case net::IcmpCode::net_unreachable: return " !N";
    case net::IcmpCode::admin_prohibited: return " !X";
    default: return "";
    }
}

struct Way {
    net::Ip target;
    int size = 60;
    int queries = 3;
    bool icmp = false;
    bool numeric = false;
    Duration wait = seconds(5);
};

Hop ask(Process& process, const Way& way, int ttl) {
    Hop hop;
    net::Ip shown;
    for (int query = 0; query < way.queries; ++query) {
        net::Network::EchoOptions options;
        options.ttl = ttl;
        options.give_up = way.wait;
        auto& network = process.context.network;
        if (way.icmp)
            options.size = way.size - datagram_header;
        else
            options.size = way.size;
        const auto port = static_cast<std::uint16_t>(first_port + (ttl - 1) * way.queries + query);
        const auto echo = way.icmp ? network.ping(process.context.netns, way.target, options)
                                   : network.probe(process.context.netns, {way.target, port}, net::Protocol::udp, options);
        const bool answered = echo.outcome == net::Outcome::delivered;
        if (!answered && (echo.icmp == net::IcmpCode::none || echo.reporter.unspecified())) {
            hop.text += " *";
            process.wait(way.wait);
            continue;
        }
        const net::Ip who = answered ? way.target : echo.reporter;
        if (shown.unspecified() || shown != who)
            append(hop.text, " ", who.text(), way.numeric ? std::string() : cat(" (", who.text(), ")"), " ");
        shown = who;
        append(hop.text, " ", time_text(echo.round_trip), remark(echo.icmp), query + 1 < way.queries ? " " : "");
        process.wait(echo.round_trip);
        hop.last |= answered || echo.icmp != net::IcmpCode::ttl_exceeded;
    }
    return hop;
}

int trace(Process& process, int usual_size, std::string_view usage) {
    const auto options = parse_options(process.args, "n I l 4 6 F d r v T U", "m q w p s i f N z");
    if (options.operands.empty())
        return process.fail(2, usage);
    const std::string& host = options.operands.front();
    const auto found = process.resolve(host, net::Ip::parse(host) ? net::WantFamilies::both : process.families(options.has("4"), options.has("6")));
    if (found.addresses.empty())
        return process.fail(2, host, ": ", net::resolver_error_text(process.context.libc, found.error), "\nCannot handle \"host\" cmdline arg `", host,
                            "' on position 1 (argc 1)\n");
    Way way;
    way.target = found.addresses.front();
    way.size = usual_size;
    way.icmp = options.has("I");
    way.numeric = options.has("n");
    way.queries = static_cast<int>(std::clamp<std::int64_t>(parse_int(options.value("q")).value_or(3), 1, 10));
    way.wait = seconds(std::clamp<std::int64_t>(parse_int(options.value("w")).value_or(5), 1, 60));
    const int most = static_cast<int>(std::clamp<std::int64_t>(parse_int(options.value("m")).value_or(30), 1, 255));
    process.print("traceroute to ", host, " (", way.target.text(), "), ", most, " hops max, ", way.size, " byte packets\n");
    for (int ttl = 1; ttl <= most; ++ttl) {
        const Hop hop = ask(process, way, ttl);
        process.print(ttl < 10 ? " " : "", ttl, " ", hop.text, "\n");
        if (hop.last)
            break;
    }
    return 0;
}

}  // namespace

int traceroute_main(Process& process) {
    return trace(process, 60, "Usage:\n  traceroute [ -46dFITnreAUDV ] [ -f first_ttl ] [ -m max_ttl ] [ -q nqueries ] [ -w MAX ] host [ packetlen ]\n");
}

int busybox_traceroute_main(Process& process) {
    return trace(process, 46, "BusyBox v1.36.1 multi-call binary.\n\nUsage: traceroute [-FIlnrv] [-f 1ST_TTL] [-m MAXTTL] [-q PROBES] [-p PORT] [-w SEC] HOST [BYTES]\n");
}

}  // namespace kubewalk::shell
