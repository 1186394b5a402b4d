#include "core/controllers/deployment/deployment_util.h"

#include <algorithm>
#include <cstdlib>

#include "core/api/int_or_string.h"
#include "core/base/text.h"

namespace kubewalk::controllers::deployment {

namespace {

constexpr std::int64_t unlimited = 2147483647;  // math.MaxInt32 stands for "not set"
constexpr std::size_t max_revision_history_chars = 2000;

template <typename Count>
std::int64_t sum(const Objects& replica_sets, Count count) {
    std::int64_t total = 0;
    for (const auto& one : replica_sets)
        if (!one.is_null())
            total += count(one);
    return total;
}

std::optional<std::int64_t> int_annotation(const Value& object, std::string_view key) {
    const auto& text = object["metadata"]["annotations"][key];
    return text.is_string() ? parse_int(text.as_string()) : std::nullopt;
}

// Whether two objects have the same members, without those that `skip` names. What is no object has none.
template <typename Skip>
bool same_members(const Value& a, const Value& b, Skip skip) {
    const auto left = a.members(), right = b.members();
    auto x = left.begin();
    auto y = right.begin();
    while (true) {
        while (x != left.end() && skip(*x))
            ++x;
        while (y != right.end() && skip(*y))
            ++y;
        if (x == left.end() || y == right.end())
            return x == left.end() && y == right.end();
        if (x->key != y->key || x->value != y->value)
            return false;
        ++x;
        ++y;
    }
}

}  // namespace

// -- sizes --------------------------------------------------------------------------------------

std::int64_t replicas(const Value& object) { return object["spec"]["replicas"].as_int(); }
std::int64_t replica_count(const Objects& replica_sets) { return sum(replica_sets, replicas); }

std::int64_t actual_replica_count(const Objects& replica_sets) {
    return sum(replica_sets, [](const Value& one) { return one["status"]["replicas"].as_int(); });
}
std::int64_t ready_replica_count(const Objects& replica_sets) {
    return sum(replica_sets, [](const Value& one) { return one["status"]["readyReplicas"].as_int(); });
}
std::int64_t available_replica_count(const Objects& replica_sets) {
    return sum(replica_sets, [](const Value& one) { return one["status"]["availableReplicas"].as_int(); });
}

bool is_rolling_update(const Value& deployment) {
    return deployment["spec"]["strategy"]["type"].as_string() == "RollingUpdate";
}

Result<Fenceposts> resolve_fenceposts(const Value& max_surge, const Value& max_unavailable, std::int64_t desired) {
    const int total = static_cast<int>(desired);
    Fenceposts posts;
    if (!max_surge.is_null()) {
        KUBEWALK_TRY(surge, api::scaled_value(max_surge, total, api::Rounding::up));
        posts.surge = surge;
    }
    if (!max_unavailable.is_null()) {
        KUBEWALK_TRY(unavailable, api::scaled_value(max_unavailable, total, api::Rounding::down));
        posts.unavailable = unavailable;
    }
    // Both can become zero by rounding; validation refuses that only for plain numbers.
    if (posts.surge == 0 && posts.unavailable == 0)
        posts.unavailable = 1;
    return posts;
}

static Fenceposts fenceposts_of(const Value& deployment) {
    const auto& rolling = deployment["spec"]["strategy"]["rollingUpdate"];
    return resolve_fenceposts(rolling["maxSurge"], rolling["maxUnavailable"], replicas(deployment)).value_or({});
}

std::int64_t max_unavailable(const Value& deployment) {
    if (!is_rolling_update(deployment) || replicas(deployment) == 0)
        return 0;
    return std::min(fenceposts_of(deployment).unavailable, replicas(deployment));
}

std::int64_t min_available(const Value& deployment) {
    return is_rolling_update(deployment) ? replicas(deployment) - max_unavailable(deployment) : 0;
}

std::int64_t max_surge(const Value& deployment) {
    return is_rolling_update(deployment) ? fenceposts_of(deployment).surge : 0;
}

Result<std::int64_t> new_rs_new_replicas(const Value& deployment, const Objects& all, const Value& new_rs) {
    const auto type = deployment["spec"]["strategy"]["type"].as_string();
    if (type == "Recreate")
        return replicas(deployment);
    if (type != "RollingUpdate")
        return Error{"Internal", cat("deployment type ", type, " isn't supported"), {}};
    const auto& surge = deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"];
    int allowed_surge = 0;
    if (!surge.is_null()) {
        KUBEWALK_TRY(scaled, api::scaled_value(surge, static_cast<int>(replicas(deployment)), api::Rounding::up));
        allowed_surge = scaled;
    }
    const auto current = replica_count(all);
    const auto most = replicas(deployment) + allowed_surge;
    if (current >= most)
        return replicas(new_rs);
    return replicas(new_rs) + std::min(most - current, replicas(deployment) - replicas(new_rs));
}

// How much a ReplicaSet grows or shrinks when the whole goes from its annotated maximum to the present one.
static std::int64_t fraction(const Value& replica_set, const Value& deployment) {
    if (replicas(deployment) == 0)
        return -replicas(replica_set);
    const auto maximum = replicas(deployment) + max_surge(deployment);
    auto before = int_annotation(replica_set, max_replicas_annotation).value_or(0);
    if (before == 0)
        before = deployment["status"]["replicas"].as_int();
    if (before == 0)
        return 0;
    const double size = static_cast<double>(replicas(replica_set) * maximum) / static_cast<double>(before);
    return static_cast<std::int64_t>(size < 0 ? size - 0.5 : size + 0.5) - replicas(replica_set);
}

std::int64_t proportion(const Value& replica_set, const Value& deployment, std::int64_t to_add, std::int64_t added) {
    if (replicas(replica_set) == 0 || to_add == 0 || to_add == added)
        return 0;
    const auto allowed = to_add - added;
    const auto share = fraction(replica_set, deployment);
    return to_add > 0 ? std::min(share, allowed) : std::max(share, allowed);
}

bool is_saturated(const Value& deployment, const Value& replica_set) {
    if (replica_set.is_null())
        return false;
    const auto desired = int_annotation(replica_set, desired_replicas_annotation);
    return desired && replicas(replica_set) == replicas(deployment) && *desired == replicas(deployment) &&
           replica_set["status"]["availableReplicas"].as_int() == replicas(deployment);
}

// -- which ReplicaSet is which ------------------------------------------------------------------

bool equal_ignore_hash(const Value& template_a, const Value& template_b) {
    using Member = Value::Member;
    const Value& a = template_a["metadata"];
    const Value& b = template_b["metadata"];
    return template_a["spec"] == template_b["spec"] &&
           same_members(a["labels"], b["labels"], [](const Member& label) { return label.key == hash_label; }) &&
           same_members(a, b, [](const Member& member) { return member.key == "labels" || (member.key == "creationTimestamp" && member.value.is_null()); }) &&
           same_members(template_a, template_b, [](const Member& member) { return member.key == "metadata" || member.key == "spec"; });
}

Value find_new_replica_set(const Value& deployment, Objects replica_sets) {
    std::sort(replica_sets.begin(), replica_sets.end(), created_before);
    for (const auto& one : replica_sets)
        if (equal_ignore_hash(one["spec"]["template"], deployment["spec"]["template"]))
            return one;
    return {};
}

OldReplicaSets find_old_replica_sets(const Value& deployment, const Objects& replica_sets) {
    const Value new_rs = find_new_replica_set(deployment, replica_sets);
    OldReplicaSets olds;
    for (const auto& one : replica_sets) {
        if (!new_rs.is_null() && api::uid_of(one) == api::uid_of(new_rs))
            continue;
        olds.all.push_back(one);
        if (replicas(one) != 0)
            olds.required.push_back(one);
    }
    return olds;
}

Objects filter_active(const Objects& replica_sets) {
    Objects active;
    for (const auto& one : replica_sets)
        if (!one.is_null() && replicas(one) > 0)
            active.push_back(one);
    return active;
}

Value find_active_or_latest(const Value& new_rs, Objects olds) {
    if (new_rs.is_null() && olds.empty())
        return {};
    std::sort(olds.begin(), olds.end(), [](const Value& a, const Value& b) { return created_before(b, a); });
    Objects all = olds;
    all.push_back(new_rs);
    const Objects active = filter_active(all);
    if (active.empty())
        return new_rs.is_null() ? olds.front() : new_rs;
    return active.size() == 1 ? active.front() : Value{};
}

// -- revisions and annotations ------------------------------------------------------------------

Result<std::int64_t> revision(const Value& object) {
    const auto& text = object["metadata"]["annotations"][revision_annotation];
    if (!text.is_string())
        return std::int64_t{0};
    if (const auto number = parse_int(text.as_string()))
        return *number;
    return Error{"Invalid", cat("strconv.ParseInt: parsing ", quoted(text.as_string()), ": invalid syntax"), {}};
}

std::int64_t max_revision(const Objects& replica_sets) {
    std::int64_t most = 0;
    for (const auto& one : replica_sets)
        most = std::max(most, revision(one).value_or(0));
    return most;
}

std::optional<std::int64_t> desired_replicas_of(const Value& replica_set) {
    return int_annotation(replica_set, desired_replicas_annotation);
}

bool replicas_annotations_need_update(const Value& replica_set, std::int64_t desired, std::int64_t maximum) {
    const auto& annotations = replica_set["metadata"]["annotations"];
    return annotations[desired_replicas_annotation].as_string() != cat(desired) ||
           annotations[max_replicas_annotation].as_string() != cat(maximum);
}

bool set_replicas_annotations(Value& replica_set, std::int64_t desired, std::int64_t maximum) {
    if (!replicas_annotations_need_update(replica_set, desired, maximum))
        return false;
    Value& annotations = replica_set.edit_path("metadata", "annotations");
    annotations.set(desired_replicas_annotation, cat(desired));
    annotations.set(max_replicas_annotation, cat(maximum));
    return true;
}

static bool skip_copy(std::string_view annotation) {
    return annotation == "kubectl.kubernetes.io/last-applied-configuration" || annotation == revision_annotation ||
           annotation == revision_history_annotation || annotation == desired_replicas_annotation ||
           annotation == max_replicas_annotation || annotation == "deprecated.deployment.rollback.to";
}

// Revisions a ReplicaSet had before are kept, oldest first, as far as they fit.
static void append_revision_history(Value& new_rs, std::string_view old_revision) {
    const auto history = new_rs["metadata"]["annotations"][revision_history_annotation].str();
    Value& annotations = new_rs.edit_path("metadata", "annotations");
    if (history.empty()) {
        if (old_revision.size() + 1 <= max_revision_history_chars)
            annotations.set(revision_history_annotation, old_revision);
        return;
    }
    std::string longer = history;
    while (longer.size() + old_revision.size() + 1 > max_revision_history_chars) {
        const auto comma = longer.find(',');
        if (comma == std::string::npos)
            return;
        longer.erase(0, comma + 1);
    }
    annotations.set(revision_history_annotation, cat(longer, ",", old_revision));
}

bool set_new_replica_set_annotations(const Value& deployment, Value& new_rs, std::int64_t new_revision, bool exists) {
    bool changed = false;
    for (const auto& annotation : deployment["metadata"]["annotations"].members()) {
        if (skip_copy(annotation.key) || new_rs["metadata"]["annotations"][annotation.key] == annotation.value)
            continue;
        new_rs.edit_path("metadata", "annotations").set(annotation.key, annotation.value);
        changed = true;
    }
    const bool had_revision = new_rs["metadata"]["annotations"].contains(revision_annotation);
    const std::string old_revision = new_rs["metadata"]["annotations"][revision_annotation].str();
    const auto old_number = revision(new_rs);
    if (!old_number.ok())
        return false;
    if (old_number.value() < new_revision) {
        new_rs.edit_path("metadata", "annotations").set(revision_annotation, cat(new_revision));
        changed = true;
        if (had_revision && old_number.value() > 0)
            append_revision_history(new_rs, old_revision);
    }
    if (!exists && set_replicas_annotations(new_rs, replicas(deployment), replicas(deployment) + max_surge(deployment)))
        changed = true;
    return changed;
}

bool set_deployment_revision(Value& deployment, std::string_view new_revision) {
    if (deployment["metadata"]["annotations"][revision_annotation].as_string() == new_revision)
        return false;
    deployment.edit_path("metadata", "annotations").set(revision_annotation, new_revision);
    return true;
}

// -- conditions -----------------------------------------------------------------------------------

Value new_condition(std::string_view type, std::string_view status, std::string_view reason, std::string_view message,
                    Time now) {
    return Value::object({{"type", type},
                          {"status", status},
                          {"lastUpdateTime", to_rfc3339(now)},
                          {"lastTransitionTime", to_rfc3339(now)},
                          {"reason", reason},
                          {"message", message}});
}

const Value& find_condition(const Value& status, std::string_view type) {
    for (const auto& condition : status["conditions"].items())
        if (condition["type"].as_string() == type)
            return condition;
    return api::null_value();
}

void remove_condition(Value& status, std::string_view type) {
    if (find_condition(status, type).is_null())
        return;
    Value kept = Value::array();
    for (const auto& condition : status["conditions"].items())
        if (condition["type"].as_string() != type)
            kept.push_back(condition);
    if (kept.empty())
        status.erase("conditions");
    else
        status.set("conditions", kept);
}

void set_condition(Value& status, Value condition) {
    const std::string type = condition["type"].str();
    const Value current = find_condition(status, type);
    if (!current.is_null() && current["status"] == condition["status"]) {
        if (current["reason"] == condition["reason"])
            return;
        condition.set("lastTransitionTime", current["lastTransitionTime"]);
    }
    remove_condition(status, type);
    status.edit("conditions").push_back(std::move(condition));
}

bool has_progress_deadline(const Value& deployment) {
    const auto& deadline = deployment["spec"]["progressDeadlineSeconds"];
    return !deadline.is_null() && deadline.as_int() != unlimited;
}

bool has_revision_history_limit(const Value& deployment) {
    const auto& limit = deployment["spec"]["revisionHistoryLimit"];
    return !limit.is_null() && limit.as_int() != unlimited;
}

bool is_complete(const Value& deployment, const Value& new_status) {
    const auto wanted = replicas(deployment);
    return new_status["updatedReplicas"].as_int() == wanted && new_status["replicas"].as_int() == wanted &&
           new_status["availableReplicas"].as_int() == wanted &&
           new_status["observedGeneration"].as_int() >= deployment["metadata"]["generation"].as_int();
}

bool is_progressing(const Value& deployment, const Value& new_status) {
    const auto& old_status = deployment["status"];
    const auto old_replicas = [](const Value& status) {
        return status["replicas"].as_int() - status["updatedReplicas"].as_int();
    };
    return new_status["updatedReplicas"].as_int() > old_status["updatedReplicas"].as_int() ||
           old_replicas(new_status) < old_replicas(old_status) ||
           new_status["readyReplicas"].as_int() > old_status["readyReplicas"].as_int() ||
           new_status["availableReplicas"].as_int() > old_status["availableReplicas"].as_int();
}

bool is_timed_out(const Value& deployment, const Value& new_status, Time now) {
    if (!has_progress_deadline(deployment))
        return false;
    const auto& condition = find_condition(new_status, "Progressing");
    if (condition.is_null() || condition["reason"].as_string() == "NewReplicaSetAvailable")
        return false;
    if (condition["reason"].as_string() == "ProgressDeadlineExceeded")
        return true;
    const auto deadline = seconds(deployment["spec"]["progressDeadlineSeconds"].as_int());
    return time_of(condition["lastUpdateTime"]) + deadline < now;
}

}  // namespace kubewalk::controllers::deployment
