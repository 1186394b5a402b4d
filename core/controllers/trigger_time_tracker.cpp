#include "core/controllers/trigger_time_tracker.h"

namespace kubewalk::controllers {

// A Pod's endpoint changes when it becomes ready or not.
static std::string change_time(const Value& pod) {
    const auto& ready = condition_of(pod, "Ready");
    const auto& time = ready.is_null() ? pod["metadata"]["creationTimestamp"] : ready["lastTransitionTime"];
    return time.str();
}

std::string TriggerTimeTracker::trigger_time(const std::string& service_key, const Value& service,
                                             const Objects& pods) {
    const auto found = states_.find(service_key);
    const bool known = found != states_.end();
    State next;
    std::string oldest;
    const auto consider = [&oldest](const std::string& time) {
        if (!time.empty() && (oldest.empty() || time < oldest))
            oldest = time;
    };
    for (const auto& pod : pods) {
        const std::string time = change_time(pod);
        const std::string name(api::name_of(pod));
        next.pods[name] = time;
        const bool newer = !known || !found->second.pods.contains(name) || found->second.pods.at(name) < time;
        if (newer)
            consider(time);
    }
    next.service = service["metadata"]["creationTimestamp"].str();
    if (!known || found->second.service < next.service)
        consider(next.service);
    states_[service_key] = std::move(next);
    return oldest;
}

}  // namespace kubewalk::controllers
