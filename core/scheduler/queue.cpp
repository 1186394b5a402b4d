#include "core/scheduler/queue.h"

#include <algorithm>
#include <vector>

namespace kubewalk::scheduler {

namespace {
constexpr Duration initial_backoff = seconds(1);
constexpr Duration max_backoff = seconds(10);
constexpr Duration max_in_unschedulable = minutes(5);
}  // namespace

// 1 s, 2 s, 4 s, ... 10 s after the last failure.
Duration SchedulingQueue::back_off(const Item& item) {
    Duration delay = initial_backoff;
    for (int i = 1; i < item.failures && delay < max_backoff; ++i)
        delay = delay * 2;
    return item.failures == 0 ? Duration{} : std::min(delay, max_backoff);
}

Time SchedulingQueue::due(const Entry& entry) {
    return entry.item.failed_at + (entry.place == Place::backoff ? back_off(entry.item) : max_in_unschedulable);
}

void SchedulingQueue::activate(Entry& entry, Time now) {
    entry.place = Place::active;
    entry.item.added = now;
    entry.sequence = next_sequence_++;
    active_.insert({entry.item.priority, now, entry.sequence, entry.item.key});
}

void SchedulingQueue::wait(Entry& entry, Place place) {
    entry.place = place;
    (place == Place::backoff ? backing_off_ : unschedulable_).emplace(due(entry), entry.item.key);
}

void SchedulingQueue::leave(const Entry& entry) {
    if (entry.place == Place::active)
        active_.erase({entry.item.priority, entry.item.added, entry.sequence, entry.item.key});
    else
        (entry.place == Place::backoff ? backing_off_ : unschedulable_).erase({due(entry), entry.item.key});
}

void SchedulingQueue::add(const std::string& key, std::int64_t priority, Time now, sim::CauseId cause) {
    auto [found, inserted] = items_.try_emplace(key);
    Entry& entry = found->second;
    if (!inserted) {
        if (entry.place == Place::active)
            return;
        leave(entry);
    }
    entry.item.key = key;
    entry.item.priority = priority;
    entry.item.cause = cause;
    if (entry.item.failures > 0 && entry.item.failed_at + back_off(entry.item) > now)
        wait(entry, Place::backoff);
    else
        activate(entry, now);
}

void SchedulingQueue::add_unschedulable(Item item, unsigned wakes, Time now) {
    ++item.failures;
    item.failed_at = now;
    item.wakes = wakes;
    remove(item.key);
    std::string key = item.key;
    wait(items_[std::move(key)] = {std::move(item), Place::unschedulable, 0}, Place::unschedulable);
}

void SchedulingQueue::add_backoff(Item item, Time now) {
    ++item.failures;
    item.failed_at = now;
    remove(item.key);
    std::string key = item.key;
    wait(items_[std::move(key)] = {std::move(item), Place::backoff, 0}, Place::backoff);
}

void SchedulingQueue::remove(const std::string& key) {
    const auto found = items_.find(key);
    if (found == items_.end())
        return;
    leave(found->second);
    items_.erase(found);
}

bool SchedulingQueue::move(unsigned event, Time now, sim::CauseId cause) {
    std::vector<std::string> moved;
    for (const auto& [at, key] : unschedulable_)
        if ((items_.at(key).item.wakes & event) != 0)
            moved.push_back(key);
    std::sort(moved.begin(), moved.end());
    for (const auto& key : moved) {
        Entry& entry = items_.at(key);
        leave(entry);
        entry.item.cause = cause;
        if (entry.item.failed_at + back_off(entry.item) > now)
            wait(entry, Place::backoff);
        else
            activate(entry, now);
    }
    return !moved.empty();
}

void SchedulingQueue::flush(Time now) {
    std::vector<std::string> ready;
    for (const auto* list : {&unschedulable_, &backing_off_})
        for (const auto& [at, key] : *list) {
            if (at > now)
                break;
            ready.push_back(key);
        }
    std::sort(ready.begin(), ready.end());
    for (const auto& key : ready) {
        Entry& entry = items_.at(key);
        leave(entry);
        activate(entry, now);
    }
}

std::optional<SchedulingQueue::Item> SchedulingQueue::take() {
    if (active_.empty())
        return std::nullopt;
    const auto first = active_.begin();
    auto node = items_.extract(first->key);
    active_.erase(first);
    return std::move(node.mapped().item);
}

std::optional<SchedulingQueue::Due> SchedulingQueue::next_due() const {
    std::optional<Due> next;
    if (!backing_off_.empty())
        next = Due{backing_off_.begin()->first, true};
    if (!unschedulable_.empty() && (!next || unschedulable_.begin()->first < next->at))
        next = Due{unschedulable_.begin()->first, false};
    return next;
}

}  // namespace kubewalk::scheduler
