// Preemption and volumes. Upstream: pkg/scheduler/framework/plugins/defaultpreemption/default_preemption_test.go,
// plugins/volumebinding/volume_binding_test.go; the words are those of their sources.

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/scheduler/preemption.h"
#include "core/scheduler/scheduler.h"
#include "core/sim/simulation.h"
#include "tests/unit/controllers/fake_cluster.h"

using namespace kubewalk;
using namespace kubewalk::testing;

namespace {

scheduler::PodInfoRef pod_info(std::string_view name, std::int64_t priority, std::string_view cpu, std::string_view started = "2026-01-01T00:00:00Z") {
    return std::make_shared<const scheduler::PodInfo>(
        api::parse_json(cat(R"({"metadata":{"name":")", name, R"(","namespace":"default","uid":")", name, R"(","labels":{"app":")", name,
                            R"("}},"spec":{"priority":)", priority, R"(,"containers":[{"name":"c","resources":{"requests":{"cpu":")", cpu,
                            R"("}}}]},"status":{"startTime":")", started, R"("}})")).value());
}

struct Nodes {
    scheduler::Snapshot snapshot;
    scheduler::PluginArgs args;
    Random random{3};
    std::vector<Value> budgets;

    void add(std::string_view name, std::vector<scheduler::PodInfoRef> pods, std::string_view taints = "[]") {
        auto node = std::make_shared<scheduler::NodeInfo>();
        node->set_node(api::parse_json(cat(R"({"metadata":{"name":")", name, R"("},"spec":{"taints":)", taints,
                                           R"(},"status":{"allocatable":{"cpu":"1","memory":"4Gi","pods":"110"}}})")).value());
        for (auto& pod : pods)
            node->add_pod(std::move(pod));
        snapshot.nodes.push_back(std::move(node));
    }
    scheduler::Preemption run(const scheduler::PodInfo& pod) {
        std::size_t start = 0;
        const auto decision = scheduler::decide(pod, snapshot, args, random, start, {}, scheduler::Detail::choice);
        REQUIRE(decision.node.empty());
        return scheduler::preempt(pod, snapshot, args, decision, budgets, {}, random);
    }
    static std::string names(const scheduler::Preemption& result) {
        std::string out = result.node;
        for (const auto& victim : result.victims)
            append(out, " ", api::name_of(victim->pod));
        return out;
    }
};

}  // namespace

TEST_CASE("the Node whose victims matter least is chosen") {
    Nodes nodes;
    nodes.add("n1", {pod_info("a", 50, "1")});
    nodes.add("n2", {pod_info("b", 10, "1")});
    nodes.add("n3", {pod_info("c", 200, "1")});
    CHECK(Nodes::names(nodes.run(*pod_info("p", 100, "1"))) == "n2 b");
}

TEST_CASE("Pods that still fit are spared, the more important ones first") {
    Nodes nodes;
    nodes.add("n1", {pod_info("low", 0, "300m"), pod_info("mid", 10, "300m"), pod_info("high", 20, "300m")});
    CHECK(Nodes::names(nodes.run(*pod_info("p", 100, "400m"))) == "n1 low");
    CHECK(Nodes::names(nodes.run(*pod_info("p", 100, "700m"))) == "n1 mid low");
}

TEST_CASE("a disruption budget weighs more than importance") {
    Nodes nodes;
    nodes.add("n1", {pod_info("guarded", 0, "1")});
    nodes.add("n2", {pod_info("free", 10, "1")});
    nodes.budgets.push_back(api::parse_json(R"({"metadata":{"name":"b","namespace":"default"},
        "spec":{"selector":{"matchLabels":{"app":"guarded"}}},"status":{"disruptionsAllowed":0}})").value());
    CHECK(Nodes::names(nodes.run(*pod_info("p", 100, "1"))) == "n2 free");
}

TEST_CASE("among equals the victims that started last go") {
    Nodes nodes;
    nodes.add("n1", {pod_info("old", 0, "1", "2026-01-01T00:00:00Z")});
    nodes.add("n2", {pod_info("new", 0, "1", "2026-01-01T01:00:00Z")});
    CHECK(Nodes::names(nodes.run(*pod_info("p", 100, "1"))) == "n2 new");
}

TEST_CASE("where preemption does not help, its message says why") {
    Nodes nodes;
    nodes.add("n1", {pod_info("a", 100, "1")});
    nodes.add("n2", {}, R"([{"key":"k","effect":"NoSchedule"}])");
    const auto result = nodes.run(*pod_info("p", 100, "1"));
    CHECK(result.node.empty());
    CHECK(result.message == "no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, "
                            "1 Preemption is not helpful for scheduling.");
    auto never = pod_info("q", 200, "1")->pod;
    never.edit("spec").set("preemptionPolicy", "Never");
    CHECK(nodes.run(scheduler::PodInfo(never)).message ==
          "no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.");
}

TEST_CASE("who holds a ReadWriteOncePod claim goes for a more important Pod, wherever it stands") {
    const auto claiming = [](const scheduler::PodInfoRef& pod) {
        Value object = pod->pod;
        object.edit("spec").set("volumes", api::parse_json(R"([{"name":"v","persistentVolumeClaim":{"claimName":"data"}}])").value());
        return std::make_shared<const scheduler::PodInfo>(object);
    };
    Nodes nodes;
    nodes.add("n1", {pod_info("a", 1, "500m")});
    nodes.add("n2", {pod_info("b", 1, "500m"), claiming(pod_info("holder", 50, "100m"))});
    nodes.snapshot.claims.set("default/data", api::parse_json(R"({"metadata":{"name":"data","namespace":"default",
        "annotations":{"pv.kubernetes.io/bind-completed":"yes"}},"spec":{"volumeName":"pv","accessModes":["ReadWriteOncePod"]}})").value());
    nodes.snapshot.volumes.set("pv", api::parse_json(R"({"metadata":{"name":"pv"}})").value());
    CHECK(Nodes::names(nodes.run(*claiming(pod_info("p", 100, "100m")))) == "n2 holder");
}

TEST_CASE("the preemptor is nominated, its victim deleted and told, and it gets the Node") {
    sim::Simulation simulation(7);
    FakeCluster cluster(simulation);
    simulation.add(std::make_unique<scheduler::Scheduler>(client::Environment{simulation, cluster}));
    cluster.put_text(api::kind::nodes, R"({"metadata":{"name":"w1"},"status":{"allocatable":{"cpu":"1","memory":"4Gi","pods":"110"}}})");
    cluster.put_text(api::kind::pods, R"({"metadata":{"name":"small","namespace":"default","uid":"u1"},"spec":{"nodeName":"w1","containers":[
        {"name":"c","resources":{"requests":{"cpu":"1"}}}]},"status":{"phase":"Running"}})");
    cluster.put_text(api::kind::pods, R"({"metadata":{"name":"big","namespace":"default","uid":"u2"},"spec":{"priority":1000,
        "schedulerName":"default-scheduler","containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]},"status":{"phase":"Pending"}})");
    simulation.run_for(seconds(5));
    CHECK(cluster.told("FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu."));
    const auto preemptor = api::uid_of(cluster.object(api::kind::pods, "default/big"));
    CHECK(cluster.told(cat("Preempted: Preempted by pod ", preemptor, " on node w1")));
    const auto small = cluster.object(api::kind::pods, "default/small");
    CHECK((small.is_null() || api::is_deleting(small)));
    cluster.drop(api::kind::pods, "default/small");
    simulation.run_for(seconds(15));
    CHECK(cluster.object(api::kind::pods, "default/big")["spec"]["nodeName"].as_string() == "w1");
}

TEST_CASE("claims: missing, unbound, bound elsewhere, and the first consumer") {
    sim::Simulation simulation(7);
    FakeCluster cluster(simulation);
    simulation.add(std::make_unique<scheduler::Scheduler>(client::Environment{simulation, cluster}));
    cluster.put_text(api::kind::nodes, R"({"metadata":{"name":"w1","labels":{"kubernetes.io/hostname":"w1"}},
        "status":{"allocatable":{"cpu":"4","memory":"4Gi","pods":"110"}}})");
    const auto add_pod = [&](std::string_view name, std::string_view claim) {
        cluster.put_text(api::kind::pods, cat(R"({"metadata":{"name":")", name, R"(","namespace":"default"},"spec":{"schedulerName":"default-scheduler",
            "volumes":[{"name":"v","persistentVolumeClaim":{"claimName":")", claim, R"("}}],"containers":[{"name":"c"}]},"status":{"phase":"Pending"}})"));
    };
    constexpr std::string_view tail = " no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    add_pod("a", "nosuch");
    simulation.run_for(seconds(3));
    CHECK(cluster.told(cat("FailedScheduling: 0/1 nodes are available: persistentvolumeclaim \"nosuch\" not found.", tail)));

    cluster.put_text(api::kind::persistent_volume_claims, R"({"metadata":{"name":"now","namespace":"default"},"spec":{"storageClassName":"fast"}})");
    add_pod("b", "now");
    simulation.run_for(seconds(3));
    CHECK(cluster.told(cat("FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", tail)));

    cluster.put_text(api::kind::persistent_volumes, R"({"metadata":{"name":"far"},"spec":{"nodeAffinity":{"required":{"nodeSelectorTerms":[
        {"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["w9"]}]}]}}}})");
    cluster.put_text(api::kind::persistent_volume_claims, R"({"metadata":{"name":"away","namespace":"default",
        "annotations":{"pv.kubernetes.io/bind-completed":"yes"}},"spec":{"volumeName":"far"}})");
    add_pod("c", "away");
    simulation.run_for(seconds(3));
    CHECK(cluster.told(cat("FailedScheduling: 0/1 nodes are available: 1 node(s) had volume node affinity conflict.", tail)));

    cluster.put_text(api::kind::storage_classes, R"({"metadata":{"name":"late"},"provisioner":"example.com/disk","volumeBindingMode":"WaitForFirstConsumer"})");
    cluster.put_text(api::kind::persistent_volume_claims, R"({"metadata":{"name":"wait","namespace":"default"},"spec":{"storageClassName":"late"}})");
    add_pod("d", "wait");
    simulation.run_for(seconds(3));
    CHECK(cluster.object(api::kind::persistent_volume_claims, "default/wait")["metadata"]["annotations"]["volume.kubernetes.io/selected-node"].as_string() == "w1");
    CHECK(cluster.object(api::kind::pods, "default/d")["spec"]["nodeName"].as_string().empty());
    cluster.put_text(api::kind::persistent_volume_claims, R"({"metadata":{"name":"wait","namespace":"default",
        "annotations":{"pv.kubernetes.io/bind-completed":"yes","volume.kubernetes.io/selected-node":"w1"}},"spec":{"storageClassName":"late","volumeName":"new"}})");
    simulation.run_for(seconds(3));
    CHECK(cluster.object(api::kind::pods, "default/d")["spec"]["nodeName"].as_string() == "w1");
}

TEST_CASE("a thousand waiting Pods: what waits costs nothing until something wakes it") {
    scheduler::SchedulingQueue queue;
    Time now{};
    for (int i = 0; i < 1000; ++i)
        queue.add(cat("default/p", i), 0, now, 0);
    for (int i = 0; i < 1000; ++i)
        queue.add_unschedulable(*queue.take(), scheduler::pod_deleted, now);
    CHECK_FALSE(queue.has_active());
    CHECK(queue.size() == 1000);
    CHECK_FALSE(queue.move(scheduler::node_added, now, 0));
    now = now + seconds(2);
    CHECK(queue.move(scheduler::pod_deleted, now, 0));
    CHECK(queue.take()->key == "default/p0");
    queue.remove("default/p1");
    CHECK(queue.size() == 998);
}

TEST_CASE("how many Nodes are looked at: TestNumFeasibleNodesToFind's table") {
    const auto looked_at = [](int count) {
        scheduler::Snapshot snapshot;
        for (int i = 0; i < count; ++i) {
            auto node = std::make_shared<scheduler::NodeInfo>();
            node->set_node(Value::object({{"metadata", Value::object({{"name", cat("n", 10000 + i)}})},
                                          {"status", Value::object({{"allocatable", Value::object({{"cpu", "1"}, {"pods", "9"}})}})}}));
            snapshot.nodes.push_back(std::move(node));
        }
        Random random(1);
        std::size_t start = 0;
        const auto decision = scheduler::decide(*pod_info("p", 0, "100m"), snapshot, {}, random, start, {}, scheduler::Detail::choice);
        CHECK_FALSE(decision.node.empty());
        return decision.evaluated;
    };
    CHECK(looked_at(10) == 10);
    CHECK(looked_at(1000) == 420);
    CHECK(looked_at(6000) == 300);
}

TEST_CASE("a nominated Pod's place is kept from less important ones") {
    Nodes nodes;
    nodes.add("n1", {});
    scheduler::Nominations nominations;
    nominations["n1"].push_back(pod_info("waiting", 100, "800m"));
    std::size_t start = 0;
    const auto small = scheduler::decide(*pod_info("p", 0, "500m"), nodes.snapshot, nodes.args, nodes.random, start, nominations, scheduler::Detail::choice);
    CHECK(small.node.empty());
    CHECK(small.why == "0/1 nodes are available: 1 Insufficient cpu.");
    const auto large = scheduler::decide(*pod_info("q", 200, "500m"), nodes.snapshot, nodes.args, nodes.random, start, nominations, scheduler::Detail::choice);
    CHECK(large.node == "n1");
}
