#pragma once
// The scheduler sets' common part: a recorded cluster as a Snapshot, a plugin's recorded configuration.

#include <string_view>

#include "core/api/value.h"
#include "core/scheduler/plugins.h"

namespace kubewalk::cli {

// The table's name for "*noderesources.Fit" and the like; "" when there is no such plugin.
std::string_view plugin_name(std::string_view receiver_type);
scheduler::NodeInfoRef node_info(const api::Value& recorded);  // {node, pods, images}
scheduler::Snapshot snapshot_of(const api::Value& given);
scheduler::PluginArgs plugin_args(const api::Value& one, std::string_view receiver_type);  // one: the case

}  // namespace kubewalk::cli
