#include "core/cloud/node_lifecycle_controller.h"

#include "core/base/text.h"
#include "core/cloud/provider.h"

namespace kubewalk::cloud {

namespace {

using api::Value;

constexpr std::string_view uninitialized_taint = "node.cloudprovider.kubernetes.io/uninitialized";
constexpr std::string_view shutdown_taint = "node.cloudprovider.kubernetes.io/shutdown";
constexpr Duration uninitialized_delay = minutes(1);

std::string_view ready_status(const Value& node) {
    for (const Value& condition : node["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            return condition["status"].as_string();
    return "Unknown";
}

bool has_taint(const Value& node, std::string_view key) {
    for (const Value& taint : node["spec"]["taints"].items())
        if (taint["key"].as_string() == key && taint["effect"].as_string() == "NoSchedule")
            return true;
    return false;
}

Value taint_patch(const Value& node, bool shut_down) {
    Value taints = Value::array();
    for (const Value& taint : node["spec"]["taints"].items())
        if (taint["key"].as_string() != shutdown_taint)
            taints.push_back(taint);
    if (shut_down)
        taints.push_back(Value::object({{"key", shutdown_taint}, {"effect", "NoSchedule"}}));
    return Value::object({{"metadata", Value::object({{"resourceVersion", node["metadata"]["resourceVersion"]}})},
                          {"spec", Value::object({{"taints", taints.empty() ? Value() : taints}})}});
}

}  // namespace

CloudNodeLifecycleController::CloudNodeLifecycleController(client::Environment environment, Cloud& cloud,
                                                           const ControllerOptions& options)
    : ControllerOf(environment, "cloud-node-lifecycle-controller", std::string(controller_user)),
      cloud_(&cloud),
      period_(options.node_monitor_period) {
    watch(api::kind::nodes);
}

void CloudNodeLifecycleController::synced() { schedule_own(Duration{}, 0, sim::Urgency::background); }

void CloudNodeLifecycleController::own_event(std::uint32_t, const sim::Event&) {
    std::vector<Value> noteworthy;
    for (const auto& [name, node] : cache(0))
        if (ready_status(node) != "True" || has_taint(node, shutdown_taint))
            noteworthy.push_back(node);
    for (const Value& node : noteworthy)
        monitor(node);
    schedule_own(period_, 0, sim::Urgency::background);
}

void CloudNodeLifecycleController::monitor(const Value& node) {
    const auto name = api::name_of(node);
    if (ready_status(node) == "True") {
        (void)client().patch(api::kind::nodes, {}, name, client::PatchType::merge, taint_patch(node, false));
        return;
    }
    const Time created = parse_rfc3339(node["metadata"]["creationTimestamp"].as_string()).value_or(Time{});
    if (node["spec"]["providerID"].as_string().empty() && has_taint(node, uninitialized_taint) &&
        now() - created < uninitialized_delay)
        return;
    const Instance* instance = instance_of(*cloud_, node);
    if (!instance)
        remove(node);
    else if (!cloud_->running(*instance) && !has_taint(node, shutdown_taint))
        (void)client().patch(api::kind::nodes, {}, name, client::PatchType::merge, taint_patch(node, true));
}

void CloudNodeLifecycleController::remove(const Value& node) {
    const auto name = api::name_of(node);
    const Value reference = Value::object(
        {{"kind", "Node"}, {"metadata", Value::object({{"name", name}, {"uid", node["metadata"]["uid"]}})}});
    recorder().record(simulation(), reference, client::EventType::normal, "DeletingNode",
                      cat("Deleting node ", name, " because it does not exist in the cloud provider"));
    const auto removed = client().remove(api::kind::nodes, {}, name);
    if (!removed.ok())
        recorder().record(simulation(), reference, client::EventType::warning, "DeletingNodeFailed",
                          cat("Failed deleting node ", name, ": ", removed.error().message));
}

}  // namespace kubewalk::cloud
