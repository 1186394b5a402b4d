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

// How many Pods are what.
struct Tally {
    std::int64_t active = 0;
    std::int64_t labeled = 0;  // with all labels of the template
    std::int64_t ready = 0;
    std::int64_t available = 0;
    std::int64_t terminating = 0;
};
Tally tally(const Value& replica_set, const Objects& active, std::size_t terminating, Time now);
bool has_labels(const Value& labels, const Value& wanted);

// `manage_error`: what went wrong while creating or deleting; empty when nothing did.
Value calculate_status(const Value& replica_set, const Tally& pods, const std::optional<std::string>& manage_error, Time now);
Value calculate_status(const Value& replica_set, const Objects& active, const Objects& terminating,
                       const std::optional<std::string>& manage_error, Time now);

}  // namespace kubewalk::controllers::replicaset
