#include "core/cluster/bootstrap.h"

#include <algorithm>

#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/client/client.h"
#include "core/cluster/internet_host.h"
#include "core/cluster/node_transport.h"
#include "core/cluster/programs.h"
#include "core/cluster/scenario.h"
#include "core/cluster/upstream_dns.h"
#include "core/net/kubelet_chains.h"
#include "core/net/node_stack.h"
#include "core/yaml/yaml.h"
#include "kubewalk/embedded.h"

namespace kubewalk::cluster {

namespace {

constexpr std::string_view static_pod_names[] = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"};

Error broken(std::string message) { return Error{"Internal", std::move(message), {}, 0, 0}; }

// The files of a folder of assets, in name order.
std::vector<std::string_view> files_in(std::string_view folder) {
    std::vector<std::string_view> texts;
    for (const auto& file : embedded::files())
        if (file.path.starts_with(folder) && file.path.ends_with(".yaml"))
            texts.push_back(file.data);
    return texts;
}

}  // namespace

std::string Bootstrap::fill(std::string_view text) const {
    const auto& layout = cluster_.layout_;
    const std::pair<std::string_view, std::string> values[] = {
        {"{{podCIDR}}", layout.pod_cidr},
        {"{{serviceCIDR}}", layout.service_cidr},
        {"{{clusterDNS}}", layout.cluster_dns},
        {"{{kubeletDNS}}", layout.kubelet_dns},
        {"{{clusterDomain}}", layout.cluster_domain},
        {"{{controlPlaneName}}", layout.control_plane},
        {"{{controlPlaneIP}}", layout.node_ip(0).text()},
        {"{{version}}", layout.release},
        {"{{flannelBackend}}", cluster_.options_.flannel_backend},
        {"{{podNetwork}}", layout.pod_networks().front().text()},
        {"{{flannelIPv6}}", layout.dual_stack() ? cat("\n      \"EnableIPv6\": true,\n      \"IPv6Network\": ",
                                                     quoted(layout.pod_networks().back().text()), ",")
                                               : std::string()},
        {"{{kubeRouterIPv6}}", layout.dual_stack() ? std::string("\n        - --enable-ipv6=true") : std::string()},
    };
    std::string out(text);
    for (const auto& [name, value] : values)
        out = replace_all(out, name, value);
    return out;
}

void Bootstrap::add_machines() {
    auto& network = cluster_.network_;
    const auto& layout = cluster_.layout_;
    const auto gateway = layout.gateway;
    const auto laptop = network.add_machine("laptop", *net::Ip::parse(layout.laptop_ip), layout.node_prefix_length, gateway);
    net::EdgeConfig edge;
    edge.inside = {gateway, layout.node_prefix_length};
    edge.public_ip = net::Ip::v4(198, 51, 100, 10);
    edge.outside = {net::Ip::v4(203, 0, 113, 1), 24};
    if (cluster_.options_.workers > 0)
        edge.target = layout.node_ip(1);
    network.add_edge(edge);
    if (layout.dual_stack()) {
        // The gateway's provider has no IPv6: it says so to whoever wants to go further.
        const net::Prefix inside = Layout::ipv6_address(254);
        network.add_second_address(edge.name, inside, std::nullopt);
        network.stack(edge.name)->root().set_sysctl("net.ipv6.conf.all.forwarding", "1");
        network.add_second_address("laptop", Layout::ipv6_address(1), inside.ip);
    }
    if (cluster_.options_.cloud) {
        cloud::CloudOptions options;
        options.edge = edge.name;
        options.inside = edge.inside;
        cluster_.cloud_ = std::make_unique<cloud::Cloud>(cluster_.simulation_, network, options);
        cluster_.simulation_.register_service(*cluster_.cloud_);
        cluster_.cloud_->start();
    }
    network.add_internet_machine("internet", net::Ip::v4(203, 0, 113, 7), 24, net::Ip::v4(203, 0, 113, 1));

    const auto internet = embedded::find("assets/internet.json");
    if (auto hosts = InternetHost::parse(internet))
        for (auto& host : hosts.value()) {
            network.add_internet_machine(host.name, host.ip, 24, net::Ip::v4(203, 0, 113, 1));
            cluster_.simulation_.add(std::make_unique<InternetHost>(network, std::move(host)));
        }
    auto zone = UpstreamDns::parse_zone(internet);
    cluster_.simulation_.add(std::make_unique<UpstreamDns>(network, laptop, zone.value_or({})));
}

void Bootstrap::add_node(int index) {
    const auto& layout = cluster_.layout_;
    auto& network = cluster_.network_;
    const std::string name = layout.node_name(index);
    network.add_machine(name, layout.node_ip(index), layout.node_prefix_length, layout.gateway);
    if (layout.dual_stack())
        network.add_second_address(name, layout.node_ipv6(index), Layout::ipv6_address(254).ip);
    network.prepare_node(name);
    // The control plane is in the first zone, workers are spread over all of them.
    if (cluster_.cloud_)
        cluster_.cloud_->add_instance(name, layout.node_ip(index), std::max(index - 1, 0), "standard-2");
    net::NetNamespace& host = network.stack(name)->root();
    net::ensure_kubelet_chains(host.edit_rules());
    if (layout.dual_stack())
        net::ensure_kubelet_chains(host.edit_rules(net::Family::ipv6), net::Family::ipv6);

    kubelet::KubeletOptions options;
    options.node = name;
    options.ip = layout.node_ip(index);
    options.version = layout.release;
    options.node_files = cluster_.machine_files(name);
    options.dns.cluster_dns = {layout.kubelet_dns};
    options.dns.cluster_domain = layout.cluster_domain;
    options.dns.host = kubelet::DnsConfig::parse(options.node_files["/etc/resolv.conf"]);
    options.dns.node_ips = {options.ip.text()};
    if (layout.dual_stack())
        options.dns.node_ips.push_back(layout.node_ipv6(index).ip.text());
    options.external_cloud = cluster_.options_.cloud;
    if (index == 0) {
        options.labels = {{"node-role.kubernetes.io/control-plane", ""}, {"node.kubernetes.io/exclude-from-external-load-balancers", ""}};
        options.taints = {api::Value::object({{"key", "node-role.kubernetes.io/control-plane"}, {"effect", "NoSchedule"}})};
        for (const auto pod : static_pod_names) {
            options.node_files[cat("/etc/kubernetes/manifests/", pod, ".yaml")] =
                fill(embedded::find(cat("assets/bootstrap/static-pods/", pod, ".yaml")));
        }
    }
    auto& transport = cluster_.transports_[name] = std::make_unique<NodeTransport>(cluster_, name);
    const kubelet::RuntimeServices services{cluster_.simulation_, network,         *transport,      *cluster_.images_,
                                            *cluster_.programs_,  *cluster_.cni_,  cluster_.disks_,
                                            cluster_.options_.unprivileged_icmp};
    cluster_.kubelets_[name] = cluster_.simulation_.add(std::make_unique<kubelet::Kubelet>(services, std::move(options)));
}

Result<void> Bootstrap::wait_for_api_server() {
    const Time deadline = cluster_.simulation_.now() + minutes(4);  // kubeadm's own patience
    while (!cluster_.api_->available() && cluster_.simulation_.now() < deadline)
        cluster_.simulation_.run_for(milliseconds(500));
    if (!cluster_.api_->available())
        return broken("the API server's static Pod did not start");
    // kubeadm marks the node as control plane next, so it waits for the kubelet to register it.
    while (cluster_.peek(api::kind::nodes, "", cluster_.layout_.control_plane).is_null() && cluster_.simulation_.now() < deadline)
        cluster_.simulation_.run_for(milliseconds(500));
    return {};
}

Result<void> Bootstrap::create(std::string_view manifests) {
    // kubeadm creates its objects one by one, as the administrator.
    const client::Client kubeadm(*cluster_.api_, "kubeadm", "kubernetes-admin");
    // The administrator's own rights come from super-admin.conf, whose group may everything.
    const client::Client first(*cluster_.api_, "kubeadm", "kubernetes-super-admin");
    KUBEWALK_TRY(documents, yaml::parse(manifests));
    for (const auto& document : documents) {
        KUBEWALK_TRY(object, api::to_value(document.root));
        const api::Kind* kind = api::find_kind(object["apiVersion"].as_string(), object["kind"].as_string());
        if (!kind)
            return broken(cat("assets/bootstrap: unknown kind ", object["kind"].as_string()));
        const bool own_rights = object["metadata"]["name"].as_string() == "kubeadm:cluster-admins";
        if (const auto created = (own_rights ? first : kubeadm).create(*kind, object); !created.ok())
            return created.error();
    }
    return {};
}

Result<void> Bootstrap::create_addons() {
    auto texts = files_in("assets/bootstrap/addons/");
    if (cluster_.cloud_)
        for (const auto text : files_in("assets/bootstrap/cloud/"))
            texts.push_back(text);
    if (cluster_.layout_.policy_controller == "kube-router")
        for (const auto text : files_in("assets/bootstrap/network-policy/"))
            texts.push_back(text);
    for (const auto text : texts)
        if (auto created = create(fill(text)); !created.ok())
            return created;
    return {};
}

Result<void> Bootstrap::apply_scenario() {
    KUBEWALK_TRY(manifests, scenario_manifests(cluster_.options_.scenario));
    for (const auto& manifest : manifests)
        if (auto applied = cluster_.apply(manifest); !applied.ok())
            return applied;
    return {};
}

Result<void> Bootstrap::run() {
    auto& simulation = cluster_.simulation_;
    add_machines();
    add_node(0);
    if (auto ready = wait_for_api_server(); !ready.ok())
        return ready;
    if (auto created = create_addons(); !created.ok())
        return created;
    for (int index = 1; index <= cluster_.options_.workers; ++index)
        add_node(index);
    simulation.settle();
    if (auto applied = apply_scenario(); !applied.ok())
        return applied;
    simulation.settle();
    return {};
}

}  // namespace kubewalk::cluster
