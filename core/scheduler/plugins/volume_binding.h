#pragma once
// Claims of a Pod and what they still need before the Pod can be bound to a Node.
// Upstream: pkg/scheduler/framework/plugins/volumebinding/binder.go.

#include <string>
#include <string_view>
#include <vector>

#include "core/scheduler/framework.h"

namespace kubewalk::scheduler {

// The claims' names (those of generic ephemeral volumes too), in the Pod's namespace.
std::vector<std::string> claim_names(const Value& pod);
// Of a claim or a volume: the old annotation goes before the field.
std::string_view storage_class_of(const Value& object);
bool is_bound(const Value& claim);
// The available PersistentVolume that a claim would be given on this Node; null when there is none.
const Value& matching_volume(const Value& claim, const Value& node, const Snapshot& snapshot);

}  // namespace kubewalk::scheduler
