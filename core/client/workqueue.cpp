#include "core/client/workqueue.h"

#include <algorithm>

namespace kubewalk::client {

void WorkQueue::add(const std::string& key, sim::CauseId cause, bool heartbeat) {
    auto [found, inserted] = waiting_.try_emplace(key);
    Waiting& waiting = found->second;
    if (inserted)
        order_.push_back(key);
    // A sign of life does not take over from the change that is still to be worked on.
    if (inserted || !heartbeat || waiting.heartbeat)
        waiting.cause = cause;
    if (!heartbeat && waiting.heartbeat) {
        waiting.heartbeat = false;
        ++urgent_;
    }
}

std::optional<WorkQueue::Item> WorkQueue::take() {
    if (order_.empty())
        return std::nullopt;
    Item item;
    item.key = std::move(order_.front());
    order_.pop_front();
    auto found = waiting_.find(item.key);
    item.cause = found->second.cause;
    item.heartbeat = found->second.heartbeat;
    if (!item.heartbeat)
        --urgent_;
    waiting_.erase(found);
    return item;
}

Duration WorkQueue::back_off(const std::string& key) {
    constexpr Duration base = milliseconds(5);
    constexpr Duration longest = seconds(1000);
    const int shift = failures_[key]++;
    return shift > 40 ? longest : std::min(longest, base * (std::int64_t{1} << shift));
}

int WorkQueue::failures(const std::string& key) const {
    auto found = failures_.find(key);
    return found == failures_.end() ? 0 : found->second;
}

}  // namespace kubewalk::client
