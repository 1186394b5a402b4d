#pragma once
// One scheduling cycle without side effects: which Node, and why. The scheduler acts on it, `explain`
// shows it. Upstream: pkg/scheduler/schedule_one.go.

#include <map>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/scheduler/plugins.h"

namespace kubewalk::scheduler {

struct PluginScore {
    std::string_view plugin;
    std::int64_t raw = 0;
    std::int64_t normalized = 0;  // 0..100
    std::int64_t weight = 0;
};

struct PluginFilter {
    std::string_view plugin;
    Status::Code code = Status::Code::success;  // skip: PreFilter found that it has nothing to say
};

struct NodeVerdict {
    std::string node;
    Status status;  // of the first filter that refused; its plugin is named
    std::vector<PluginFilter> filters;  // Detail::verdicts: what was asked, up to the one that refused
    std::vector<PluginScore> scores;
    std::int64_t total = 0;
};

struct Decision {
    std::string pod;   // "namespace/name"
    std::string node;  // "" when none fits
    std::vector<NodeVerdict> nodes;  // the Nodes looked at; with Detail::choice only where none fits
    std::string message;     // of the event FailedScheduling; "" when it fits
    std::string why;         // message without what PostFilter plugins add
    unsigned wakes = 0;      // ClusterEvents that may make it fit
    std::size_t evaluated = 0;  // Nodes looked at: more than 100 are sampled
    bool refused = false;       // by a PreFilter plugin: no Node was looked at
    // explain(): where room would be made, and the Pods ("namespace/name") that would have to go.
    std::string nominated;
    std::vector<std::string> victims;
};

// Pods that wait for others to leave a Node which was promised to them (status.nominatedNodeName).
using Nominations = std::map<std::string, std::vector<PodInfoRef>, std::less<>>;  // by Node

enum class Detail : unsigned char {
    choice,    // the Node alone
    verdicts,  // also every Node's verdict and scores
};

// `next_start` is where the search for feasible Nodes begins in large clusters; it moves on.
Decision decide(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args, Random& random,
                std::size_t& next_start, const Nominations& nominations, Detail detail);

}  // namespace kubewalk::scheduler
