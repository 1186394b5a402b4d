#include "core/cluster/cluster.h"

#include "core/api/json.h"
#include "core/apiserver/route.h"
#include "core/base/der.h"
#include "core/base/text.h"
#include "core/cluster/bootstrap.h"
#include "core/cluster/cni.h"
#include "core/cluster/dialer.h"
#include "core/cluster/node_transport.h"
#include "core/cluster/programs.h"
#include "core/net/netfilter.h"
#include "core/net/node_stack.h"
#include "kubewalk/embedded.h"

namespace kubewalk::cluster {

std::string Layout::node_name(int index) const { return index == 0 ? control_plane : cat("node-", index); }

net::Ip Layout::node_ip(int index) const {
    // 192.168.122.11 onwards, as the cluster has them.
    return net::Ip::from_v4_number(nodes_base.v4_number() + 11 + static_cast<std::uint32_t>(index));
}

net::Prefix Layout::ipv6_address(int host) {
    // The number's digits as they are read, so that .12 and ::12 are the same node.
    return net::Prefix::parse(cat("fd00:1:2:3::", host, "/64")).value_or(net::Prefix{});
}

namespace {

// Of a text that was checked.
std::vector<net::Prefix> networks_of(std::string_view text) {
    std::vector<net::Prefix> networks;
    for (const std::string_view piece : split(text, ','))
        if (const auto network = net::Prefix::parse(trim(piece)))
            networks.push_back(*network);
    return networks;
}

// How long the prefixes of a network may be.
struct Bounds {
    int shortest, longest;
};
// Each node gets a /24 and a /64; at most 16 bits tell the nodes apart (cidrset.NewCIDRSet).
constexpr Bounds pod_bounds[] = {{0, 24}, {48, 64}};
// The tenth Service address is DNS; kubeadm takes no more than 20 bits of IPv6 (ValidateServiceSubnetSize).
constexpr Bounds service_bounds[] = {{0, 28}, {108, 124}};

Error invalid_setting(std::string_view field, std::string_view value, std::string_view why) {
    return Error{"Invalid", cat(field, ": Invalid value: ", quoted(value), ": ", why), {}, 0, 0};
}

// "A" or "A,B": one network, or one of each family.
Result<std::vector<net::Prefix>> read_networks(std::string_view field, std::string_view text, const Bounds (&bounds)[2],
                                               std::string_view ipv4_why) {
    std::vector<net::Prefix> networks;
    for (const std::string_view piece : split(text, ',')) {
        const auto range = net::Prefix::parse(trim(piece));
        const net::Family wanted = networks.empty() ? net::Family::ipv4 : net::Family::ipv6;
        const Bounds& bound = bounds[static_cast<std::size_t>(wanted)];
        const bool usable = range && range->ip.family == wanted && range->ip == range->network() && range->length >= bound.shortest &&
                            range->length <= bound.longest;
        if (networks.size() == 2)
            return invalid_setting(field, text, "expected one (IPv4) or two CIDRs (one from each family)");
        if (!usable && wanted == net::Family::ipv6)
            return invalid_setting(field, text,
                                   cat("the second is not a network of IPv6 addresses with a prefix of ", bound.shortest, " to ", bound.longest, " bits"));
        if (!usable)
            return invalid_setting(field, text, ipv4_why);
        networks.push_back(*range);
    }
    return networks;
}

}  // namespace

std::vector<net::Prefix> Layout::pod_networks() const { return networks_of(pod_cidr); }
std::vector<net::Prefix> Layout::service_networks() const { return networks_of(service_cidr); }

Result<Layout> Layout::of(const Options& options) {
    constexpr int small = 200;           // as many nodes as 192.168.122.0/24 has room for
    constexpr int policies_up_to = 50;   // every kube-router watches every Pod
    Layout layout;
    if (options.workers + 1 > small) {
        layout.pod_cidr = "10.128.0.0/11";
        layout.nodes_base = net::Ip::v4(172, 16, 0, 0);
        layout.laptop_ip = "172.16.0.1";
        layout.gateway = net::Ip::v4(172, 16, 255, 254);
        layout.node_prefix_length = 16;
    }
    if (!options.pod_network_cidr.empty())
        layout.pod_cidr = options.pod_network_cidr;
    if (!options.service_cidr.empty())
        layout.service_cidr = options.service_cidr;
    KUBEWALK_TRY(pods, read_networks("podSubnet", layout.pod_cidr, pod_bounds,
                                     "not a network of IPv4 addresses from which nodes can have a /24"));
    KUBEWALK_TRY(services, read_networks("serviceSubnet", layout.service_cidr, service_bounds, "not a network of IPv4 addresses"));
    if (pods.size() != services.size())
        return invalid_setting("podSubnet", layout.pod_cidr, cat("expected as many networks as in serviceSubnet ", layout.service_cidr));
    for (std::size_t i = 0; i < pods.size(); ++i)
        if (pods[i].contains(services[i].ip) || services[i].contains(pods[i].ip))
            return invalid_setting("podSubnet", layout.pod_cidr, cat("overlaps with serviceSubnet ", layout.service_cidr));
    if (pods.size() == 2 && options.cloud)
        return invalid_setting("podSubnet", layout.pod_cidr, "the simulated cloud has IPv4 only, so a cluster in it cannot be dual-stack");
    // The tenth address, as kubeadm takes it (GetDNSIP).
    layout.cluster_dns = services.front().ip.plus(10).text();
    layout.kubelet_dns = options.cluster_dns.empty() ? layout.cluster_dns : options.cluster_dns;
    if (!net::Ip::parse(layout.kubelet_dns))
        return invalid_setting("clusterDNS", layout.kubelet_dns, "not an IP address");
    if (options.flannel_backend != "vxlan" && options.flannel_backend != "host-gw")
        return invalid_setting("flannel backend", options.flannel_backend, "use vxlan or host-gw");
    layout.policy_controller = options.policy_controller;
    if (layout.policy_controller == "auto")
        layout.policy_controller = options.workers <= policies_up_to ? "kube-router" : "none";
    return layout;
}

namespace {

std::vector<std::string_view> image_files() {
    std::vector<std::string_view> texts;
    for (const auto& file : embedded::files())
        if (file.path.starts_with("assets/images/") && file.path.ends_with(".json"))
            texts.push_back(file.data);
    return texts;
}

// What the program brings with it, the same for every cluster: read once, not at each lesson's start or trial.
const Result<api::Schema>& known_schema() {
    static const auto& once = *new auto(api::Schema::parse(embedded::find("schema/kubernetes.json")));
    return once;
}
const Result<kubelet::ImageCatalogue>& known_images() {
    static const auto& once = *new auto(kubelet::ImageCatalogue::parse(image_files()));
    return once;
}

}  // namespace

Cluster::Cluster(const Options& options) : options_(options), simulation_(options.seed), network_(simulation_) {
    if (const auto& schema = known_schema(); schema.ok())
        schema_ = &schema.value();
    else
        failure_ = schema.error();
    if (const auto& images = known_images(); images.ok())
        images_ = &images.value();
    else
        failure_ = images.error();
    if (auto layout = Layout::of(options); layout.ok())
        layout_ = layout.take();
    else
        failure_ = layout.error();
    if (failure_)
        return;  // built from our own data and from checked options

    simulation_.register_service(store_);
    apiserver::Options server_options;
    server_options.version = layout_.release;
    server_options.authorization = apiserver::AuthorizationMode::node_rbac;
    server_options.address = cat(layout_.node_ip(0).text(), ":6443");
    server_options.services.cidrs.clear();
    for (const net::Prefix& range : layout_.service_networks())
        server_options.services.cidrs.push_back(range.text());
    api_ = std::make_unique<apiserver::ApiServer>(simulation_, store_, *schema_, server_options);
    simulation_.register_service(*api_);
    simulation_.register_service(network_);
    simulation_.register_service(disks_);
    api_->set_available(false);  // until its static Pod runs
    api_->set_storage_answers(false);
    dialer_ = std::make_unique<KubeletDialer>(*this);
    api_->set_dialer(dialer_.get());
    programs_ = std::make_unique<ProgramTable>(*this);
    cni_ = std::make_unique<FlannelCni>(*this);
    laptop_transport_ = std::make_unique<NodeTransport>(*this, "laptop");
    if (auto built = Bootstrap(*this).run(); !built.ok())
        failure_ = built.error();
}

Cluster::~Cluster() = default;

// As kubeadm makes it: "kubernetes" signs itself for ten years. Its key and signature are nobody's (simplifications.json: "certificates").
std::string Cluster::root_certificate() const {
    using namespace std::string_literals;
    using der::bits, der::integer, der::sequence;
    Random chance = Random(options_.seed).stream("root-certificate");
    const auto number = [&chance](int bytes) {
        std::string out(1, '\x5a');
        while (static_cast<int>(out.size()) < bytes)
            out += static_cast<char>(chance.below(256));
        return out;
    };
    constexpr int key_bytes = 256, serial_bytes = 8;
    const auto name = der::make(sequence, der::make(der::set, der::make(sequence, "\x06\x03\x55\x04\x03" + der::make(der::utf8, "kubernetes"))));
    const auto signing = der::make(sequence, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"s);
    const auto key = der::make(sequence, der::make(sequence, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"s) +
                                       der::make(bits, "\0"s + der::make(sequence, der::make(integer, number(key_bytes)) + der::make(integer, "\x01\x00\x01"s))));
    const auto authority = der::make(sequence, "\x06\x03\x55\x1d\x13\x01\x01\xff" + der::make(der::octets, der::make(sequence, "\x01\x01\xff")));
    const auto body = der::make(sequence, der::make(der::explicit0, der::make(integer, "\x02")) + der::make(integer, number(serial_bytes)) + signing + name +
                                        der::make(sequence, der::make(der::utc_time, "260101000000Z") + der::make(der::utc_time, "351230000000Z")) + name + key + der::make(der::explicit3, der::make(sequence, authority)));
    return der::to_pem(der::make(sequence, body + signing + der::make(bits, "\0"s + number(key_bytes))), "CERTIFICATE");
}

std::vector<std::string> Cluster::nodes() const {
    std::vector<std::string> names;
    for (const auto& [name, id] : kubelets_)
        names.push_back(name);
    return names;
}

kubelet::Kubelet* Cluster::kubelet(std::string_view node) {
    const auto found = kubelets_.find(node);
    // Only kubelets are in that table.
    return found == kubelets_.end() ? nullptr : static_cast<kubelet::Kubelet*>(simulation_.find(found->second));
}

const kubelet::Kubelet* Cluster::kubelet(std::string_view node) const {
    const auto found = kubelets_.find(node);
    return found == kubelets_.end() ? nullptr : static_cast<const kubelet::Kubelet*>(simulation_.find(found->second));
}

// -- reading without asking the API server --------------------------------------------------------

api::Value Cluster::peek(const api::Kind& kind, std::string_view namespace_name, std::string_view name) const {
    const auto* entry = store_.get(apiserver::store_key(kind, namespace_name, name));
    return entry ? entry->value : api::Value();
}

std::vector<api::Value> Cluster::peek_list(const api::Kind& kind, std::string_view namespace_name) const {
    std::vector<api::Value> objects;
    const std::string prefix = apiserver::store_prefix(kind, namespace_name);
    for (auto it = store_.first(prefix); store_.within(it, prefix); ++it)
        objects.push_back(it->second.value);
    return objects;
}

// -- places -----------------------------------------------------------------------------------------

namespace {

Error not_found(std::string message) { return Error{"NotFound", std::move(message), {}, 0, 0}; }

// What a machine of the learner's or of a node's has installed.
const std::vector<std::string>& machine_programs() {
    static const std::vector<std::string> programs = {
        "sh",   "echo", "env",  "printenv", "cat",  "ls",       "hostname",  "id",   "pwd", "sleep",      "true",         "false",
        "grep", "head", "tail", "wc",       "sort", "bash", "uniq", "cut", "tr", "tac", "nl", "sed", "awk", "base64", "xargs", "clear", "jq", "printf", "which", "whoami", "curl",     "wget",      "dig",  "host", "nslookup", "bind:nslookup", "getent",
        "touch", "rm", "mkdir", "cp", "mv", "tee", "date", "seq",
        "ping", "ip",   "ss",   "netstat",  "nc",   "traceroute", "iptables-save", "conntrack",
        "tcpdump", "dmesg", "sysctl", "ipset", "iptables", "ip6tables", "ip6tables-save", "ping6", "nft", "ipvsadm"};
    return programs;
}

}  // namespace

Result<shell::ProcessContext> Cluster::machine_process(const std::string& machine) {
    const auto netns = network_.machine(machine);
    if (netns == 0)
        return not_found(cat("there is no machine ", quoted(machine)));
    return shell::ProcessContext{
        .simulation = simulation_,
        .network = network_,
        .netns = netns,
        .hostname = machine,
        .files = machine_files(machine),
        .environment = {{"HOME", "/root"}, {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}},
        .programs = machine_programs(),
        .brought = {},
    };
}

std::map<std::string, std::string> Cluster::machine_files(const std::string& machine) const {
    if (const auto disk = kubelet::node_disk(machine); disks_.contains(disk)) {
        auto files = kubelet::absolute_files(disks_.files(disk));
        if (const net::NodeStack* stack = network_.stack(machine))
            files.insert(stack->files.begin(), stack->files.end());
        return files;
    }
    std::map<std::string, std::string> files;
    files["/etc/hostname"] = machine + "\n";
    files["/etc/hosts"] = cat("127.0.0.1\tlocalhost\n127.0.1.1\t", machine, "\n");
    files["/etc/resolv.conf"] = machine == "internet"
                                    ? std::string()
                                    : cat("nameserver ", layout_.laptop_ip, "\nsearch ", layout_.node_search_domain, "\n");
    return files;
}

void Cluster::write_machine_files(const std::string& machine, const std::map<std::string, std::string>& before,
                                  const std::map<std::string, std::string>& after) {
    if (before == after)
        return;
    if (machine == "laptop")  // the learner's own disk: all of it, once anything was written
        return disks_.put(kubelet::node_disk(machine), kubelet::relative_files(after));
    auto* agent = kubelet(machine);
    if (!agent)
        return;
    // Leases of addresses, subnet.env: the network plugins' own files.
    net::NodeStack* stack = network_.stack(machine);
    const auto is_plugins = [&](std::string_view path) {
        return stack && (path.starts_with("/var/lib/cni/") || path.starts_with("/run/flannel/") || path.starts_with("/etc/cni/"));
    };
    std::map<std::string, std::string> disk_before, disk_after;
    for (const auto& [path, text] : before) {
        if (!is_plugins(path))
            disk_before[path] = text;
        else if (!after.contains(path))
            stack->files.erase(path);
    }
    for (const auto& [path, text] : after) {
        if (is_plugins(path))
            stack->files[path] = text;
        else
            disk_after[path] = text;
    }
    const kubelet::FileSystem whole{{}, nullptr, {{kubelet::node_disk(machine), "/", {}, kubelet::Access::read_write}}};
    disks_.absorb(whole, disk_before, disk_after);
    agent->manifests_changed();
}

Result<shell::ProcessContext> Cluster::pod_process(std::string_view place) {
    // pod/[NAMESPACE/]NAME; a name without its random end is enough when it fits one Pod.
    const auto slash = place.find('/');
    const std::string_view space = slash == std::string_view::npos ? "default" : place.substr(0, slash);
    const std::string_view name = slash == std::string_view::npos ? place : place.substr(slash + 1);
    api::Value pod = peek(api::kind::pods, space, name);
    if (pod.is_null()) {
        for (const auto& candidate : peek_list(api::kind::pods, space)) {
            if (!api::name_of(candidate).starts_with(cat(name, "-")) || api::is_deleting(candidate))
                continue;
            pod = candidate;
            break;
        }
    }
    if (pod.is_null())
        return not_found(cat("pods ", quoted(name), " not found in namespace ", quoted(space)));
    auto* agent = kubelet(pod["spec"]["nodeName"].as_string());
    if (!agent)
        return not_found(cat("pod ", api::name_of(pod), " does not run on any node"));
    return agent->process(space, api::name_of(pod), "");
}

Result<shell::ProcessContext> Cluster::process_at(std::string_view place) {
    if (place == "laptop" || place == "internet")
        return machine_process(std::string(place));
    if (place.starts_with("node/"))
        return kubelet(place.substr(5)) ? machine_process(std::string(place.substr(5)))
                                        : Result<shell::ProcessContext>(not_found(cat("nodes ", quoted(place.substr(5)), " not found")));
    if (place.starts_with("pod/"))
        return pod_process(place.substr(4));
    return not_found(cat("unknown place ", quoted(place), ": use laptop, internet, node/NAME or pod/[NAMESPACE/]NAME"));
}

// -- kubectl -----------------------------------------------------------------------------------------

namespace {

// Looks through the API server without leaving a trace: the page, not the learner, is asking. Writes are let
// through when they are dry runs.
class QuietTransport final : public client::Transport {
public:
    explicit QuietTransport(apiserver::ApiServer& server) : server_(server) {}

    client::Response send(const client::Request& request) override {
        if (request.method != client::Method::get && !request.query.contains("dryRun"))
            return {.code = 405, .body = {}, .warnings = {}, .headers = {}, .failure = "read only"};
        client::Request quiet = request;
        quiet.unrecorded = true;
        return server_.send(quiet);
    }
    Result<client::WatchId> watch(const client::Request&, sim::ComponentId, std::uint32_t) override {
        return Error{"MethodNotAllowed", "read only", {}, 0, 0};
    }
    WatchBatch read(client::WatchId) override { return {{}, true}; }
    void unwatch(client::WatchId) override {}

private:
    apiserver::ApiServer& server_;
};

}  // namespace

std::string_view Cluster::field_documentation(std::string_view type, std::string_view field) const {
    // Parsed when first asked for.
    if (documentation_.is_null())
        documentation_ = api::parse_json(embedded::find("schema/kubernetes-docs.json")).value_or(api::Value::object());
    return documentation_[type][field].as_string();
}

bool Cluster::has_documentation() const {
    return documentation_.members().size() > 0 || !embedded::find("schema/kubernetes-docs.json").empty();
}

// The laptop has the manifests of the examples in its folder: `kubectl apply -f ingress-nginx/`.
Result<std::string> Cluster::read_laptop_file(std::string_view path) const {
    Result<std::string> own = Error{"NotFound", cat("open ", path, ": no such file or directory"), {}, 0, 0};
    if (host_files_.read)
        own = host_files_.read(path);
    if (!own.ok() && path.ends_with(".yaml") && !path.starts_with("bootstrap/"))
        if (const auto text = embedded::find(cat("assets/", path)); !text.empty())
            return std::string(text);
    return own;
}

Result<std::vector<std::string>> Cluster::list_laptop_folder(std::string_view path) const {
    Result<std::vector<std::string>> own = Error{"NotFound", cat("open ", path, ": no such file or directory"), {}, 0, 0};
    if (host_files_.list)
        own = host_files_.list(path);
    if (own.ok())  // names without their folder
        for (auto& name : own.value())
            name.erase(0, name.rfind('/') + 1);
    const auto prefix = cat("assets/", path, path.ends_with('/') ? "" : "/");
    std::vector<std::string> names;
    for (const auto& file : embedded::files())
        if (!own.ok() && file.path.starts_with(prefix) && file.path.ends_with(".yaml") && !file.path.starts_with("assets/bootstrap/"))
            names.emplace_back(file.path.substr(prefix.size()));
    return names.empty() ? own : names;
}

kubectl::Environment Cluster::kubectl_environment() {
    return kubectl::Environment{.transport = *laptop_transport_,
                                .schema = *schema_,
                                .now = simulation_.now(),
                                .server_url = cat("https://", layout_.node_ip(0).text(), ":6443"),
                                .read_file = [this](std::string_view path) { return read_laptop_file(path); },
                                .list_folder = [this](std::string_view path) { return list_laptop_folder(path); },
                                .documentation = [this](std::string_view type, std::string_view field) {
                                    return field_documentation(type, field);
                                }};
}

kubectl::Environment Cluster::quiet_kubectl_environment() const {
    if (!quiet_)
        quiet_ = std::make_unique<QuietTransport>(*api_);
    return kubectl::Environment{
        .transport = *quiet_, .schema = *schema_, .now = simulation_.now(), .server_url = cat("https://", layout_.node_ip(0).text(), ":6443"), .read_file = nullptr, .list_folder = nullptr,
        .documentation = nullptr};
}

Result<void> Cluster::apply(std::string_view manifest) {
    for (const auto& applied : kubectl::apply_documents(kubectl_environment(), manifest))
        if (!applied.error.empty())
            return Error{"Invalid", cat("document ", applied.document + 1, ": ", applied.error), {}, 0, 0};
    return {};
}

Result<std::string> Cluster::iptables_save(std::string_view node, net::Family family) const {
    const auto* stack = network_.stack(node);
    if (!stack || !kubelet(node))
        return not_found(cat("nodes ", quoted(node), " not found"));
    return net::save_text(stack->root().rules(family), simulation_.now());
}

// -- components -----------------------------------------------------------------------------------------

std::vector<sim::ComponentId> Cluster::processes_of(std::string_view asked) const {
    // By the name of its DaemonSet or of its program too.
    std::string component(asked);
    for (std::string_view known : {"kube-flannel", "flanneld"})
        if (asked.substr(0, asked.find('/')) == known)
            component = cat("flannel", asked.substr(known.size()));
    std::vector<sim::ComponentId> ids;
    const auto& simulation = simulation_;
    for (const auto id : simulation.components()) {
        if (const auto* host = host_program(simulation.look(id))) {
            // "etcd", "coredns" (all of them), "kube-proxy/node-1", and by its machine what goes by another name: "etcd/control-plane".
            const std::string& name = host->component();
            if (name == component || name.starts_with(cat(component, "/")) ||
                cat(std::string_view(name).substr(0, name.find('/')), "/", host->node()) == component) {
                ids.push_back(id);
                ids.insert(ids.end(), host->children().begin(), host->children().end());
            }
        }
    }
    if (!ids.empty())
        return ids;
    // Kubelets, and single controllers of the controller manager.
    for (const auto id : simulation.components()) {
        const auto name = simulation.look(id)->name();
        if (name == component || (component == "kubelet" && name.starts_with("kubelet/")))
            ids.push_back(id);
    }
    return ids;
}

// "containerd", "containerd/node-1", and as the views call it "runtime/node-1": the kubelets whose runtime it is.
std::vector<sim::ComponentId> Cluster::kubelets_by_runtime(std::string_view component) const {
    const auto slash = component.find('/');
    const auto process = component.substr(0, slash);
    std::vector<sim::ComponentId> ids;
    if (process == "containerd" || process == "runtime")
        for (const auto& [node, id] : kubelets_)
            if (slash == std::string_view::npos || node == component.substr(slash + 1))
                ids.push_back(id);
    return ids;
}

bool Cluster::component_running(std::string_view component) const {
    if (const auto agents = kubelets_by_runtime(component); !agents.empty())
        return static_cast<const kubelet::Kubelet*>(simulation_.look(agents.front()))->runtime_running();
    const auto ids = processes_of(component);
    return ids.empty() || !simulation_.paused(ids.front());
}

Result<void> Cluster::set_component_running(std::string_view asked, bool running) {
    const std::string component = asked.starts_with("runtime/") ? cat("containerd", asked.substr(asked.find('/'))) : std::string(asked);
    const auto agents = kubelets_by_runtime(component);
    const auto ids = agents.empty() ? processes_of(component) : agents;
    if (ids.empty())
        return not_found(cat("no component ", quoted(component), " runs here"));
    simulation_.record(sim::EntryKind::component, component, {}, {running ? "component.started" : "component.stopped", {component}});
    for (const auto id : agents)
        static_cast<kubelet::Kubelet*>(simulation_.find(id))->set_runtime_running(running);
    if (!agents.empty())
        return {};
    for (const auto id : ids) {
        if (running)
            simulation_.resume(id);
        else
            simulation_.pause(id);
    }
    // These two are asked by others without the network's help.
    const auto process = component.substr(0, component.find('/'));  // "etcd", "etcd/control-plane"
    if (process == "etcd")
        api_->set_storage_answers(running);
    if (process == "kube-apiserver")
        api_->set_available(running && host_program(simulation_.find(ids.front()))->serves());
    return {};
}

}  // namespace kubewalk::cluster
