#include "core/client/controller.h"

#include <algorithm>
#include <utility>

#include "core/api/kinds.h"

namespace kubewalk::client {

namespace {
// What one pass of a worker costs: also the time in which additions to the queue coalesce.
constexpr Duration work_interval = milliseconds(2);
// A key that failed so often (the delay is 5 s by then) will not succeed before something else changes: its
// further tries do not keep the cluster from being settled.
constexpr int hopeless_after = 10;
}  // namespace

Controller::Controller(Environment environment, std::string name, std::string user)
    : environment_(environment),
      name_(std::move(name)),
      client_(environment.transport, name_, std::move(user), environment.process),
      recorder_(client_, name_) {}

std::size_t Controller::watch(const api::Kind& kind, std::string namespace_name, ListOptions options) {
    const auto& user = environment_.informer_user;
    informers_.emplace_back(user.empty() ? client_ : Client(environment_.transport, name_, user), kind, std::move(namespace_name),
                            std::move(options));
    starts_.push_back(Start::at_once);
    return informers_.size() - 1;
}

std::size_t Controller::watch_on_demand(const api::Kind& kind, std::string namespace_name, ListOptions options) {
    const auto index = watch(kind, std::move(namespace_name), std::move(options));
    starts_[index] = Start::on_demand;
    return index;
}

void Controller::need(std::size_t index) {
    if (starts_[index] == Start::on_demand)
        start_informer(index);
}

void Controller::start_informer(std::size_t index) {
    starts_[index] = Start::started;
    handle_changes(index, informers_[index].start(simulation(), id(), watch_ready));
}

void Controller::start() {
    for (std::size_t i = 0; i < informers_.size(); ++i)
        if (starts_[i] == Start::at_once)
            start_informer(i);
    check_synced();
}

void Controller::on_event(const sim::Event& event) {
    switch (event.code) {
        case watch_ready:
            for (std::size_t i = 0; i < informers_.size(); ++i) {
                if (!informers_[i].handles(event))
                    continue;
                handle_changes(i, informers_[i].on_event(simulation(), event));
                break;
            }
            check_synced();
            break;
        case work_due:
            work_event_ = 0;
            work();
            break;
        case add_key: {
            const auto waiting = delayed_.find(event.text);
            const bool routine = waiting != delayed_.end() && waiting->second.routine;
            delayed_.erase(event.text);
            const bool outer = std::exchange(in_heartbeat_, routine);
            enqueue(event.text);
            in_heartbeat_ = outer;
            break;
        }
        default:
            if (event.code >= own_base)
                own_event(event.code - own_base, event);
            break;
    }
}

void Controller::own_event(std::uint32_t, const sim::Event&) {}

void Controller::handle_changes(std::size_t index, const std::vector<Change>& changes) {
    for (const auto& change : changes) {
        sim::Simulation::CauseScope scope(simulation(), change.cause);
        const bool outer = std::exchange(in_heartbeat_, change.heartbeat);
        changed(index, change);
        in_heartbeat_ = outer;
    }
}

// Workers wait for all caches, as upstream's WaitForCacheSync.
void Controller::check_synced() {
    if (!all_synced())
        return;
    if (!std::exchange(synced_called_, true))
        synced();
    schedule_work();
}

// Of those that were started.
bool Controller::all_synced() const {
    for (std::size_t i = 0; i < informers_.size(); ++i)
        if (starts_[i] != Start::on_demand && !informers_[i].synced())
            return false;
    return true;
}

void Controller::enqueue(const std::string& key) {
    queue_.add(key, simulation().current_cause(), in_heartbeat_);
    schedule_work();
}

void Controller::enqueue_after(const std::string& key, Duration delay, sim::Urgency urgency, bool routine) {
    if (delay <= Duration{}) {
        enqueue(key);
        return;
    }
    Time due = now() + delay;
    auto [found, inserted] = delayed_.try_emplace(key);
    Delayed& delayed = found->second;
    if (!inserted) {
        due = std::min(due, delayed.due);
        urgency = std::min(urgency, delayed.urgency);
        routine = routine && delayed.routine;
        if (due == delayed.due && urgency == delayed.urgency && routine == delayed.routine)
            return;
        simulation().cancel(delayed.event);
    }
    delayed.due = due;
    delayed.urgency = urgency;
    delayed.routine = routine;
    delayed.event = simulation().schedule(id(), due - now(), add_key, urgency, 0, key);
}

sim::EventId Controller::schedule_own(Duration delay, std::uint32_t code, sim::Urgency urgency, std::uint64_t number,
                                      std::string text) {
    return simulation().schedule(id(), delay, own_base + code, urgency, number, std::move(text));
}

void Controller::schedule_work() {
    if (!synced_called_ || queue_.empty() || !all_synced())
        return;
    const auto urgency = queue_.only_heartbeats() ? sim::Urgency::background : sim::Urgency::work;
    if (work_event_ != 0) {
        if (work_urgency_ <= urgency)
            return;
        simulation().cancel(work_event_);
    }
    work_urgency_ = urgency;
    work_event_ = simulation().schedule(id(), work_interval, work_due, urgency);
}

void Controller::work() {
    const auto item = queue_.take();
    if (!item)
        return;
    last_key_ = item->key;
    {
        sim::Simulation::CauseScope scope(simulation(), item->cause);
        // Who looks after several kinds begins the key with one of them and a bar.
        const std::string_view key = item->key;
        const auto bar = key.find('|');
        const auto* named = bar == std::string_view::npos ? nullptr : api::find_by_any_name(key.substr(0, bar));
        const std::string_view what = named ? key.substr(bar + 1) : key;
        const auto [namespace_name, object_name] = api::split_key(what);
        const sim::ObjectView object{named ? named->resource : informers_.empty() ? std::string_view() : informers_[0].kind().resource,
                                     namespace_name, object_name};
        simulation().record(sim::EntryKind::reconcile, name_, object, {"reconcile", {std::string(what)}}, item->heartbeat);
        const Outcome outcome = reconcile(item->key);
        if (outcome.kind == Outcome::Kind::failed) {
            simulation().record(sim::EntryKind::reconcile, name_, object, {"reconcile.failed", {std::string(what), outcome.error}});
            const bool hopeless = outcome.unreachable || queue_.failures(item->key) >= hopeless_after;
            enqueue_after(item->key, queue_.back_off(item->key),
                          hopeless ? sim::Urgency::background : sim::Urgency::work);
        } else {
            queue_.forget(item->key);
            if (outcome.kind == Outcome::Kind::again_after)
                enqueue_after(item->key, outcome.after, outcome.urgency, outcome.routine);
        }
    }
    schedule_work();
}

}  // namespace kubewalk::client
