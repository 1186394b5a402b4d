#pragma once
// DaemonSets without side effects: where their Pods belong, what those look like, which are old.
// Upstream: pkg/controller/daemon/{daemon_controller.go,update.go,util/daemonset_util.go}.

#include <map>
#include <string>
#include <vector>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::daemon {

inline constexpr std::string_view revision_hash_label = "controller-revision-hash";
inline constexpr std::string_view template_generation_label = "pod-template-generation";

struct NodeVerdict {
    bool should_run = false;
    bool should_continue = false;  // a Pod that is there may stay
};
NodeVerdict node_should_run(const Value& node, const Value& daemon_set);

// The Pod for one Node: tolerations for the Node's troubles, affinity to its name.
Value pod_for_node(const Value& daemon_set, std::string_view node, std::string_view hash);
// The Node a daemon Pod stands on or is meant for; "" when it says none.
std::string target_node(const Value& pod);
bool is_updated(const Value& pod, const Value& daemon_set, std::string_view hash);

using PodsByNode = std::map<std::string, Objects>;

// What to do: names of Nodes that need a Pod, Pods that have to go (failed ones: with an event).
struct Plan {
    std::vector<std::string> create;
    Objects remove;
    Objects failed;  // part of remove
};
Plan plan_pods(const Value& daemon_set, const Objects& nodes, const PodsByNode& pods, std::string_view hash, Time now);
// Rolling update: old Pods to delete, Nodes that get a second Pod (maxSurge).
Plan plan_update(const Value& daemon_set, const Objects& nodes, const PodsByNode& pods, std::string_view hash,
                 Time now);

Value calculate_status(const Value& daemon_set, const Objects& nodes, const PodsByNode& pods, std::string_view hash,
                       Time now);

}  // namespace kubewalk::controllers::daemon
