#include <doctest/doctest.h>

#include "core/scheduler/scheduler.h"
#include "core/sim/simulation.h"
#include "tests/unit/controllers/fake_cluster.h"

using namespace kubewalk;
using namespace kubewalk::testing;

namespace {

struct Fixture {
    sim::Simulation simulation{7};
    FakeCluster cluster{simulation};

    Fixture() { simulation.add(std::make_unique<scheduler::Scheduler>(client::Environment{simulation, cluster})); }

    void add_node(std::string_view name, std::string_view spec = "{}", std::string_view cpu = "2") {
        cluster.put_text(api::kind::nodes,
                         cat(R"({"metadata":{"name":")", name, R"(","labels":{"kubernetes.io/hostname":")", name, R"("}},"spec":)", spec,
                             R"(,"status":{"allocatable":{"cpu":")", cpu, R"(","memory":"4Gi","pods":"110"}}})"));
    }
    void add_pod(std::string_view name, std::string_view cpu, std::string_view more = "") {
        cluster.put_text(api::kind::pods, cat(R"({"metadata":{"name":")", name,
                                              R"(","namespace":"default","labels":{"app":"x"}},"spec":{"schedulerName":"default-scheduler",)",
                                              R"("containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":")", cpu, R"("}}}])", more,
                                              R"(},"status":{"phase":"Pending"}})"));
    }
    std::string node_of(std::string_view pod) const {
        return cluster.object(api::kind::pods, cat("default/", pod))["spec"]["nodeName"].str();
    }
    const scheduler::Scheduler& scheduler() {
        return *static_cast<const scheduler::Scheduler*>(simulation.find("kube-scheduler"));
    }
    void run(Duration duration = seconds(3)) { simulation.run_for(duration); }
};

constexpr std::string_view control_plane_taint = R"({"taints":[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}]})";

}  // namespace

TEST_CASE("a Pod goes to the emptiest Node and the event says so") {
    Fixture world;
    world.add_node("cp", control_plane_taint);
    world.add_node("w1");
    world.add_node("w2");
    world.cluster.put_text(api::kind::pods,
                           R"({"metadata":{"name":"busy","namespace":"default"},"spec":{"nodeName":"w1","containers":[
                           {"name":"c","resources":{"requests":{"cpu":"1","memory":"2Gi"}}}]},"status":{"phase":"Running"}})");
    world.add_pod("p", "100m");
    world.run();
    CHECK(world.node_of("p") == "w2");
    CHECK(world.cluster.told("Scheduled: Successfully assigned default/p to w2"));

    const auto decision = world.scheduler().explain(world.cluster.object(api::kind::pods, "default/p"));
    CHECK(decision.node == "w2");
    REQUIRE(decision.nodes.size() == 3);
    CHECK(decision.nodes[0].node == "cp");
    CHECK(decision.nodes[0].status.plugin == "TaintToleration");
    CHECK(decision.nodes[2].total > decision.nodes[1].total);
    CHECK(decision.nodes[2].scores[0].plugin == "TaintToleration");
    CHECK(decision.nodes[2].scores[0].normalized == 100);
    CHECK(decision.nodes[2].scores[0].weight == 3);
}

TEST_CASE("a Pod that fits nowhere is told why, and is tried again when a Node comes") {
    Fixture world;
    world.add_node("cp", control_plane_taint);
    world.add_node("w1", "{}", "1");
    world.add_node("w2", "{}", "1");
    world.add_pod("p", "3");
    world.run();
    CHECK(world.node_of("p").empty());
    // The wording of 1.36 (pkg/scheduler/framework/types.go FitError; TaintToleration names no taint any more).
    const std::string message =
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
    CHECK(world.cluster.told("FailedScheduling: " + message));
    const Value condition = world.cluster.object(api::kind::pods, "default/p")["status"]["conditions"][0];
    CHECK(condition["type"].as_string() == "PodScheduled");
    CHECK(condition["reason"].as_string() == "Unschedulable");
    CHECK(condition["message"].as_string() == message);

    world.add_node("w3", "{}", "4");
    world.run();
    CHECK(world.node_of("p") == "w3");
}

TEST_CASE("resources that Pods hold, and no Pod worth evicting") {
    Fixture world;
    world.add_node("w1", "{}", "1");
    world.add_pod("a", "800m");
    world.run();
    CHECK(world.node_of("a") == "w1");
    world.add_pod("b", "800m");
    world.run();
    CHECK(world.cluster.told(
        "FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 No preemption victims found for incoming pod."));
    world.cluster.drop(api::kind::pods, "default/a");
    world.run();
    CHECK(world.node_of("b") == "w1");
}

TEST_CASE("two Pods in the same instant do not both take the last place") {
    Fixture world;
    world.add_node("w1", "{}", "1");
    world.run();
    world.add_pod("a", "600m");
    world.add_pod("b", "600m");
    world.run();
    CHECK((world.node_of("a").empty() != world.node_of("b").empty()));
}

TEST_CASE("more important Pods first") {
    Fixture world;
    world.add_pod("low", "600m", R"(,"priority":0)");
    world.add_pod("high", "600m", R"(,"priority":1000)");
    world.run();
    CHECK(world.cluster.told("FailedScheduling: no nodes available to schedule pods"));
    world.add_node("w1", "{}", "1");
    world.run(seconds(15));
    CHECK(world.node_of("high") == "w1");
    CHECK(world.node_of("low").empty());
}

TEST_CASE("Pods of one Service spread over the Nodes by default") {
    Fixture world;
    world.add_node("w1", "{}", "8");
    world.add_node("w2", "{}", "8");
    world.cluster.put_text(api::kind::services, R"({"metadata":{"name":"s","namespace":"default"},"spec":{"selector":{"app":"x"}}})");
    for (const auto name : {"a", "b", "c", "d"})
        world.add_pod(name, "10m");
    world.run();
    int on_w1 = 0;
    for (const auto name : {"a", "b", "c", "d"})
        on_w1 += world.node_of(name) == "w1" ? 1 : 0;
    CHECK(on_w1 == 2);
}

TEST_CASE("the same seed chooses the same Nodes") {
    std::string first, second;
    for (std::string* result : {&first, &second}) {
        Fixture world;
        for (const auto name : {"w1", "w2", "w3", "w4"})
            world.add_node(name);
        for (int i = 0; i < 8; ++i)
            world.add_pod(cat("p", i), "0");
        world.run();
        for (int i = 0; i < 8; ++i)
            append(*result, world.node_of(cat("p", i)), " ");
    }
    CHECK(first == second);
    CHECK(first.find("  ") == std::string::npos);
}

TEST_CASE("a back-off of one second grows to ten") {
    scheduler::SchedulingQueue queue;
    queue.add("default/p", 0, Time{}, 0);
    Time now{};
    for (const int wait : {1, 2, 4, 8, 10, 10}) {
        auto item = queue.take();
        REQUIRE(item.has_value());
        queue.add_backoff(*item, now);
        REQUIRE(queue.next_due().has_value());
        CHECK((queue.next_due()->at - now) == seconds(wait));
        now = queue.next_due()->at;
        queue.flush(now);
    }
}
