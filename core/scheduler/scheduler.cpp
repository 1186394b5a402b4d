#include "core/scheduler/scheduler.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::scheduler {

namespace {

constexpr Duration cycle_time = milliseconds(1);
constexpr std::size_t remembered_decisions = 256;

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
         {&api::kind::pods, &api::kind::nodes, &api::kind::namespaces, &api::kind::services, &api::kind::replica_sets})
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
}

void Scheduler::pod_changed(const client::Change& change) {
    const Value& pod = change.object;
    const std::string key = api::key_of(pod);
    const Time now = environment_.simulation.now();
    if (change.type == client::WatchType::deleted || is_finished(pod)) {
        queue_.remove(key);
        if (cache_.has_pod(key)) {
            cache_.remove_pod(key);
            wake(pod_deleted);
        }
        return;
    }
    if (is_assigned(pod)) {
        queue_.remove(key);
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
        return;
    }
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

Snapshot Scheduler::snapshot_for(const Value& pod) const {
    Snapshot snapshot;
    cache_.fill(snapshot);
    snapshot.namespaces = informers_[namespaces].cache();
    snapshot.services = informers_[services].in_namespace(api::namespace_of(pod));
    snapshot.replica_sets = informers_[replica_sets].in_namespace(api::namespace_of(pod));
    return snapshot;
}

void Scheduler::work() {
    auto item = queue_.take();
    if (!item)
        return;
    const Value pod = informers_[pods].get(item->key);
    if (pod.is_null() || is_assigned(pod) || api::is_deleting(pod))
        return;
    sim::Simulation::CauseScope scope(environment_.simulation, item->cause);
    const Decision decision = decide(PodInfo(pod), snapshot_for(pod), args_, *random_, next_start_);
    const auto [namespace_name, pod_name] = api::split_key(item->key);
    const sim::ObjectRef object{"pods", std::string(namespace_name), std::string(pod_name)};
    if (decision.node.empty())
        environment_.simulation.record(sim::EntryKind::schedule, name_, object,
                                       {"scheduler.failed", {item->key, decision.message}});
    else
        environment_.simulation.record(sim::EntryKind::schedule, name_, object,
                                       {"scheduler.chose", {item->key, decision.node}});
    remember(decision);
    if (decision.node.empty())
        fail(std::move(*item), pod, decision);
    else
        succeed(*item, pod, decision);
}

void Scheduler::succeed(const SchedulingQueue::Item& item, const Value& pod, const Decision& decision) {
    const Value binding = Value::object({{"apiVersion", "v1"},
                                         {"kind", "Binding"},
                                         {"metadata", Value::object({{"name", api::name_of(pod)},
                                                                     {"namespace", api::namespace_of(pod)},
                                                                     {"uid", api::uid_of(pod)}})},
                                         {"target", Value::object({{"kind", "Node"}, {"name", decision.node}})}});
    auto bound = client_.post(api::kind::pods, api::namespace_of(pod), api::name_of(pod), "binding", binding);
    if (!bound.ok()) {
        recorder_.record(environment_.simulation, pod, client::EventType::warning, "FailedScheduling",
                         cat("running Bind plugin \"DefaultBinder\": ", bound.error().message));
        queue_.add_backoff(item, environment_.simulation.now());
        return;
    }
    // Assumed: the watch will say the same in a moment.
    Value assumed = pod;
    assumed.edit("spec").set("nodeName", decision.node);
    cache_.set_pod(assumed);
    wake(pod_added);
    recorder_.record(
        environment_.simulation, pod, client::EventType::normal, "Scheduled",
        cat("Successfully assigned ", api::namespace_of(pod), "/", api::name_of(pod), " to ", decision.node));
}

void Scheduler::fail(SchedulingQueue::Item item, const Value& pod, const Decision& decision) {
    queue_.add_unschedulable(std::move(item), decision.wakes, environment_.simulation.now());
    recorder_.record(environment_.simulation, pod, client::EventType::warning, "FailedScheduling", decision.message);
    write_condition(pod, decision.message);
}

void Scheduler::write_condition(const Value& pod, const std::string& message) {
    for (const auto& condition : pod["status"]["conditions"].items())
        if (condition["type"].as_string() == "PodScheduled" && condition["status"].as_string() == "False" &&
            condition["reason"].as_string() == "Unschedulable" && condition["message"].as_string() == message)
            return;
    Value condition = Value::object({{"type", "PodScheduled"},
                                     {"status", "False"},
                                     {"reason", "Unschedulable"},
                                     {"message", message},
                                     {"lastTransitionTime", to_rfc3339(environment_.simulation.now())}});
    const auto& generation = pod["metadata"]["generation"];
    if (!generation.is_null())
        condition.set("observedGeneration", generation);
    const Value patch = Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}});
    (void)client_.patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod), client::PatchType::strategic, patch,
                        "status");
}

void Scheduler::remember(Decision decision) {
    std::erase_if(decisions_, [&](const auto& one) { return one->pod == decision.pod; });
    decisions_.push_back(std::make_shared<const Decision>(std::move(decision)));
    if (decisions_.size() > remembered_decisions)
        decisions_.pop_front();
}

Decision Scheduler::explain(const Value& pod) const {
    const std::string key = api::key_of(pod);
    for (auto it = decisions_.rbegin(); it != decisions_.rend(); ++it)
        if ((*it)->pod == key)
            return **it;
    Random chance = random_.value_or(Random());
    std::size_t start = 0;
    return decide(PodInfo(pod), snapshot_for(pod), args_, chance, start);
}

}  // namespace kubewalk::scheduler
