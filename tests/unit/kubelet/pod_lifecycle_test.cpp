// What a Pod goes through on its node: statuses, events and words as a 1.36 kubelet gives them.

#include <doctest/doctest.h>

#include "tests/unit/kubelet/world.h"

using namespace kubewalk;
using kubelet::test::World;

namespace {

constexpr std::string_view web = R"({"restartPolicy":"Always","terminationGracePeriodSeconds":30,
    "containers":[{"name":"web","image":"web:1","imagePullPolicy":"IfNotPresent","ports":[{"containerPort":80}]}]})";

}  // namespace

TEST_CASE("a Pod gets its sandbox, image and container, in that order") {
    World world;
    world.add(World::pod(web));
    world.run(seconds(1));
    CHECK(world.status()["phase"].as_string() == "Pending");
    CHECK(world.container()["state"]["waiting"]["reason"].as_string() == "ContainerCreating");
    CHECK(world.condition("PodReadyToStartContainers") == "True");
    CHECK(world.condition("Ready") == "False");
    world.run(seconds(10));
    CHECK(world.status()["phase"].as_string() == "Running");
    CHECK(world.status()["podIP"].as_string() == "10.244.1.2");
    CHECK(world.status()["hostIP"].as_string() == "192.168.122.12");
    CHECK(world.status()["qosClass"].as_string() == "BestEffort");
    CHECK(world.condition("Ready") == "True");
    CHECK(world.container()["image"].as_string() == "docker.io/library/web:1");
    CHECK(world.container()["started"].as_bool());
    CHECK(world.has_event("Pulling: Pulling image \"web:1\""));
    CHECK(world.has_event("Created: Container created"));
    CHECK(world.has_event("Started: Container started"));
    std::vector<std::string> calls;
    for (const auto& entry : world.simulation.log()) {
        if (entry.kind == sim::EntryKind::cri)
            calls.push_back(entry.fact.id);
    }
    CHECK(calls == std::vector<std::string>{"cri.RunPodSandbox", "cri.PullImage", "cri.CreateContainer", "cri.StartContainer"});
}

TEST_CASE("the Pulled event tells time and size, and an image that is there is not pulled again") {
    World world;
    world.add(World::pod(web));
    world.run(seconds(10));
    bool pulled = false;
    for (const auto& event : world.server.events())
        pulled = pulled || (event.starts_with("Pulled: Successfully pulled image \"web:1\" in ") &&
                            event.ends_with(" including waiting). Image size: 25000000 bytes."));
    CHECK(pulled);
    world.add(World::pod(web, "q"));
    world.run(seconds(5));
    CHECK(world.status("q")["phase"].as_string() == "Running");
    CHECK(world.has_event("Pulled: Container image \"web:1\" already present on machine and can be accessed by the pod"));
}

TEST_CASE("an unknown image: ErrImagePull, then ImagePullBackOff with a growing wait") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"c","image":"web:nosuch","imagePullPolicy":"IfNotPresent"}]})"));
    world.run(milliseconds(2200));
    const auto waiting = world.container()["state"]["waiting"];
    CHECK(waiting["reason"].as_string() == "ErrImagePull");
    const std::string why = "rpc error: code = NotFound desc = failed to pull and unpack image "
                            "\"docker.io/library/web:nosuch\": failed to resolve reference "
                            "\"docker.io/library/web:nosuch\": docker.io/library/web:nosuch: not found";
    CHECK(waiting["message"].as_string() == why);
    CHECK(world.has_event(cat("Failed: Failed to pull image \"web:nosuch\": ", why)));
    CHECK(world.has_event("Failed: Error: ErrImagePull"));
    world.run(seconds(4));
    CHECK(world.container()["state"]["waiting"]["reason"].as_string() == "ImagePullBackOff");
    CHECK(world.container()["state"]["waiting"]["message"].as_string() ==
          cat("Back-off pulling image \"web:nosuch\": ErrImagePull: ", why));
    CHECK(world.has_event("BackOff: Back-off pulling image \"web:nosuch\""));
    int pulls = 0;
    world.run(seconds(60));
    for (const auto& entry : world.simulation.log())
        pulls += entry.fact.id == "cri.PullImage";
    CHECK(pulls == 3);  // at once, after 10 s, after 20 s more
}

TEST_CASE("a container that ends is restarted at once, then held back 10 s, 20 s, ...") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","containers":[{"name":"c","image":"crash","imagePullPolicy":"IfNotPresent"}]})"));
    world.run(seconds(10));
    CHECK(world.container()["restartCount"].as_int() == 1);
    const auto waiting = world.container()["state"]["waiting"];
    CHECK(waiting["reason"].as_string() == "CrashLoopBackOff");
    CHECK(waiting["message"].as_string() == "back-off 10s restarting failed container=c pod=p_ns(uid-of-p)");
    CHECK(world.container()["lastState"]["terminated"]["exitCode"].as_int() == 3);
    CHECK(world.container()["lastState"]["terminated"]["reason"].as_string() == "Error");
    CHECK(world.status()["phase"].as_string() == "Running");
    CHECK(world.has_event("BackOff: Back-off restarting failed container c in pod p_ns(uid-of-p)"));
    world.run(seconds(20));
    CHECK(world.container()["restartCount"].as_int() == 2);
    CHECK(world.container()["state"]["waiting"]["message"].as_string() ==
          "back-off 20s restarting failed container=c pod=p_ns(uid-of-p)");
}

TEST_CASE("restartPolicy Never: the exit code decides between Succeeded and Failed") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"c","image":"crash","imagePullPolicy":"IfNotPresent"}]})"));
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"c","image":"box","command":["sleep","3"]}]})", "q"));
    world.run(seconds(15));
    CHECK(world.status()["phase"].as_string() == "Failed");
    CHECK(world.status("q")["phase"].as_string() == "Succeeded");
    CHECK(world.container("q")["state"]["terminated"]["reason"].as_string() == "Completed");
    CHECK(world.cni.taken_back == 2);
    world.remove("q", 0);
    world.run(seconds(2));
    CHECK(world.server.objects.count(World::path("q")) == 0);
}

TEST_CASE("init containers run to their end before the others start") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","initContainers":[{"name":"i","image":"box","command":["sleep","5"]}],
        "containers":[{"name":"web","image":"web:1"}]})"));
    world.run(seconds(4));
    CHECK(world.status()["phase"].as_string() == "Pending");
    CHECK(world.condition("Initialized") == "False");
    CHECK(world.container()["state"]["waiting"]["reason"].as_string() == "PodInitializing");
    world.run(seconds(10));
    CHECK(world.status()["phase"].as_string() == "Running");
    CHECK(world.condition("Initialized") == "True");
    CHECK(world.status()["initContainerStatuses"][0]["state"]["terminated"]["reason"].as_string() == "Completed");
}

TEST_CASE("graceful termination: SIGTERM, the time the process needs, then the object goes") {
    World world;
    world.add(World::pod(web));
    world.run(seconds(10));
    world.remove("p", 30);
    world.run(seconds(1));
    CHECK(world.has_event("Killing: Stopping container web"));
    CHECK(world.server.objects.count(World::path()) == 1);
    world.run(seconds(5));  // its handler needs 3 s, the kubelet up to 2
    CHECK(world.server.objects.count(World::path()) == 0);
    CHECK(world.cni.taken_back == 1);
    CHECK(world.kubelet().workers().empty());
}

TEST_CASE("a process that ignores SIGTERM is killed at the end of the grace period") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"c","image":"box","command":["sleep","3600"]}]})"));
    world.run(seconds(10));
    world.remove("p", 5);
    world.run(seconds(4));
    CHECK(world.server.objects.count(World::path()) == 1);
    world.run(seconds(4));
    CHECK(world.server.objects.count(World::path()) == 0);
}

TEST_CASE("an executable that is not there: the words of runc") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"c","image":"box","command":["nosuch"]}]})"));
    world.run(seconds(10));
    CHECK(world.has_event("Failed: Error: failed to create containerd task: failed to create shim task: OCI runtime create "
                          "failed: runc create failed: unable to start container process: error during container init: exec: "
                          "\"nosuch\": executable file not found in $PATH: unknown"));
    CHECK(world.status()["phase"].as_string() == "Failed");
}

TEST_CASE("without a network plugin only host-network Pods start, and the Node says so") {
    World world;
    world.cni.ready = false;
    world.add(World::pod(web));
    world.add(World::pod(R"({"hostNetwork":true,"containers":[{"name":"web","image":"web:1"}]})", "host"));
    world.run(seconds(10));
    const auto& node = world.server.objects["/api/v1/nodes/node-1"];
    CHECK(node["status"]["conditions"][3]["status"].as_string() == "False");
    CHECK(node["status"]["conditions"][3]["message"].as_string() ==
          "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin "
          "returns error: cni plugin not initialized");
    CHECK(world.status()["phase"].as_string() == "Pending");
    CHECK(world.status("host")["phase"].as_string() == "Running");
    CHECK(world.status("host")["podIP"].as_string() == "192.168.122.12");
    world.cni.ready = true;
    world.run(seconds(15));
    CHECK(world.status()["phase"].as_string() == "Running");
    CHECK(world.server.objects["/api/v1/nodes/node-1"]["status"]["conditions"][3]["status"].as_string() == "True");
}

TEST_CASE("a static Pod runs before there is an API server, and is mirrored later") {
    auto manifest = World::pod(R"({"hostNetwork":true,"containers":[{"name":"web","image":"web:1"}]})", "web");
    manifest.edit("metadata").erase("uid");
    World world({manifest});
    world.server.up = false;
    world.run(seconds(10));
    CHECK(world.network.listeners(world.network.machine("node-1")).size() == 3);  // 10250, 10248 and 80
    world.server.up = true;
    world.run(seconds(10));
    CHECK(world.status("web-node-1")["phase"].as_string() == "Running");
    CHECK(world.server.objects[World::path("web-node-1")]["metadata"]["annotations"]["kubernetes.io/config.source"].as_string() ==
          "file");
}

TEST_CASE("checkpoint and restore: the same seconds again give the same statuses") {
    World world;
    world.add(World::pod(web));
    world.run(seconds(1));
    const auto before = world.simulation.checkpoint();
    world.run(seconds(10));
    const auto log = world.simulation.log().size();
    const auto address = world.status()["podIP"].str();
    world.simulation.restore(*before);
    CHECK(world.kubelet().runtime().containers().empty());
    world.cni.given = 2;
    world.run(seconds(10));
    CHECK(world.simulation.log().size() == log);
    CHECK(world.status()["podIP"].as_string() == address);
}
