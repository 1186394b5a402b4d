// The Node object and the Lease. Upstream: pkg/kubelet/kubelet_node_status.go, pkg/kubelet/nodestatus/setters.go,
// k8s.io/component-helpers/apimachinery/lease/controller.go.

#include "core/api/kinds.h"
#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {
namespace {

using api::Value;
using client::EventType;

constexpr Duration max_register_back_off = seconds(7);
constexpr Duration runtime_check_period = seconds(5);
constexpr Duration status_report_period = minutes(5);
constexpr std::int64_t lease_duration_s = 40;
constexpr std::string_view lease_namespace = "kube-node-lease";
constexpr std::int64_t eviction_reserve_mi = 100;  // memory.available<100Mi is not allocatable
constexpr std::size_t max_images = 50;             // nodeStatusMaxImages

struct Pressure {
    std::string_view type;
    std::string_view reason;
    std::string_view message;
    std::string_view pressed_reason;
    std::string_view pressed_message;
};
constexpr Pressure pressures[] = {
    {"MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", "KubeletHasInsufficientMemory",
     "kubelet has insufficient memory available"},
    {"DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", "KubeletHasDiskPressure",
     "kubelet has disk pressure"},
    {"PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available", "KubeletHasInsufficientPID",
     "kubelet has insufficient PID available"},
};

Value condition(std::string_view type, bool met, std::string_view reason, std::string_view message, Value heartbeat,
                Value transition) {
    return Value::object({{"type", type},
                          {"status", met ? "True" : "False"},
                          {"lastHeartbeatTime", std::move(heartbeat)},
                          {"lastTransitionTime", std::move(transition)},
                          {"reason", reason},
                          {"message", message}});
}

// Heartbeats aside: is there news?
Value without_heartbeats(Value status) {
    for (std::size_t i = 0; i < status["conditions"].size(); ++i)
        status.edit("conditions").edit_at(i).erase("lastHeartbeatTime");
    return status;
}

}  // namespace

Value Kubelet::initial_node() const {
    auto labels = Value::object({{"beta.kubernetes.io/arch", "amd64"},
                                 {"beta.kubernetes.io/os", "linux"},
                                 {"kubernetes.io/arch", "amd64"},
                                 {"kubernetes.io/hostname", options_.node},
                                 {"kubernetes.io/os", "linux"}});
    for (const auto& [key, value] : options_.labels)
        labels.set(key, value);
    auto taints = Value::array();
    for (const auto& taint : options_.taints)
        taints.push_back(taint);
    if (options_.external_cloud)
        taints.push_back(Value::object({{"effect", "NoSchedule"},
                                        {"key", "node.cloudprovider.kubernetes.io/uninitialized"},
                                        {"value", "true"}}));
    // The node lifecycle controller takes it away when the node is ready.
    taints.push_back(Value::object({{"effect", "NoSchedule"}, {"key", "node.kubernetes.io/not-ready"}}));
    auto annotations = Value::object({{"volumes.kubernetes.io/controller-managed-attach-detach", "true"}});
    if (options_.external_cloud)
        annotations.set("alpha.kubernetes.io/provided-node-ip", join(host_ips(), ","));
    return Value::object({{"apiVersion", "v1"},
                          {"kind", "Node"},
                          {"metadata", Value::object({{"name", options_.node},
                                                      {"labels", std::move(labels)},
                                                      {"annotations", std::move(annotations)}})},
                          {"spec", Value::object({{"taints", std::move(taints)}})},
                          {"status", node_status()}});
}

Value Kubelet::node_status() const {
    const Value heartbeat(to_rfc3339(now()));
    const Value since = ready_since_.is_null() ? heartbeat : ready_since_;
    auto conditions = Value::array();
    for (const auto& pressure : pressures) {
        const bool pressed = pressure.type == "MemoryPressure" ? memory_pressure_
                                                               : pressure.type == "DiskPressure" && disk_pressure_;
        Value transition = heartbeat;
        for (const auto& old : reported_status_["conditions"].items()) {
            if (old["type"].as_string() == pressure.type && (old["status"].as_string() == "True") == pressed)
                transition = old["lastTransitionTime"];
        }
        conditions.push_back(condition(pressure.type, pressed, pressed ? pressure.pressed_reason : pressure.reason,
                                       pressed ? pressure.pressed_message : pressure.message, heartbeat, transition));
    }
    if (ready_) {
        conditions.push_back(condition("Ready", true, "KubeletReady", "kubelet is posting ready status", heartbeat, since));
    } else {
        auto errors = runtime_errors();
        if (!runtime_.network_ready() || errors.empty())
            errors.emplace_back("container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                                "message:Network plugin returns error: cni plugin not initialized");
        const std::string message = errors.size() == 1 ? errors[0] : cat("[", join(errors, ", "), "]");
        conditions.push_back(condition("Ready", false, "KubeletNotReady", message, heartbeat, since));
    }

    auto images = Value::array();
    for (const auto& [reference, local] : runtime_.images()) {
        if (images.size() == max_images)
            break;
        const auto name = ImageReference::parse(reference).value_or({}).name();
        images.push_back(Value::object({{"names", Value::array({cat(name, "@", local.remote.digest), reference})},
                                        {"sizeBytes", local.remote.size}}));
    }

    auto capacity = Value::object({{"cpu", options_.cpu},
                                   {"ephemeral-storage", options_.ephemeral_storage},
                                   {"hugepages-1Gi", "0"},
                                   {"hugepages-2Mi", "0"},
                                   {"memory", options_.memory},
                                   {"pods", cat(options_.max_pods)}});
    auto allocatable = capacity;
    auto memory = api::Quantity::from(options_.memory);
    memory.subtract(api::Quantity::of(eviction_reserve_mi * 1024 * 1024, api::Quantity::Format::binary_si));
    allocatable.set("memory", memory.str());
    const auto disk = api::Quantity::from(options_.ephemeral_storage);
    allocatable.set("ephemeral-storage", api::Quantity::of(disk.value() / 10 * 9).str());

    const std::string machine = content_hash(options_.node).substr(0, 32);
    const auto info = Value::object({{"architecture", "amd64"},
                                     {"bootID", Random(fnv1a(boots_ == 0 ? machine : cat(machine, boots_))).uuid()},
                                     {"containerRuntimeVersion", options_.runtime_version},
                                     {"kernelVersion", "6.1.0-37-amd64"},
                                     {"kubeProxyVersion", ""},
                                     {"kubeletVersion", options_.version},
                                     {"machineID", machine},
                                     {"operatingSystem", "linux"},
                                     {"osImage", "Debian GNU/Linux 12 (bookworm)"},
                                     {"systemUUID", Random(fnv1a(machine) + 1).uuid()}});
    auto addresses = Value::array();
    for (const auto& ip : host_ips())
        addresses.push_back(Value::object({{"type", "InternalIP"}, {"address", ip}}));
    addresses.push_back(Value::object({{"type", "Hostname"}, {"address", options_.node}}));
    return Value::object(
        {{"addresses", std::move(addresses)},
         {"allocatable", std::move(allocatable)},
         {"capacity", std::move(capacity)},
         {"conditions", std::move(conditions)},
         {"daemonEndpoints", Value::object({{"kubeletEndpoint", Value::object({{"Port", 10250}})}})},
         {"images", std::move(images)},
         {"nodeInfo", info}});
}

void Kubelet::register_node() {
    ready_ = runtime_.network_ready();
    auto made = client_.create(api::kind::nodes, initial_node());
    const bool known = !made.ok() && made.error().reason == "AlreadyExists";
    if (!made.ok() && !known) {
        // The API server may be one of our own static Pods that is still starting.
        simulation().schedule(id(), register_back_off_, register_due);
        register_back_off_ = std::min(register_back_off_ * 2, max_register_back_off);
        return;
    }
    registered_ = true;
    describe_csi(made.ok() ? std::string(api::uid_of(made.value())) : std::string());
    ready_since_ = Value(to_rfc3339(now()));
    reported_status_ = node_status();
    reported_at_ = now();
    node_event(EventType::normal, "Starting", "Starting kubelet.");
    node_event(EventType::normal, "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
    for (const std::string_view reason : {"NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"})
        node_event(EventType::normal, reason, cat("Node ", options_.node, " status is now: ", reason));
    if (ready_)
        node_event(EventType::normal, "NodeReady", cat("Node ", options_.node, " status is now: NodeReady"));
    if (known)
        update_node_status(true);
    renew_lease();
    simulation().schedule(id(), seconds(10), lease_due, sim::Urgency::background);
    simulation().schedule(id(), seconds(10), status_due, sim::Urgency::background);
    std::vector<std::string> waiting;
    for (const auto& [uid, pod] : workers_) {
        if (pod.origin == Origin::file)
            waiting.push_back(uid);
    }
    for (const auto& uid : waiting)
        queue_sync(uid, {});
}

// The node's CSINode: no driver here yet, and which of the old plugins are translated to CSI.
// Upstream: pkg/volume/csi/nodeinfomanager/nodeinfomanager.go (CreateCSINode, setMigrationAnnotation).
void Kubelet::describe_csi(std::string node_uid) {
    if (node_uid.empty())
        return;  // this node has been here before, and so has its CSINode
    const auto owner = Value::object({{"apiVersion", "v1"}, {"kind", "Node"}, {"name", options_.node}, {"uid", std::move(node_uid)}});
    const auto annotations = Value::object({{"storage.alpha.kubernetes.io/migrated-plugins",
                                             "kubernetes.io/aws-ebs,kubernetes.io/azure-disk,kubernetes.io/azure-file,kubernetes.io/cinder,"
                                             "kubernetes.io/gce-pd,kubernetes.io/portworx-volume,kubernetes.io/vsphere-volume"}});
    (void)client_.create(*api::find_kind("storage.k8s.io/v1", "CSINode"),
                         Value::object({{"apiVersion", "storage.k8s.io/v1"},
                                        {"kind", "CSINode"},
                                        {"metadata", Value::object({{"name", options_.node},
                                                                    {"annotations", annotations},
                                                                    {"ownerReferences", Value::array({owner})}})},
                                        {"spec", Value::object({{"drivers", Value::array()}})}}));
}

void Kubelet::update_node_status(bool at_any_rate) {
    if (!registered_)
        return;
    const Value status = node_status();
    const bool news = without_heartbeats(status) != without_heartbeats(reported_status_);
    if (!news && !at_any_rate && now() - reported_at_ < status_report_period)
        return;
    const auto& client = news ? client_ : client_.heartbeats();
    Value patch = Value::object({{"status", status}});
    // Two addresses may have one type, which is the list's merge key (fixupPatchForNodeStatusAddresses).
    if (host_ips().size() > 1)
        patch.edit_path("status", "addresses").push_back(Value::object({{"$patch", "replace"}}));
    const auto written = client.patch(api::kind::nodes, {}, options_.node, client::PatchType::strategic, patch, "status");
    if (!written.ok())
        return;
    reported_status_ = status;
    reported_at_ = now();
}

void Kubelet::renew_lease() {
    if (!registered_)
        return;
    const auto client = client_.heartbeats();
    if (lease_.is_null()) {
        const auto node = client.get(api::kind::nodes, {}, options_.node);
        auto metadata = Value::object({{"name", options_.node}, {"namespace", lease_namespace}});
        if (node.ok())
            metadata.set("ownerReferences", Value::array({Value::object({{"apiVersion", "v1"},
                                                                         {"kind", "Node"},
                                                                         {"name", options_.node},
                                                                         {"uid", api::uid_of(node.value())}})}));
        const auto spec = Value::object({{"holderIdentity", options_.node},
                                         {"leaseDurationSeconds", lease_duration_s},
                                         {"renewTime", to_rfc3339_micro(now())}});
        auto created = client.create(api::kind::leases, Value::object({{"apiVersion", "coordination.k8s.io/v1"},
                                                                       {"kind", "Lease"},
                                                                       {"metadata", std::move(metadata)},
                                                                       {"spec", spec}}));
        if (!created.ok() && created.error().reason == "AlreadyExists")
            created = client.get(api::kind::leases, lease_namespace, options_.node);
        if (created.ok())
            lease_ = created.take();
        return;
    }
    auto renewed = lease_;
    renewed.edit_path("spec").set("renewTime", to_rfc3339_micro(now()));
    const auto written = client.update(api::kind::leases, renewed);
    if (written.ok()) {
        lease_ = written.value();
        // Silent for so long, the node lifecycle controller has called it Unknown: the real kubelet sees that
        // in its Node at its next look and contradicts at once.
        constexpr Duration noticed = seconds(40);
        const bool was_silent = renewed_at_.ns != 0 && now() - renewed_at_ > noticed;
        renewed_at_ = now();
        if (was_silent)
            update_node_status(true);
    }
    else if (written.error().reason == "NotFound" || written.error().reason == "Conflict")
        lease_ = {};  // look at it afresh next time
}

// The runtime's Status call: does it answer, has a network plugin appeared (or gone)?
void Kubelet::check_runtime() {
    simulation().schedule(id(), runtime_check_period, runtime_due, sim::Urgency::background);
    if (runtime_running_) {
        runtime_seen_ = now();
        if (runtime_lost_.ns != 0)
            catch_up();
    }
    const bool ready = runtime_running_ ? runtime_.network_ready() : ready_ && runtime_errors().empty();
    if (ready == ready_ || !registered_)
        return;
    ready_ = ready;
    ready_since_ = Value(to_rfc3339(now()));
    simulation().record(sim::EntryKind::kubelet, name_, {"nodes", {}, options_.node},
                        {ready ? "kubelet.node_ready" : "kubelet.node_not_ready", {options_.node}});
    const std::string_view state = ready ? "NodeReady" : "NodeNotReady";
    node_event(EventType::normal, state, cat("Node ", options_.node, " status is now: ", state));
    update_node_status(true);
}

void Kubelet::node_event(EventType type, std::string_view reason, std::string_view message) {
    // The kubelet knows its Node by name only: the name stands for the uid.
    recorder_.record(simulation(),
                     Value::object({{"kind", "Node"},
                                    {"apiVersion", "v1"},
                                    {"metadata", Value::object({{"name", options_.node}, {"uid", options_.node}})}}),
                     type, reason, message);
}

}  // namespace kubewalk::kubelet
