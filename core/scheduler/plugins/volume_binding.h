#pragma once
// Claims of a Pod and what they still need before the Pod can be bound to a Node.
// Upstream: pkg/scheduler/framework/plugins/volumebinding/binder.go.

#include <string>
#include <vector>

#include "core/scheduler/framework.h"

namespace kubewalk::scheduler {

// The claims' names (those of generic ephemeral volumes too), in the Pod's namespace.
std::vector<std::string> claim_names(const Value& pod);
bool is_bound(const Value& claim);
// The available PersistentVolume that a claim would be given on this Node; null when there is none.
const Value& matching_volume(const Value& claim, const Value& node, const Snapshot& snapshot);

}  // namespace kubewalk::scheduler
