#pragma once
// What a learner can break: links, machines, the connection tracking table, components. One line each, as
// typed into the terminal or a script, and as the page sends it:
//   link cut NODE | link slow NODE 200ms | link drop NODE 30% | link restore NODE
//   node stop NODE | node start NODE            its power
//   conntrack fill NODE | conntrack restore NODE
//   component stop NAME [NODE] | component start NAME [NODE]     containerd too

#include <string_view>

#include "core/base/result.h"

namespace kubewalk::cluster {

class Cluster;

// Error reasons "Usage" (the message is the usage line) and "NotFound".
Result<void> apply_fault(Cluster& cluster, std::string_view line);

}  // namespace kubewalk::cluster
