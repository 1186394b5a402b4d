#include "core/scheduler/scheduler.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/scheduler/cycle.h"

namespace kubewalk::scheduler {

namespace {

constexpr Duration cycle_time = milliseconds(1);

bool is_finished(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    return phase == "Succeeded" || phase == "Failed";
}

bool is_assigned(const Value& pod) { return !pod["spec"]["nodeName"].as_string().empty(); }

bool is_ours(const Value& pod) {
    return pod["spec"]["schedulerName"].as_string("default-scheduler") == "default-scheduler";
}

bool is_gated(const Value& pod) { return !pod["spec"]["schedulingGates"].empty(); }

// What of a Node's change may let Pods in (nodeSchedulingPropertiesChange).
unsigned node_event(const Value& before, const Value& after) {
    unsigned event = 0;
    if (before["status"]["allocatable"] != after["status"]["allocatable"])
        event |= node_allocatable;
    if (before["metadata"]["labels"] != after["metadata"]["labels"])
        event |= node_labels;
    if (before["spec"]["taints"] != after["spec"]["taints"] ||
        before["spec"]["unschedulable"] != after["spec"]["unschedulable"])
        event |= node_taints;
    return event;
}

}  // namespace

Scheduler::Scheduler(client::Environment environment)
    : environment_(environment),
      client_(environment.transport, "kube-scheduler", "system:kube-scheduler"),
      recorder_(client_, "default-scheduler") {
    for (const api::Kind* kind :
         {&api::kind::pods, &api::kind::nodes, &api::kind::namespaces, &api::kind::services, &api::kind::replica_sets,
          &api::kind::replication_controllers, &api::kind::stateful_sets,
          &api::kind::pod_disruption_budgets, &api::kind::persistent_volume_claims, &api::kind::persistent_volumes,
          &api::kind::storage_classes})
        informers_.emplace_back(client_, *kind);
}

void Scheduler::start() {
    random_ = environment_.simulation.random().stream(name_);
    for (std::size_t i = 0; i < informers_.size(); ++i)
        for (const auto& change : informers_[i].start(environment_.simulation, id(), watch_ready))
            handle(i, change);
    check_synced();
}

void Scheduler::on_event(const sim::Event& event) {
    switch (event.code) {
        case watch_ready:
            for (std::size_t i = 0; i < informers_.size(); ++i) {
                if (!informers_[i].handles(event))
                    continue;
                for (const auto& change : informers_[i].on_event(environment_.simulation, event)) {
                    sim::Simulation::CauseScope scope(environment_.simulation, change.cause);
                    handle(i, change);
                }
                break;
            }
            check_synced();
            break;
        case schedule_due:
            work_planned_ = false;
            work();
            break;
        case bind_late:
            on_bind_late(event.text);
            break;
        case flush_due:
            flush_event_ = 0;
            queue_.flush(environment_.simulation.now());
            break;
        default:
            break;
    }
    schedule_next();
    plan_flush();
}

void Scheduler::check_synced() {
    if (!synced_)
        synced_ =
            std::all_of(informers_.begin(), informers_.end(), [](const client::Informer& one) { return one.synced(); });
    schedule_next();
}

void Scheduler::handle(std::size_t index, const client::Change& change) {
    if (index == pods)
        pod_changed(change);
    else if (index == nodes)
        node_changed(change);
    else if (index >= claims) {
        wake(volume_changed);
        finish_bindings();
    }
}

void Scheduler::pod_changed(const client::Change& change) {
    const Value& pod = change.object;
    const std::string key = api::key_of(pod);
    const Time now = environment_.simulation.now();
    if (change.type == client::WatchType::deleted || is_finished(pod)) {
        queue_.remove(key);
        nominate(key, {});
        bindings_.erase(key);
        if (cache_.has_pod(key)) {
            cache_.remove_pod(key);
            wake(pod_deleted);
        }
        return;
    }
    if (is_assigned(pod)) {
        queue_.remove(key);
        nominate(key, {});
        const bool known = cache_.has_pod(key);
        const bool same = known && change.before["spec"] == pod["spec"] &&
                          change.before["metadata"]["labels"] == pod["metadata"]["labels"] &&
                          api::is_deleting(change.before) == api::is_deleting(pod);
        if (same)
            return;  // a new status changes nothing here
        cache_.set_pod(pod);
        wake(known ? pod_updated : pod_added);
        return;
    }
    if (!is_ours(pod) || is_gated(pod) || api::is_deleting(pod)) {
        queue_.remove(key);
        nominate(key, {});
        return;
    }
    nominate(key, pod);
    // Our own writes to the status are no reason for another try.
    const bool changed = change.before.is_null() || change.before["spec"] != pod["spec"] ||
                         change.before["metadata"]["labels"] != pod["metadata"]["labels"];
    if (changed && !cache_.has_pod(key))
        queue_.add(key, pod["spec"]["priority"].as_int(), now, environment_.simulation.current_cause());
}

void Scheduler::node_changed(const client::Change& change) {
    const std::string node(api::name_of(change.object));
    if (change.type == client::WatchType::deleted) {
        cache_.remove_node(node);
        wake(node_removed);
        return;
    }
    const bool added = change.before.is_null();
    const unsigned event = added ? node_added : node_event(change.before, change.object);
    if (event == 0 && change.before["status"]["images"] == change.object["status"]["images"])
        return;
    cache_.set_node(change.object);
    if (event != 0)
        wake(event);
}

void Scheduler::wake(unsigned event) {
    queue_.move(event, environment_.simulation.now(), environment_.simulation.current_cause());
}

void Scheduler::schedule_next() {
    if (!synced_ || work_planned_ || !queue_.has_active())
        return;
    work_planned_ = true;
    environment_.simulation.schedule(id(), cycle_time, schedule_due);
}

void Scheduler::plan_flush() {
    const auto due = queue_.next_due();
    if (flush_event_ != 0 && (!due || due->at != flush_at_)) {
        environment_.simulation.cancel(flush_event_);
        flush_event_ = 0;
    }
    if (!due || flush_event_ != 0)
        return;
    flush_at_ = due->at;
    flush_event_ = environment_.simulation.schedule(id(), due->at - environment_.simulation.now(), flush_due,
                                                    due->urgent ? sim::Urgency::work : sim::Urgency::background);
}

void Scheduler::fill(Snapshot& snapshot, const Value& pod) const {
    snapshot.namespaces = informers_[namespaces].cache();
    snapshot.services = informers_[services].in_namespace(api::namespace_of(pod));
    snapshot.owner = {};
    const auto& owner = api::controller_of(pod);
    for (const auto& [kind, index] : {std::pair("ReplicaSet", replica_sets), std::pair("ReplicationController", replication_controllers),
                                      std::pair("StatefulSet", stateful_sets)})
        if (owner["kind"].as_string() == kind)
            snapshot.owner = informers_[index].get(cat(api::namespace_of(pod), "/", owner["name"].as_string()));
    snapshot.claims = informers_[claims].cache();
    snapshot.volumes = informers_[volumes].cache();
    snapshot.classes = informers_[classes].cache();
}

std::vector<Value> Scheduler::all_budgets() const {
    std::vector<Value> all;
    for (const auto& [key, budget] : informers_[budgets].cache())
        all.push_back(budget);
    return all;
}

// Remembers which Node is promised to a waiting Pod; a null Pod waits no more.
void Scheduler::nominate(const std::string& key, const Value& pod) {
    if (const auto known = nominated_.find(key); known != nominated_.end()) {
        auto& there = nominations_[known->second];
        std::erase_if(there, [&](const PodInfoRef& one) { return api::key_of(one->pod) == key; });
        if (there.empty())
            nominations_.erase(known->second);
        nominated_.erase(known);
    }
    const auto node = pod["status"]["nominatedNodeName"].as_string();
    if (node.empty())
        return;
    nominated_[key] = node;
    nominations_[std::string(node)].push_back(std::make_shared<const PodInfo>(pod));
}

void Scheduler::work() {
    auto item = queue_.take();
    if (!item)
        return;
    const Value pod = informers_[pods].get(item->key);
    if (pod.is_null() || is_assigned(pod) || api::is_deleting(pod) || bindings_.contains(item->key))
        return;
    sim::Simulation::CauseScope scope(environment_.simulation, item->cause);
    const PodInfo info(pod);
    Snapshot& snapshot = cache_.snapshot();
    fill(snapshot, pod);
    Decision decision = decide(info, snapshot, args_, *random_, next_start_, nominations_, Detail::choice);
    const auto [namespace_name, pod_name] = api::split_key(item->key);
    const sim::ObjectView object{"pods", namespace_name, pod_name};
    if (!decision.node.empty()) {
        const std::string node = decision.node;
        environment_.simulation.record(sim::EntryKind::schedule, name_, object, {"scheduler.chose", {item->key, node}});
        succeed(*item, pod, node);
        return;
    }
    Preemption preemption;
    if (!snapshot.nodes.empty())
        preemption = preempt(info, snapshot, args_, decision, all_budgets(), nominations_, *random_);
    decision.message = preemption.message.empty() ? decision.why : cat(decision.why, " ", preemption.message);
    environment_.simulation.record(sim::EntryKind::schedule, name_, object, {"scheduler.failed", {item->key, decision.message}});
    fail(std::move(*item), pod, decision, preemption);
}

void Scheduler::succeed(const SchedulingQueue::Item& item, const Value& pod, const std::string& node) {
    // Assumed: the watch will say the same in a moment.
    Value assumed = pod;
    assumed.edit("spec").set("nodeName", node);
    std::string error;
    const Volumes state = begin_volumes(pod, node, error);
    if (state == Volumes::failed) {
        recorder_.record(environment_.simulation, pod, client::EventType::warning, "FailedScheduling",
                         cat("running PreBind plugin \"VolumeBinding\": ", error));
        queue_.add_backoff(item, environment_.simulation.now());
        return;
    }
    cache_.set_pod(assumed);
    if (state == Volumes::bound)
        bind(item, pod, node);
}

void Scheduler::bind(const SchedulingQueue::Item& item, const Value& pod, const std::string& node) {
    const Value binding = Value::object({{"apiVersion", "v1"},
                                         {"kind", "Binding"},
                                         {"metadata", Value::object({{"name", api::name_of(pod)},
                                                                     {"namespace", api::namespace_of(pod)},
                                                                     {"uid", api::uid_of(pod)}})},
                                         {"target", Value::object({{"kind", "Node"}, {"name", node}})}});
    auto bound = client_.post(api::kind::pods, api::namespace_of(pod), api::name_of(pod), "binding", binding);
    if (!bound.ok()) {
        cache_.remove_pod(item.key);
        recorder_.record(environment_.simulation, pod, client::EventType::warning, "FailedScheduling",
                         cat("running Bind plugin \"DefaultBinder\": ", bound.error().message));
        queue_.add_backoff(item, environment_.simulation.now());
        return;
    }
    wake(pod_added);
    recorder_.record(environment_.simulation, pod, client::EventType::normal, "Scheduled",
                     cat("Successfully assigned ", api::namespace_of(pod), "/", api::name_of(pod), " to ", node));
}

void Scheduler::fail(SchedulingQueue::Item item, const Value& pod, const Decision& decision, const Preemption& preemption) {
    for (const auto& victim : preemption.victims)
        evict(*victim, pod, preemption.node);
    queue_.add_unschedulable(std::move(item), decision.wakes | (preemption.node.empty() ? 0u : pod_deleted),
                             environment_.simulation.now());
    recorder_.record(environment_.simulation, pod, client::EventType::warning, "FailedScheduling", decision.message);
    write_condition(pod, decision.message, preemption.node);
}

// Upstream: prepareCandidate. The victim gets its grace period; the Node stays promised to the preemptor.
void Scheduler::evict(const PodInfo& victim, const Value& preemptor, const std::string& node) {
    const auto space = api::namespace_of(victim.pod);
    const auto name = api::name_of(victim.pod);
    Value condition = Value::object({{"type", "DisruptionTarget"},
                                     {"status", "True"},
                                     {"reason", "PreemptionByScheduler"},
                                     {"message", "default-scheduler: preempting to accommodate a higher priority pod"},
                                     {"lastTransitionTime", to_rfc3339(environment_.simulation.now())}});
    if (const auto& generation = victim.pod["metadata"]["generation"]; !generation.is_null())
        condition.set("observedGeneration", generation);
    const Value patch = Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}});
    (void)client_.patch(api::kind::pods, space, name, client::PatchType::strategic, patch, "status");
    (void)client_.remove(api::kind::pods, space, name);
    recorder_.record(environment_.simulation, victim.pod, client::EventType::normal, "Preempted",
                     cat("Preempted by pod ", api::uid_of(preemptor), " on node ", node));
}

void Scheduler::write_condition(const Value& pod, const std::string& message, const std::string& nominated) {
    Value status = Value::object();
    const auto before = pod["status"]["nominatedNodeName"].as_string();
    if (nominated != before && !(nominated.empty() && pod["spec"]["preemptionPolicy"].as_string() == "Never"))
        status.set("nominatedNodeName", nominated.empty() ? Value() : Value(nominated));
    bool known = false;
    for (const auto& condition : pod["status"]["conditions"].items())
        known = known || (condition["type"].as_string() == "PodScheduled" && condition["status"].as_string() == "False" &&
                          condition["reason"].as_string() == "Unschedulable" && condition["message"].as_string() == message);
    if (known && status.empty())
        return;
    Value condition = Value::object({{"type", "PodScheduled"},
                                     {"status", "False"},
                                     {"reason", "Unschedulable"},
                                     {"message", message},
                                     {"lastTransitionTime", to_rfc3339(environment_.simulation.now())}});
    const auto& generation = pod["metadata"]["generation"];
    if (!generation.is_null())
        condition.set("observedGeneration", generation);
    status.set("conditions", Value::array({condition}));
    (void)client_.patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod), client::PatchType::strategic,
                        Value::object({{"status", status}}), "status");
}

Decision Scheduler::explain(const Value& pod) const {
    const std::string key = api::key_of(pod);
    // As if it were not there yet.
    Cache before = cache_;
    before.remove_pod(key);
    Value waiting = pod;
    waiting.edit("spec").erase("nodeName");
    Snapshot snapshot = before.snapshot();
    fill(snapshot, pod);
    Random chance = random_.value_or(Random());
    std::size_t start = next_start_;
    const PodInfo info(waiting);
    Decision decision = decide(info, snapshot, args_, chance, start, nominations_, Detail::verdicts);
    if (decision.node.empty() && !snapshot.nodes.empty()) {
        const auto preemption = preempt(info, snapshot, args_, decision, all_budgets(), nominations_, chance);
        decision.message = preemption.message.empty() ? decision.why : cat(decision.why, " ", preemption.message);
        decision.nominated = preemption.node;
        for (const auto& victim : preemption.victims)
            decision.victims.push_back(api::key_of(victim->pod));
    }
    return decision;
}

}  // namespace kubewalk::scheduler
