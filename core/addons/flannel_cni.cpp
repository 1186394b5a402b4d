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
constexpr std::string_view last_reserved = "/var/lib/cni/networks/cbr0/last_reserved_ip.0";

Error failed(std::string_view message) {
    return {"CNIError", cat("plugin type=\"flannel\" failed (add): ", message), {}};
}

struct SubnetEnv {
    net::Prefix network;
    net::Prefix subnet;  // the gateway's address with the subnet's length
    int mtu = 1450;
};

Result<SubnetEnv> load_subnet_env(const net::NodeStack& stack) {
    const auto file = stack.files.find(flannel_env_path);
    if (file == stack.files.end())
        return failed(cat("failed to load flannel 'subnet.env' file: open ", flannel_env_path,
                          ": no such file or directory. Check the flannel pod log for this node."));
    SubnetEnv env;
    for (std::string_view line : split(file->second, '\n')) {
        const std::size_t equals = line.find('=');
        const std::string_view key = line.substr(0, equals);
        const std::string_view value = equals == std::string_view::npos ? std::string_view{} : line.substr(equals + 1);
        if (key == "FLANNEL_NETWORK")
            env.network = net::Prefix::parse(value).value_or(net::Prefix{});
        else if (key == "FLANNEL_SUBNET")
            env.subnet = net::Prefix::parse(value).value_or(net::Prefix{});
        else if (key == "FLANNEL_MTU")
            env.mtu = static_cast<int>(parse_int(value).value_or(1450));
    }
    return env;
}

std::string lease_path(const net::Ip& ip) { return cat(leases, ip.text()); }

// host-local: round robin from the last reserved address; the gateway is never given away.
std::optional<net::Ip> reserve(net::NodeStack& stack, const net::Prefix& subnet, std::string_view container_id) {
    const std::uint32_t base = subnet.network().v4_number();
    const std::uint32_t first = base + 1;
    const std::uint32_t last = base + (1u << (32 - subnet.length)) - 2;
    const auto file = stack.files.find(last_reserved);
    const auto previous = file == stack.files.end() ? std::nullopt : net::Ip::parse(file->second);
    std::uint32_t at = previous && subnet.contains(*previous) ? previous->v4_number() + 1 : first;
    for (std::uint32_t tried = 0; tried <= last - first; ++tried, ++at) {
        if (at > last)
            at = first;
        const net::Ip ip = net::Ip::from_v4_number(at);
        if (ip == subnet.ip || stack.files.contains(lease_path(ip)))
            continue;
        stack.files[lease_path(ip)] = cat(container_id, "\r\neth0");
        stack.files[std::string(last_reserved)] = ip.text();
        return ip;
    }
    return std::nullopt;
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
    host.add_address(bridge_name, env.subnet);
    host.set_sysctl("net.ipv4.ip_forward", "1");  // isGateway
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

Result<net::Ip> cni_add(net::Network& network, std::string_view machine, net::NamespaceId pod, std::string_view container_id,
                        std::span<const HostPort> ports) {
    net::NodeStack* stack = network.stack(machine);
    if (!stack || !stack->find(pod))
        return failed("failed to open netns: no such file or directory");
    KUBEWALK_TRY(env, load_subnet_env(*stack));
    ensure_bridge(*stack, env);
    const auto ip = reserve(*stack, env.subnet, container_id);
    if (!ip) {
        const std::uint32_t base = env.subnet.network().v4_number();
        return failed(cat("failed to delegate add: failed to allocate for range 0: no IP addresses available in range set: ",
                          net::Ip::from_v4_number(base + 1).text(), '-',
                          net::Ip::from_v4_number(base + (1u << (32 - env.subnet.length)) - 2).text()));
    }
    stack->add_veth(veth_name(stack->root(), container_id), bridge_name, pod, "eth0", env.mtu);
    net::NetNamespace& inside = stack->edit(pod);
    inside.add_address("eth0", {*ip, env.subnet.length});
    for (const net::Prefix& destination : {net::Prefix{}, env.network}) {
        net::Route route;
        route.destination = destination;
        route.via = env.subnet.ip;
        route.device = "eth0";
        inside.set_route(std::move(route));
    }
    if (!ports.empty())
        portmap_add(stack->root().edit_rules(), network_name, container_id, {*ip, env.subnet.length}, ports);
    return *ip;
}

void cni_del(net::Network& network, std::string_view machine, net::NamespaceId pod, std::string_view container_id) {
    net::NodeStack* stack = network.stack(machine);
    if (!stack)
        return;
    portmap_del(stack->root().edit_rules(), network_name, container_id);
    const std::string wanted = cat(container_id, "\r\neth0");
    for (auto it = stack->files.lower_bound(leases); it != stack->files.end() && it->first.starts_with(leases);)
        it = it->second == wanted ? stack->files.erase(it) : std::next(it);
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
