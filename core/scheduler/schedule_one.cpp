#include "core/scheduler/schedule_one.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/text.h"
#include "core/scheduler/cycle.h"
#include "core/scheduler/preemption.h"

namespace kubewalk::scheduler {

namespace {

constexpr std::size_t min_feasible_nodes = 100;

// In large clusters not all Nodes are tried (numFeasibleNodesToFind, adaptive percentage).
std::size_t feasible_nodes_to_find(std::size_t all) {
    if (all < min_feasible_nodes)
        return all;
    const std::size_t percentage = std::max<std::size_t>(5, all / 125 >= 50 ? 0 : 50 - all / 125);
    return std::max(min_feasible_nodes, all * percentage / 100);
}

struct Scored {
    std::vector<std::int64_t> totals;               // in the order of the feasible Nodes
    std::vector<std::vector<PluginScore>> details;  // likewise; empty without Detail::verdicts
};

Scored run_scores(Cycle& cycle, const PodInfo& pod, const Snapshot& snapshot, const std::vector<NodeInfoRef>& feasible,
                  Detail detail) {
    Scored result;
    result.totals.assign(feasible.size(), 0);
    if (detail == Detail::verdicts)
        result.details.resize(feasible.size());
    std::vector<NodeScore> scores(feasible.size());
    std::vector<std::int64_t> raw(feasible.size());
    for (auto& one : cycle.instances()) {
        if (one.entry->weight == 0 || !one.plugin->pre_score(pod, snapshot, feasible).ok())
            continue;
        for (std::size_t i = 0; i < feasible.size(); ++i) {
            raw[i] = one.plugin->score(pod, snapshot, *feasible[i]).score;
            scores[i] = {feasible[i].get(), raw[i]};
        }
        one.plugin->normalize(scores);
        for (std::size_t i = 0; i < feasible.size(); ++i) {
            result.totals[i] += scores[i].score * one.entry->weight;
            if (detail == Detail::verdicts)
                result.details[i].push_back({one.entry->name, raw[i], scores[i].score, one.entry->weight});
        }
    }
    return result;
}

// The best Node; among equals chance decides.
std::size_t select_host(const std::vector<std::int64_t>& totals, Random& random) {
    std::size_t best = 0;
    std::uint64_t equals = 1;
    for (std::size_t i = 1; i < totals.size(); ++i) {
        if (totals[i] > totals[best]) {
            best = i;
            equals = 1;
        } else if (totals[i] == totals[best] && random.below(++equals) == 0) {
            best = i;
        }
    }
    return best;
}

// Which filters a Node's verdict went through.
std::vector<PluginFilter> asked(Cycle& cycle, const Status& verdict) {
    std::vector<PluginFilter> list;
    for (const auto& one : cycle.instances()) {
        if (!one.entry->filters)
            continue;
        const bool refuses = !verdict.ok() && one.entry->name == verdict.plugin;
        list.push_back({one.entry->name, !one.filters ? Status::Code::skip : refuses ? verdict.code : Status::Code::success});
        if (refuses)
            break;
    }
    return list;
}

void explain_failure(const Snapshot& snapshot, Decision& decision) {
    std::vector<std::string> reasons;
    for (const auto& one : decision.nodes) {
        reasons.insert(reasons.end(), one.status.reasons.begin(), one.status.reasons.end());
        if (const auto* entry = find_plugin(one.status.plugin))
            decision.wakes |= entry->wakes;
    }
    decision.why = fit_error(snapshot.nodes.size(), reasons);
}

// A PreFilter plugin has said no for all Nodes.
void explain_refusal(const Status& refusal, const Snapshot& snapshot, Decision& decision) {
    decision.refused = true;
    decision.why = cat("0/", snapshot.nodes.size(), " nodes are available: ", refusal.message(), ".");
    if (const auto* entry = find_plugin(refusal.plugin))
        decision.wakes |= entry->wakes;
}

}  // namespace

// -- the plugins of a cycle ---------------------------------------------------------------------------

Cycle::Cycle(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args) : pod_(pod) {
    for (const auto& entry : plugins()) {
        Instance one{&entry, entry.create(args), entry.filters};
        Status status = one.plugin->pre_filter(pod, snapshot);
        if (status.code == Status::Code::skip) {
            one.filters = false;
        } else if (!status.ok() && refusal_.ok()) {
            refusal_ = std::move(status);
            refusal_.plugin = entry.name;
        }
        instances_.push_back(std::move(one));
    }
}

Status Cycle::filter(const NodeInfo& node) const {
    for (const auto& one : instances_) {
        if (!one.filters)
            continue;
        Status status = one.plugin->filter(pod_, node);
        if (!status.ok()) {
            status.plugin = one.entry->name;
            return status;
        }
    }
    return Status::success();
}

Status Cycle::filter(const NodeInfo& node, const Nominations& nominations) const {
    if (const auto found = nominations.find(node.name()); found != nominations.end()) {
        NodeInfo crowded = node;
        for (const auto& other : found->second)
            if (priority_of(other->pod) >= priority_of(pod_.pod) && api::uid_of(other->pod) != api::uid_of(pod_.pod))
                crowded.add_pod(other);
        if (crowded.pods.size() > node.pods.size())
            if (Status status = filter(crowded); !status.ok())
                return status;
    }
    return filter(node);
}

bool Cycle::looks_beyond_node() const {
    return std::any_of(instances_.begin(), instances_.end(), [](const Instance& one) {
        constexpr std::string_view beyond[] = {"PodTopologySpread", "InterPodAffinity", "VolumeRestrictions"};
        return one.filters && std::find(std::begin(beyond), std::end(beyond), one.entry->name) != std::end(beyond);
    });
}

std::string fit_error(std::size_t all, const std::vector<std::string>& reasons) {
    std::map<std::string_view, int> counts;
    for (const auto& reason : reasons)
        ++counts[reason];
    std::vector<std::string> parts;
    for (const auto& [reason, count] : counts)
        parts.push_back(cat(count, " ", reason));
    std::sort(parts.begin(), parts.end());
    std::string text = cat("0/", all, " nodes are available:");
    if (!parts.empty())
        append(text, " ", join(parts, ", "), ".");
    return text;
}

std::int64_t priority_of(const Value& pod) { return pod["spec"]["priority"].as_int(); }

// -- the decision ---------------------------------------------------------------------------------------

Decision decide(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args, Random& random,
                std::size_t& next_start, const Nominations& nominations, Detail detail) {
    Decision decision;
    decision.pod = api::key_of(pod.pod);
    const std::size_t all = snapshot.nodes.size();
    if (all == 0) {
        decision.message = decision.why = "no nodes available to schedule pods";
        decision.wakes = node_added;
        return decision;
    }
    Cycle cycle(pod, snapshot, args);
    if (!cycle.refusal().ok()) {
        explain_refusal(cycle.refusal(), snapshot, decision);
        return decision;
    }
    const std::size_t wanted = feasible_nodes_to_find(all);
    std::vector<NodeInfoRef> feasible;
    std::vector<std::size_t> places;  // of the feasible ones in decision.nodes
    const auto look = [&](const NodeInfoRef& node) {
        Status status = cycle.filter(*node, nominations);
        if (status.ok()) {
            feasible.push_back(node);
            places.push_back(decision.nodes.size());
        }
        if (detail == Detail::verdicts || !status.ok())
            decision.nodes.push_back({std::string(node->name()), std::move(status), {}, {}, 0});
        if (detail == Detail::verdicts)
            decision.nodes.back().filters = asked(cycle, decision.nodes.back().status);
        ++decision.evaluated;
    };
    // A Node that was promised to the Pod comes first.
    const auto promised = pod.pod["status"]["nominatedNodeName"].as_string();
    for (const auto& node : snapshot.nodes)
        if (!promised.empty() && node->name() == promised && cycle.filter(*node, nominations).ok())
            look(node);
    if (feasible.empty()) {
        for (std::size_t i = 0; i < all && feasible.size() < wanted; ++i)
            look(snapshot.nodes[(next_start + i) % all]);
        next_start = (next_start + decision.evaluated) % all;
    }
    if (feasible.empty()) {
        explain_failure(snapshot, decision);
        return decision;
    }
    const auto scored = run_scores(cycle, pod, snapshot, feasible, detail);
    decision.node = feasible[select_host(scored.totals, random)]->name();
    if (detail == Detail::choice) {
        decision.nodes.clear();
        return decision;
    }
    for (std::size_t i = 0; i < feasible.size(); ++i) {
        NodeVerdict& verdict = decision.nodes[places[i]];
        verdict.scores = scored.details[i];
        verdict.total = scored.totals[i];
    }
    return decision;
}

}  // namespace kubewalk::scheduler
