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
    if (chip.phase == "Running" || chip.phase == "Completed" || chip.phase == "Succeeded")
        return chip.ready == chip.containers || chip.phase != "Running" ? Health::healthy : Health::pending;
    if (chip.phase == "Pending" || chip.phase == "ContainerCreating" || chip.phase == "PodInitializing" ||
        chip.phase.starts_with("Init:"))
        return Health::pending;
    return Health::failed;
}

}  // namespace

PodChip pod_chip(const Value& pod) {
    PodChip chip;
    chip.namespace_name = api::namespace_of(pod);
    chip.name = api::name_of(pod);
    const auto& labels = pod["metadata"]["labels"];
    for (const std::string_view key : {"app.kubernetes.io/name", "k8s-app", "app", "name", "component"}) {
        if (labels[key].is_string()) {
            chip.app = labels[key].as_string();
            break;
        }
    }
    if (chip.app.empty())
        chip.app = chip.name;
    chip.node = pod["spec"]["nodeName"].str();
    chip.ip = pod["status"]["podIP"].str();
    chip.phase = status_text(pod);
    chip.containers = static_cast<int>(pod["spec"]["containers"].size());
    for (const auto& status : pod["status"]["containerStatuses"].items()) {
        chip.ready += status["ready"].as_bool() ? 1 : 0;
        chip.restarts += static_cast<int>(status["restartCount"].as_int());
    }
    const auto& owner = api::controller_of(pod);
    if (owner.is_object())
        chip.owner = cat(owner["kind"].as_string(), "/", owner["name"].as_string());
    chip.health = health_of(chip, pod);
    return chip;
}

}  // namespace kubewalk::view
