#include "core/base/text.h"
#include "core/controllers/deployment/steps.h"

namespace kubewalk::controllers::deployment {

Value calculate_status(const Objects& all, const Value& new_rs, const Value& deployment, Time now) {
    const auto available = available_replica_count(all);
    const auto unavailable = std::max<std::int64_t>(0, replica_count(all) - available);
    const auto& old_status = deployment["status"];
    std::int64_t terminating = 0;
    for (const auto& one : all)
        terminating += one["status"]["terminatingReplicas"].as_int();

    Value status = Value::object();
    set_count(status, "observedGeneration", deployment["metadata"]["generation"].as_int());
    set_count(status, "replicas", actual_replica_count(all));
    set_count(status, "updatedReplicas", actual_replica_count({new_rs}));
    set_count(status, "readyReplicas", ready_replica_count(all));
    set_count(status, "availableReplicas", available);
    set_count(status, "unavailableReplicas", unavailable);
    status.set("terminatingReplicas", terminating);
    if (!old_status["collisionCount"].is_null())
        status.set("collisionCount", old_status["collisionCount"]);
    if (!old_status["conditions"].empty())
        status.set("conditions", old_status["conditions"]);

    const bool enough = available >= replicas(deployment) - max_unavailable(deployment);
    set_condition(status, enough ? new_condition("Available", "True", "MinimumReplicasAvailable",
                                                 "Deployment has minimum availability.", now)
                                 : new_condition("Available", "False", "MinimumReplicasUnavailable",
                                                 "Deployment does not have minimum availability.", now));
    return status;
}

namespace {

// "ReplicaSet "x" is progressing." where there is a new ReplicaSet, else the Deployment's name.
std::string told(const Value& deployment, const Value& new_rs, std::string_view what) {
    if (new_rs.is_null())
        return cat("Deployment ", quoted(api::name_of(deployment)), " ", what);
    return cat("ReplicaSet ", quoted(api::name_of(new_rs)), " ", what);
}

void note_progress(Value& status, const Value& deployment, const Value& new_rs, Time now) {
    const Value current = find_condition(deployment["status"], "Progressing");
    if (is_complete(deployment, status)) {
        set_condition(status, new_condition("Progressing", "True", "NewReplicaSetAvailable",
                                            told(deployment, new_rs, "has successfully progressed."), now));
    } else if (is_progressing(deployment, status)) {
        Value condition = new_condition("Progressing", "True", "ReplicaSetUpdated",
                                        told(deployment, new_rs, "is progressing."), now);
        // lastUpdateTime has to move on even though neither status nor reason change.
        if (!current.is_null()) {
            if (current["status"].as_string() == "True")
                condition.set("lastTransitionTime", current["lastTransitionTime"]);
            remove_condition(status, "Progressing");
        }
        set_condition(status, condition);
    } else if (is_timed_out(deployment, status, now)) {
        set_condition(status, new_condition("Progressing", "False", "ProgressDeadlineExceeded",
                                            told(deployment, new_rs, "has timed out progressing."), now));
    }
}

// The first ReplicaFailure of the new ReplicaSet, or of any other.
Value replica_failure(const Objects& all, const Value& new_rs) {
    if (const auto& failure = find_condition(new_rs["status"], "ReplicaFailure"); !failure.is_null())
        return failure;
    for (const auto& one : all)
        if (const auto& failure = find_condition(one["status"], "ReplicaFailure"); !failure.is_null())
            return failure;
    return {};
}

}  // namespace

Value rollout_status(const Objects& all, const Value& new_rs, const Value& deployment, Time now) {
    Value status = calculate_status(all, new_rs, deployment, now);
    if (!has_progress_deadline(deployment))
        remove_condition(status, "Progressing");
    const auto& current = find_condition(deployment["status"], "Progressing");
    const bool was_complete = status["replicas"].as_int() == status["updatedReplicas"].as_int() &&
                              current["reason"].as_string() == "NewReplicaSetAvailable";
    if (has_progress_deadline(deployment) && !was_complete)
        note_progress(status, deployment, new_rs, now);
    const Value failure = replica_failure(all, new_rs);
    if (failure.is_null()) {
        remove_condition(status, "ReplicaFailure");
    } else {
        Value condition = failure;
        condition.set("lastUpdateTime", failure["lastTransitionTime"]);
        set_condition(status, condition);
    }
    return status;
}

std::optional<Duration> check_progress_in(const Value& deployment, const Value& new_status, Time now) {
    const auto& current = find_condition(deployment["status"], "Progressing");
    if (!has_progress_deadline(deployment) || current.is_null() || is_complete(deployment, new_status) ||
        current["reason"].as_string() == "ProgressDeadlineExceeded")
        return std::nullopt;
    const auto deadline = seconds(deployment["spec"]["progressDeadlineSeconds"].as_int());
    const Duration left = time_of(current["lastUpdateTime"]) + deadline - now;
    return left < seconds(1) ? seconds(1) : left + seconds(1);
}

}  // namespace kubewalk::controllers::deployment
