// ping, BusyBox's and iputils'. Upstream: busybox networking/ping.c; iputils ping/{ping,ping_common}.c.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

std::string fixed(double value, int digits) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return buffer;
}

double milliseconds_of(Duration duration) { return static_cast<double>(duration.ns) / 1e6; }

struct Run {
    int count = 0;
    int sent = 0;
    int received = 0;
    int errors = 0;
    Duration interval = seconds(1);
    Duration wait = seconds(10);
    net::Network::EchoOptions echo;
    std::vector<double> times;  // ms
};

// Without -c a ping goes on until it is interrupted: here after four.
constexpr int until_interrupted = 4;

Run read_options(const Options& options) {
    Run run;
    run.count = static_cast<int>(
        std::clamp<std::int64_t>(parse_int(options.value("c")).value_or(until_interrupted), 1, 1000));
    run.wait = seconds(parse_int(options.value("W")).value_or(10));
    if (auto interval = parse_go_duration(std::string(options.value("i", "1")) + "s"))
        run.interval = *interval;
    constexpr std::int64_t most_data = 65507;
    run.echo.size = static_cast<int>(std::clamp<std::int64_t>(parse_int(options.value("s")).value_or(56), 0, most_data));
    run.echo.ttl = static_cast<int>(std::clamp<std::int64_t>(parse_int(options.value("t")).value_or(64), 1, 255));
    run.echo.dont_fragment = options.value("M") == "do" || options.value("M") == "probe";
    run.echo.give_up = run.wait;
    return run;
}

template <typename Reply, typename Failure>
void run_echoes(Process& process, Run& run, const net::Ip& to, Reply reply, Failure failure) {
    run.echo.identifier = static_cast<std::uint16_t>(1 + process.context.simulation.random().below(65535));
    for (int sequence = 0; sequence < run.count; ++sequence) {
        run.echo.sequence = static_cast<std::uint16_t>(sequence + 1);
        auto echo = process.context.network.ping(process.context.netns, to, run.echo);
        ++run.sent;
        if (echo.outcome == net::Outcome::delivered) {
            ++run.received;
            run.times.push_back(milliseconds_of(echo.round_trip));
            reply(sequence, echo);
        } else {
            failure(sequence, echo);
        }
        const bool last = sequence + 1 == run.count;
        const bool silent = echo.outcome == net::Outcome::timeout || echo.outcome == net::Outcome::dropped;
        process.wait(last ? (silent ? run.wait : echo.round_trip) : run.interval);
    }
}

// The machine itself knows no way: connect(2) fails before anything is sent.
bool no_route(const net::Network::Echo& echo) {
    return echo.outcome == net::Outcome::unreachable && echo.icmp == net::IcmpCode::none;
}

// As iputils words an ICMP error (ping.c, pr_icmph).
std::string error_words(const net::Network::Echo& echo) {
    if (echo.reporter.family == net::Family::ipv6)
        switch (echo.icmp) {  // ping6_common.c, print_icmp
        case net::IcmpCode::net_unreachable: return "Destination unreachable: No route";
        case net::IcmpCode::host_unreachable: return "Destination unreachable: Address unreachable";
        case net::IcmpCode::admin_prohibited: return "Destination unreachable: Administratively prohibited";
        case net::IcmpCode::ttl_exceeded: return "Time exceeded: Hop limit";
        case net::IcmpCode::fragmentation_needed: return cat("Packet too big: mtu=", echo.mtu);
        default: return "Destination unreachable: Port unreachable";
        }
    switch (echo.icmp) {
    case net::IcmpCode::net_unreachable: return "Destination Net Unreachable";
    case net::IcmpCode::host_unreachable: return "Destination Host Unreachable";
    case net::IcmpCode::admin_prohibited: return "Packet filtered";
    case net::IcmpCode::ttl_exceeded: return "Time to live exceeded";
    case net::IcmpCode::fragmentation_needed: return cat("Frag needed and DF set (mtu = ", echo.mtu, ")");
    default: return "Destination Port Unreachable";
    }
}

bool permitted(const ProcessContext& context) { return context.net_raw || context.ping_group; }

// -4, -6, or the name it goes by.
net::WantFamilies families(const Process& process, const Options& options, const std::string& host) {
    const bool only_ipv4 = options.has("4"), only_ipv6 = options.has("6") || process.args.front() == "ping6";
    return net::Ip::parse(host) && !only_ipv4 && !only_ipv6 ? net::WantFamilies::both : process.families(only_ipv4, only_ipv6);
}

std::optional<net::Ip> look_up(Process& process, const Options& options, const std::string& host) {
    auto found = process.resolve(host, families(process, options, host));
    if (found.addresses.empty())
        return std::nullopt;
    return found.addresses.front();
}

}  // namespace

int busybox_ping_main(Process& process) {
    const auto options = parse_options(process.args, "q 4 6 A", "c s i W w t I p");
    if (options.operands.empty())
        return process.fail(1, "BusyBox v1.36.1 multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n");
    const auto& host = options.operands.front();
    const auto ip = look_up(process, options, host);
    if (!ip)
        return process.fail(1, "ping: bad address '", host, "'\n");
    if (!permitted(process.context))
        return process.fail(1, "ping: permission denied (are you root?)\n");
    auto run = read_options(options);
    const int size = run.echo.size;
    process.print("PING ", host, " (", ip->text(), "): ", size, " data bytes\n");
    bool unreachable = false;
    run_echoes(
        process, run, *ip,
        [&](int sequence, const net::Network::Echo& echo) {
            process.print(size + 8, " bytes from ", ip->text(), ": seq=", sequence, " ttl=", echo.ttl, " time=",
                          fixed(milliseconds_of(echo.round_trip), 3), " ms\n");
        },
        // ICMP errors carry no identifier of ours where BusyBox looks for it.
        [&](int, const net::Network::Echo& echo) { unreachable |= no_route(echo); });
    if (unreachable && run.received == 0)
        return process.fail(1, "ping: sendto: Network is unreachable\n");
    process.print("\n--- ", host, " ping statistics ---\n", run.sent, " packets transmitted, ", run.received,
                  " packets received, ", (run.sent - run.received) * 100 / run.sent, "% packet loss\n");
    if (!run.times.empty()) {
        double sum = 0;
        for (double t : run.times)
            sum += t;
        const auto [low, high] = std::minmax_element(run.times.begin(), run.times.end());
        process.print("round-trip min/avg/max = ", fixed(*low, 3), "/",
                      fixed(sum / static_cast<double>(run.times.size()), 3), "/", fixed(*high, 3), " ms\n");
    }
    return run.received > 0 ? 0 : 1;
}

int ping_main(Process& process) {
    const auto options = parse_options(process.args, "q 4 6 n D O", "c s i W w t I M");
    if (options.operands.empty())
        return process.fail(2, "ping: usage error: Destination address required\n");
    const auto& host = options.operands.front();
    if (!permitted(process.context))
        return process.fail(2, "ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n"
                               "ping: => missing cap_net_raw+p capability or setuid?\n");
    auto found = process.resolve(host, families(process, options, host));
    if (found.addresses.empty())
        return process.fail(2, "ping: ", host, ": ", net::resolver_error_text(process.context.libc, found.error),
                            "\n");
    const auto ip = found.addresses.front();
    const bool ipv6 = ip.family == net::Family::ipv6;
    auto run = read_options(options);
    const int size = run.echo.size;
    const auto canonical = found.canonical_name.empty() ? host : found.canonical_name;
    const auto peer = net::Ip::parse(host) ? ip.text() : cat(canonical, " (", ip.text(), ")");
    process.print("PING ", net::Ip::parse(host) ? host : canonical, ipv6 ? "(" : " (", ip.text(), ") ", size,
                  ipv6 ? std::string(" data bytes\n") : cat("(", size + 28, ") bytes of data.\n"));
    const auto begin = process.elapsed;
    bool network_unreachable = false;
    run_echoes(
        process, run, ip,
        [&](int sequence, const net::Network::Echo& echo) {
            const double ms = milliseconds_of(echo.round_trip);
            process.print(size + 8, " bytes from ", peer, ": icmp_seq=", sequence + 1, " ttl=", echo.ttl, " time=",
                          fixed(ms, ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0), " ms\n");
        },
        [&](int sequence, const net::Network::Echo& echo) {
            network_unreachable |= no_route(echo);
            if (echo.icmp == net::IcmpCode::none)
                return;
            ++run.errors;
            if (echo.reporter.unspecified())
                process.fail(0, "ping: local error: message too long, mtu: ", echo.mtu, "\n");
            else
                process.print("From ", echo.reporter.text(), " icmp_seq=", sequence + 1, " ", error_words(echo), "\n");
        });
    if (network_unreachable && run.received == 0)
        return process.fail(2, "ping: connect: Network is unreachable\n");
    process.print("\n--- ", net::Ip::parse(host) ? host : canonical, " ping statistics ---\n", run.sent,
                  " packets transmitted, ", run.received, " received",
                  run.errors > 0 ? cat(", +", run.errors, " errors") : std::string(), ", ",
                  (run.sent - run.received) * 100 / run.sent, "% packet loss, time ",
                  (process.elapsed - begin).whole_ms(), "ms\n");
    if (!run.times.empty()) {
        double sum = 0;
        double squares = 0;
        for (double t : run.times) {
            sum += t;
            squares += t * t;
        }
        const auto n = static_cast<double>(run.times.size());
        const auto [low, high] = std::minmax_element(run.times.begin(), run.times.end());
        const double deviation = std::sqrt(std::max(0.0, squares / n - (sum / n) * (sum / n)));
        process.print("rtt min/avg/max/mdev = ", fixed(*low, 3), "/", fixed(sum / n, 3), "/", fixed(*high, 3), "/",
                      fixed(deviation, 3), " ms\n");
    } else {
        process.print("\n");
    }
    return run.received > 0 ? 0 : 1;
}

}  // namespace kubewalk::shell
