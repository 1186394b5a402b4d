#pragma once
// One step of a Deployment's rollout: objects in, writes out. The controller sends the writes.
// Upstream: pkg/controller/deployment/{sync,rolling,recreate,progress}.go.

#include <vector>

#include "core/controllers/deployment/deployment_util.h"

namespace kubewalk::controllers::deployment {

struct ReplicaSetWrite {
    enum class Verb : unsigned char { update, remove } verb = Verb::update;
    Value replica_set;
    std::int64_t from = 0;  // spec.replicas before
    std::int64_t to = 0;
};
using Writes = std::vector<ReplicaSetWrite>;

// Each changes the ReplicaSet given and appends the write. True when its size changed.
bool scale_replica_set(Value& replica_set, std::int64_t new_scale, const Value& deployment, Writes& writes);
// As above, but leaves a ReplicaSet of the right size alone, whatever its annotations.
bool scale_if_needed(Value& replica_set, std::int64_t new_scale, const Value& deployment, Writes& writes);

// Rolling update: grow the new ReplicaSet as far as maxSurge allows. True when scaled.
Result<bool> reconcile_new_replica_set(const Objects& all, const Value& new_rs, const Value& deployment,
                                       Writes& writes);
// Rolling update: shrink old ReplicaSets as far as maxUnavailable allows, unhealthy Pods first.
bool reconcile_old_replica_sets(const Objects& all, Objects olds, const Value& new_rs, const Value& deployment,
                                Writes& writes);
std::int64_t cleanup_unhealthy_replicas(Objects& olds, const Value& deployment, std::int64_t max_cleanup,
                                        Writes& writes);
std::int64_t scale_down_old_replica_sets(const Objects& all, Objects olds, const Value& deployment, Writes& writes);
// Recreate: all old ones to zero. True when something was left to scale down.
bool scale_down_for_recreate(Objects active_olds, const Value& deployment, Writes& writes);

// The Deployment itself was scaled, or is paused: proportional scaling.
void scale(const Value& deployment, const Value& new_rs, const Objects& olds, Writes& writes);
// Old ReplicaSets beyond spec.revisionHistoryLimit.
void cleanup_deployment(const Objects& olds, const Value& deployment, Writes& writes);

// The status as the ReplicaSets show it, without conditions on progress.
Value calculate_status(const Objects& all, const Value& new_rs, const Value& deployment, Time now);
// With them: what syncRolloutStatus would write.
Value rollout_status(const Objects& all, const Value& new_rs, const Value& deployment, Time now);
// When the progress deadline has to be looked at again; nothing when it does not matter any more.
std::optional<Duration> check_progress_in(const Value& deployment, const Value& new_status, Time now);

}  // namespace kubewalk::controllers::deployment
