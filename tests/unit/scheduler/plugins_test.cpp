// Single plugins on small clusters. Upstream: pkg/scheduler/framework/plugins/*/*_test.go.

#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/scheduler/plugins.h"

using namespace kubewalk;
using namespace kubewalk::scheduler;

namespace {

Value object(std::string_view text) { return api::parse_json(text).value_or(Value()); }

NodeInfoRef node(std::string_view name, std::string_view labels, std::vector<std::string_view> pod_labels = {}) {
    auto info = std::make_shared<NodeInfo>();
    info->set_node(object(cat(R"({"metadata":{"name":")", name, R"(","labels":)", labels, "}}")));
    for (const auto text : pod_labels)
        info->add_pod(std::make_shared<const PodInfo>(object(cat(R"({"metadata":{"labels":)", text, "}}"))));
    return info;
}

constexpr std::string_view foo = R"({"foo":""})", bar = R"({"bar":""})", foo_bar = R"({"foo":"","bar":""})";

Value spreading(std::string_view when) {
    return object(cat(R"({"metadata":{"name":"p","labels":{"foo":"","bar":""}},"spec":{"topologySpreadConstraints":[
        {"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":")", when, R"(","labelSelector":{"matchExpressions":[{"key":"foo","operator":"Exists"}]}},
        {"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":")", when, R"(","labelSelector":{"matchExpressions":[{"key":"bar","operator":"Exists"}]}}]}})"));
}

}  // namespace

TEST_CASE("PodTopologySpread: two constraints on one key count each for itself") {
    // TestPodTopologySpreadScore, "two Constraints on zone, 2 out of 4 nodes are candidates"
    Snapshot snapshot;
    snapshot.nodes = {node("node-a", R"({"zone":"zone1"})", {foo_bar, foo}), node("node-b", R"({"zone":"zone1"})", {foo_bar}),
                      node("node-x", R"({"zone":"zone2"})"), node("node-y", R"({"zone":"zone2"})", {foo, foo_bar, foo})};
    const std::vector<NodeInfoRef> feasible = {snapshot.nodes[0], snapshot.nodes[2]};
    const PluginArgs args;
    const PodInfo soft(spreading("ScheduleAnyway"));
    const auto scorer = find_plugin("PodTopologySpread")->create(args);
    CHECK(scorer->pre_score(soft, snapshot, feasible).ok());
    std::vector<NodeScore> scores;
    for (const auto& one : feasible)
        scores.push_back({one.get(), scorer->score(soft, snapshot, *one).score});
    scorer->normalize(scores);
    CHECK(scores[0].score == 85);
    CHECK(scores[1].score == 100);

    // Pods with foo: zone1 3, zone2 3. Pods with bar: zone1 2, zone2 1, so zone1 would be two ahead.
    const PodInfo hard(spreading("DoNotSchedule"));
    const auto filter = find_plugin("PodTopologySpread")->create(args);
    CHECK(filter->pre_filter(hard, snapshot).ok());
    CHECK(filter->filter(hard, *snapshot.nodes[0]).message() == "node(s) didn't match pod topology spread constraints");
    CHECK(filter->filter(hard, *snapshot.nodes[2]).ok());
}

TEST_CASE("NodeAffinity: what the scheduler adds holds for every Pod") {
    PluginArgs args;
    args.added_affinity = object(R"({"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
            {"matchExpressions":[{"key":"zone","operator":"In","values":["bar"]}]}]},
        "preferredDuringSchedulingIgnoredDuringExecution":[
            {"weight":3,"preference":{"matchExpressions":[{"key":"disk","operator":"In","values":["ssd"]}]}}]})");
    const PodInfo pod(object(R"({"metadata":{"name":"p"},"spec":{}})"));
    const auto plugin = find_plugin("NodeAffinity")->create(args);
    Snapshot snapshot;
    snapshot.nodes = {node("n1", R"({"zone":"foo"})"), node("n2", R"({"zone":"bar","disk":"ssd"})")};
    CHECK(plugin->pre_filter(pod, snapshot).ok());
    CHECK(plugin->filter(pod, *snapshot.nodes[0]).message() == "node(s) didn't match scheduler-enforced node affinity");
    CHECK(plugin->filter(pod, *snapshot.nodes[1]).ok());
    CHECK(plugin->pre_score(pod, snapshot, snapshot.nodes).ok());
    CHECK(plugin->score(pod, snapshot, *snapshot.nodes[0]).score == 0);
    CHECK(plugin->score(pod, snapshot, *snapshot.nodes[1]).score == 3);
}
