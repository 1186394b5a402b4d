#include "core/view/architecture.h"

#include <algorithm>
#include <map>

#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/net/faults.h"
#include "core/net/node_stack.h"
#include "core/view/activity.h"
#include "core/view/pod_status.h"
#include "core/view/service_text.h"

namespace kubewalk::view {

namespace {

using api::Value;

constexpr Duration recent_window = seconds(3);
constexpr std::size_t most_recent = 64;

// -- control-plane components and node agents -----------------------------------------------------

// Which component a program's Pod is, by its container's name: the boxes of the picture.
enum class Placing : unsigned char {
    single,    // one in the cluster
    per_node,  // "kube-proxy/node-1"
    per_pod,   // an add-on drawn as its Pod: "coredns/coredns-…"
    as_pod,    // an add-on drawn as its Pod, one in the cluster
    as_pod_of_node,
};
constexpr bool is_drawn_as_pod(Placing placing) { return placing != Placing::single && placing != Placing::per_node; }

struct Known {
    std::string_view container;
    std::string_view id;
    std::string_view title;
    Placing placing;
};
constexpr Known known_components[] = {
    {"etcd", "etcd", "etcd", Placing::single},
    {"kube-apiserver", "kube-apiserver", "kube-apiserver", Placing::single},
    {"kube-controller-manager", "kube-controller-manager", "controller-manager", Placing::single},
    {"kube-scheduler", "kube-scheduler", "scheduler", Placing::single},
    {"cloud-controller-manager", "cloud-controller-manager", "cloud-controller", Placing::single},
    {"kube-proxy", "kube-proxy", "kube-proxy", Placing::per_node},
    {"kube-flannel", "flannel", "flannel", Placing::per_node},
    {"kube-router", "kube-router", "kube-router", Placing::per_node},
    {"coredns", "coredns", "coredns", Placing::per_pod},
    {"node-cache", "node-local-dns", "node-local-dns", Placing::as_pod_of_node},
    {"metrics-server", "metrics-server", "metrics-server", Placing::as_pod},
    {"local-path-provisioner", "local-path-provisioner", "local-path-provisioner", Placing::as_pod_of_node},
    {"controller", "ingress-nginx", "ingress-nginx", Placing::per_pod},
};

std::string last_detail(const cluster::Session& session, std::string_view id) {
    const auto& log = session.log();
    int looked = 0;
    for (std::size_t i = log.size(); i-- > log.first() && looked < 400; ++looked) {
        if (log.heartbeat(i) || box_of(log.component(i)) != id)
            continue;
        if (log.kind(i) == sim::EntryKind::reconcile || log.kind(i) == sim::EntryKind::schedule)
            return log.arg_count(i) == 0 ? std::string() : work_item(log.object(i).resource, log.arg(i, 0));
    }
    return {};
}

std::string detail_of(const cluster::Session& session, std::string_view id) {
    if (id == "etcd")
        return cat("revision ", session.cluster().revision());
    if (id == "kube-apiserver")
        return "authn › authz › admission › write";
    return last_detail(session, id);
}

Health component_health(const cluster::Session& session, std::string_view id, const PodChip& pod) {
    if (!session.cluster().component_running(id))
        return Health::stopped;
    return pod.health;
}

void add_component(Architecture& out, const cluster::Session& session, const Value& pod, PodChip& chip) {
    const bool system = chip.namespace_name.starts_with("kube-") || chip.namespace_name == "ingress-nginx" ||
                        chip.namespace_name == "local-path-storage";
    for (const auto& container : pod["spec"]["containers"].items()) {
        for (const auto& known : known_components) {
            if (!system || container["name"].as_string() != known.container)
                continue;
            ComponentBox box;
            box.id = known.id;
            if (known.placing == Placing::per_pod)
                append(box.id, "/", chip.name);
            if (known.placing == Placing::per_node || known.placing == Placing::as_pod_of_node)
                append(box.id, "/", chip.node);
            box.title = known.title;
            box.node = chip.node;
            if (is_drawn_as_pod(known.placing))
                box.pod = cat(chip.namespace_name, "/", chip.name);
            chip.boxed = box.pod.empty();
            box.health = component_health(session, box.id, chip);
            box.detail = detail_of(session, box.id);
            out.components.push_back(std::move(box));
            return;
        }
    }
}

// -- nodes and Pods --------------------------------------------------------------------------------

Health node_health(const Value& node) {
    for (const auto& condition : node["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            return condition["status"].as_string() == "True" ? Health::healthy : Health::failed;
    return Health::pending;
}

NodeBox node_box(const Value& node) {
    NodeBox box;
    box.name = api::name_of(node);
    for (const auto& address : node["status"]["addresses"].items())
        if (address["type"].as_string() == "InternalIP")
            box.ip = address["address"].str();
    box.pod_cidr = node["spec"]["podCIDR"].str();
    if (node["metadata"]["labels"].contains("node-role.kubernetes.io/control-plane"))
        box.role = "control-plane";
    box.health = node_health(node);
    box.schedulable = !node["spec"]["unschedulable"].as_bool();
    return box;
}

// What is done to the machine itself; the API knows nothing of it.
void look_at_machine(const cluster::Cluster& cluster, NodeBox& box) {
    if (const auto* stack = cluster.network().stack(box.name))
        box.powered = stack->up;
    const auto fault = cluster.network().link_fault(box.name);
    box.link_cut = fault.cut;
    if (fault.cut)
        box.link_fault = "cut";
    else if (fault.delay.ns > 0)
        box.link_fault = cat("+", fault.delay.ns / 1'000'000, " ms");
    else if (fault.loss_per_million > 0)
        box.link_fault = cat("-", fault.loss_per_million / 10'000, " %");
}

// -- Services and workloads --------------------------------------------------------------------------

void add_services(Architecture& out, const cluster::Session& session) {
    const auto& cluster = session.cluster();
    std::map<std::string, std::vector<Value>> slices;  // "namespace/service"
    for (const auto& slice : cluster.peek_list(api::kind::endpoint_slices, ""))
        slices[cat(api::namespace_of(slice), "/", slice["metadata"]["labels"]["kubernetes.io/service-name"].as_string())].push_back(slice);
    for (const auto& service : cluster.peek_list(api::kind::services, "")) {
        ServiceBox box;
        box.namespace_name = api::namespace_of(service);
        box.name = api::name_of(service);
        box.type = service["spec"]["type"].str("ClusterIP");
        box.cluster_ip = service["spec"]["clusterIP"].str("<none>");
        box.external = external_address(service);
        box.ports = port_list(service);
        for (const auto& slice : slices[cat(box.namespace_name, "/", box.name)]) {
            for (const auto& endpoint : slice["endpoints"].items()) {
                const auto& target = endpoint["targetRef"];
                const bool ready = endpoint["conditions"]["ready"].as_bool(true);
                if (target["kind"].as_string() != "Pod") {
                    box.elsewhere += ready ? 1 : 0;
                    continue;
                }
                auto& list = ready ? box.pods : box.waiting;
                list.push_back(cat(target["namespace"].as_string(), "/", target["name"].as_string()));
            }
        }
        out.services.push_back(std::move(box));
    }
}

struct WorkloadKind {
    const api::Kind& kind;
    const char* desired;  // below spec, or below status where the controller decides
    const char* desired_status;
    const char* ready;
    std::int64_t usual = 0;  // what counts as desired where nothing is written
};

void look_at_cron_job(const Value& object, WorkloadBox& box) {
    box.health = object["spec"]["suspend"].as_bool() ? Health::stopped : Health::healthy;
    box.schedule = object["spec"]["schedule"].str();
    box.active = static_cast<int>(object["status"]["active"].items().size());
    box.last_schedule = parse_rfc3339(object["status"]["lastScheduleTime"].as_string());
}

void add_workloads(Architecture& out, const cluster::Session& session) {
    const WorkloadKind workload_kinds[] = {
        {api::kind::deployments, "replicas", nullptr, "readyReplicas"},
        {api::kind::replica_sets, "replicas", nullptr, "readyReplicas"},
        {api::kind::stateful_sets, "replicas", nullptr, "readyReplicas"},
        {api::kind::replication_controllers, "replicas", nullptr, "readyReplicas"},
        {api::kind::daemon_sets, nullptr, "desiredNumberScheduled", "numberReady"},
        {api::kind::jobs, "completions", nullptr, "succeeded", 1},
        {api::kind::cron_jobs, nullptr, "", ""},
    };
    for (const auto& known : workload_kinds) {
        for (const auto& object : session.cluster().peek_list(known.kind, "")) {
            WorkloadBox box;
            box.namespace_name = api::namespace_of(object);
            box.kind = known.kind.kind;
            box.name = api::name_of(object);
            const auto& owner = api::controller_of(object);
            if (owner.is_object())
                box.owner = cat(owner["kind"].as_string(), "/", owner["name"].as_string());
            box.desired = static_cast<int>(known.desired ? object["spec"][known.desired].as_int(known.usual)
                                                         : object["status"][known.desired_status].as_int());
            box.ready = static_cast<int>(object["status"][known.ready].as_int());
            box.health = box.ready >= box.desired ? Health::healthy : Health::pending;
            if (known.kind.kind == "Job")
                box.health = job_health(object);
            if (known.kind.kind == "CronJob")
                look_at_cron_job(object, box);
            out.workloads.push_back(std::move(box));
        }
    }
}

// -- what travelled ------------------------------------------------------------------------------------

void add_recent(Architecture& out, const cluster::Session& session) {
    const auto& log = session.log();
    for (std::size_t i = log.size(); i-- > log.first() && out.recent.size() < most_recent;) {
        if (out.now - log.at(i) > recent_window)
            break;
        if (!log.heartbeat(i))
            out.recent.push_back(activity_of(log[i]));
    }
    std::reverse(out.recent.begin(), out.recent.end());
}

}  // namespace

Architecture architecture(const cluster::Session& session) {
    Architecture out;
    const auto& cluster = session.cluster();
    out.now = session.now();
    out.components.push_back({"kubectl", "kubectl", "", "", Health::healthy});
    if (cluster.cloud())
        out.components.push_back({"cloud", "Cloud", "", "", Health::healthy});
    std::map<std::string, std::size_t> node_index;
    for (const auto& node : cluster.peek_list(api::kind::nodes, "")) {
        node_index[std::string(api::name_of(node))] = out.nodes.size();
        out.nodes.push_back(node_box(node));
        look_at_machine(cluster, out.nodes.back());
    }
    for (const auto& node : out.nodes) {
        for (const std::string_view agent : {"kubelet", "runtime"}) {
            ComponentBox box{cat(agent, "/", node.name), agent == "kubelet" ? "kubelet" : "containerd", node.name, "", Health::healthy};
            box.health = node.powered && cluster.component_running(box.id) ? Health::healthy : Health::stopped;
            if (agent == "kubelet")
                box.detail = last_detail(session, box.id);
            out.components.push_back(std::move(box));
        }
    }
    for (const auto& pod : cluster.peek_list(api::kind::pods, "")) {
        PodChip chip = pod_chip(pod);
        add_component(out, session, pod, chip);
        const auto found = node_index.find(chip.node);
        auto& place = found != node_index.end() ? out.nodes[found->second].pods : chip.node.empty() ? out.unscheduled : out.orphaned;
        place.push_back(std::move(chip));
    }
    for (const auto& space : cluster.peek_list(api::kind::namespaces, ""))
        out.namespaces.emplace_back(api::name_of(space));
    add_services(out, session);
    add_workloads(out, session);
    add_recent(out, session);
    return out;
}

std::vector<sim::Entry> cause_chain(const cluster::Session& session, sim::CauseId leaf) {
    std::vector<sim::Entry> chain;
    for (auto entry = session.cluster().simulation().entry(leaf); entry && chain.size() < 200;
         entry = session.cluster().simulation().entry(chain.back().cause))
        chain.push_back(std::move(*entry));
    std::reverse(chain.begin(), chain.end());
    return chain;
}

std::vector<sim::CauseId> entries_of(const cluster::Session& session, const sim::ObjectRef& object) {
    std::vector<sim::CauseId> ids;
    const auto& log = session.log();
    for (std::size_t i = log.first(); i < log.size(); ++i)
        if (log.object(i) == sim::ObjectView(object))
            ids.push_back(i + 1);
    return ids;
}

}  // namespace kubewalk::view
