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
    components_.add(id, std::move(component));
    added.start();
    return id;
}

void Simulation::remove(ComponentId id) {
    if (!components_.contains(id))
        return;
    queue_.remove_all_of(id, [this](const Event& event) {
        if (event.urgency == Urgency::work)
            --pending_work_;
    });
    paused_.erase(id);
    auto gone = components_.remove(id);
    if (dispatch_depth_ > 0)
        retired_.push_back(std::move(gone));  // it may be the one that is running
}

Component* Simulation::find(std::string_view name) {
    ComponentId found = 0;
    components_.any_of([&](ComponentId id, const Component& component) {
        found = component.name() == name ? id : 0;
        return found != 0;
    });
    return found == 0 ? nullptr : find(found);
}

std::vector<ComponentId> Simulation::components() const {
    std::vector<ComponentId> ids;
    components_.any_of([&](ComponentId id, const Component&) {
        ids.push_back(id);
        return false;
    });
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
        (void)queue_.add(std::move(event));
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
    return queue_.add(std::move(event));
}

void Simulation::cancel(EventId id) {
    const Event* found = queue_.find(id);
    if (!found)
        return;
    if (found->urgency == Urgency::work)
        --pending_work_;
    queue_.remove(id);
}

Time Simulation::next_event_at() const { return queue_.empty() ? Time{INT64_MAX} : queue_.first().at; }

bool Simulation::step(Time limit) {
    if (queue_.empty() || queue_.first().at > limit)
        return false;
    const Event event = queue_.take_first();
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
    if (!components_.contains(event.target))
        return;
    if (!paused_.empty()) {
        if (auto waiting = paused_.find(event.target); waiting != paused_.end()) {
            waiting->second.push_back(event);
            return;
        }
    }
    ++dispatch_depth_;
    {
        CauseScope scope(*this, event.cause);
        components_.edit(event.target)->on_event(event);
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

CauseId Simulation::record(EntryKind kind, std::string_view component, const ObjectView& object, const FactView& fact, bool heartbeat) {
    current_cause_ = log_.append(current_cause_, steps_, now_, kind, component, object, fact, heartbeat);
    return current_cause_;
}

std::shared_ptr<const Simulation::Checkpoint> Simulation::checkpoint() const {
    constexpr std::size_t component_bytes = 4096;  // what one keeps beside what it shares with its next version
    auto point = std::make_shared<Checkpoint>();
    point->random = random_;
    point->now = now_;
    point->step_count = steps_;
    point->next_sequence = next_sequence_;
    point->next_component = next_component_;
    point->last_work = last_work_;
    point->own_bytes = queue_.size() * (sizeof(Event) + sizeof(EventId)) + components_.cloned() * component_bytes;
    point->queue = queue_;
    point->components = components_;
    components_.count_anew();
    point->paused = paused_;
    for (const auto* service : services_)
        point->services.push_back(service->save());
    point->log_entries = log_.size();
    point->pending_work = pending_work_;
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
    queue_ = point.queue;
    pending_work_ = point.pending_work;
    components_ = point.components;
    components_.count_anew();
    paused_ = point.paused;
    for (std::size_t i = 0; i < services_.size() && i < point.services.size(); ++i)
        services_[i]->load(point.services[i]);
    log_.go_back(point.log_entries);
}

}  // namespace kubewalk::sim
