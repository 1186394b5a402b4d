#include "core/controllers/job/pod_policies.h"

#include <algorithm>

#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::controllers::job {

namespace {

constexpr Duration first_back_off = seconds(10);
constexpr Duration longest_back_off = minutes(10);

bool exit_code_matches(std::int64_t code, const Value& requirement) {
    const auto values = requirement["values"].items();
    const bool listed = std::any_of(values.begin(), values.end(), [code](const Value& one) { return one.as_int() == code; });
    return requirement["operator"].as_string() == "In" ? listed : !listed;
}

const Value& match_exit_codes(const Value& pod, const Value& requirement) {
    for (const auto list : {"containerStatuses", "initContainerStatuses"})
        for (const auto& status : pod["status"][list].items()) {
            const auto& ended = status["state"]["terminated"];
            const auto code = ended["exitCode"].as_int();
            const auto& wanted = requirement["containerName"];
            if (ended.is_null() || code == 0 || (!wanted.is_null() && wanted != status["name"]))
                continue;
            if (exit_code_matches(code, requirement))
                return status;
        }
    return api::null_value();
}

const Value& match_conditions(const Value& pod, const Value& patterns) {
    for (const auto& condition : pod["status"]["conditions"].items())
        for (const auto& pattern : patterns.items())
            if (pattern["type"] == condition["type"] && pattern["status"].as_string("True") == condition["status"].as_string())
                return condition;
    return api::null_value();
}

void sort_by_end(Objects& pods) {
    sort_stably(pods,
                     [](const Value& a, const Value& b) { return finished_at(a) < finished_at(b); });
}

}  // namespace

FailureVerdict match_failure_policy(const Value& policy, const Value& pod) {
    FailureVerdict verdict;
    const auto rules = policy["rules"].items();
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Value& rule = rules[i];
        const std::string action = rule["action"].str();
        std::string message;
        const std::string name = cat(api::namespace_of(pod), "/", api::name_of(pod));
        if (!rule["onExitCodes"].is_null()) {
            const auto& status = match_exit_codes(pod, rule["onExitCodes"]);
            if (status.is_null())
                continue;
            message = cat("Container ", status["name"].as_string(), " for pod ", name, " failed with exit code ",
                          status["state"]["terminated"]["exitCode"].as_int(), " matching ", action, " rule at index ", i);
        } else {
            const auto& condition = match_conditions(pod, rule["onPodConditions"]);
            if (condition.is_null())
                continue;
            message = cat("Pod ", name, " has condition ", condition["type"].as_string(), " matching ", action,
                          " rule at index ", i);
        }
        verdict.action = action;
        verdict.counts = action != "Ignore";
        if (action == "FailJob")
            verdict.fail_message = message;
        return verdict;
    }
    return verdict;
}

std::optional<std::string> match_success_policy(const Value& policy, std::int64_t completions, const Indexes& done) {
    const auto rules = policy["rules"].items();
    for (std::size_t i = 0; i < rules.size() && done.total() > 0; ++i) {
        const auto& wanted = rules[i]["succeededIndexes"];
        const auto& count = rules[i]["succeededCount"];
        bool matches = false;
        if (!wanted.is_null()) {
            const Indexes required = Indexes::parse(wanted.as_string(), completions);
            std::int64_t met = 0;
            for (std::int64_t index = 0; index < completions; ++index)
                met += required.has(index) && done.has(index) ? 1 : 0;
            matches = count.is_null() ? met == required.total() : met >= count.as_int();
        } else if (!count.is_null()) {
            matches = done.total() >= count.as_int();
        }
        if (matches)
            return cat("Matched rules at index ", i);
    }
    return std::nullopt;
}

Time finished_at(const Value& pod) {
    std::optional<Time> end;
    for (const auto& status : pod["status"]["containerStatuses"].items()) {
        const auto& ended = status["state"]["terminated"]["finishedAt"];
        if (ended.is_null()) {
            end.reset();
            break;
        }
        end = std::max(end.value_or(Time{}), time_of(ended));
    }
    if (end)
        return *end;
    const auto& ready = condition_of(pod, "Ready");
    if (ready["status"].as_string() == "False" && !ready["lastTransitionTime"].is_null())
        return time_of(ready["lastTransitionTime"]);
    if (api::is_deleting(pod))
        return time_of(pod["metadata"]["deletionTimestamp"]) -
               seconds(pod["metadata"]["deletionGracePeriodSeconds"].as_int());
    return time_of(pod["metadata"]["creationTimestamp"]);
}

BackOff BackOff::with(Objects succeeded, Objects failed) const {
    sort_by_end(succeeded);
    sort_by_end(failed);
    if (succeeded.empty()) {
        if (failed.empty())
            return *this;
        return {failures + static_cast<std::int64_t>(failed.size()), finished_at(failed.back())};
    }
    BackOff fresh;
    const Time last_success = finished_at(succeeded.back());
    for (auto it = failed.rbegin(); it != failed.rend() && finished_at(*it) > last_success; ++it) {
        if (fresh.failures++ == 0)
            fresh.last_failure = finished_at(*it);
    }
    return fresh;
}

Duration BackOff::remaining(Time now) const {
    if (failures == 0)
        return {};
    const auto shift = std::min<std::int64_t>(failures - 1, 20);
    const Duration wait = std::min(longest_back_off, first_back_off * (std::int64_t{1} << shift));
    return std::max(Duration{}, last_failure + wait - now);
}

}  // namespace kubewalk::controllers::job
