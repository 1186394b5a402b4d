#pragma once
// What happens when a Pod fits nowhere: whether evicting less important Pods makes room, and whom.
// Upstream: pkg/scheduler/framework/preemption/preemption.go, plugins/defaultpreemption/default_preemption.go.

#include <string>
#include <vector>

#include "core/scheduler/schedule_one.h"

namespace kubewalk::scheduler {

struct Preemption {
    std::string node;                  // "" when it does not help
    std::vector<PodInfoRef> victims;   // to be deleted, the most important first
    // What it adds to the message of FailedScheduling; "" when there are victims.
    std::string message;
};

// `decision` is the one that found no Node; `budgets` are all PodDisruptionBudgets.
Preemption preempt(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args, const Decision& decision,
                   const std::vector<Value>& budgets, const Nominations& nominations, Random& random);

}  // namespace kubewalk::scheduler
