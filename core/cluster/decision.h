#pragma once
// Why a Pod stands where it stands: the running scheduler is asked.

#include <optional>
#include <string_view>

#include "core/scheduler/schedule_one.h"

namespace kubewalk::cluster {

class Cluster;

// The decision that was made, or the one that the scheduler would make now (Scheduler::explain). Nothing while
// no kube-scheduler leads, or when there is no such Pod.
std::optional<scheduler::Decision> scheduling_decision(const Cluster& cluster, std::string_view namespace_name, std::string_view pod);

}  // namespace kubewalk::cluster
