// kube-proxy, flanneld and kube-router as processes of their Pods. Their work is core/addons'.

#include "core/addons/flannel.h"
#include "core/addons/kube_proxy/kube_proxy.h"
#include "core/addons/local_path_provisioner.h"
#include "core/addons/network_policy/kube_router.h"
#include "core/base/text.h"
#include "core/cluster/native_programs.h"
#include "core/cluster/programs.h"
#include "core/net/node_stack.h"

namespace kubewalk::cluster {

namespace {

net::Ip node_ip(const kubelet::ProgramContext& context) {
    const auto machine = context.network.machine(context.node);
    const auto addresses = context.network.addresses(machine);
    return addresses.empty() ? net::Ip{} : addresses.front();
}

std::optional<net::Ip> node_ipv6(const kubelet::ProgramContext& context) {
    for (const net::Ip& ip : context.network.addresses(context.network.machine(context.node)))
        if (ip.family == net::Family::ipv6)
            return ip;
    return std::nullopt;
}

// A line as klog writes it: "I0101 00:03:12.000000       1 FILE:LINE] TEXT".
std::string klog(char level, Time now, std::string_view place, std::string_view text) {
    const std::string stamp = to_rfc3339(now);  // 2026-01-01T00:03:12Z
    std::string micros = cat(now.ns / 1000 % 1'000'000);
    micros.insert(0, 6 - micros.size(), '0');
    return cat(level, stamp.substr(5, 2), stamp.substr(8, 2), ' ', stamp.substr(11, 8), '.', micros, "       1 ", place, "] ", text);
}

// A process whose sockets belong to its one component.
class AgentProgram final : public HostProgram {
public:
    AgentProgram(const kubelet::ProgramContext& context, std::string component, std::unique_ptr<sim::Component> agent,
                 std::vector<std::string> first_lines = {})
        : HostProgram(context, std::move(component)), agent_(std::move(agent)) {
        for (std::string& line : first_lines)
            print(context.simulation.now(), std::move(line));
    }
    // The agent is only waiting here until start(); a copy of a running program has none.
    AgentProgram(const AgentProgram& other) : HostProgram(other), agent_(other.agent_ ? other.agent_->clone() : nullptr) {}

    void start() override { add_child(std::move(agent_)); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<AgentProgram>(*this); }

private:
    std::unique_ptr<sim::Component> agent_;
};

// flanneld and kube-proxy give up at once when their configuration is none.
class FailingProgram final : public HostProgram {
public:
    FailingProgram(const kubelet::ProgramContext& context, std::string component, std::string last_words = {})
        : HostProgram(context, std::move(component)) {
        if (!last_words.empty())
            print(context.simulation.now(), std::move(last_words));
    }
    void start() override { finish(simulation(), 1); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<FailingProgram>(*this); }
};

// The value of "--config=FILE" or "--config FILE".
std::string option_value(const kubelet::ProgramContext& context, std::string_view name) {
    for (std::size_t i = 1; i < context.argv.size(); ++i) {
        const std::string_view argument = context.argv[i];
        if (argument == name && i + 1 < context.argv.size())
            return context.argv[i + 1];
        if (argument.starts_with(name) && argument.size() > name.size() && argument[name.size()] == '=')
            return std::string(argument.substr(name.size() + 1));
    }
    return {};
}

std::string file_of(const kubelet::ProgramContext& context, const std::string& path) {
    const auto found = context.files.find(path);
    if (found != context.files.end())
        return found->second;
    if (!context.disks)
        return {};
    const auto stored = context.disks->view(context.file_system);
    const auto mounted = stored.find(path);
    return mounted == stored.end() ? std::string() : mounted->second;
}

}  // namespace

std::unique_ptr<kubelet::Program> create_kube_proxy(Cluster& cluster, const kubelet::ProgramContext& context) {
    addons::KubeProxyConfig config;
    config.proxier.node_name = context.node;
    config.proxier.node_ip = node_ip(context);
    // As the ServiceCIDR "kubernetes" that the API server makes of the same setting.
    config.proxier.service_cidrs = cluster.layout().service_networks();
    const std::string component = cat("kube-proxy/", context.node);
    const std::string place = option_value(context, "--config");
    addons::KubeProxyConfig other = config;
    if (const auto read = addons::read_kube_proxy_config(file_of(context, place), config); !read)
        return std::make_unique<FailingProgram>(context, component, klog('E', context.simulation.now(), "run.go:72",
                                                                         cat("\"command failed\" err=", quoted(read.error().message))));
    // A node with addresses of both families is proxied for both (detectNodeIPs).
    if (const auto ipv6 = node_ipv6(context)) {
        other.proxier.family = net::Family::ipv6;
        other.proxier.node_ip = *ipv6;
        if (addons::read_kube_proxy_config(file_of(context, place), other).ok())
            config.second = other.proxier;
    }
    std::vector<std::string> log = {klog('I', context.simulation.now(), "server_linux.go:122",
                                         cat("\"Using ", addons::proxy_mode_name(config.mode), " Proxier\""))};
    if (config.mode == addons::ProxyMode::ipvs)
        log.push_back(klog('E', context.simulation.now(), "server_linux.go:196", quoted(addons::ipvs_deprecation)));
    auto agent = std::make_unique<addons::KubeProxy>(client::Environment{context.simulation, context.transport}, context.network,
                                                     std::move(config));
    return std::make_unique<AgentProgram>(context, component, std::move(agent), std::move(log));
}

std::unique_ptr<kubelet::Program> create_flanneld(Cluster& cluster, const kubelet::ProgramContext& context) {
    addons::FlannelConfig config;
    config.node_name = context.node;
    config.ipv4 = {cluster.layout().pod_networks().front(), node_ip(context)};
    // A net-conf.json that cannot be read leaves the node without a lease, and its Pods without a network.
    const std::string conf = file_of(context, "/etc/kube-flannel/net-conf.json");
    if (!conf.empty() && !addons::read_net_conf(conf, node_ipv6(context), config).ok())
        return std::make_unique<FailingProgram>(context, cat("flannel/", context.node));
    auto agent = std::make_unique<addons::Flannel>(client::Environment{context.simulation, context.transport, {}, "flanneld"}, context.network,
                                                   std::move(config));
    return std::make_unique<AgentProgram>(context, cat("flannel/", context.node), std::move(agent));
}

std::unique_ptr<kubelet::Program> create_kube_router(Cluster& cluster, const kubelet::ProgramContext& context) {
    addons::KubeRouterConfig config;
    config.node_name = context.node;
    config.policy.node_ip = node_ip(context);
    std::string range = option_value(context, "--service-cluster-ip-range");
    if (range.empty())
        range = cluster.layout().service_cidr;
    const auto ranges = split(range, ',');
    if (option_value(context, "--enable-ipv6") == "true")
        config.policy.service_range_ipv6 = net::Prefix::parse(ranges.back());
    config.policy.service_range = net::Prefix::parse(ranges.front()).value_or(config.policy.service_range);
    auto agent = std::make_unique<addons::KubeRouter>(client::Environment{context.simulation, context.transport},
                                                      context.network, std::move(config));
    return std::make_unique<AgentProgram>(context, cat("kube-router/", context.node), std::move(agent));
}

std::unique_ptr<kubelet::Program> create_local_path_provisioner(Cluster&, const kubelet::ProgramContext& context) {
    auto agent = std::make_unique<addons::LocalPathProvisioner>(client::Environment{context.simulation, context.transport},
                                                                cat("rancher.io/local-path_", context.pod_uid));
    return std::make_unique<AgentProgram>(context, cat("local-path-provisioner/", context.node), std::move(agent));
}

}  // namespace kubewalk::cluster
