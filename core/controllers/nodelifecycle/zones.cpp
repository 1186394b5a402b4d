#include "core/controllers/nodelifecycle/zones.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::controllers::nodelifecycle {

namespace {
constexpr double node_eviction_rate = 0.1;
constexpr double secondary_node_eviction_rate = 0.01;
constexpr std::int64_t large_cluster_size = 50;
constexpr std::int64_t unhealthy_threshold_percent = 55;
}  // namespace

ZoneState zone_state(std::int64_t ready, std::int64_t not_ready) {
    if (ready == 0 && not_ready > 0)
        return ZoneState::full_disruption;
    if (not_ready > 2 && not_ready * 100 >= unhealthy_threshold_percent * (ready + not_ready))
        return ZoneState::partial_disruption;
    return ZoneState::normal;
}

double eviction_rate(ZoneState state, std::int64_t size) {
    if (state == ZoneState::partial_disruption)
        return size > large_cluster_size ? secondary_node_eviction_rate : 0;
    return node_eviction_rate;
}

std::string zone_of(const Value& node) {
    const auto& labels = node["metadata"]["labels"];
    const auto region = labels["topology.kubernetes.io/region"].as_string();
    const auto zone = labels["topology.kubernetes.io/zone"].as_string();
    return region.empty() && zone.empty() ? std::string() : cat(region, ':', '\0', ':', zone);
}

void EvictionQueue::add(const std::string& node) {
    if (std::find(order_.begin(), order_.end(), node) == order_.end())
        order_.push_back(node);
}

void EvictionQueue::remove(const std::string& node) {
    order_.erase(std::remove(order_.begin(), order_.end(), node), order_.end());
}

std::string EvictionQueue::take(Time now) {
    if (order_.empty() || rate_ <= 0 || now < free_at_)
        return {};
    std::string node = std::move(order_.front());
    order_.pop_front();
    free_at_ = now + Duration{static_cast<std::int64_t>(1e9 / rate_)};
    return node;
}

std::optional<Duration> EvictionQueue::next_in(Time now) const {
    if (order_.empty() || rate_ <= 0)
        return std::nullopt;
    return std::max(Duration{}, free_at_ - now);
}

}  // namespace kubewalk::controllers::nodelifecycle
