#include "core/controllers/nodelifecycle/node_lifecycle_controller.h"

#include <algorithm>
#include <vector>

#include "core/base/text.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

using namespace nodelifecycle;

namespace {

enum Code : std::uint32_t { monitor_due, queues_due };
enum Watched : std::size_t { nodes, pods, leases };
constexpr std::string_view not_ready = "node.kubernetes.io/not-ready";
constexpr std::string_view unreachable = "node.kubernetes.io/unreachable";

// Conditions and the NoSchedule taints that show them.
struct ConditionTaint {
    std::string_view condition;
    std::string_view status;
    std::string_view taint;
};
constexpr ConditionTaint condition_taints[] = {
    {"Ready", "False", not_ready},
    {"Ready", "Unknown", unreachable},
    {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
    {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
    {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
    {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
};
constexpr std::string_view unschedulable = "node.kubernetes.io/unschedulable";

bool is_no_execute(const Value& taint) {
    const auto key = taint["key"].as_string();
    return taint["effect"].as_string() == "NoExecute" && (key == not_ready || key == unreachable);
}

bool is_ours(const Value& taint) {
    const auto key = taint["key"].as_string();
    return taint["effect"].as_string() == "NoSchedule" &&
           (key == unschedulable || std::any_of(std::begin(condition_taints), std::end(condition_taints),
                                                [&](const ConditionTaint& one) { return one.taint == key; }));
}

// The NoExecute taint that the Ready condition asks for, "" for none.
std::string_view wanted_no_execute(const Value& node) {
    const auto ready = condition_of(node, "Ready")["status"].as_string();
    return ready == "False" ? not_ready : ready == "Unknown" ? unreachable : std::string_view();
}

bool has_no_execute(const Value& node) {
    const auto taints = node["spec"]["taints"].items();
    return std::any_of(taints.begin(), taints.end(), is_no_execute);
}

// spec.taints with the NoSchedule taints that the Node's conditions ask for; all others stay.
Value wanted_taints(const Value& node, Time now) {
    std::vector<std::pair<std::string_view, std::string_view>> wanted;  // key, effect
    for (const auto& one : condition_taints)
        if (condition_of(node, one.condition)["status"].as_string() == one.status)
            wanted.emplace_back(one.taint, "NoSchedule");
    if (node["spec"]["unschedulable"].as_bool())
        wanted.emplace_back(unschedulable, "NoSchedule");
    Value taints = Value::array();
    for (const auto& taint : node["spec"]["taints"].items()) {
        const std::pair<std::string_view, std::string_view> pair{taint["key"].as_string(), taint["effect"].as_string()};
        const auto found = std::find(wanted.begin(), wanted.end(), pair);
        if (is_ours(taint) && found == wanted.end())
            continue;
        taints.push_back(taint);
        if (found != wanted.end())
            wanted.erase(found);
    }
    for (const auto& [key, effect] : wanted)
        taints.push_back(Value::object({{"key", key}, {"effect", effect}, {"timeAdded", to_rfc3339(now)}}));
    return taints;
}

void set_unknown(Value& node, std::string_view type, Time now) {
    Value conditions = node["status"]["conditions"].is_null() ? Value::array() : node["status"]["conditions"];
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        if (conditions[i]["type"].as_string() != type)
            continue;
        if (conditions[i]["status"].as_string() == "Unknown")
            return;
        Value& condition = conditions.edit_at(i);
        condition.set("status", "Unknown");
        condition.set("reason", "NodeStatusUnknown");
        condition.set("message", "Kubelet stopped posting node status.");
        condition.set("lastTransitionTime", to_rfc3339(now));
        node.edit("status").set("conditions", conditions);
        return;
    }
    conditions.push_back(Value::object({{"type", type},
                                        {"status", "Unknown"},
                                        {"reason", "NodeStatusNeverUpdated"},
                                        {"message", "Kubelet never posted node status."},
                                        {"lastHeartbeatTime", node["metadata"]["creationTimestamp"]},
                                        {"lastTransitionTime", to_rfc3339(now)}}));
    node.edit("status").set("conditions", conditions);
}

}  // namespace

NodeLifecycleController::NodeLifecycleController(client::Environment environment, const ControllerOptions& options)
    : ControllerOf(environment, "node-controller", "system:serviceaccount:kube-system:node-controller"),
      monitor_period_(options.node_monitor_period),
      grace_period_(options.node_monitor_grace_period),
      startup_grace_period_(options.node_startup_grace_period) {
    watch(api::kind::nodes);
    watch(api::kind::pods);
    watch(api::kind::leases, "kube-node-lease");
}

void NodeLifecycleController::changed(std::size_t index, const client::Change& change) {
    if (index == nodes && change.type != client::WatchType::deleted)
        enqueue(api::key_of(change.object));
}

void NodeLifecycleController::synced() { schedule_own(Duration{}, monitor_due, sim::Urgency::background); }

void NodeLifecycleController::own_event(std::uint32_t code, const sim::Event&) {
    if (code == queues_due) {
        queue_event_ = 0;
        run_queues();
        return;
    }
    monitor();
    schedule_own(monitor_period_, monitor_due, sim::Urgency::background);
}

// Taints follow the conditions as soon as those change.
client::Outcome NodeLifecycleController::reconcile(const std::string& key) {
    const Value node = informer(nodes).get(key);
    if (node.is_null())
        return client::Outcome::done();
    const Value taints = wanted_taints(node, now());
    const auto& current = node["spec"]["taints"];
    if (taints.empty() ? current.empty() : taints == current)
        return client::Outcome::done();
    auto written = write_taints(node, taints);
    return written.ok() ? client::Outcome::done() : client::Outcome::failed(written.error());
}

Result<Value> NodeLifecycleController::write_taints(const Value& node, const Value& taints) {
    const Value patch =
        Value::object({{"metadata", Value::object({{"resourceVersion", node["metadata"]["resourceVersion"]}})},
                       {"spec", Value::object({{"taints", taints.empty() ? Value() : taints}})}});
    return client().patch(api::kind::nodes, {}, api::name_of(node), client::PatchType::merge, patch);
}

void NodeLifecycleController::monitor() {
    std::vector<Value> all;
    for (const auto& [name, node] : cache(nodes))
        all.push_back(node);
    for (auto it = known_.begin(); it != known_.end();) {
        if (!informer(nodes).get(it->first).is_null()) {
            ++it;
            continue;
        }
        const Value gone = Value::object({{"apiVersion", "v1"},
                                          {"kind", "Node"},
                                          {"metadata", Value::object({{"name", it->first}, {"uid", it->second.uid}})}});
        recorder().record(simulation(), gone, client::EventType::normal, "RemovingNode",
                          cat("Node ", it->first, " event: Removing Node ", it->first, " from Controller"));
        it = known_.erase(it);
    }
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;  // zone -> ready, not ready
    for (const auto& node : all) {
        const std::string name(api::name_of(node));
        auto [found, added] = known_.try_emplace(name);
        if (added) {
            found->second.uid = std::string(api::uid_of(node));
            found->second.last_sign = now();
            recorder().record(simulation(), node, client::EventType::normal, "RegisteredNode",
                              cat("Node ", name, " event: Registered Node ", name, " in Controller"));
        }
        const std::string before = condition_of(node, "Ready")["status"].str();
        const std::string seen = found->second.ready_status;
        const auto updated = check_health(node, found->second);
        const std::string after = condition_of(updated.value_or(node), "Ready")["status"].str();
        found->second.ready_status = after;
        if ((before == "True" || seen == "True") && after != "True") {
            recorder().record(simulation(), node, client::EventType::normal, "NodeNotReady",
                              cat("Node ", name, " status is now: NodeNotReady"));
            mark_pods_not_ready(node);
        }
        plan_no_execute(updated.value_or(node));
        if (!node["metadata"]["labels"].contains("node.kubernetes.io/exclude-disruption")) {
            auto& zone = counts[zone_of(node)];
            ++(after == "True" ? zone.first : zone.second);
        }
    }
    handle_disruption(counts);
    run_queues();
}

void NodeLifecycleController::plan_no_execute(const Value& node) {
    const std::string name(api::name_of(node));
    Zone& zone = zones_[zone_of(node)];
    const auto wanted = wanted_no_execute(node);
    if (wanted.empty()) {
        zone.queue.remove(name);
        if (has_no_execute(node))
            (void)set_no_execute(node, {});
    } else if (has_no_execute(node)) {
        (void)set_no_execute(node, wanted);  // the other one of the two
    } else {
        zone.queue.add(name);
    }
}

Result<void> NodeLifecycleController::set_no_execute(const Value& node, std::string_view wanted) {
    // The node as it is by now: its other taints may have just changed.
    KUBEWALK_TRY(fresh, client().get(api::kind::nodes, {}, api::name_of(node)));
    Value taints = Value::array();
    bool there = false;
    for (const auto& taint : fresh["spec"]["taints"].items()) {
        const bool same = is_no_execute(taint) && taint["key"].as_string() == wanted;
        there = there || same;
        if (same || !is_no_execute(taint))
            taints.push_back(taint);
    }
    if (!wanted.empty() && !there)
        taints.push_back(Value::object({{"key", wanted}, {"effect", "NoExecute"}, {"timeAdded", to_rfc3339(now())}}));
    if (taints == fresh["spec"]["taints"] || (taints.empty() && fresh["spec"]["taints"].empty()))
        return {};
    const auto written = write_taints(fresh, taints);
    return written.ok() ? Result<void>() : Result<void>(written.error());
}

void NodeLifecycleController::handle_disruption(const std::map<std::string, std::pair<std::int64_t, std::int64_t>>& counts) {
    bool all_were = !zones_.empty(), all_are = !counts.empty();
    for (const auto& [name, zone] : zones_)
        all_were = all_were && zone.state == ZoneState::full_disruption;
    std::map<std::string, ZoneState> states;
    for (const auto& [name, count] : counts) {
        states[name] = zone_state(count.first, count.second);
        all_are = all_are && states[name] == ZoneState::full_disruption;
    }
    if (all_are && !all_were) {
        // Nobody at all is heard of: that is our own fault. Nothing is given up.
        for (const auto& [key, node] : cache(nodes))
            if (has_no_execute(node))
                (void)set_no_execute(node, {});
    }
    if (all_were && !all_are)
        for (auto& [name, health] : known_)
            health.last_sign = now();  // they get their time anew
    for (auto it = zones_.begin(); it != zones_.end();) {
        if (!counts.contains(it->first)) {
            it = zones_.erase(it);
            continue;
        }
        const auto& count = counts.at(it->first);
        it->second.state = states[it->first];
        it->second.queue.set_rate(all_are ? 0 : eviction_rate(it->second.state, count.first + count.second));
        ++it;
    }
}

void NodeLifecycleController::run_queues() {
    std::optional<Duration> next;
    for (auto& [key, zone] : zones_) {
        for (std::string name = zone.queue.take(now()); !name.empty(); name = zone.queue.take(now())) {
            const auto live = client().get(api::kind::nodes, {}, name);
            if (!live.ok() || wanted_no_execute(live.value()).empty())
                continue;
            if (!set_no_execute(live.value(), wanted_no_execute(live.value())).ok())
                zone.queue.add(name);
        }
        if (const auto wait = zone.queue.next_in(now()))
            next = next ? std::min(*next, *wait) : *wait;
    }
    if (next && queue_event_ == 0)
        queue_event_ = schedule_own(*next, queues_due);
}

std::optional<Value> NodeLifecycleController::check_health(const Value& node, Health& health) {
    const auto& ready = condition_of(node, "Ready");
    const std::string heartbeat = ready["lastHeartbeatTime"].str();
    const std::string renewal =
        informer(leases).get(cat("kube-node-lease/", api::name_of(node)))["spec"]["renewTime"].str();
    if (heartbeat != health.ready_heartbeat || renewal != health.lease_renewal) {
        health.ready_heartbeat = heartbeat;
        health.lease_renewal = renewal;
        // Our own verdict is no sign of life.
        if (ready["status"].as_string() != "Unknown" || ready["reason"].as_string() != "NodeStatusUnknown" ||
            !renewal.empty())
            health.last_sign = now();
    }
    const Duration grace = ready.is_null() ? startup_grace_period_ : grace_period_;
    if (now() - health.last_sign <= grace)
        return std::nullopt;
    Value silent = node;
    for (const auto type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"})
        set_unknown(silent, type, now());
    if (silent == node)
        return std::nullopt;
    auto written = client().update_status(api::kind::nodes, silent);
    return written.ok() ? std::optional(written.take()) : std::nullopt;
}

void NodeLifecycleController::mark_pods_not_ready(const Value& node) {
    for (const auto& [key, pod] : cache(pods)) {
        if (pod["spec"]["nodeName"].as_string() != api::name_of(node) || !is_pod_ready(pod))
            continue;
        const Value condition =
            Value::object({{"type", "Ready"}, {"status", "False"}, {"lastTransitionTime", to_rfc3339(now())}});
        const Value patch = Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}});
        recorder().record(simulation(), pod, client::EventType::warning, "NodeNotReady", "Node is not ready");
        (void)client().patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod), client::PatchType::strategic,
                             patch, "status");
    }
}

}  // namespace kubewalk::controllers
