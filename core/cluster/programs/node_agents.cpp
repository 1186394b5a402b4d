// kube-proxy, flanneld and CoreDNS as processes of their Pods. Their work is core/addons'.

#include "core/addons/coredns/coredns.h"
#include "core/addons/flannel.h"
#include "core/addons/kube_proxy.h"
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

// A process whose sockets belong to its one component.
class AgentProgram final : public HostProgram {
public:
    AgentProgram(const kubelet::ProgramContext& context, std::string component, std::unique_ptr<sim::Component> agent)
        : HostProgram(context, std::move(component)), agent_(std::move(agent)) {}
    // The agent is only waiting here until start(); a copy of a running program has none.
    AgentProgram(const AgentProgram& other) : HostProgram(other), agent_(other.agent_ ? other.agent_->clone() : nullptr) {}

    void start() override { add_child(std::move(agent_)); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<AgentProgram>(*this); }

private:
    std::unique_ptr<sim::Component> agent_;
};

// CoreDNS writes a log that `kubectl logs` shows; the other two write none that a lesson needs.
class CoreDnsProgram final : public HostProgram {
public:
    CoreDnsProgram(const kubelet::ProgramContext& context, addons::CoreDns server)
        : HostProgram(context, cat("coredns/", context.pod_name)), server_(std::move(server)) {}

    void start() override { server_.start_as(id()); }
    void on_event(const sim::Event& event) override { server_.on_event(event); }
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override {
        return server_.serve_http(request, peer);
    }
    std::optional<net::DnsMessage> serve_dns(const net::DnsMessage& query, const net::Peer& peer) override {
        return server_.serve_dns(query, peer);
    }
    const std::vector<LogLine>& log() const override {
        lines_.clear();
        for (const auto& line : server_.log())
            lines_.push_back({line.at, line.text});
        return lines_;
    }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<CoreDnsProgram>(*this); }

private:
    addons::CoreDns server_;
    mutable std::vector<LogLine> lines_;  // log() hands out a reference
};

// The value of "-conf FILE" or "--config=FILE".
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
    return found == context.files.end() ? std::string() : found->second;
}

}  // namespace

std::unique_ptr<kubelet::Program> create_kube_proxy(Cluster& cluster, const kubelet::ProgramContext& context) {
    addons::KubeProxyConfig config;
    config.proxier.node_name = context.node;
    config.proxier.node_ip = node_ip(context);
    config.proxier.local_cidr = net::Prefix::parse(cluster.layout().pod_cidr);
    auto agent = std::make_unique<addons::KubeProxy>(client::Environment{context.simulation, context.transport}, context.network,
                                                     std::move(config));
    return std::make_unique<AgentProgram>(context, cat("kube-proxy/", context.node), std::move(agent));
}

std::unique_ptr<kubelet::Program> create_flanneld(Cluster& cluster, const kubelet::ProgramContext& context) {
    addons::FlannelConfig config;
    config.node_name = context.node;
    config.public_ip = node_ip(context);
    if (const auto network = net::Prefix::parse(cluster.layout().pod_cidr))
        config.network = *network;
    auto agent = std::make_unique<addons::Flannel>(client::Environment{context.simulation, context.transport}, context.network,
                                                   std::move(config));
    return std::make_unique<AgentProgram>(context, cat("flannel/", context.node), std::move(agent));
}

std::unique_ptr<kubelet::Program> create_core_dns(Cluster&, const kubelet::ProgramContext& context) {
    addons::CoreDns server(client::Environment{context.simulation, context.transport}, context.network, context.netns,
                           file_of(context, option_value(context, "-conf")), file_of(context, "/etc/resolv.conf"),
                           file_of(context, "/etc/hosts"), cat("coredns/", context.pod_name));
    return std::make_unique<CoreDnsProgram>(context, std::move(server));
}

}  // namespace kubewalk::cluster
