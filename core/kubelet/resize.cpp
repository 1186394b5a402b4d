// New resources for the containers of a Pod that runs: whether the node can give them, and giving them.
// Upstream: pkg/kubelet/allocation/allocation_manager.go (handlePodResourcesResize, canResizePod),
// pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodResizeAction, doPodResizeAction), pkg/kubelet/events/resize.go.

#include <utility>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/api/quantity.h"
#include "core/base/text.h"
#include "core/kubelet/admission.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {
namespace {

using api::Value;

constexpr Duration retry_deferred = seconds(30);
constexpr std::string_view lists[] = {"initContainers", "containers"};

const Value& container_in(const Value& spec, std::string_view name) {
    for (const auto list : lists)
        for (const auto& container : spec[list].items())
            if (container["name"].as_string() == name)
                return container;
    return api::null_value();
}

bool resources_differ(const Value& spec, const Value& granted) {
    for (const auto list : lists)
        for (std::size_t i = 0; i < spec[list].size() && i < granted[list].size(); ++i)
            if (spec[list][i]["resources"] != granted[list][i]["resources"])
                return true;
    return false;
}

// The spec as it is now, but with the resources that were granted before.
Value with_granted(Value spec, const Value& granted) {
    for (const auto list : lists)
        for (std::size_t i = 0; i < spec[list].size() && i < granted[list].size(); ++i)
            spec.edit(list).edit_at(i).set("resources", granted[list][i]["resources"]);
    return spec;
}

bool changes(const Value& before, const Value& now, std::string_view resource) {
    return before["requests"][resource] != now["requests"][resource] || before["limits"][resource] != now["limits"][resource];
}

// resizePolicy; NotRequired is the default.
bool needs_restart(const Value& container, const Value& granted) {
    for (const auto& policy : container["resizePolicy"].items())
        if (policy["restartPolicy"].as_string() == "RestartContainer" &&
            changes(granted["resources"], container["resources"], policy["resourceName"].as_string()))
            return true;
    return false;
}

// What the events about a resize say: the resources that are asked for, by container, in Go's order of fields.
std::string resize_message(std::string_view words, const Value& pod, std::string_view error = {}) {
    std::string details = "{";
    for (const auto list : lists) {
        Value named = Value::array();
        for (const auto& container : pod["spec"][list].items())
            if (list == "containers" || container["restartPolicy"].as_string() == "Always")
                named.push_back(Value::object({{"name", container["name"]},
                                               {"resources", container["resources"].is_null() ? Value::object() : container["resources"]}}));
        if (!named.empty())
            append(details, "\"", list, "\":", api::to_json(named), ",");
    }
    append(details, "\"generation\":", pod["metadata"]["generation"].as_int());
    if (!error.empty())
        append(details, ",\"error\":", api::to_json(Value(error)));
    return cat(words, ": ", details, "}");
}

}  // namespace

Value Kubelet::granted_spec(const PodWorker& pod, std::string_view container, const Value& spec) const {
    const Value& granted = container_in(pod.granted, container);
    if (granted.is_null() || granted["resources"] == spec["resources"])
        return spec;
    Value overlaid = spec;
    overlaid.set("resources", granted["resources"]);
    return overlaid;
}

void Kubelet::resize_pod(PodWorker& pod) {
    const Value spec = pod.pod["spec"];
    if (pod.granted.is_null() || !resources_differ(spec, pod.granted)) {
        pod.granted = spec;
        pod.resize_refused.clear();
        return;
    }
    pod.claim = pod_claim(spec);
    pod.admitted = false;  // not among the others
    const PodClaim taken = claimed();
    pod.admitted = true;
    const auto& room = reported_status_["allocatable"];
    struct Asked {
        std::string_view resource;
        std::int64_t wanted, used, capacity;
    };
    const Asked asked[] = {{"cpu", pod.claim.milli_cpu, taken.milli_cpu, api::Quantity::from(room["cpu"]).milli_value()},
                           {"memory", pod.claim.memory, taken.memory, api::Quantity::from(room["memory"]).value()}};
    const auto refused_before = std::exchange(pod.resize_refused, {});
    const auto message_before = pod.resize_message;
    for (const auto& one : asked) {
        if (one.wanted > one.capacity) {
            pod.resize_refused = "Infeasible";
            pod.resize_message = cat("Node didn't have enough capacity: ", one.resource, ", requested: ", one.wanted, ", capacity: ", one.capacity);
            break;
        }
        if (pod.resize_refused.empty() && one.wanted > one.capacity - one.used) {
            pod.resize_refused = "Deferred";
            pod.resize_message = cat("Node didn't have enough resource: ", one.resource, ", requested: ", one.wanted, ", used: ", one.used,
                                     ", capacity: ", one.capacity);
        }
    }
    if (!pod.resize_refused.empty()) {
        pod.granted = with_granted(spec, pod.granted);
        pod.claim = pod_claim(pod.granted);
        if (pod.resize_refused != refused_before || pod.resize_message != message_before)
            pod_event(pod, client::EventType::warning, cat("Resize", pod.resize_refused),
                      resize_message(cat("Pod resize ", pod.resize_refused), pod.pod, pod.resize_message));
        if (pod.resize_refused == "Deferred")
            queue_sync(pod.identity.uid, retry_deferred, sim::Urgency::background);
        return;
    }
    pod_event(pod, client::EventType::normal, "ResizeStarted", resize_message("Pod resize started", pod.pod));
    bool restarting = false;
    for (auto* workers : {&pod.init_containers, &pod.containers})
        for (auto& container : *workers) {
            const Value& wanted = container_in(spec, container.name);
            const Value granted = container_in(pod.granted, container.name);
            const Container* instance = runtime_.container(container.id);
            if (wanted["resources"] == granted["resources"] || !instance || instance->state != ContainerState::running || container.stopping)
                continue;
            if (needs_restart(wanted, granted)) {
                restarting = true;
                stop_container(pod, container, wanted, cat("Container ", container.name, " resize requires restart"),
                               seconds(spec["terminationGracePeriodSeconds"].as_int(30)));
            } else {
                runtime_.update_container_resources(container.id, api::Quantity::from(wanted["resources"]["limits"]["memory"]).value());
            }
        }
    pod.granted = spec;
    if (!restarting)
        pod_event(pod, client::EventType::normal, "ResizeCompleted", resize_message("Pod resize completed", pod.pod));
}

}  // namespace kubewalk::kubelet
