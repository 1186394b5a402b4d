// ss, netstat, nc: sockets. Upstream: iproute2 misc/ss.c, net-tools netstat.c, busybox networking/nc.c,
// openbsd nc.

#include <algorithm>

#include "core/base/sort.h"
#include "core/net/node_stack.h"
#include "core/shell/programs.h"
#include "core/shell/programs/http.h"

namespace kubewalk::shell {

namespace {

std::string column(std::string text, std::size_t width) {
    if (text.size() < width)
        text.resize(width, ' ');
    return text;
}

struct Wanted {
    bool tcp = false;
    bool udp = false;
    bool processes = false;
};

Wanted wanted_of(const Options& options) {
    Wanted wanted{options.has("t"), options.has("u"), options.has("p")};
    if (!wanted.tcp && !wanted.udp)
        wanted.tcp = wanted.udp = true;
    return wanted;
}

std::vector<net::Listener> listeners_of(const Process& process, Wanted wanted) {
    std::vector<net::Listener> out;
    for (const auto& listener : process.context.network.listeners(process.context.netns))
        if ((listener.protocol == net::Protocol::tcp && wanted.tcp) ||
            (listener.protocol == net::Protocol::udp && wanted.udp))
            out.push_back(listener);
    sort_stably(out, [](const auto& a, const auto& b) {
        return a.protocol != b.protocol ? a.protocol > b.protocol : a.port < b.port;
    });
    return out;
}

// nc -z: can a connection be opened?
struct Probe {
    std::string host;
    std::uint16_t port = 0;
    net::Resolution resolution;
    net::Dialled dialled;
};

std::optional<Probe> probe(Process& process, const Options& options) {
    if (options.operands.size() < 2)
        return std::nullopt;
    Probe probe;
    probe.host = options.operands[0];
    const auto port = parse_int(options.operands[1]).value_or(0);
    if (port < 1 || port > 65535)
        return std::nullopt;
    probe.port = static_cast<std::uint16_t>(port);
    probe.resolution = process.resolve(probe.host, options.has("4")   ? net::WantFamilies::ipv4_only
                                                   : options.has("6") ? net::WantFamilies::ipv6_only
                                                                      : net::WantFamilies::both);
    const auto limit = parse_int(options.value("w"));
    if (options.has("u"))
        return probe;
    for (const auto& ip : probe.resolution.addresses) {
        const auto give_up = limit ? seconds(*limit) : net::syn_give_up;
        probe.dialled = process.context.network.connect(process.context.netns, {ip, probe.port}, "nc", give_up);
        process.wait(std::min(probe.dialled.connection.elapsed, give_up));
        if (probe.dialled.outcome == net::Outcome::delivered)
            break;
    }
    return probe;
}

// Sends what came on standard input and prints the answer.
void converse(Process& process, const Probe& probe, const Options& options) {
    if (!options.has("z") && !process.input.empty())
        if (auto answer = process.context.network.bytes(probe.dialled.id, std::string(process.input)))
            process.print(answer.value());
    process.context.network.disconnect(probe.dialled.id);
}

}  // namespace

int ss_main(Process& process) {
    const auto options = parse_options(process.args, "l n t u a p 4 6 H numeric=n listening=l tcp=t udp=u", "");
    if (!options.unknown.empty())
        return process.fail(255, "ss: invalid option -- '", options.unknown.substr(1), "'\n");
    const auto wanted = wanted_of(options);
    const bool both = wanted.tcp && wanted.udp;
    process.print(both ? "Netid " : "", "State  Recv-Q Send-Q Local Address:Port  Peer Address:Port",
                  wanted.processes ? "Process" : "", "\n");
    for (const auto& listener :
         options.has("l") || options.has("a") ? listeners_of(process, wanted) : std::vector<net::Listener>{}) {
        const bool tcp = listener.protocol == net::Protocol::tcp;
        const auto local = listener.ip.unspecified() ? cat("*:", listener.port)
                                                     : net::SocketAddress{listener.ip, listener.port}.text();
        process.print(both ? column(std::string(net::protocol_name(listener.protocol)), 6) : std::string(),
                      column(tcp ? "LISTEN" : "UNCONN", 7), column("0", 7), column(tcp ? "4096" : "0", 7),
                      column(local, 19), "*:*",
                      wanted.processes ? cat("               users:((\"", listener.process, "\"))") : std::string(),
                      "\n");
    }
    return 0;
}

int netstat_main(Process& process) {
    const auto options = parse_options(process.args, "l n t u a p", "");
    const auto wanted = wanted_of(options);
    process.print("Active Internet connections (",
                  options.has("l")   ? "only servers"
                  : options.has("a") ? "servers and established"
                                     : "w/o servers",
                  ")\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ",
                  wanted.processes ? "PID/Program name    " : "", "\n");
    for (const auto& listener :
         options.has("l") || options.has("a") ? listeners_of(process, wanted) : std::vector<net::Listener>{}) {
        const bool tcp = listener.protocol == net::Protocol::tcp;
        const auto local =
            cat(listener.ip.unspecified() ? std::string("0.0.0.0") : listener.ip.text(), ":", listener.port);
        process.print(column(std::string(net::protocol_name(listener.protocol)), 6), "     0      0 ",
                      column(local, 24), column("0.0.0.0:*", 24), column(tcp ? "LISTEN" : "", 12),
                      wanted.processes ? cat("-/", listener.process) : std::string(), "\n");
    }
    return 0;
}

namespace {

// The name of a port in /etc/services.
std::string_view service_word(std::uint16_t port) {
    constexpr std::pair<std::uint16_t, std::string_view> known[] = {
        {22, "ssh"},   {53, "domain"},  {80, "http"},       {123, "ntp"},        {443, "https"},  {3306, "mysql"},
        {5432, "postgresql"}, {5672, "amqp"}, {6379, "redis"}, {8080, "http-alt"}};
    for (const auto& [number, word] : known)
        if (number == port)
            return word;
    return "*";
}

// A datagram, and whether anybody objects: silence is taken for success.
int nc_udp(Process& process, const Probe& probe, const std::string& host, bool verbose) {
    const auto ip = probe.resolution.addresses.front();
    net::Network::EchoOptions options;
    const auto echo = process.context.network.probe(process.context.netns, {ip, probe.port}, net::Protocol::udp, options);
    process.wait(seconds(1));
    if (echo.icmp != net::IcmpCode::none || echo.outcome == net::Outcome::refused || echo.outcome == net::Outcome::unreachable)
        return 1;
    if (verbose)
        process.fail(0, "Connection to ", host, " ", probe.port, " port [udp/", service_word(probe.port), "] succeeded!\n");
    return 0;
}

}  // namespace

int nc_main(Process& process) {
    const auto options = parse_options(process.args, "z v n u 4 6 N", "w s p");
    const auto result = probe(process, options);
    if (!result)
        return process.fail(1, "usage: nc [-46cDdFhklNnrStUuvZz] [destination] [port]\n");
    if (result->resolution.addresses.empty())
        return process.fail(1, "nc: getaddrinfo for host \"", result->host, "\" port ", result->port, ": ",
                            net::resolver_error_text(process.context.libc, result->resolution.error), "\n");
    const auto ip = result->resolution.addresses.front().text();
    const auto host = net::Ip::parse(result->host) ? result->host : cat(result->host, " (", ip, ")");
    if (options.has("u"))
        return nc_udp(process, *result, host, options.has("v"));
    if (result->dialled.outcome != net::Outcome::delivered) {
        if (!options.has("v"))
            return 1;
        return process.fail(1, "nc: connect to ", host, " port ", result->port,
                            " (tcp) failed: ", result->dialled.error, "\n");
    }
    if (options.has("v"))
        process.fail(0, "Connection to ", host, " ", result->port,
                     " port [tcp/", service_word(result->port), "] succeeded!\n");
    converse(process, *result, options);
    return 0;
}

int busybox_nc_main(Process& process) {
    const auto options = parse_options(process.args, "z v n u l", "w s p");
    const auto result = probe(process, options);
    if (!result)
        return process.fail(1, "BusyBox v1.36.1 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\n");
    if (result->resolution.addresses.empty())
        return process.fail(1, "nc: bad address '", result->host, "'\n");
    const auto address = net::SocketAddress{result->resolution.addresses.front(), result->port}.text();
    if (result->dialled.outcome != net::Outcome::delivered) {
        const bool silent =
            result->dialled.outcome == net::Outcome::timeout || result->dialled.outcome == net::Outcome::dropped;
        if (silent && options.has("w"))
            return process.fail(1, "nc: timed out\n");
        return process.fail(1, "nc: can't connect to remote host (", result->resolution.addresses.front().text(),
                            "): ", result->dialled.error, "\n");
    }
    if (options.has("v"))
        process.fail(0, result->host, " (", address, ") open\n");
    converse(process, *result, options);
    return 0;
}

}  // namespace kubewalk::shell
