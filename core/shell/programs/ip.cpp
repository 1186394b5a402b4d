// ip addr|link|route|neigh. Upstream: iproute2 ip/{ipaddress,iproute,ipneigh}.c.

#include <algorithm>
#include <optional>

#include "core/net/node_stack.h"
#include "core/shell/programs.h"

namespace kubewalk::shell {

namespace {

using net::Interface;
using net::InterfaceKind;

const Interface* by_index_of_peer(const Process& process, const Interface& interface_) {
    const auto* peer = process.context.network.view(interface_.peer_namespace);
    return peer ? peer->find_interface(interface_.peer) : nullptr;
}

// "eth0@if12": a veth end whose other end is in another namespace.
std::string shown_name(const Process& process, const Interface& interface_) {
    if (interface_.kind != InterfaceKind::veth)
        return interface_.name;
    const auto* peer = by_index_of_peer(process, interface_);
    return peer ? cat(interface_.name, "@if", peer->index) : interface_.name;
}

// Numbers of other namespaces as this one counts them: in the order in which their cables came.
int netnsid(const Process& process, const Interface& interface_) {
    const auto* view = process.context.network.view(process.context.netns);
    int before = 0;
    for (const auto& other : view->interfaces)
        before += other.kind == InterfaceKind::veth && other.index < interface_.index ? 1 : 0;
    return before;
}

// What -4, -6 and the words behind the object ask for.
struct Asked {
    std::optional<net::Family> family;
    std::string_view device;
    bool addresses = false;
    bool brief = false;

    bool wants(const net::Ip& ip) const { return !family || ip.family == *family; }
};

// With -6 the kernel tells less of each link: no queue, no group.
std::string link_lines(const Process& process, const Interface& interface_, const Asked& asked) {
    const bool loopback = interface_.kind == InterfaceKind::loopback;
    std::string flags = loopback ? "LOOPBACK" : "BROADCAST,MULTICAST";
    if (interface_.up)
        flags += ",UP,LOWER_UP";
    const bool queue = interface_.kind == InterfaceKind::ethernet;
    std::string line = cat(interface_.index, ": ", shown_name(process, interface_), ": <", flags, "> mtu ",
                           interface_.mtu);
    const bool ipv6_only = asked.family == net::Family::ipv6;
    if (!ipv6_only)
        append(line, " qdisc ", queue ? "fq_codel" : "noqueue");
    if (!interface_.master.empty())
        append(line, " master ", interface_.master);
    append(line, " state ",
           loopback || interface_.kind == InterfaceKind::vxlan ? "UNKNOWN"
           : interface_.up                                     ? "UP"
                                                               : "DOWN",
           ipv6_only ? "" : " group default", " qlen 1000");
    if (asked.family)
        return line + "\n";
    append(line, "\n    link/", loopback ? "loopback" : "ether", " ", interface_.mac.text(),
           " brd ", loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
    if (const auto* peer = interface_.kind == InterfaceKind::veth ? by_index_of_peer(process, interface_) : nullptr;
        peer)
        append(line, " link-netnsid ", netnsid(process, interface_));
    return line + "\n";
}

std::string address_lines(const Interface& interface_, const Asked& asked) {
    std::string lines;
    const bool loopback = interface_.kind == InterfaceKind::loopback;
    std::vector<net::Prefix> addresses = interface_.addresses;
    std::stable_partition(addresses.begin(), addresses.end(), [](const net::Prefix& prefix) {
        return prefix.ip.family == net::Family::ipv4;  // the kernel lists family by family
    });
    for (const auto& prefix : addresses) {
        if (!asked.wants(prefix.ip))
            continue;
        const bool ipv4 = prefix.ip.family == net::Family::ipv4;
        append(lines, "    ", ipv4 ? "inet " : "inet6 ", prefix.ip.text(), "/", prefix.length);
        if (ipv4 && !loopback && prefix.length < 31) {
            const auto host_bits = 0xffffffffu >> static_cast<unsigned>(prefix.length);
            append(lines, " brd ", net::Ip::from_v4_number(prefix.ip.v4_number() | host_bits).text());
        }
        append(lines, " scope ", loopback ? "host " : "global ", ipv4 ? interface_.name : std::string(),
               "\n       valid_lft forever preferred_lft forever\n");
    }
    return lines;
}

int show_links(Process& process, const net::NetNamespace& view, const Asked& asked) {
    bool found = false;
    for (const auto& interface_ : view.interfaces) {
        if (!asked.device.empty() && interface_.name != asked.device)
            continue;
        found = true;
        const auto wanted = [&](const net::Prefix& prefix) { return asked.wants(prefix.ip); };
        if (asked.family && std::none_of(interface_.addresses.begin(), interface_.addresses.end(), wanted))
            continue;
        if (asked.brief) {
            auto name = shown_name(process, interface_);
            name.resize(std::max<std::size_t>(name.size() + 1, 17), ' ');
            process.print(name, interface_.kind == InterfaceKind::loopback ? "UNKNOWN        "
                                : interface_.up                            ? "UP             "
                                                                           : "DOWN           ");
            for (const auto& prefix : interface_.addresses)
                process.print(asked.addresses && wanted(prefix) ? cat(prefix.ip.text(), "/", prefix.length, " ") : std::string());
            process.print(asked.addresses ? "" : interface_.mac.text(), "\n");
            continue;
        }
        process.print(link_lines(process, interface_, asked), asked.addresses ? address_lines(interface_, asked) : std::string());
    }
    return found ? 0 : process.fail(1, "Device \"", asked.device, "\" does not exist.\n");
}

int show_routes(Process& process, const net::NetNamespace& view, const Asked& asked, const std::vector<std::string>& words) {
    if (words.size() > 1 && words[0] == "get") {
        const auto ip = net::Ip::parse(words[1]);
        const auto* route = ip ? view.lookup(*ip) : nullptr;
        if (!route || route->kind != net::Route::Kind::unicast)
            return process.fail(2, "RTNETLINK answers: Network is unreachable\n");
        const auto source = view.source_address(*route, *ip);
        if (ip->family == net::Family::ipv6) {
            process.print(ip->text(), " from :: ", route->via ? cat("via ", route->via->text(), " ") : std::string(), "dev ", route->device,
                          source ? cat(" src ", source->text()) : std::string(), " metric ", route->protocol == "kernel" ? 256 : 1024,
                          " pref medium\n");
            return 0;
        }
        process.print(ip->text(), route->via ? cat(" via ", route->via->text()) : std::string(), " dev ",
                      route->device, source ? cat(" src ", source->text()) : std::string(), " uid ",
                      process.context.uid, " \n    cache \n");
        return 0;
    }
    if (asked.family != net::Family::ipv6) {
        for (const auto& route : view.routes)
            if (route.destination.ip.family == net::Family::ipv4)
                process.print(route.text(), " \n");
        return 0;
    }
    // The kernel goes through its tree from the leaves: what lies within another network comes before it (fib6_walk).
    std::vector<const net::Route*> listed;
    for (const auto& route : view.routes)
        if (route.destination.ip.family == net::Family::ipv6)
            listed.push_back(&route);
    std::sort(listed.begin(), listed.end(), [](const net::Route* a, const net::Route* b) {
        if (a->destination.length != b->destination.length) {
            if (a->destination.contains(b->destination.ip))
                return a->destination.length > b->destination.length;
            if (b->destination.contains(a->destination.ip))
                return a->destination.length > b->destination.length;
        }
        return a->destination.ip < b->destination.ip;
    });
    for (const net::Route* route : listed)
        process.print(route->text(), "\n");
    return 0;
}

void show_neighbours(Process& process, const net::NetNamespace& view, const Asked& asked) {
    const std::string_view only = asked.device;
    const Time now = process.context.simulation.now();
    for (const auto& [ip, learned] : view.learned) {
        const auto state = net::neighbour_state(learned, now);
        if (state.empty() || !asked.wants(ip) || (!only.empty() && learned.device != only))
            continue;
        process.print(ip.text(), " dev ", learned.device, learned.failed ? std::string() : cat(" lladdr ", learned.mac.text()), " ",
                      state, " \n");
    }
    for (const auto& neighbour : view.neighbours)
        if (asked.wants(neighbour.ip) && (only.empty() || neighbour.device == only))
            process.print(neighbour.ip.text(), " dev ", neighbour.device, " lladdr ", neighbour.mac.text(), " PERMANENT \n");
}

}  // namespace

int ip_main(Process& process) {
    std::vector<std::string> words;
    Asked asked;
    for (std::size_t i = 1; i < process.args.size(); ++i) {
        if (process.args[i] == "-br" || process.args[i] == "-brief")
            asked.brief = true;
        else if (process.args[i] == "-4" || process.args[i] == "-6")
            asked.family = process.args[i] == "-4" ? net::Family::ipv4 : net::Family::ipv6;
        else if (process.args[i].empty() || process.args[i][0] != '-')
            words.push_back(process.args[i]);
    }
    const auto* view = process.context.network.view(process.context.netns);
    if (words.empty() || !view)
        return process.fail(255, "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n");
    const std::string object = words.front();
    words.erase(words.begin());
    if (!words.empty() && (words[0] == "show" || words[0] == "list" || words[0] == "ls" || words[0] == "s"))
        words.erase(words.begin());
    if (!words.empty() && words[0] == "dev")
        words.erase(words.begin());
    const auto is = [&object](std::string_view full) {
        return !object.empty() && full.substr(0, object.size()) == object;
    };
    asked.device = words.empty() ? std::string_view() : std::string_view(words[0]);
    asked.addresses = is("address");
    if (is("address") || is("link"))
        return show_links(process, *view, asked);
    if (is("route"))
        return show_routes(process, *view, asked, words);
    if (is("neighbour") || is("neighbor")) {
        show_neighbours(process, *view, asked);
        return 0;
    }
    return process.fail(1, "Object \"", object, "\" is unknown, try \"ip help\".\n");
}

}  // namespace kubewalk::shell
