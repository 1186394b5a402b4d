#include "core/controllers/podautoscaler/scaling_rules.h"

#include <algorithm>
#include <cmath>

namespace kubewalk::controllers::podautoscaler {

namespace {

constexpr Duration longest_memory = hours(1);
constexpr std::int64_t default_down_window = 300;  // --horizontal-pod-autoscaler-downscale-stabilization
// Without behavior: doubling, but at least to four.
constexpr std::int64_t limit_factor = 2;
constexpr std::int64_t limit_minimum = 4;

void limit(Normalized& result, bool limited, std::string_view reason, std::string_view message) {
    result.limited = limited;
    result.limited_reason = reason;
    result.limited_message = message;
}

// The most (or least) that the policies of one direction allow from what was there before their periods.
std::int64_t bound_of(const Value& rules, const std::deque<History::ScaleEvent>& events, std::int64_t current, Time now, bool up) {
    const auto select = rules["selectPolicy"].as_string("Max");
    if (select == "Disabled")
        return current;
    std::int64_t result = -1;
    for (const auto& policy : rules["policies"].items()) {
        const Duration period = seconds(policy["periodSeconds"].as_int());
        std::int64_t changed = 0;
        for (const auto& event : events)
            if (event.at > now - period)
                changed += event.change;
        const auto start = up ? current - changed : current + changed;
        const auto value = policy["value"].as_int();
        std::int64_t bound = up ? start + value : start - value;
        if (policy["type"].as_string() == "Percent")
            bound = up ? static_cast<std::int64_t>(std::ceil(static_cast<double>(start) * (1.0 + static_cast<double>(value) / 100.0)))
                       : static_cast<std::int64_t>(static_cast<double>(start) * (1.0 - static_cast<double>(value) / 100.0));
        const bool further = up == (select == "Max") ? bound > result : bound < result;
        if (result < 0 || further)
            result = bound;
    }
    return result < 0 ? current : result;
}

void stabilize(const Value& autoscaler, History& history, std::int64_t current, std::int64_t desired, Time now,
               Normalized& result) {
    const auto& behavior = autoscaler["spec"]["behavior"];
    const Duration up_window = seconds(behavior["scaleUp"]["stabilizationWindowSeconds"].as_int(0));
    const Duration down_window = seconds(behavior["scaleDown"]["stabilizationWindowSeconds"].as_int(default_down_window));
    std::int64_t lowest = desired, highest = desired;
    for (const auto& one : history.recommendations) {
        if (one.at > now - up_window)
            lowest = std::min(lowest, one.replicas);
        if (one.at > now - down_window)
            highest = std::max(highest, one.replicas);
    }
    std::int64_t stable = current;
    if (stable < lowest)
        stable = lowest;
    if (stable > highest)
        stable = highest;
    history.recommendations.push_back({desired, now});
    while (!history.recommendations.empty() && history.recommendations.front().at + longest_memory < now)
        history.recommendations.pop_front();
    result.replicas = stable;
    const bool down = desired < current;
    result.able_reason = "ReadyForNewScale";
    result.able_message = "recommended size matches current size";
    if (stable != desired) {
        result.able_reason = down ? "ScaleDownStabilized" : "ScaleUpStabilized";
        result.able_message = down ? "recent recommendations were higher than current one, applying the highest recent recommendation"
                                   : "recent recommendations were lower than current one, applying the lowest recent recommendation";
    }
}

}  // namespace

Normalized normalize(const Value& autoscaler, History& history, std::int64_t current, std::int64_t desired,
                     std::int64_t least, Time now) {
    Normalized result;
    stabilize(autoscaler, history, current, desired, now, result);
    const auto& behavior = autoscaler["spec"]["behavior"];
    const auto most = autoscaler["spec"]["maxReplicas"].as_int();
    limit(result, false, "DesiredWithinRange", "the desired count is within the acceptable range");
    if (result.replicas > current || behavior.is_null()) {
        std::int64_t fastest = behavior.is_null() ? std::max(limit_factor * current, limit_minimum)
                                                  : std::max(current, bound_of(behavior["scaleUp"], history.ups, current, now, true));
        if (fastest > most && result.replicas > most) {
            result.replicas = most;
            limit(result, true, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
        } else if (result.replicas > std::min(fastest, most)) {
            const bool rate = fastest <= most;
            result.replicas = std::min(fastest, most);
            limit(result, true, rate ? "ScaleUpLimit" : "TooManyReplicas",
                  rate ? "the desired replica count is increasing faster than the maximum scale rate"
                       : "the desired replica count is more than the maximum replica count");
        }
    }
    if (result.replicas < current && !behavior.is_null()) {
        const auto slowest = std::min(current, bound_of(behavior["scaleDown"], history.downs, current, now, false));
        if (result.replicas < slowest && slowest >= least) {
            result.replicas = slowest;
            limit(result, true, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");
        }
    }
    if (result.replicas < least) {
        result.replicas = least;
        limit(result, true, "TooFewReplicas",
              least == 0 ? "the desired replica count is zero" : "the desired replica count is less than the minimum replica count");
    }
    return result;
}

}  // namespace kubewalk::controllers::podautoscaler
