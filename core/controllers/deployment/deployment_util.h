#pragma once
// The arithmetic of Deployments, without side effects.
// Upstream: pkg/controller/deployment/util/deployment_util.go.
//
// ReplicaSets are passed as values; a null Value stands for "no new ReplicaSet".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::deployment {

inline constexpr std::string_view revision_annotation = "deployment.kubernetes.io/revision";
inline constexpr std::string_view revision_history_annotation = "deployment.kubernetes.io/revision-history";
inline constexpr std::string_view desired_replicas_annotation = "deployment.kubernetes.io/desired-replicas";
inline constexpr std::string_view max_replicas_annotation = "deployment.kubernetes.io/max-replicas";
inline constexpr std::string_view hash_label = "pod-template-hash";

// -- sizes --------------------------------------------------------------------------------------
std::int64_t replicas(const Value& object);  // spec.replicas
std::int64_t replica_count(const Objects& replica_sets);
std::int64_t actual_replica_count(const Objects& replica_sets);
std::int64_t ready_replica_count(const Objects& replica_sets);
std::int64_t available_replica_count(const Objects& replica_sets);

bool is_rolling_update(const Value& deployment);
struct Fenceposts {
    std::int64_t surge = 0;
    std::int64_t unavailable = 0;
};
// maxSurge rounded up, maxUnavailable rounded down; never both zero.
Result<Fenceposts> resolve_fenceposts(const Value& max_surge, const Value& max_unavailable, std::int64_t desired);
std::int64_t max_unavailable(const Value& deployment);
std::int64_t min_available(const Value& deployment);
std::int64_t max_surge(const Value& deployment);
// How many replicas the new ReplicaSet should have next.
Result<std::int64_t> new_rs_new_replicas(const Value& deployment, const Objects& all, const Value& new_rs);
// The share of `to_add` that this ReplicaSet gets when a Deployment is scaled in the middle of a rollout.
std::int64_t proportion(const Value& replica_set, const Value& deployment, std::int64_t to_add, std::int64_t added);
bool is_saturated(const Value& deployment, const Value& replica_set);

// -- which ReplicaSet is which ------------------------------------------------------------------
bool equal_ignore_hash(const Value& template_a, const Value& template_b);
// The oldest ReplicaSet with the Deployment's template, or null.
Value find_new_replica_set(const Value& deployment, Objects replica_sets);
struct OldReplicaSets {
    Objects required;  // those with Pods
    Objects all;
};
OldReplicaSets find_old_replica_sets(const Value& deployment, const Objects& replica_sets);
Objects filter_active(const Objects& replica_sets);  // spec.replicas > 0
// The only active ReplicaSet, or the latest if none is active; null when several are active.
Value find_active_or_latest(const Value& new_rs, Objects olds);

// -- revisions and annotations ------------------------------------------------------------------
Result<std::int64_t> revision(const Value& object);
std::int64_t max_revision(const Objects& replica_sets);
std::optional<std::int64_t> desired_replicas_of(const Value& replica_set);
bool set_replicas_annotations(Value& replica_set, std::int64_t desired, std::int64_t maximum);
bool replicas_annotations_need_update(const Value& replica_set, std::int64_t desired, std::int64_t maximum);
// Copies the Deployment's annotations and sets the revision. True when something changed.
bool set_new_replica_set_annotations(const Value& deployment, Value& new_rs, std::int64_t new_revision, bool exists);
bool set_deployment_revision(Value& deployment, std::string_view new_revision);

// -- conditions -----------------------------------------------------------------------------------
Value new_condition(std::string_view type, std::string_view status, std::string_view reason, std::string_view message,
                    Time now);
const Value& find_condition(const Value& status, std::string_view type);
void set_condition(Value& status, Value condition);
void remove_condition(Value& status, std::string_view type);

bool has_progress_deadline(const Value& deployment);
bool has_revision_history_limit(const Value& deployment);
bool is_complete(const Value& deployment, const Value& new_status);
bool is_progressing(const Value& deployment, const Value& new_status);
bool is_timed_out(const Value& deployment, const Value& new_status, Time now);

}  // namespace kubewalk::controllers::deployment
