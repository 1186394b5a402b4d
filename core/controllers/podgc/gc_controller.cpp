#include "core/controllers/podgc/gc_controller.h"

#include <algorithm>
#include <vector>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

namespace {
enum Watched : std::size_t { pods, nodes };
constexpr Duration check_period = seconds(20);
constexpr Duration quarantine = seconds(40);
constexpr std::size_t terminated_threshold = 12500;
}  // namespace

PodGCController::PodGCController(client::Environment environment)
    : ControllerOf(environment, "pod-garbage-collector", "system:serviceaccount:kube-system:pod-garbage-collector") {
    watch(api::kind::pods);
    watch(api::kind::nodes);
}

void PodGCController::changed(std::size_t, const client::Change&) {}
client::Outcome PodGCController::reconcile(const std::string&) { return client::Outcome::done(); }
void PodGCController::synced() { schedule_own(check_period, 0, sim::Urgency::background); }

void PodGCController::own_event(std::uint32_t, const sim::Event&) {
    collect();
    schedule_own(check_period, 0, sim::Urgency::background);
}

void PodGCController::force_delete(const Value& pod, bool orphaned) {
    // Whoever waits for the Pod's end must see one.
    if (orphaned && !is_pod_terminal(pod)) {
        const Value patch = Value::object({{"status", Value::object({{"phase", "Failed"}})}});
        (void)client().patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod), client::PatchType::strategic,
                             patch, "status");
    }
    client::DeleteOptions options;
    options.grace_period_seconds = 0;
    options.uid = std::string(api::uid_of(pod));
    (void)client().remove(api::kind::pods, api::namespace_of(pod), api::name_of(pod), options);
}

void PodGCController::collect() {
    std::map<std::string, Time> missing;
    Objects orphaned, unscheduled, finished;
    for (const auto& [key, pod] : cache(pods)) {
        const std::string node = pod["spec"]["nodeName"].str();
        if (is_pod_terminal(pod) && !api::is_deleting(pod))
            finished.push_back(pod);
        if (node.empty()) {
            if (api::is_deleting(pod))
                unscheduled.push_back(pod);
        } else if (informer(nodes).get(node).is_null()) {
            const auto since = missing_since_.find(node);
            missing[node] = since == missing_since_.end() ? now() : since->second;
            if (now() - missing[node] >= quarantine)
                orphaned.push_back(pod);
        }
    }
    missing_since_ = std::move(missing);
    for (const auto& pod : orphaned)
        force_delete(pod, true);
    for (const auto& pod : unscheduled)
        force_delete(pod, false);
    if (finished.size() <= terminated_threshold)
        return;
    std::sort(finished.begin(), finished.end(), created_before);
    for (std::size_t i = 0; i < finished.size() - terminated_threshold; ++i)
        force_delete(finished[i], false);
}

}  // namespace kubewalk::controllers
