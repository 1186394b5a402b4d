// conntrack, dmesg, sysctl: what the kernel knows. Upstream: conntrack-tools src/conntrack.c, util-linux
// sys-utils/dmesg.c, procps sysctl.c.

#include <cstdio>

#include "core/net/node_stack.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

constexpr std::string_view conntrack_max = "net.netfilter.nf_conntrack_max";
constexpr std::string_view conntrack_count = "net.netfilter.nf_conntrack_count";
constexpr std::string_view conntrack_version = "conntrack v1.4.7 (conntrack-tools): ";

bool wanted(const net::ConntrackEntry& entry, const shell::Options& options) {
    const net::Tuple& tuple = entry.original;
    const auto is = [&options](std::string_view name, const std::string& value) {
        return !options.has(name) || options.value(name) == value;
    };
    const bool ipv6 = tuple.source.family == net::Family::ipv6;
    const std::string protocol = ipv6 && tuple.protocol == net::Protocol::icmp ? "icmpv6" : std::string(net::protocol_name(tuple.protocol));
    return (options.value("f", "ipv4") == "ipv6") == ipv6 && is("p", protocol) && is("s", tuple.source.text()) &&
           is("d", tuple.destination.text()) && is("sport", cat(tuple.source_port)) && is("dport", cat(tuple.destination_port));
}

net::NetNamespace* editable(Process& process) {
    auto& network = process.context.network;
    net::NodeStack* stack = network.stack(network.machine_of(process.context.netns));
    return stack ? stack->find_for_edit(process.context.netns) : nullptr;
}

std::string sysctl_value(const Process& process, std::string_view key, const net::NetNamespace& view) {
    if (key == conntrack_max)
        return cat(view.conntrack.settings.max);
    if (key == conntrack_count)
        return cat(view.conntrack.list(process.context.simulation.now()).size());
    const auto found = view.sysctls.find(key);
    return found == view.sysctls.end() ? std::string() : found->second;
}

bool write_sysctl(Process& process, const std::string& key, const std::string& value) {
    net::NetNamespace* view = editable(process);
    if (!view || sysctl_value(process, key, *view).empty())
        return false;
    if (key == conntrack_max)
        view->conntrack.settings.max = static_cast<std::size_t>(std::max<std::int64_t>(parse_int(value).value_or(0), 0));
    else
        view->set_sysctl(key, value);
    return true;
}

}  // namespace

int conntrack_main(Process& process) {
    const auto options = parse_options(process.args, "L D F C S G dump=L delete=D flush=F count=C stats=S",
                                       "p s d o f family=f proto=p src=s dst=d orig-src=s orig-dst=d sport=sport dport=dport "
                                       "orig-port-src=sport orig-port-dst=dport");
    if (process.context.uid != 0)
        return process.fail(1, conntrack_version, "Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this\n");
    const auto* view = process.context.network.view(process.context.netns);
    const Time now = process.context.simulation.now();
    if (!view || !options.unknown.empty())
        return process.fail(2, conntrack_version, "unknown argument\nTry `conntrack -h' or 'conntrack --help' for more information.\n");
    const auto all = view->conntrack.list(now);
    std::size_t shown = 0;
    if (options.has("C")) {
        process.print(all.size(), "\n");
        return 0;
    }
    if (options.has("S")) {
        process.print("cpu=0   \tfound=0 invalid=0 insert=0 insert_failed=0 drop=", view->conntrack_refused, " early_drop=0 error=0 search_restart=0 \n");
        return 0;
    }
    if (options.has("F") || options.has("D")) {
        net::NetNamespace* host = editable(process);
        if (!host)
            return 1;
        host->conntrack.erase_if([&](const net::ConntrackEntry& entry) { return options.has("F") || wanted(entry, options); });
        for (const auto& entry : all)
            if (options.has("D") && wanted(entry, options)) {
                process.print(net::conntrack_line(entry, now), "\n");
                ++shown;
            }
        process.fail(0, conntrack_version, options.has("F") ? std::string("connection tracking table has been emptied.\n")
                                                            : cat(shown, " flow entries have been deleted.\n"));
        return options.has("D") && shown == 0 ? 1 : 0;
    }
    if (!options.has("L"))
        return process.fail(2, conntrack_version, "unknown argument\nTry `conntrack -h' or 'conntrack --help' for more information.\n");
    for (const auto& entry : all)
        if (wanted(entry, options)) {
            process.print(net::conntrack_line(entry, now), "\n");
            ++shown;
        }
    return process.fail(0, conntrack_version, shown, " flow entries have been shown.\n");
}

int dmesg_main(Process& process) {
    const auto& network = process.context.network;
    const net::NodeStack* stack = network.stack(network.machine_of(process.context.netns));
    if (!stack)
        return 1;
    for (const auto& line : stack->kernel_log) {
        char stamp[32];
        std::snprintf(stamp, sizeof stamp, "[%5lld.%06lld] ", static_cast<long long>(line.at.ns / 1'000'000'000),
                      static_cast<long long>(line.at.ns / 1000 % 1'000'000));
        process.print(stamp, line.text, "\n");
    }
    return 0;
}

int sysctl_main(Process& process) {
    const auto options = parse_options(process.args, "w n e q", "");
    const auto* view = process.context.network.view(process.context.netns);
    if (!view || options.operands.empty())
        return process.fail(1, "\nUsage:\n sysctl [options] [variable[=value] ...]\n");
    int exit = 0;
    for (const std::string& operand : options.operands) {
        const auto equals = operand.find('=');
        const std::string key(trim(std::string_view(operand).substr(0, equals)));
        if (equals != std::string::npos) {
            if (process.context.uid != 0)
                return process.fail(1, "sysctl: permission denied on key \"", key, "\"\n");
            if (!write_sysctl(process, key, std::string(trim(std::string_view(operand).substr(equals + 1)))))
                return process.fail(1, "sysctl: cannot stat /proc/sys/", replace_all(key, ".", "/"), ": No such file or directory\n");
            view = process.context.network.view(process.context.netns);
        }
        const std::string value = sysctl_value(process, key, *view);
        if (value.empty()) {
            exit = process.fail(1, "sysctl: cannot stat /proc/sys/", replace_all(key, ".", "/"), ": No such file or directory\n");
            continue;
        }
        process.print(options.has("n") ? std::string() : cat(key, " = "), value, "\n");
    }
    return exit;
}

}  // namespace kubewalk::shell
