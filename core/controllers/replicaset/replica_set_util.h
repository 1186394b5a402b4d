#pragma once
// Which Pods a ReplicaSet deletes first, and its status; without side effects.
// Upstream: pkg/controller/replicaset/{replica_set.go,replica_set_utils.go}, ActivePodsWithRanks in
// pkg/controller/controller_utils.go.

#include <optional>
#include <string>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::replicaset {

// `diff` of the Pods, the least valuable first; `related` are all Pods of ReplicaSets with the same
// controller: Pods go first from nodes that hold many of them.
Objects pods_to_delete(const Objects& pods, const Objects& related, std::size_t diff, Time now);

// What went wrong while creating or deleting; empty when nothing did.
Value calculate_status(const Value& replica_set, const Objects& active, const Objects& terminating,
                       const std::optional<std::string>& manage_error, Time now);

}  // namespace kubewalk::controllers::replicaset
