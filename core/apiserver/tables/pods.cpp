// Upstream: pkg/printers/internalversion/printers.go (printPod).

#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables::pods {

using api::Value;

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"},        {"Ready", "string", ""},
    {"Status", "string", ""},          {"Restarts", "string", ""},
    {"Age", "string", ""},             {"IP", "string", "", 1},
    {"Node", "string", "", 1},         {"Nominated Node", "string", "", 1},
    {"Readiness Gates", "string", "", 1},
};

// What the columns Ready, Status and Restarts are made from.
struct Summary {
    std::string reason;
    std::int64_t restarts = 0;
    std::string_view last_restart;  // RFC 3339 in UTC: order of text is order of time
    std::size_t ready = 0;
    std::size_t total = 0;
};

bool is_sidecar(const Value& pod, std::string_view name) {
    for (const auto& container : pod["spec"]["initContainers"].items())
        if (container["name"].as_string() == name)
            return container["restartPolicy"].as_string() == "Always";
    return false;
}

bool condition_is_true(const Value& pod, std::string_view type) {
    for (const auto& condition : pod["status"]["conditions"].items())
        if (condition["type"].as_string() == type)
            return condition["status"].as_string() == "True";
    return false;
}

void count_restarts(const Value& status, std::int64_t& restarts, std::string_view& last) {
    restarts += status["restartCount"].as_int();
    const auto finished = status["lastState"]["terminated"]["finishedAt"].as_string();
    if (finished > last)
        last = finished;
}

std::string exit_text(const Value& terminated) {
    if (const auto signal = terminated["signal"].as_int(); signal != 0)
        return cat("Signal:", signal);
    return cat("ExitCode:", terminated["exitCode"].as_int());
}

// True while an init container keeps the others waiting.
bool summarise_init(const Value& pod, Summary& summary, Summary& sidecars) {
    const auto statuses = pod["status"]["initContainerStatuses"].items();
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        const auto& status = statuses[i];
        const auto& terminated = status["state"]["terminated"];
        const auto& waiting = status["state"]["waiting"];
        const bool sidecar = is_sidecar(pod, status["name"].as_string());
        count_restarts(status, summary.restarts, summary.last_restart);
        if (sidecar)
            count_restarts(status, sidecars.restarts, sidecars.last_restart);
        if (!terminated.is_null() && terminated["exitCode"].as_int() == 0)
            continue;
        if (sidecar && status["started"].as_bool()) {
            summary.ready += status["ready"].as_bool() ? 1 : 0;
            continue;
        }
        const auto waits_for = waiting["reason"].as_string();
        if (!terminated.is_null())
            summary.reason = cat("Init:", or_else(terminated["reason"].as_string(), exit_text(terminated)));
        else if (!waits_for.empty() && waits_for != "PodInitializing")
            summary.reason = cat("Init:", waits_for);
        else
            summary.reason = cat("Init:", i, "/", pod["spec"]["initContainers"].size());
        return true;
    }
    return false;
}

void summarise_containers(const Value& pod, Summary& summary) {
    bool has_running = false;
    const auto statuses = pod["status"]["containerStatuses"].items();
    for (std::size_t i = statuses.size(); i-- > 0;) {
        const auto& status = statuses[i];
        const auto& state = status["state"];
        count_restarts(status, summary.restarts, summary.last_restart);
        if (!state["waiting"]["reason"].as_string().empty()) {
            summary.reason = state["waiting"]["reason"].str();
        } else if (!state["terminated"].is_null()) {
            summary.reason = or_else(state["terminated"]["reason"].as_string(), exit_text(state["terminated"]));
        } else if (status["ready"].as_bool() && !state["running"].is_null()) {
            has_running = true;
            ++summary.ready;
        }
    }
    if (summary.reason == "Completed" && has_running)
        summary.reason = condition_is_true(pod, "Ready") ? "Running" : "NotReady";
}

Summary summarise(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    Summary summary;
    summary.reason = or_else(pod["status"]["reason"].as_string(), phase);
    for (const auto& condition : pod["status"]["conditions"].items())
        if (condition["type"].as_string() == "PodScheduled" && condition["reason"].as_string() == "SchedulingGated")
            summary.reason = "SchedulingGated";
    summary.total = pod["spec"]["containers"].size();
    for (const auto& container : pod["spec"]["initContainers"].items())
        summary.total += container["restartPolicy"].as_string() == "Always" ? 1 : 0;

    Summary sidecars;
    const bool initializing = summarise_init(pod, summary, sidecars);
    if (!initializing || condition_is_true(pod, "Initialized")) {
        summary.restarts = sidecars.restarts;
        summary.last_restart = sidecars.last_restart;
        summarise_containers(pod, summary);
    }
    if (api::is_deleting(pod)) {
        if (pod["status"]["reason"].as_string() == "NodeLost")
            summary.reason = "Unknown";
        else if (phase != "Succeeded" && phase != "Failed")
            summary.reason = "Terminating";
    }
    return summary;
}

std::string readiness_gates(const Value& pod) {
    const auto gates = pod["spec"]["readinessGates"].items();
    if (gates.empty())
        return "<none>";
    int open = 0;
    for (const auto& gate : gates)
        open += condition_is_true(pod, gate["conditionType"].as_string()) ? 1 : 0;
    return cat(open, "/", gates.size());
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& pod, Time now, Width) {
    const auto summary = summarise(pod);
    auto restarts = cat(summary.restarts);
    if (summary.restarts != 0 && !summary.last_restart.empty())
        append(restarts, " (", age_of_timestamp(Value(summary.last_restart), now), " ago)");
    return {api::name_of(pod),
            cat(summary.ready, "/", summary.total),
            summary.reason,
            restarts,
            age(pod, now),
            or_else(pod["status"]["podIPs"][0]["ip"].as_string(), "<none>"),
            or_else(pod["spec"]["nodeName"].as_string(), "<none>"),
            or_else(pod["status"]["nominatedNodeName"].as_string(), "<none>"),
            readiness_gates(pod)};
}

}  // namespace kubewalk::apiserver::tables::pods
