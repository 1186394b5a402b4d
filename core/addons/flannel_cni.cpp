#include "core/addons/flannel_cni.h"

#include <cstdio>

#include "core/base/random.h"
#include "core/base/text.h"
#include "core/net/node_stack.h"

namespace kubewalk::addons {

namespace {

constexpr std::string_view bridge_name = "cni0";
constexpr std::string_view network_name = "cbr0";
constexpr std::string_view leases = "/var/lib/cni/networks/cbr0/";
constexpr std::string_view last_reserved = "/var/lib/cni/networks/cbr0/last_reserved_ip.";  // and the range's number

Error failed(std::string_view message) {
    return {"CNIError", cat("plugin type=\"flannel\" failed (add): ", message), {}};
}

// One family's part of subnet.env.
struct Range {
    net::Prefix network;
    net::Prefix subnet;  // the gateway's address with the subnet's length
};

struct SubnetEnv {
    Range ipv4;
    std::optional<Range> ipv6;
    int mtu = 1450;

    std::vector<Range> ranges() const { return ipv6 ? std::vector{ipv4, *ipv6} : std::vector{ipv4}; }
};

Result<SubnetEnv> load_subnet_env(const net::NodeStack& stack) {
    const auto file = stack.files.find(flannel_env_path);
    if (file == stack.files.end())
        return failed(cat("failed to load flannel 'subnet.env' file: open ", flannel_env_path,
                          ": no such file or directory. Check the flannel pod log for this node."));
    SubnetEnv env;
    Range ipv6;
    for (std::string_view line : split(file->second, '\n')) {
        const std::size_t equals = line.find('=');
        const std::string_view key = line.substr(0, equals);
        const std::string_view value = equals == std::string_view::npos ? std::string_view{} : line.substr(equals + 1);
        const auto prefix = net::Prefix::parse(value).value_or(net::Prefix{});
        if (key == "FLANNEL_NETWORK")
            env.ipv4.network = prefix;
        else if (key == "FLANNEL_SUBNET")
            env.ipv4.subnet = prefix;
        else if (key == "FLANNEL_IPV6_NETWORK")
            ipv6.network = prefix;
        else if (key == "FLANNEL_IPV6_SUBNET")
            ipv6.subnet = prefix;
        else if (key == "FLANNEL_MTU")
            env.mtu = static_cast<int>(parse_int(value).value_or(1450));
    }
    if (ipv6.subnet.length > 0)
        env.ipv6 = ipv6;
    return env;
}

std::string lease_path(const net::Ip& ip) { return cat(leases, ip.text()); }

// The last address that may be given away: IPv4 keeps one for broadcasts.
net::Ip last_of(const net::Prefix& subnet) {
    const net::Ip last = subnet.last();
    return subnet.ip.family == net::Family::ipv4 ? net::Ip::from_v4_number(last.v4_number() - 1) : last;
}

// host-local: round robin from the last reserved address; the gateway is never given away.
std::optional<net::Ip> reserve(net::NodeStack& stack, std::size_t range, const net::Prefix& subnet, std::string_view container_id) {
    const net::Ip first = subnet.network().plus(1), last = last_of(subnet);
    const std::string last_file = cat(last_reserved, range);
    const auto file = stack.files.find(last_file);
    const auto previous = file == stack.files.end() ? std::nullopt : net::Ip::parse(file->second);
    const net::Ip start = previous && subnet.contains(*previous) && *previous < last ? previous->plus(1) : first;
    net::Ip at = start;
    do {
        if (at != subnet.ip && !stack.files.contains(lease_path(at))) {
            stack.files[lease_path(at)] = cat(container_id, "\r\neth0");
            stack.files[last_file] = at.text();
            return at;
        }
        at = at < last ? at.plus(1) : first;
    } while (at != start);
    return std::nullopt;
}

void give_back(net::NodeStack& stack, std::string_view container_id) {
    const std::string wanted = cat(container_id, "\r\neth0");
    for (auto it = stack.files.lower_bound(leases); it != stack.files.end() && it->first.starts_with(leases);)
        it = it->second == wanted ? stack.files.erase(it) : std::next(it);
}

void ensure_bridge(net::NodeStack& stack, const SubnetEnv& env) {
    net::NetNamespace& host = stack.root();
    if (host.find_interface(bridge_name))
        return;
    net::Interface bridge;
    bridge.name = bridge_name;
    bridge.kind = net::InterfaceKind::bridge;
    bridge.mac = net::mac_for(cat(stack.name(), '/', bridge_name));
    bridge.mtu = env.mtu;
    host.add_interface(std::move(bridge));
    host.add_address(bridge_name, env.ipv4.subnet);
    host.set_sysctl("net.ipv4.ip_forward", "1");  // isGateway
    if (env.ipv6) {
        host.add_address(bridge_name, env.ipv6->subnet);
        host.set_sysctl("net.ipv6.conf.all.forwarding", "1");
    }
}

std::string veth_name(const net::NetNamespace& host, std::string_view container_id) {
    std::uint64_t salt = fnv1a(container_id);
    while (true) {
        char name[16];
        std::snprintf(name, sizeof name, "veth%08x", static_cast<unsigned>(salt & 0xffffffff));
        if (!host.find_interface(name))
            return name;
        salt = salt * 6364136223846793005ull + 1442695040888963407ull;
    }
}

}  // namespace

bool cni_configured(const net::Network& network, std::string_view machine) {
    const net::NodeStack* stack = network.stack(machine);
    return stack && stack->files.contains(cni_config_path);
}

Result<std::vector<net::Ip>> cni_add(net::Network& network, std::string_view machine, net::NamespaceId pod, std::string_view container_id,
                                     std::span<const HostPort> ports) {
    net::NodeStack* stack = network.stack(machine);
    if (!stack || !stack->find(pod))
        return failed("failed to open netns: no such file or directory");
    KUBEWALK_TRY(env, load_subnet_env(*stack));
    ensure_bridge(*stack, env);
    const auto ranges = env.ranges();
    std::vector<net::Ip> ips;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const net::Prefix& subnet = ranges[i].subnet;
        const auto ip = reserve(*stack, i, subnet, container_id);
        if (!ip) {
            give_back(*stack, container_id);
            return failed(cat("failed to delegate add: failed to allocate for range ", i, ": no IP addresses available in range set: ",
                              subnet.network().plus(1).text(), '-', last_of(subnet).text()));
        }
        ips.push_back(*ip);
    }
    stack->add_veth(veth_name(stack->root(), container_id), bridge_name, pod, "eth0", env.mtu);
    net::NetNamespace& inside = stack->edit(pod);
    if (env.ipv6)
        inside.enable_ipv6();
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const Range& range = ranges[i];
        inside.add_address("eth0", {ips[i], range.subnet.length});
        for (const net::Prefix& destination : {net::Prefix{{ips[i].family, {}}, 0}, range.network}) {
            net::Route route;
            route.destination = destination;
            route.via = range.subnet.ip;
            route.device = "eth0";
            inside.set_route(std::move(route));
        }
        if (!ports.empty())
            portmap_add(stack->root().edit_rules(ips[i].family), network_name, container_id, {ips[i], range.subnet.length}, ports);
    }
    return ips;
}

void cni_del(net::Network& network, std::string_view machine, net::NamespaceId pod, std::string_view container_id) {
    net::NodeStack* stack = network.stack(machine);
    if (!stack)
        return;
    portmap_del(stack->root().edit_rules(), network_name, container_id);
    if (stack->root().ipv6())
        portmap_del(stack->root().edit_rules(net::Family::ipv6), network_name, container_id);
    give_back(*stack, container_id);
    if (!stack->find(pod))
        return;
    net::NetNamespace& host = stack->root();
    std::vector<std::string> ends;
    for (const net::Interface& interface_ : host.interfaces)
        if (interface_.kind == net::InterfaceKind::veth && interface_.peer_namespace == pod)
            ends.push_back(interface_.name);
    for (const std::string& end : ends)
        host.remove_interface(end);
    stack->edit(pod).remove_interface("eth0");
}

}  // namespace kubewalk::addons
