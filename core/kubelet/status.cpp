#include "core/kubelet/status.h"

#include "core/api/quantity.h"
#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

enum class Ended : std::uint8_t { no, well, badly };

// The state of one container as the phase sees it.
struct Seen {
    bool known = false;
    bool running = false;
    bool waiting = false;     // for its first start
    Ended now = Ended::no;    // terminated
    int exit_code = 0;        // then
    Ended before = Ended::no; // waits for a restart; how it ended before
    bool started = false;
};

Ended ending(const api::Value& terminated) {
    if (!terminated.is_object())
        return Ended::no;
    return terminated["exitCode"].as_int() == 0 ? Ended::well : Ended::badly;
}

Seen look(const std::vector<api::Value>& statuses, std::string_view name) {
    for (const auto& status : statuses) {
        if (status["name"].as_string() != name)
            continue;
        Seen seen;
        const auto& state = status["state"];
        seen.running = state["running"].is_object();
        seen.now = ending(state["terminated"]);
        seen.exit_code = static_cast<int>(state["terminated"]["exitCode"].as_int());
        if (state["waiting"].is_object()) {
            seen.before = ending(status["lastState"]["terminated"]);
            seen.waiting = seen.before == Ended::no;
        }
        seen.known = seen.running || state["waiting"].is_object() || seen.now != Ended::no;
        seen.started = status["started"].as_bool();
        return seen;
    }
    return {};
}

struct Counts {
    int pending_init_containers = 0;
    int pending_sidecars = 0;
    int failed_initialization = 0;
    int unknown = 0;
    int running = 0;
    int waiting = 0;
    int stopped = 0;
    int stopped_for_good = 0;
    int succeeded = 0;
    bool initialized = false;  // a regular container has started
};

void count_init_container(Counts& counts, const Seen& seen) {
    if (seen.now == Ended::badly || seen.before == Ended::badly)
        ++counts.failed_initialization;
    else if (seen.now == Ended::no && seen.before == Ended::no)
        ++counts.pending_init_containers;
}

void count_sidecar(Counts& counts, const Seen& seen) {
    if (seen.running) {
        counts.pending_sidecars += !seen.started;
        ++counts.running;
    } else if (seen.waiting) {
        ++counts.pending_sidecars;
        ++counts.waiting;
    } else if (!seen.known) {
        ++counts.unknown;
    }
}

void count_container(Counts& counts, const Seen& seen, const api::Value& spec, const api::Value& container) {
    counts.initialized |= seen.running || seen.now != Ended::no;
    if (seen.running) {
        ++counts.running;
    } else if (seen.now != Ended::no || seen.before != Ended::no) {
        ++counts.stopped;
        counts.succeeded += seen.now == Ended::well;
        counts.stopped_for_good += seen.now != Ended::no && !restarts(spec, container, seen.exit_code);
    } else if (seen.waiting) {
        ++counts.waiting;
    } else {
        ++counts.unknown;
    }
}

std::string_view phase_of(const Counts& counts, std::string_view restart_policy, Terminal terminal) {
    if (counts.failed_initialization > 0 && restart_policy == "Never")
        return "Failed";
    // Sidecars that restart do not send an initialized Pod back to Pending.
    const bool initializing =
        counts.pending_init_containers > 0 || (counts.pending_sidecars > 0 && !counts.initialized);
    if (initializing || counts.waiting > 0)
        return "Pending";
    if (counts.running > 0 && counts.unknown == 0)
        return "Running";
    if (counts.running == 0 && counts.stopped > 0 && counts.unknown == 0) {
        if (terminal == Terminal::no && counts.stopped != counts.stopped_for_good)
            return "Running";  // in the process of restarting
        return counts.stopped == counts.succeeded ? "Succeeded" : "Failed";
    }
    return "Pending";
}

// -- conditions ---------------------------------------------------------------------------------------

struct Verdict {
    bool met = false;
    std::string reason;
    std::string message;
};

std::string go_list(const std::vector<std::string>& names) { return cat("[", join(names, " "), "]"); }

const api::Value& status_named(const api::Value& statuses, std::string_view name) {
    for (const auto& status : statuses.items()) {
        if (status["name"].as_string() == name)
            return status;
    }
    return api::null_value();
}

Verdict containers_ready(const ConditionInput& input) {
    if (input.container_statuses.is_null())
        return {false, "UnknownContainerStatuses", {}};
    if (input.phase == "Succeeded")
        return {false, "PodCompleted", {}};
    if (input.phase == "Failed")
        return {false, "PodFailed", {}};
    std::vector<std::string> unknown, unready;
    const auto& spec = input.pod["spec"];
    for (const auto& container : spec["initContainers"].items()) {
        if (!is_sidecar(container))
            continue;
        const auto& status = status_named(input.init_statuses, container["name"].as_string());
        if (status.is_null())
            unknown.push_back(container["name"].str());
        else if (!status["ready"].as_bool())
            unready.push_back(container["name"].str());
    }
    for (const auto& container : spec["containers"].items()) {
        const auto& status = status_named(input.container_statuses, container["name"].as_string());
        if (status.is_null())
            unknown.push_back(container["name"].str());
        else if (!status["ready"].as_bool())
            unready.push_back(container["name"].str());
    }
    std::string message;
    if (!unknown.empty())
        message = cat("containers with unknown status: ", go_list(unknown));
    if (!unready.empty())
        append(message, message.empty() ? "" : ", ", "containers with unready status: ", go_list(unready));
    if (!message.empty())
        return {false, "ContainersNotReady", std::move(message)};
    return {true, {}, {}};
}

Verdict initialized(const ConditionInput& input) {
    const auto& spec = input.pod["spec"];
    if (input.phase == "Succeeded")
        return {true, "PodCompleted", {}};
    std::vector<std::string> incomplete;
    for (const auto& container : spec["initContainers"].items()) {
        const auto& status = status_named(input.init_statuses, container["name"].as_string());
        const bool done = is_sidecar(container) ? status["started"].as_bool() : status["ready"].as_bool();
        if (!done)
            incomplete.push_back(container["name"].str());
    }
    for (const auto& status : input.container_statuses.items()) {
        // Once a regular container has run, initialization is over for good.
        if (status["state"]["running"].is_object() || status["state"]["terminated"].is_object() ||
            status["lastState"]["terminated"].is_object())
            return {true, {}, {}};
    }
    if (incomplete.empty())
        return {true, {}, {}};
    return {false, "ContainersNotInitialized", cat("containers with incomplete status: ", go_list(incomplete))};
}

Verdict ready(const ConditionInput& input, const Verdict& containers, const api::Value& old_conditions) {
    if (!containers.met)
        return containers;
    for (const auto& gate : input.pod["spec"]["readinessGates"].items()) {
        const auto type = gate["conditionType"].as_string();
        std::string status;
        for (const auto& condition : old_conditions.items()) {
            if (condition["type"].as_string() == type)
                status = condition["status"].str();
        }
        if (status.empty())
            return {false, "ReadinessGatesNotReady", cat("corresponding condition of pod readiness gate ", quoted(type), " does not exist.")};
        if (status != "True")
            return {false, "ReadinessGatesNotReady",
                    cat("the status of pod readiness gate ", quoted(type), " is not \"True\", but ", status)};
    }
    return {true, {}, {}};
}

bool owned_by_kubelet(std::string_view type) {
    return type == "PodReadyToStartContainers" || type == "Initialized" || type == "Ready" || type == "ContainersReady" ||
           type == "PodScheduled" || type == "PodResizePending";
}

// The same condition as before stays the same in memory.
api::Value condition(std::string_view type, const Verdict& verdict, const api::Value& pod, const api::Value& old_conditions,
                     Time now) {
    const std::string_view status = verdict.met ? "True" : "False";
    const auto generation = pod["metadata"]["generation"].as_int();
    api::Value transition;
    for (const auto& old : old_conditions.items()) {
        if (old["type"].as_string() != type || old["status"].as_string() != status)
            continue;
        constexpr std::size_t always = 4;  // type, status, lastProbeTime, lastTransitionTime
        const std::size_t members = always + (generation != 0) + !verdict.reason.empty() + !verdict.message.empty();
        if (old.size() == members && old.contains("lastProbeTime") && old["lastProbeTime"].is_null() && old["observedGeneration"].as_int() == generation &&
            old["reason"].as_string() == verdict.reason && old["message"].as_string() == verdict.message)
            return old;
        transition = old["lastTransitionTime"];
    }
    auto out = api::Value::object({{"lastProbeTime", nullptr},
                                   {"lastTransitionTime", transition.is_null() ? api::Value(to_rfc3339(now)) : transition},
                                   {"status", status},
                                   {"type", type}});
    if (generation != 0)
        out.set("observedGeneration", generation);
    if (!verdict.reason.empty())
        out.set("reason", verdict.reason);
    if (!verdict.message.empty())
        out.set("message", verdict.message);
    return out;
}

// -- quality of service ---------------------------------------------------------------------------------

// Adds up cpu and memory of requests and limits over all containers.
struct Compute {
    bool any = false;
    bool all_limited = true;  // every container limits both
    bool equal = true;        // requests equal limits
};

void add_compute(Compute& sum, const api::Value& container) {
    const auto& resources = container["resources"];
    for (const char* name : {"cpu", "memory"}) {
        const auto request = api::Quantity::from(resources["requests"][name]);
        const auto limit = api::Quantity::from(resources["limits"][name]);
        sum.any |= !request.is_zero() || !limit.is_zero();
        sum.all_limited &= !limit.is_zero();
        sum.equal &= request.is_zero() || compare(request, limit) == 0;
    }
}

}  // namespace

bool is_sidecar(const api::Value& init_container) { return init_container["restartPolicy"].as_string() == "Always"; }

int oom_score_adjust(const api::Value& pod_spec, const api::Value& container, std::int64_t node_memory) {
    constexpr std::int64_t guaranteed = -997;
    constexpr std::int64_t best_effort = 1000;
    constexpr std::int64_t system_node_critical = 2'000'001'000;
    if (pod_spec["priority"].as_int() >= system_node_critical)
        return guaranteed;
    const auto quality = qos_class(pod_spec);
    if (quality != "Burstable" || node_memory <= 0)
        return static_cast<int>(quality == "Guaranteed" ? guaranteed : best_effort);
    const std::int64_t request = api::Quantity::from(container["resources"]["requests"]["memory"]).value();
    const std::int64_t score = 1000 - 1000 * request / node_memory;
    // Better than best effort, worse than guaranteed, whatever the request.
    if (score < 1000 + guaranteed)
        return static_cast<int>(1000 + guaranteed);
    return static_cast<int>(score == best_effort ? score - 1 : score);
}

// Rules that look at the exit code come before the policy (restartPolicyRules).
static bool rule_restarts(const api::Value& container, int exit_code) {
    for (const auto& rule : container["restartPolicyRules"].items()) {
        bool listed = false;
        for (const auto& value : rule["exitCodes"]["values"].items())
            listed |= value.as_int() == exit_code;
        const auto how = rule["exitCodes"]["operator"].as_string();
        if (rule["action"].as_string() == "Restart" && (how == "In" ? listed : how == "NotIn" && !listed))
            return true;
    }
    return false;
}

bool restarts(const api::Value& pod_spec, const api::Value& container, int exit_code) {
    if (rule_restarts(container, exit_code))
        return true;
    const auto policy = container["restartPolicy"].as_string(pod_spec["restartPolicy"].as_string("Always"));
    return policy == "Always" || (policy == "OnFailure" && exit_code != 0);
}

std::string_view pod_phase(const api::Value& pod_spec, const std::vector<api::Value>& statuses, Terminal terminal) {
    Counts counts;
    for (const auto& container : pod_spec["initContainers"].items()) {
        const Seen seen = look(statuses, container["name"].as_string());
        if (is_sidecar(container))
            count_sidecar(counts, seen);
        else
            count_init_container(counts, seen);
    }
    for (const auto& container : pod_spec["containers"].items())
        count_container(counts, look(statuses, container["name"].as_string()), pod_spec, container);
    return phase_of(counts, pod_spec["restartPolicy"].as_string("Always"), terminal);
}

api::Value pod_conditions(const ConditionInput& input, const api::Value& old_conditions, Time now) {
    auto out = api::Value::array();
    for (const auto& old : old_conditions.items()) {
        if (!owned_by_kubelet(old["type"].as_string()))
            out.push_back(old);
    }
    const auto add = [&](std::string_view type, const Verdict& verdict) {
        out.push_back(condition(type, verdict, input.pod, old_conditions, now));
    };
    const Verdict containers = containers_ready(input);
    add("PodReadyToStartContainers", {input.has_network, {}, {}});
    add("Initialized", initialized(input));
    add("Ready", ready(input, containers, old_conditions));
    add("ContainersReady", containers);
    add("PodScheduled", {true, {}, {}});
    return out;
}

std::string_view qos_class(const api::Value& pod_spec) {
    Compute sum;
    for (const char* list : {"initContainers", "containers"}) {
        for (const auto& container : pod_spec[list].items())
            add_compute(sum, container);
    }
    if (!sum.any)
        return "BestEffort";
    return sum.all_limited && sum.equal ? "Guaranteed" : "Burstable";
}

}  // namespace kubewalk::kubelet
