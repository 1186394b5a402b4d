#pragma once
// What decide() and preempt() share: the plugins of one scheduling cycle.

#include <memory>
#include <string>
#include <vector>

#include "core/scheduler/plugins.h"
#include "core/scheduler/schedule_one.h"

namespace kubewalk::scheduler {

struct Instance {
    const PluginEntry* entry = nullptr;
    std::unique_ptr<Plugin> plugin;
    bool filters = false;  // it has something to say about this Pod
};

class Cycle {
public:
    Cycle(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args);

    // A PreFilter plugin refused the Pod as a whole; its plugin is named.
    const Status& refusal() const { return refusal_; }
    // The first filter that refuses the Node; its plugin is named.
    Status filter(const NodeInfo& node) const;
    // The same where Pods nominated to the Node, and no less important, count as if they stood there.
    Status filter(const NodeInfo& node, const Nominations& nominations) const;
    std::vector<Instance>& instances() { return instances_; }
    // Some plugin's verdict about a Node depends on the Pods of other Nodes.
    bool looks_beyond_node() const;

private:
    const PodInfo& pod_;
    std::vector<Instance> instances_;
    Status refusal_;
};

// "0/3 nodes are available: 1 a, 2 b." (FitError); the counts by reason.
std::string fit_error(std::size_t all, const std::vector<std::string>& reasons);

std::int64_t priority_of(const Value& pod);

}  // namespace kubewalk::scheduler
