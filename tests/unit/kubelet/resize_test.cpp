// Upstream: pkg/kubelet/allocation/allocation_manager_test.go (TestHandlePodResourcesResize: deferred, infeasible),
// pkg/kubelet/kuberuntime/kuberuntime_manager_test.go (TestComputePodActionsForPodResize);
// pkg/kubelet/runtimeclass/runtimeclass_manager_test.go.

#include <doctest/doctest.h>

#include "tests/unit/kubelet/world.h"

using namespace kubewalk;
using namespace kubewalk::kubelet::test;

namespace {

// What the API's subresource would have written.
void resize(World& world, std::string_view resources, std::string_view name = "p") {
    auto object = world.server.objects[World::path(name)];
    object.edit_path("spec", "containers").edit_at(0).set("resources", api::parse_json(resources).take());
    world.server.put(World::path(name), object);
}

std::string pending(World& world, std::string_view field, std::string_view name = "p") {
    for (const auto& condition : world.status(name)["conditions"].items())
        if (condition["type"].as_string() == "PodResizePending")
            return condition[field].str();
    return {};
}

}  // namespace

TEST_CASE("a resize without a restart: the same container, new resources in the status, and the runtime is told") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"c","image":"web","resources":{"requests":{"cpu":"100m","memory":"100Mi"},"limits":{"memory":"100Mi"}}}]})"));
    world.run(seconds(15));
    const auto id = world.container()["containerID"].str();
    REQUIRE(world.container()["resources"]["requests"]["cpu"].as_string() == "100m");
    resize(world, R"({"requests":{"cpu":"200m","memory":"200Mi"},"limits":{"memory":"200Mi"}})");
    world.run(seconds(5));
    CHECK(world.container()["containerID"].as_string() == id);
    CHECK(world.container()["resources"]["requests"]["cpu"].as_string() == "200m");
    CHECK(world.container()["allocatedResources"]["memory"].as_string() == "200Mi");
    bool told = false;
    for (const auto& call : world.kubelet().recent_calls("ns", "p"))
        told = told || call.call == "UpdateContainerResources";
    CHECK(told);
    // pkg/kubelet/events/resize_test.go: what is asked for, in the order of Go's fields.
    CHECK(world.has_event(R"(ResizeStarted: Pod resize started: {"containers":[{"name":"c","resources":{"limits":{"memory":"200Mi"},"requests":{"cpu":"200m","memory":"200Mi"}}}],"generation":0})"));
    CHECK(world.has_event(R"(ResizeCompleted: Pod resize completed: {"containers":[{"name":"c","resources":{"limits":{"memory":"200Mi"},"requests":{"cpu":"200m","memory":"200Mi"}}}],"generation":0})"));
}

TEST_CASE("resizePolicy RestartContainer restarts for its own resource only") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"c","image":"web","resizePolicy":[{"resourceName":"memory","restartPolicy":"RestartContainer"}],
        "resources":{"requests":{"cpu":"100m","memory":"100Mi"}}}]})"));
    world.run(seconds(15));
    resize(world, R"({"requests":{"cpu":"200m","memory":"100Mi"}})");
    world.run(seconds(20));
    CHECK(world.container()["restartCount"].as_int() == 0);
    resize(world, R"({"requests":{"cpu":"200m","memory":"150Mi"}})");
    world.run(seconds(20));
    CHECK(world.container()["restartCount"].as_int() == 1);
    CHECK(world.has_event("Killing: Container c resize requires restart"));
    CHECK(world.container()["state"]["running"].is_object());
}

TEST_CASE("a resize that the node cannot meet ever, or not yet, waits with its reason; the container keeps what it has") {
    World world;
    const auto pod = [](std::string_view name, std::string_view cpu) {
        return World::pod(cat(R"({"containers":[{"name":"c","image":"web","resources":{"requests":{"cpu":")", cpu, R"("}}}]})"), name);
    };
    world.add(pod("p", "100m"));
    world.add(pod("q", "1500m"));
    world.run(seconds(15));
    resize(world, R"({"requests":{"cpu":"1000"}})");
    world.run(seconds(5));
    CHECK(pending(world, "reason") == "Infeasible");
    CHECK(pending(world, "message").starts_with("Node didn't have enough capacity: cpu, requested: 1000000, capacity: "));
    CHECK(world.container()["resources"]["requests"]["cpu"].as_string() == "100m");
    const std::string capacity = "2";
    resize(world, cat(R"({"requests":{"cpu":")", capacity, R"("}})"));
    world.run(seconds(5));
    CHECK(pending(world, "reason") == "Deferred");
    CHECK(pending(world, "message").starts_with("Node didn't have enough resource: cpu, requested: "));
    world.remove("q", 0);
    world.run(minutes(2));
    CHECK(pending(world, "reason").empty());
    CHECK(world.container()["resources"]["requests"]["cpu"].as_string() == capacity);
}

TEST_CASE("more memory for a process that needs it, less than it uses ends it") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"c","image":"eater","args":["--vm-bytes","250M"],
        "resources":{"limits":{"memory":"300Mi"},"requests":{"memory":"300Mi"}}}]})"));
    world.run(seconds(15));
    resize(world, R"({"limits":{"memory":"400Mi"},"requests":{"memory":"400Mi"}})");
    world.run(seconds(5));
    CHECK(world.status()["phase"].as_string() == "Running");
    resize(world, R"({"limits":{"memory":"100Mi"},"requests":{"memory":"100Mi"}})");
    world.run(seconds(15));
    CHECK(world.container()["state"]["terminated"]["reason"].as_string() == "OOMKilled");
}

TEST_CASE("a runtime class: the default handler runs, another one and a missing class do not") {
    World world;
    const auto put = [&](std::string_view name, std::string_view handler) {
        world.server.put(cat("/apis/node.k8s.io/v1/runtimeclasses/", name),
                         api::Value::object({{"metadata", api::Value::object({{"name", name}})}, {"handler", handler}}));
    };
    put("plain", "runc");
    put("kata", "kata");
    for (const std::string_view name : {"plain", "kata", "gone"})
        world.add(World::pod(cat(R"({"runtimeClassName":")", name, R"(","containers":[{"name":"c","image":"web"}]})"), name));
    world.run(seconds(20));
    CHECK(world.status("plain")["phase"].as_string() == "Running");
    CHECK(world.status("kata")["phase"].as_string() == "Pending");
    CHECK(world.has_event("FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get "
                          "sandbox runtime: no runtime for \"kata\" is configured"));
    CHECK(world.has_event("FailedCreatePodSandBox: Failed to create pod sandbox: runtimeclass.node.k8s.io \"gone\" not found"));
}
