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

// The same Pod in the same cluster, whatever the order of its Nodes.
std::string world_of(const Value& one) {
    std::vector<std::string> nodes;
    for (const auto& node : one["given"]["nodes"].items())
        nodes.push_back(api::to_json(node));
    std::sort(nodes.begin(), nodes.end());
    return cat(one["receiverType"].as_string(), api::to_json(one["args"]["pod"]), join(nodes, "\n"));
}

using Cases = std::vector<const Value*>;

// What was not recorded of a world: which of its Nodes had passed the filters, and whether the gate for
// matchLabelKeys was open (since 1.27 it is by default).
struct Unrecorded {
    std::vector<bool> feasible;  // by position in given.nodes, sorted by name
    bool match_label_keys = true;
};

Value without_match_label_keys(Value pod) {
    Value& constraints = pod.edit_path("spec", "topologySpreadConstraints");
    for (std::size_t i = 0; i < constraints.size(); ++i)
        constraints.edit_at(i).erase("matchLabelKeys");
    return pod;
}

std::string expected_text(const Value& one) {
    const auto message = one["result"][1]["message"].as_string();
    return message.empty() ? cat(one["result"][0].as_int()) : cat(one["result"][0].as_int(), " ", message);
}

// One world, set up once for all guesses.
class World {
public:
    explicit World(Cases cases) : cases_(std::move(cases)), first_(*cases_.front()) {
        snapshot_ = snapshot_of(first_["given"]);
        std::sort(snapshot_.nodes.begin(), snapshot_.nodes.end(),
                  [](const auto& a, const auto& b) { return a->name() < b->name(); });
        // Services were not recorded. Default constraints select by them; upstream's one test of these has this one.
        if (is_spread() && first_["args"]["pod"]["spec"]["topologySpreadConstraints"].empty())
            snapshot_.services = {Value::object({{"spec", Value::object({{"selector", Value::object({{"foo", ""}})}})}})};
    }

    // One guess has to explain every recorded score of the world; without such a guess, all Nodes and the gate open.
    Unrecorded settle() const {
        const std::size_t count = snapshot_.nodes.size();
        Unrecorded all{std::vector<bool>(count, true), true};
        constexpr std::size_t most_nodes = 10;
        if (!is_spread() || count > most_nodes || explains(all))
            return all;
        const bool keys = api::to_json(first_["args"]["pod"]).find("matchLabelKeys") != std::string::npos;
        for (const bool open : {true, false}) {
            if (!open && !keys)
                continue;
            for (std::uint32_t left_out = 0; left_out < (1u << count); ++left_out) {
                Unrecorded guess{std::vector<bool>(count, true), open};
                for (std::size_t i = 0; i < count; ++i)
                    guess.feasible[i] = (left_out >> i & 1u) == 0;
                if (keeps_scored(guess) && explains(guess))
                    return guess;
            }
        }
        return all;
    }

    std::string score(const Value& one, const Unrecorded& guess) const {
        const auto type = one["receiverType"].as_string();
        const auto args = plugin_args(one, type);
        const Value& recorded = one["args"]["pod"];
        const scheduler::PodInfo pod(guess.match_label_keys ? recorded : without_match_label_keys(recorded));
        const auto plugin = scheduler::find_plugin(plugin_name(type))->create(args);
        std::vector<scheduler::NodeInfoRef> feasible;
        for (std::size_t i = 0; i < snapshot_.nodes.size(); ++i)
            if (guess.feasible[i])
                feasible.push_back(snapshot_.nodes[i]);
        (void)plugin->pre_filter(pod, snapshot_);
        (void)plugin->pre_score(pod, snapshot_, feasible);
        for (const auto& node : snapshot_.nodes) {
            if (node->name() != one["args"]["nodeName"].as_string())
                continue;
            const auto scored = plugin->score(pod, snapshot_, *node);
            return scored.status.ok() ? cat(scored.score) : cat(scored.score, " ", scored.status.message());
        }
        return "no such node";
    }

    const Cases& cases() const { return cases_; }

private:
    bool is_spread() const { return first_["receiverType"].as_string() == "*podtopologyspread.PodTopologySpread"; }

    // Every Node that was scored had passed the filters.
    bool keeps_scored(const Unrecorded& guess) const {
        return std::all_of(cases_.begin(), cases_.end(), [&](const Value* one) {
            for (std::size_t i = 0; i < snapshot_.nodes.size(); ++i)
                if (snapshot_.nodes[i]->name() == (*one)["args"]["nodeName"].as_string())
                    return static_cast<bool>(guess.feasible[i]);
            return true;
        });
    }

    bool explains(const Unrecorded& guess) const {
        return std::all_of(cases_.begin(), cases_.end(),
                           [&](const Value* one) { return score(*one, guess) == expected_text(*one); });
    }

    Cases cases_;
    const Value& first_;
    scheduler::Snapshot snapshot_;
};

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
    std::map<std::string, Cases> worlds;
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        if (!scheduler::find_plugin(plugin_name(one["receiverType"].as_string())))
            report.skip(id, cat("no plugin ", one["receiverType"].as_string()));
        else
            worlds[world_of(one)].push_back(&one);
    }
    for (auto& [text, cases] : worlds) {
        const World world(std::move(cases));
        const Unrecorded settled = world.settle();
        for (const Value* one : world.cases())
            report.check((*one)["id"].as_string(), cat(expected_text(*one), mark(*one)),
                         cat(world.score(*one, settled), mark(*one)));
    }
}

}  // namespace kubewalk::cli
