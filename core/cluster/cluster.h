#pragma once
// Puts a cluster together: the simulation, the API server, the network, the machines with their
// kubelets, and what kubeadm leaves on them. Everything else (controllers, kube-proxy, CoreDNS, ...)
// starts the way it does in life: as a container of a Pod that a kubelet runs.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/schema.h"
#include "core/apiserver/dialer.h"
#include "core/apiserver/server.h"
#include "core/cloud/cloud.h"
#include "core/cluster/session.h"
#include "core/kubectl/kubectl.h"
#include "core/kubelet/kubelet.h"
#include "core/net/network.h"
#include "core/shell/shell.h"
#include "core/sim/simulation.h"
#include "core/store/store.h"

namespace kubewalk::cluster {

// Fixed facts of the cluster (kubeadm's and libvirt's defaults).
struct Layout {
    std::string pod_cidr = "10.244.0.0/16";      // with a comma and an IPv6 network behind it in a dual-stack cluster
    std::string service_cidr = "10.96.0.0/12";   // likewise
    std::string cluster_dns = "10.96.0.10";      // the DNS Service's address
    std::string kubelet_dns = "10.96.0.10";      // what kubelets write into Pods' resolv.conf
    std::string cluster_domain = "cluster.local";
    std::string node_search_domain = "lab.internal";  // the nodes' own, which ends every Pod's search list
    std::string laptop_ip = "192.168.122.1";
    net::Ip gateway = net::Ip::v4(192, 168, 122, 254);
    net::Ip nodes_base = net::Ip::v4(192, 168, 122, 0);  // the nodes' network
    int node_prefix_length = 24;
    std::string control_plane = "control-plane";
    std::string release = "v1.36.1";

    std::string policy_controller = "kube-router";  // or "none"

    // The same, read: IPv4's first.
    std::vector<net::Prefix> pod_networks() const;
    std::vector<net::Prefix> service_networks() const;
    bool dual_stack() const { return pod_cidr.find(',') != std::string::npos; }
    // Above 200 nodes: Pods 10.128.0.0/11, nodes 172.16.0.0/16. Error: an address range that cannot be used.
    static Result<Layout> of(const Options& options);
    // node 0 is the control plane: 192.168.122.11, .12, ...
    std::string node_name(int index) const;
    net::Ip node_ip(int index) const;
    // In a dual-stack cluster fd00:1:2:3::11, ::12, ... beside it; the laptop is ::1, the gateway ::254.
    static net::Prefix ipv6_address(int host);
    net::Prefix node_ipv6(int index) const { return ipv6_address(11 + index); }
};

// Files of the machine that the program runs on, for `kubectl apply -f`. The page has none.
struct HostFiles {
    std::function<Result<std::string>(std::string_view path)> read;
    std::function<Result<std::vector<std::string>>(std::string_view path)> list;
};

class ProgramTable;   // programs.h
class NodeTransport;  // node_transport.h

enum class Power : std::uint8_t { off, on };

class Cluster {
public:
    explicit Cluster(const Options& options);
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    sim::Simulation& simulation() { return simulation_; }
    const sim::Simulation& simulation() const { return simulation_; }
    apiserver::ApiServer& api() { return *api_; }
    const apiserver::ApiServer& api() const { return *api_; }
    apiserver::Dialer& dialer() { return *dialer_; }
    net::Network& network() { return network_; }
    const net::Network& network() const { return network_; }
    // The cloud the machines are rented from; null for machines of one's own.
    cloud::Cloud* cloud() { return cloud_.get(); }
    const cloud::Cloud* cloud() const { return cloud_.get(); }
    const api::Schema& schema() const { return *schema_; }
    const Layout& layout() const { return layout_; }
    const Options& options() const { return options_; }

    std::vector<std::string> nodes() const;
    // Null for a machine without a kubelet.
    kubelet::Kubelet* kubelet(std::string_view node);
    const kubelet::Kubelet* kubelet(std::string_view node) const;

    // What the store holds, without asking the API server (views and checks look on; they are no
    // clients). Null when absent; an empty namespace lists all.
    api::Value peek(const api::Kind& kind, std::string_view namespace_name, std::string_view name) const;
    std::vector<api::Value> peek_list(const api::Kind& kind, std::string_view namespace_name) const;
    std::int64_t revision() const { return store_.revision(); }

    // Where a request may start: laptop | internet | node/NAME | pod/[NAMESPACE/]NAME. Error reason
    // "NotFound" with a sentence that names what exists.
    Result<shell::ProcessContext> process_at(std::string_view place);

    // What iptables-save (ip6tables-save) would print on that node. Error reason "NotFound".
    Result<std::string> iptables_save(std::string_view node, net::Family family = net::Family::ipv4) const;

    // kubectl as the learner's laptop (or kubeadm) runs it.
    kubectl::Environment kubectl_environment();
    // The same for the page itself: it reads and leaves no entry in the cause log.
    kubectl::Environment quiet_kubectl_environment() const;
    HostFiles& host_files() { return host_files_; }

    // Freezes or thaws a component's process: "kube-scheduler", "kubelet/node-1", "kube-proxy/node-1", "containerd/node-1", ...
    Result<void> set_component_running(std::string_view component, bool running);
    bool component_running(std::string_view component) const;
    // Pulls a node's plug, or puts it in again: then the machine starts anew (node_power.cpp).
    void set_node_power(const std::string& node, Power power);

    // Applies YAML as the administrator and lets it run; used while the cluster is being built.
    // The error says which document was refused and why.
    Result<void> apply(std::string_view manifest);

    // Why the cluster could not be built (a mistake in the program's own data), if so.
    const std::optional<Error>& failure() const { return failure_; }

    // The cluster's CA as PEM text. Its bytes are chance: nothing here verifies signatures
    // (simplifications.json: "certificates").
    std::string root_certificate() const;

    // What a machine's disk holds by absolute path; a node's follows what was written there.
    std::map<std::string, std::string> machine_files(const std::string& machine) const;
    // A process of the node has turned `before` into `after`.
    void write_machine_files(const std::string& machine, const std::map<std::string, std::string>& before,
                             const std::map<std::string, std::string>& after);
    const kubelet::Disks& disks() const { return disks_; }
    const kubelet::ImageCatalogue& images() const { return *images_; }

    // The official text about a field ("V1PodSpec", "containers"), or "" while there is none: the page's
    // program does not carry the texts, it is given them once they have been fetched.
    std::string_view field_documentation(std::string_view type, std::string_view field) const;
    bool has_documentation() const;
    // As cmake/schema/generate.mjs writes kubernetes-docs.json.
    void set_documentation(api::Value texts) { documentation_ = std::move(texts); }

private:
    friend class Bootstrap;

    Result<std::string> read_laptop_file(std::string_view path) const;
    Result<std::vector<std::string>> list_laptop_folder(std::string_view path) const;

    Result<shell::ProcessContext> machine_process(const std::string& machine);
    Result<shell::ProcessContext> pod_process(std::string_view place);
    std::vector<sim::ComponentId> processes_of(std::string_view component) const;
    std::vector<sim::ComponentId> kubelets_by_runtime(std::string_view component) const;

    Options options_;
    Layout layout_;
    const api::Schema* schema_ = nullptr;
    sim::Simulation simulation_;
    net::Network network_;
    std::unique_ptr<cloud::Cloud> cloud_;
    store::Store store_;
    const kubelet::ImageCatalogue* images_ = nullptr;
    std::unique_ptr<apiserver::ApiServer> api_;
    std::unique_ptr<apiserver::Dialer> dialer_;
    std::unique_ptr<ProgramTable> programs_;
    std::unique_ptr<NodeTransport> laptop_transport_;
    std::map<std::string, std::unique_ptr<NodeTransport>> transports_;  // of the nodes
    std::unique_ptr<kubelet::Cni> cni_;
    kubelet::Disks disks_;
    std::map<std::string, sim::ComponentId, std::less<>> kubelets_;
    HostFiles host_files_;
    mutable std::unique_ptr<client::Transport> quiet_;
    mutable api::Value documentation_;
    std::optional<Error> failure_;
};

}  // namespace kubewalk::cluster
