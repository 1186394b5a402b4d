#include "core/scheduler/queue.h"

#include <algorithm>

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

void SchedulingQueue::activate(Entry& entry, Time now) {
    entry.place = Place::active;
    entry.item.added = now;
    active_.insert({entry.item.priority, now, next_sequence_++, entry.item.key});
}

void SchedulingQueue::add(const std::string& key, std::int64_t priority, Time now, sim::CauseId cause) {
    auto [found, inserted] = items_.try_emplace(key);
    Entry& entry = found->second;
    if (!inserted && entry.place == Place::active)
        return;
    entry.item.key = key;
    entry.item.priority = priority;
    entry.item.cause = cause;
    if (entry.item.failures > 0 && entry.item.failed_at + back_off(entry.item) > now)
        entry.place = Place::backoff;
    else
        activate(entry, now);
}

void SchedulingQueue::add_unschedulable(Item item, unsigned wakes, Time now) {
    ++item.failures;
    item.failed_at = now;
    item.wakes = wakes;
    std::string key = item.key;
    items_[std::move(key)] = {std::move(item), Place::unschedulable};
}

void SchedulingQueue::add_backoff(Item item, Time now) {
    ++item.failures;
    item.failed_at = now;
    std::string key = item.key;
    items_[std::move(key)] = {std::move(item), Place::backoff};
}

void SchedulingQueue::remove(const std::string& key) {
    const auto found = items_.find(key);
    if (found == items_.end())
        return;
    if (found->second.place == Place::active)
        active_.erase(std::find_if(active_.begin(), active_.end(), [&](const Order& one) { return one.key == key; }));
    items_.erase(found);
}

bool SchedulingQueue::move(unsigned event, Time now, sim::CauseId cause) {
    bool moved = false;
    for (auto& [key, entry] : items_) {
        if (entry.place != Place::unschedulable || (entry.item.wakes & event) == 0)
            continue;
        moved = true;
        entry.item.cause = cause;
        if (entry.item.failed_at + back_off(entry.item) > now)
            entry.place = Place::backoff;
        else
            activate(entry, now);
    }
    return moved;
}

void SchedulingQueue::flush(Time now) {
    for (auto& [key, entry] : items_) {
        if (entry.place == Place::unschedulable && entry.item.failed_at + max_in_unschedulable <= now)
            entry.place = Place::backoff;
        if (entry.place == Place::backoff && entry.item.failed_at + back_off(entry.item) <= now)
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
    std::optional<Due> due;
    for (const auto& [key, entry] : items_) {
        if (entry.place == Place::active)
            continue;
        const bool urgent = entry.place == Place::backoff;
        const Time at = entry.item.failed_at + (urgent ? back_off(entry.item) : max_in_unschedulable);
        if (!due || at < due->at || (at == due->at && urgent))
            due = Due{at, urgent};
    }
    return due;
}

}  // namespace kubewalk::scheduler
