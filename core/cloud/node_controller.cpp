#include "core/cloud/node_controller.h"

#include "core/base/text.h"
#include "core/cloud/provider.h"

namespace kubewalk::cloud {

namespace {

using api::Value;

constexpr std::string_view uninitialized_taint = "node.cloudprovider.kubernetes.io/uninitialized";
constexpr std::string_view provided_ip_annotation = "alpha.kubernetes.io/provided-node-ip";

// The label that is true, and the one that follows it.
struct LabelPair {
    std::string_view primary;
    std::string_view secondary;
};
constexpr LabelPair label_pairs[] = {
    {"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
    {"beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"},
};

bool has_taint(const Value& node, std::string_view key) {
    for (const Value& taint : node["spec"]["taints"].items())
        if (taint["key"].as_string() == key)
            return true;
    return false;
}

Value without_taint(const Value& node, std::string_view key) {
    Value taints = Value::array();
    for (const Value& taint : node["spec"]["taints"].items())
        if (taint["key"].as_string() != key)
            taints.push_back(taint);
    return taints;
}

// The cloud's addresses; the host name is the kubelet's to say. Error: the address that the kubelet was
// given is none of the cloud's.
Result<Value> addresses_of(const Value& node, const Instance& instance) {
    const auto provided = node.path("metadata", "annotations", provided_ip_annotation).as_string();
    if (!provided.empty() && provided != instance.ip.text())
        return Error{"InvalidParameter", cat("failed to get node address from cloud provider that matches ip: ", provided), {}, 0, 0};
    Value addresses = Value::array({Value::object({{"address", instance.ip.text()}, {"type", "InternalIP"}})});
    for (const Value& address : node["status"]["addresses"].items())
        if (address["type"].as_string() == "Hostname")
            addresses.push_back(address);
    return addresses;
}

bool addresses_differ(const Value& before, const Value& after) {
    if (before.size() != after.size())
        return true;
    for (const Value& wanted : after.items()) {
        bool found = false;
        for (const Value& address : before.items())
            found = found || address == wanted;
        if (!found)
            return true;
    }
    return false;
}

}  // namespace

CloudNodeController::CloudNodeController(client::Environment environment, Cloud& cloud, const ControllerOptions& options)
    : ControllerOf(environment, "cloud-node-controller", std::string(controller_user)),
      cloud_(&cloud),
      update_frequency_(options.node_status_update_frequency) {
    watch(api::kind::nodes);
}

void CloudNodeController::changed(std::size_t, const client::Change& change) {
    if (change.type != client::WatchType::deleted)
        enqueue(api::key_of(change.object));
}

void CloudNodeController::synced() { schedule_own(update_frequency_, 0, sim::Urgency::background); }

// The periodic look at the cloud: have addresses changed?
void CloudNodeController::own_event(std::uint32_t, const sim::Event&) {
    std::vector<Value> all;
    for (const auto& [name, node] : cache(0))
        all.push_back(node);
    for (const Value& node : all)
        if (const Instance* instance = instance_of(*cloud_, node); instance && !has_taint(node, uninitialized_taint))
            (void)update_addresses(node, *instance);
    schedule_own(update_frequency_, 0, sim::Urgency::background);
}

client::Outcome CloudNodeController::reconcile(const std::string& key) {
    const Value node = informer(0).get(key);
    if (node.is_null())
        return client::Outcome::done();
    return has_taint(node, uninitialized_taint) ? initialise(node) : reconcile_labels(node);
}

client::Outcome CloudNodeController::reconcile_labels(const Value& node) {
    const Value& labels = node["metadata"]["labels"];
    Value changes;
    for (const LabelPair& pair : label_pairs)
        if (labels.contains(pair.primary) && labels[pair.secondary] != labels[pair.primary])
            changes.set(pair.secondary, labels[pair.primary]);
    if (changes.is_null())
        return client::Outcome::done();
    const Value patch = Value::object({{"metadata", Value::object({{"labels", changes}})}});
    const auto written = client().patch(api::kind::nodes, {}, api::name_of(node), client::PatchType::strategic, patch);
    return written.ok() ? client::Outcome::done() : client::Outcome::failed(written.error());
}

client::Outcome CloudNodeController::initialise(const Value& node) {
    const auto name = api::name_of(node);
    const Instance* instance = instance_of(*cloud_, node);
    if (!instance)
        return client::Outcome::failed(cat("failed to get instance metadata for node ", name, ": instance not found"));
    if (const auto addresses = addresses_of(node, *instance); !addresses.ok())
        return client::Outcome::failed(cat("failed to get node modifiers from cloud provider: provided node ip for node ",
                                           quoted(name), " is not valid: ", addresses.error().message));
    Value updated = node;
    if (node["spec"]["providerID"].as_string().empty())
        updated.edit("spec").set("providerID", provider_id(*instance));
    const std::string_view values[] = {instance->zone, instance->region, instance->type};
    for (std::size_t i = 0; i < std::size(label_pairs); ++i)
        for (const auto key : {label_pairs[i].primary, label_pairs[i].secondary})
            updated.edit_path("metadata", "labels").set(key, values[i]);
    const Value taints = without_taint(node, uninitialized_taint);
    if (taints.empty())
        updated.edit("spec").erase("taints");
    else
        updated.edit("spec").set("taints", taints);
    auto written = client().update(api::kind::nodes, updated);
    if (!written.ok())
        return client::Outcome::failed(written.error());
    if (auto addressed = update_addresses(written.value(), *instance); !addressed.ok())
        return client::Outcome::failed(addressed.error());
    recorder().record(simulation(), node, client::EventType::normal, "Synced", "Node synced successfully");
    return client::Outcome::done();
}

Result<void> CloudNodeController::update_addresses(const Value& node, const Instance& instance) {
    KUBEWALK_TRY(addresses, addresses_of(node, instance));
    if (!addresses_differ(node["status"]["addresses"], addresses))
        return {};
    const Value patch = Value::object({{"status", Value::object({{"addresses", addresses}})}});
    const auto written = client().patch(api::kind::nodes, {}, api::name_of(node), client::PatchType::strategic, patch, "status");
    return written.ok() ? Result<void>() : written.error();
}

}  // namespace kubewalk::cloud
