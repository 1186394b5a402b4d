#include "core/sim/simulation.h"

#include <algorithm>

namespace kubewalk::sim {

Simulation::Simulation(std::uint64_t seed) : seed_(seed), random_(seed) {}
Simulation::~Simulation() = default;

void Simulation::register_service(Snapshotable& service) { services_.push_back(&service); }

ComponentId Simulation::add(std::unique_ptr<Component> component) {
    const ComponentId id = next_component_++;
    component->id_ = id;
    Component& added = *component;
    components_.emplace(id, std::move(component));
    added.start();
    return id;
}

void Simulation::remove(ComponentId id) {
    auto found = components_.find(id);
    if (found == components_.end())
        return;
    for (auto it = queue_.begin(); it != queue_.end();) {
        if (it->target != id) {
            ++it;
            continue;
        }
        if (it->urgency == Urgency::work)
            --pending_work_;
        by_id_.erase(it->sequence);
        it = queue_.erase(it);
    }
    paused_.erase(id);
    if (dispatch_depth_ > 0)
        retired_.push_back(std::move(found->second));  // it may be the one that is running
    components_.erase(found);
}

Component* Simulation::find(ComponentId id) {
    auto found = components_.find(id);
    return found == components_.end() ? nullptr : found->second.get();
}

const Component* Simulation::find(ComponentId id) const {
    auto found = components_.find(id);
    return found == components_.end() ? nullptr : found->second.get();
}

Component* Simulation::find(std::string_view name) {
    for (auto& [id, component] : components_)
        if (component->name() == name)
            return component.get();
    return nullptr;
}

std::vector<ComponentId> Simulation::components() const {
    std::vector<ComponentId> ids;
    for (const auto& [id, component] : components_)
        ids.push_back(id);
    return ids;
}

void Simulation::pause(ComponentId id) {
    if (components_.contains(id))
        paused_.try_emplace(id);
}

void Simulation::resume(ComponentId id) {
    auto found = paused_.find(id);
    if (found == paused_.end())
        return;
    auto waiting = std::move(found->second);
    paused_.erase(found);
    last_work_ = now_;  // others find out that it is back, in their own time
    for (auto& event : waiting) {
        event.at = now_;
        event.sequence = next_sequence_++;
        if (event.urgency == Urgency::work)
            ++pending_work_;
        auto sequence = event.sequence;
        by_id_[sequence] = queue_.insert(std::move(event)).first;
    }
}

bool Simulation::paused(ComponentId id) const { return paused_.contains(id); }

EventId Simulation::schedule(ComponentId target, Duration delay, std::uint32_t code, Urgency urgency,
                             std::uint64_t number, std::string text) {
    Event event;
    event.at = now_ + Duration{std::max<std::int64_t>(delay.ns, 0)};
    event.sequence = next_sequence_++;
    event.target = target;
    event.code = code;
    event.urgency = urgency;
    event.cause = current_cause_;
    event.number = number;
    event.text = std::move(text);
    if (urgency == Urgency::work)
        ++pending_work_;
    const EventId id = event.sequence;
    by_id_[id] = queue_.insert(std::move(event)).first;
    return id;
}

void Simulation::cancel(EventId id) {
    auto found = by_id_.find(id);
    if (found == by_id_.end())
        return;
    if (found->second->urgency == Urgency::work)
        --pending_work_;
    queue_.erase(found->second);
    by_id_.erase(found);
}

Time Simulation::next_event_at() const { return queue_.empty() ? Time{INT64_MAX} : queue_.begin()->at; }

bool Simulation::step(Time limit) {
    if (queue_.empty() || queue_.begin()->at > limit)
        return false;
    auto node = queue_.extract(queue_.begin());
    Event& event = node.value();
    by_id_.erase(event.sequence);
    now_ = event.at;
    ++steps_;
    if (event.urgency == Urgency::work) {
        --pending_work_;
        last_work_ = now_;
    }
    dispatch(event);
    return true;
}

void Simulation::dispatch(const Event& event) {
    auto found = components_.find(event.target);
    if (found == components_.end())
        return;
    auto waiting = paused_.find(event.target);
    if (waiting != paused_.end()) {
        waiting->second.push_back(event);
        return;
    }
    ++dispatch_depth_;
    {
        CauseScope scope(*this, event.cause);
        found->second->on_event(event);
    }
    if (--dispatch_depth_ == 0)
        retired_.clear();
}

void Simulation::run_until(Time until) {
    while (step(until)) {
    }
    now_ = std::max(now_, until);
}

void Simulation::wait_until(Time time) { now_ = std::max(now_, std::min(time, next_event_at())); }

bool Simulation::settled() const { return pending_work_ == 0 && now_ - last_work_ >= seconds(30); }

Time Simulation::quiet_until() const {
    return pending_work_ == 0 ? last_work_ + seconds(30) : Time{INT64_MAX};
}

bool Simulation::settle(Duration limit) {
    const Time deadline = now_ + limit;
    while (!settled()) {
        const Time until = std::min(deadline, quiet_until());
        if (step(until))
            continue;
        now_ = std::max(now_, until);
        if (now_ >= deadline)
            break;
    }
    return settled();
}

CauseId Simulation::record(EntryKind kind, std::string_view component, ObjectRef object, Fact fact, bool heartbeat) {
    Entry entry;
    entry.id = log_.size() + 1;
    entry.cause = current_cause_;
    entry.step = steps_;
    entry.at = now_;
    entry.kind = kind;
    entry.component = component;
    entry.object = std::move(object);
    entry.fact = std::move(fact);
    entry.heartbeat = heartbeat;
    log_.push_back(std::move(entry));
    current_cause_ = log_.size();
    return current_cause_;
}

std::shared_ptr<const Simulation::Checkpoint> Simulation::checkpoint() const {
    auto point = std::make_shared<Checkpoint>();
    point->random = random_;
    point->now = now_;
    point->step_count = steps_;
    point->next_sequence = next_sequence_;
    point->next_component = next_component_;
    point->last_work = last_work_;
    point->queue.assign(queue_.begin(), queue_.end());
    for (const auto& [id, component] : components_)
        point->components.emplace(id, component->clone());
    point->paused = paused_;
    for (const auto* service : services_)
        point->services.push_back(service->save());
    point->log_entries = log_.size();
    return point;
}

void Simulation::restore(const Checkpoint& point) {
    random_ = point.random;
    now_ = point.now;
    steps_ = point.step_count;
    next_sequence_ = point.next_sequence;
    next_component_ = point.next_component;
    last_work_ = point.last_work;
    current_cause_ = 0;
    queue_.clear();
    by_id_.clear();
    pending_work_ = 0;
    for (const auto& event : point.queue) {
        by_id_[event.sequence] = queue_.insert(event).first;
        if (event.urgency == Urgency::work)
            ++pending_work_;
    }
    components_.clear();
    for (const auto& [id, component] : point.components) {
        auto copy = component->clone();
        copy->id_ = id;
        components_.emplace(id, std::move(copy));
    }
    paused_ = point.paused;
    for (std::size_t i = 0; i < services_.size() && i < point.services.size(); ++i)
        services_[i]->load(point.services[i]);
    log_.resize(point.log_entries);
}

}  // namespace kubewalk::sim
