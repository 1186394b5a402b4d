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

namespace {

Snapshot storage(std::string_view mode, std::vector<NodeInfoRef> nodes, std::string_view volume_labels = "{}") {
    Snapshot snapshot;
    snapshot.nodes = std::move(nodes);
    snapshot.claims.set("ns/data", object(cat(R"({"metadata":{"name":"data","namespace":"ns"},"spec":{"volumeName":"pv","accessModes":[")", mode, R"("]}})")));
    snapshot.volumes.set("pv", object(cat(R"({"metadata":{"name":"pv","labels":)", volume_labels, "}}")));
    return snapshot;
}

Value with_volume(std::string_view volume) {
    return object(cat(R"({"metadata":{"name":"p","namespace":"ns"},"spec":{"volumes":[)", volume, "]}}"));
}

NodeInfoRef node_with(std::string_view name, const Value& pod) {
    auto info = std::make_shared<NodeInfo>();
    info->set_node(object(cat(R"({"metadata":{"name":")", name, R"("}})")));
    info->add_pod(std::make_shared<const PodInfo>(pod));
    return info;
}

constexpr std::string_view claim = R"({"name":"v","persistentVolumeClaim":{"claimName":"data"}})";

}  // namespace

TEST_CASE("VolumeRestrictions: a ReadWriteOncePod claim is for one Pod of the whole cluster") {
    // TestAccessModeConflicts
    const PodInfo pod(with_volume(claim));
    const auto verdict = [&](std::string_view mode, bool used) {
        const auto user = node_with("n1", with_volume(used ? claim : R"({"name":"v","emptyDir":{}})"));
        const auto snapshot = storage(mode, {user, node("n2", "{}")});
        const auto plugin = find_plugin("VolumeRestrictions")->create(PluginArgs());
        if (const auto status = plugin->pre_filter(pod, snapshot); status.code == Status::Code::skip)
            return std::string("skip");
        return plugin->filter(pod, *snapshot.nodes[1]).message();
    };
    CHECK(verdict("ReadWriteOncePod", true) ==
          "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");
    CHECK(verdict("ReadWriteOncePod", false) == "skip");
    CHECK(verdict("ReadWriteOnce", true) == "skip");
    const auto plugin = find_plugin("VolumeRestrictions")->create(PluginArgs());
    CHECK(plugin->pre_filter(pod, Snapshot()).message() == "persistentvolumeclaim \"data\" not found");
}

TEST_CASE("VolumeRestrictions: a disk that is written to is for one Pod of a Node") {
    // TestGCEDiskConflicts, TestAWSDiskConflicts, TestRBDDiskConflicts, TestISCSIDiskConflicts
    const auto conflicts = [](std::string_view wanted, std::string_view used) {
        const PodInfo pod(with_volume(wanted));
        const auto there = node_with("n1", with_volume(used));
        const auto plugin = find_plugin("VolumeRestrictions")->create(PluginArgs());
        (void)plugin->pre_filter(pod, Snapshot());
        return plugin->filter(pod, *there).message() == "node(s) had no available disk";
    };
    constexpr std::string_view gce = R"({"gcePersistentDisk":{"pdName":"foo"}})", gce_read = R"({"gcePersistentDisk":{"pdName":"foo","readOnly":true}})";
    constexpr std::string_view aws = R"({"awsElasticBlockStore":{"volumeID":"foo","readOnly":true}})";
    constexpr std::string_view rbd = R"({"rbd":{"monitors":["a","b"],"pool":"foo","image":"bar"}})", rbd_other = R"({"rbd":{"monitors":["c"],"pool":"foo","image":"bar"}})",
                               rbd_near = R"({"rbd":{"monitors":["c","d","a"],"pool":"foo","image":"bar"}})";
    constexpr std::string_view iscsi = R"({"iscsi":{"iqn":"iqn.1","lun":0}})";
    CHECK(conflicts(gce, gce));
    CHECK(conflicts(gce, gce_read));
    CHECK_FALSE(conflicts(gce_read, gce_read));
    CHECK(conflicts(aws, aws));
    CHECK(conflicts(rbd, rbd_near));
    CHECK_FALSE(conflicts(rbd, rbd_other));
    CHECK(conflicts(iscsi, iscsi));
    CHECK_FALSE(conflicts(iscsi, gce));
}

TEST_CASE("VolumeZone: a labelled volume holds its Pod to the zone") {
    // TestSingleZone, TestMultiZone
    const PodInfo pod(with_volume(claim));
    const auto verdict = [&](std::string_view volume_labels, std::string_view node_labels) {
        const auto snapshot = storage("ReadWriteOnce", {node("n", node_labels)}, volume_labels);
        const auto plugin = find_plugin("VolumeZone")->create(PluginArgs());
        if (plugin->pre_filter(pod, snapshot).code == Status::Code::skip)
            return std::string("skip");
        return plugin->filter(pod, *snapshot.nodes[0]).message();
    };
    constexpr std::string_view zone_a = R"({"topology.kubernetes.io/zone":"a"})", beta_a = R"({"failure-domain.beta.kubernetes.io/zone":"a"})";
    constexpr std::string_view refused = "node(s) had no available volume zone";
    CHECK(verdict("{}", zone_a) == "skip");
    CHECK(verdict(zone_a, zone_a) == "");
    CHECK(verdict(beta_a, zone_a) == "");
    CHECK(verdict(R"({"topology.kubernetes.io/zone":"b__a"})", zone_a) == "");
    CHECK(verdict(R"({"topology.kubernetes.io/zone":"b"})", zone_a) == refused);
    CHECK(verdict(R"({"topology.kubernetes.io/region":"r"})", zone_a) == refused);
    CHECK(verdict(zone_a, "{}") == "");
}
