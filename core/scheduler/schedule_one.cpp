#include "core/scheduler/schedule_one.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/text.h"

namespace kubewalk::scheduler {

namespace {

constexpr std::size_t min_feasible_nodes = 100;

struct Instance {
    const PluginEntry* entry;
    std::unique_ptr<Plugin> plugin;
};

// In large clusters not all Nodes are tried (numFeasibleNodesToFind, adaptive percentage).
std::size_t feasible_nodes_to_find(std::size_t all) {
    if (all < min_feasible_nodes)
        return all;
    const std::size_t percentage = std::max<std::size_t>(5, all / 125 >= 50 ? 0 : 50 - all / 125);
    return std::max(min_feasible_nodes, all * percentage / 100);
}

Status run_filters(const std::vector<Instance>& instances, const PodInfo& pod, const NodeInfo& node) {
    for (const auto& one : instances) {
        if (!one.entry->filters)
            continue;
        Status status = one.plugin->filter(pod, node);
        if (!status.ok()) {
            status.plugin = one.entry->name;
            return status;
        }
    }
    return Status::success();
}

void run_scores(std::vector<Instance>& instances, const PodInfo& pod, const Snapshot& snapshot,
                const std::vector<NodeInfoRef>& feasible, std::map<std::string_view, NodeVerdict*>& verdicts) {
    for (auto& one : instances) {
        if (one.entry->weight == 0 || !one.plugin->pre_score(pod, snapshot, feasible).ok())
            continue;
        std::vector<NodeScore> scores;
        for (const auto& node : feasible)
            scores.push_back({node, one.plugin->score(pod, snapshot, *node).score});
        std::vector<std::int64_t> raw;
        for (const auto& score : scores)
            raw.push_back(score.score);
        one.plugin->normalize(scores);
        for (std::size_t i = 0; i < scores.size(); ++i) {
            NodeVerdict& verdict = *verdicts[scores[i].node->name()];
            verdict.scores.push_back({one.entry->name, raw[i], scores[i].score, one.entry->weight});
            verdict.total += scores[i].score * one.entry->weight;
        }
    }
}

// The best Node; among equals chance decides.
std::string select_host(const std::vector<NodeVerdict>& nodes, Random& random) {
    const NodeVerdict* best = nullptr;
    std::uint64_t equals = 0;
    for (const auto& one : nodes) {
        if (!one.status.ok())
            continue;
        if (!best || one.total > best->total) {
            best = &one;
            equals = 1;
        } else if (one.total == best->total && random.below(++equals) == 0) {
            best = &one;
        }
    }
    return best ? best->node : std::string();
}

// "0/3 nodes are available: 1 a, 2 b." (FitError)
std::string fit_error(std::size_t all, const std::map<std::string, int>& reasons) {
    std::vector<std::string> parts;
    for (const auto& [reason, count] : reasons)
        parts.push_back(cat(count, " ", reason));
    std::sort(parts.begin(), parts.end());
    std::string text = cat("0/", all, " nodes are available:");
    if (!parts.empty())
        append(text, " ", join(parts, ", "), ".");
    return text;
}

std::int64_t priority_of(const Value& pod) { return pod["spec"]["priority"].as_int(); }

// What the plugins run after a failed filtering say: DynamicResources first, then DefaultPreemption.
std::string post_filter_message(const PodInfo& pod, const Snapshot& snapshot, const std::vector<NodeVerdict>& nodes) {
    std::string text = "no new claims to deallocate, preemption: ";
    if (pod.pod["spec"]["preemptionPolicy"].as_string() == "Never")
        return text + "not eligible due to preemptionPolicy=Never.";
    std::map<std::string, int> reasons;
    for (std::size_t i = 0; i < snapshot.nodes.size(); ++i) {
        const auto verdict = std::find_if(
            nodes.begin(), nodes.end(), [&](const NodeVerdict& one) { return one.node == snapshot.nodes[i]->name(); });
        if (verdict == nodes.end() || verdict->status.code != Status::Code::unschedulable) {
            ++reasons["Preemption is not helpful for scheduling"];
            continue;
        }
        const auto& pods = snapshot.nodes[i]->pods;
        const bool victims = std::any_of(pods.begin(), pods.end(), [&](const PodInfoRef& one) {
            return priority_of(one->pod) < priority_of(pod.pod);
        });
        // Evicting them is not done here; what remains is the reason why the Pod does not fit as it is.
        if (victims)
            for (const auto& reason : verdict->status.reasons)
                ++reasons[reason];
        else
            ++reasons["No preemption victims found for incoming pod"];
    }
    return text + fit_error(snapshot.nodes.size(), reasons);
}

void explain_failure(const PodInfo& pod, const Snapshot& snapshot, Decision& decision) {
    if (snapshot.nodes.empty()) {
        decision.message = "no nodes available to schedule pods";
        decision.wakes = node_added;
        return;
    }
    std::map<std::string, int> reasons;
    for (const auto& one : decision.nodes) {
        for (const auto& reason : one.status.reasons)
            ++reasons[reason];
        if (const auto* entry = find_plugin(one.status.plugin))
            decision.wakes |= entry->wakes;
    }
    decision.message =
        cat(fit_error(snapshot.nodes.size(), reasons), " ", post_filter_message(pod, snapshot, decision.nodes));
}

}  // namespace

Decision decide(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args, Random& random,
                std::size_t& next_start) {
    Decision decision;
    decision.pod = api::key_of(pod.pod);
    std::vector<Instance> instances;
    for (const auto& entry : plugins()) {
        instances.push_back({&entry, entry.create(args)});
        (void)instances.back().plugin->pre_filter(pod, snapshot);  // none of these refuses a Pod as a whole
    }
    const std::size_t all = snapshot.nodes.size();
    const std::size_t wanted = feasible_nodes_to_find(all);
    std::vector<NodeInfoRef> feasible;
    decision.nodes.reserve(all);
    for (std::size_t i = 0; i < all && feasible.size() < wanted; ++i) {
        const auto& node = snapshot.nodes[(next_start + i) % all];
        NodeVerdict verdict;
        verdict.node = node->name();
        verdict.status = run_filters(instances, pod, *node);
        if (verdict.status.ok())
            feasible.push_back(node);
        decision.nodes.push_back(std::move(verdict));
    }
    decision.evaluated = decision.nodes.size();
    if (all > 0)
        next_start = (next_start + decision.evaluated) % all;
    if (feasible.empty()) {
        explain_failure(pod, snapshot, decision);
        return decision;
    }
    std::map<std::string_view, NodeVerdict*> verdicts;
    for (auto& one : decision.nodes)
        verdicts[one.node] = &one;
    run_scores(instances, pod, snapshot, feasible, verdicts);
    decision.node = select_host(decision.nodes, random);
    return decision;
}

}  // namespace kubewalk::scheduler
