// Mirrors the STATUS column: kubernetes/pkg/printers/internalversion/printers.go, printPod.

#include "core/view/pod_status.h"

#include "core/api/kinds.h"
#include "core/base/text.h"

namespace kubewalk::view {

namespace {

using api::Value;

// The reason that a container's state gives, or "".
std::string container_reason(const Value& status) {
    const auto& state = status["state"];
    if (const auto reason = state["waiting"]["reason"].as_string(); !reason.empty())
        return std::string(reason);
    const auto& terminated = state["terminated"];
    if (terminated.is_null())
        return {};
    if (const auto reason = terminated["reason"].as_string(); !reason.empty())
        return std::string(reason);
    return terminated["signal"].as_int() != 0 ? cat("Signal:", terminated["signal"].as_int())
                                              : cat("ExitCode:", terminated["exitCode"].as_int());
}

// "Init:0/2", "Init:CrashLoopBackOff"; "" when all init containers are through.
std::string init_reason(const Value& pod) {
    const auto statuses = pod["status"]["initContainerStatuses"].items();
    const auto total = pod["spec"]["initContainers"].size();
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        const auto& state = statuses[i]["state"];
        if (!state["terminated"].is_null() && state["terminated"]["exitCode"].as_int() == 0)
            continue;
        if (statuses[i]["started"].as_bool() && !state["running"].is_null())
            continue;  // a sidecar that runs
        if (!state["terminated"].is_null())
            return cat("Init:", container_reason(statuses[i]));
        const auto waiting = state["waiting"]["reason"].as_string();
        if (!waiting.empty() && waiting != "PodInitializing")
            return cat("Init:", waiting);
        return cat("Init:", i, "/", total);
    }
    return {};
}

std::string status_text(const Value& pod) {
    std::string reason = pod["status"]["reason"].str(pod["status"]["phase"].as_string());
    if (const auto init = init_reason(pod); !init.empty()) {
        reason = init;
    } else {
        bool running = false;
        const auto statuses = pod["status"]["containerStatuses"].items();
        for (std::size_t i = statuses.size(); i-- > 0;) {
            const auto text = container_reason(statuses[i]);
            if (!text.empty())
                reason = text;
            else if (statuses[i]["ready"].as_bool() && !statuses[i]["state"]["running"].is_null())
                running = true;
        }
        if (reason == "Completed" && running)
            reason = "Running";
    }
    if (api::is_deleting(pod))
        return pod["status"]["reason"].as_string() == "NodeLost" ? "Unknown" : "Terminating";
    return reason;
}

Health health_of(const PodChip& chip, const Value& pod) {
    if (api::is_deleting(pod))
        return Health::terminating;
    if (chip.phase == "Completed" || chip.phase == "Succeeded")
        return Health::completed;
    if (chip.phase == "Running")
        return chip.ready == chip.containers ? Health::healthy : Health::pending;
    if (chip.phase == "Pending" || chip.phase == "ContainerCreating" || chip.phase == "PodInitializing" ||
        chip.phase.starts_with("Init:"))
        return Health::pending;
    return Health::failed;
}

// The workload that made it; what made none, by its labels.
std::string short_name(const Value& pod, const Value& owner) {
    const auto& labels = pod["metadata"]["labels"];
    const auto name = owner["name"].as_string();
    const auto hash = labels["pod-template-hash"].as_string();
    if (!hash.empty() && name.ends_with(hash) && name.size() > hash.size() + 1)
        return std::string(name.substr(0, name.size() - hash.size() - 1));
    if (!name.empty() && owner["kind"].as_string() != "Node")
        return std::string(name);
    for (const std::string_view key : {"app.kubernetes.io/name", "k8s-app", "app", "name", "component"})
        if (labels[key].is_string())
            return labels[key].str();
    return std::string(api::name_of(pod));
}

}  // namespace

PodChip pod_chip(const Value& pod) {
    PodChip chip;
    chip.namespace_name = api::namespace_of(pod);
    chip.name = api::name_of(pod);
    const auto& owner = api::controller_of(pod);
    chip.app = short_name(pod, owner);
    chip.node = pod["spec"]["nodeName"].str();
    const auto phase = pod["status"]["phase"].as_string();
    if (phase != "Succeeded" && phase != "Failed")
        chip.ip = pod["status"]["podIP"].str();
    chip.phase = status_text(pod);
    chip.containers = static_cast<int>(pod["spec"]["containers"].size());
    for (const auto& status : pod["status"]["containerStatuses"].items()) {
        chip.ready += status["ready"].as_bool() ? 1 : 0;
        chip.restarts += static_cast<int>(status["restartCount"].as_int());
    }
    if (owner.is_object())
        chip.owner = cat(owner["kind"].as_string(), "/", owner["name"].as_string());
    chip.health = health_of(chip, pod);
    return chip;
}

Health job_health(const Value& job) {
    for (const auto& condition : job["status"]["conditions"].items()) {
        if (condition["status"].as_string() != "True")
            continue;
        const auto type = condition["type"].as_string();
        if (type == "Complete" || type == "Failed")
            return type == "Failed" ? Health::failed : Health::completed;
    }
    return job["spec"]["suspend"].as_bool() ? Health::stopped : Health::pending;
}

}  // namespace kubewalk::view
