// Hooks, deadlines, refusals, evictions, volumes that are shared: statuses and words as a 1.36 kubelet gives them.
// Upstream: pkg/kubelet/lifecycle/predicate.go, pkg/kubelet/eviction/helpers.go, pkg/kubelet/active_deadline.go,
// pkg/kubelet/qos/policy_test.go, pkg/volume/hostpath/host_path_test.go.

#include <doctest/doctest.h>

#include "core/kubelet/admission.h"
#include "core/kubelet/status.h"
#include "tests/unit/kubelet/world.h"

using namespace kubewalk;
using kubelet::test::World;

namespace {

constexpr std::string_view sleeper = R"({"restartPolicy":"Always","containers":[{"name":"c","image":"box","command":["sleep","3600"]}]})";

bool starts_with_event(World& world, std::string_view text) {
    for (const auto& event : world.server.events()) {
        if (event.starts_with(text))
            return true;
    }
    return false;
}

}  // namespace

TEST_CASE("postStart: the container is not shown as running before the hook is over") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","containers":[{"name":"web","image":"web:1",
        "lifecycle":{"postStart":{"sleep":{"seconds":20}}}}]})"));
    world.run(seconds(10));
    CHECK(world.container()["state"]["waiting"]["reason"].as_string() == "ContainerCreating");
    world.run(seconds(20));
    CHECK(world.container()["state"]["running"].is_object());
    CHECK(world.condition("Ready") == "True");
}

TEST_CASE("postStart that fails: FailedPostStartHook, and the container is killed and restarted") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","terminationGracePeriodSeconds":2,"containers":[{"name":"c","image":"box",
        "command":["sleep","3600"],"lifecycle":{"postStart":{"exec":{"command":["cat","/nosuch"]}}}}]})"));
    world.run(seconds(12));
    CHECK(world.has_event("FailedPostStartHook: PostStartHook failed"));
    CHECK(world.has_event("Killing: FailedPostStartHook"));
    CHECK(world.container()["restartCount"].as_int() >= 1);
}

TEST_CASE("preStop: SIGTERM comes after the hook, within the grace period") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","containers":[{"name":"web","image":"web:1",
        "lifecycle":{"preStop":{"sleep":{"seconds":10}}}}]})"));
    world.run(seconds(10));
    world.remove("p", 30);
    world.run(seconds(12));
    CHECK(world.server.objects.count(World::path()) == 1);  // 10 s of the hook, then 3 s of its handler
    world.run(seconds(4));  // and what the kubelet needs besides
    CHECK(world.server.objects.count(World::path()) == 0);
}

TEST_CASE("preStop longer than the grace period: two seconds more and no longer") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","containers":[{"name":"web","image":"web:1",
        "lifecycle":{"preStop":{"sleep":{"seconds":100}}}}]})"));
    world.run(seconds(10));
    world.remove("p", 5);
    world.run(seconds(6));
    CHECK(world.server.objects.count(World::path()) == 1);
    world.run(seconds(4));
    CHECK(world.server.objects.count(World::path()) == 0);
}

TEST_CASE("activeDeadlineSeconds: the Pod fails with DeadlineExceeded") {
    World world;
    auto pod = World::pod(sleeper);
    pod.edit("spec").set("activeDeadlineSeconds", 20);
    pod.edit("spec").set("terminationGracePeriodSeconds", 2);
    world.add(pod);
    world.run(seconds(15));
    CHECK(world.status()["phase"].as_string() == "Running");
    world.run(seconds(10));
    CHECK(world.status()["phase"].as_string() == "Failed");
    CHECK(world.status()["reason"].as_string() == "DeadlineExceeded");
    CHECK(world.status()["message"].as_string() == "Pod was active on the node longer than the specified deadline");
    CHECK(world.has_event("DeadlineExceeded: Pod was active on the node longer than the specified deadline"));
}

TEST_CASE("a Pod that asks for more than the node has is refused") {
    World world;
    world.run(seconds(2));
    world.add(World::pod(R"({"containers":[{"name":"c","image":"box","command":["sleep","9"],"resources":{"requests":{"cpu":"3"}}}]})"));
    world.run(seconds(2));
    CHECK(world.status()["phase"].as_string() == "Failed");
    CHECK(world.status()["reason"].as_string() == "OutOfcpu");
    CHECK(world.status()["message"].as_string() ==
          "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000");
    CHECK(world.has_event("OutOfcpu: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000"));
}

TEST_CASE("admission: labels, ports, pressure") {
    const auto node = api::parse_json(R"({"metadata":{"name":"n","labels":{"disk":"ssd"}}})").value();
    const auto room = api::parse_json(R"({"cpu":"2","memory":"1Gi","pods":"2","ephemeral-storage":"1Gi"})").value();
    const auto judge = [&](std::string_view spec, const kubelet::PodClaim& others, bool memory, bool disk) {
        const auto pod = World::pod(spec);
        const auto claim = kubelet::pod_claim(pod["spec"]);
        const auto refusal = kubelet::refuse({pod, claim, others, 0, room, node, memory, disk});
        return refusal ? cat(refusal->reason, ": ", refusal->message) : std::string("taken");
    };
    CHECK(judge(R"({"nodeSelector":{"disk":"hdd"},"containers":[]})", {}, false, false) ==
          "NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector");
    kubelet::PodClaim taken;
    taken.host_ports = {"TCP:80"};
    CHECK(judge(R"({"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80}]}]})", taken, false, false) ==
          "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports");
    CHECK(judge(R"({"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80,"protocol":"UDP"}]}]})", taken, false, false) == "taken");
    // HostPortInfo: the same port at another address of the node does not meet it.
    taken.host_ports = {"TCP:80@127.0.0.1"};
    CHECK(judge(R"({"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80,"hostIP":"192.168.122.12"}]}]})", taken, false, false) == "taken");
    CHECK(judge(R"({"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80}]}]})", taken, false, false) != "taken");
    CHECK(judge(R"({"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80,"hostIP":"127.0.0.1"}]}]})", taken, false, false) != "taken");
    // pkg/kubelet/sysctl/allowlist.go
    CHECK(judge(R"({"securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1"}]},"containers":[]})", {}, false, false) ==
          "SysctlForbidden: forbidden sysctl: \"kernel.msgmax\" not allowlisted");
    CHECK(judge(R"({"securityContext":{"sysctls":[{"name":"kernel/shm_rmid_forced","value":"1"}]},"containers":[]})", {}, false, false) == "taken");
    CHECK(judge(R"({"containers":[{"name":"c"}]})", {}, true, false) == "Evicted: The node had condition: [MemoryPressure]. ");
    CHECK(judge(R"({"containers":[{"name":"c","resources":{"requests":{"cpu":"1m"}}}]})", {}, true, false) == "taken");
    CHECK(judge(R"({"containers":[{"name":"c","resources":{"requests":{"cpu":"1m"}}}]})", {}, false, true) ==
          "Evicted: The node had condition: [DiskPressure]. ");
    CHECK(judge(R"({"priority":2000000000,"containers":[{"name":"c"}]})", {}, true, true) == "taken");
    CHECK(judge(R"({"tolerations":[{"key":"node.kubernetes.io/memory-pressure","operator":"Exists"}],"containers":[{"name":"c"}]})",
                {}, true, false) == "taken");
}

TEST_CASE("init containers count with their largest, sidecars with the sum") {
    const auto spec = api::parse_json(R"({"initContainers":[
        {"name":"a","restartPolicy":"Always","resources":{"requests":{"cpu":"100m"}}},
        {"name":"b","resources":{"requests":{"cpu":"2"}}}],
        "containers":[{"name":"c","resources":{"requests":{"cpu":"500m"}}}]})").value();
    CHECK(kubelet::pod_claim(spec).milli_cpu == 2100);
}

TEST_CASE("oom_score_adj: policy_test.go's table") {
    constexpr std::int64_t node = 4'000'000'000;
    const auto adjust = [&](std::string_view resources) {
        const auto spec = api::parse_json(cat(R"({"containers":[{"name":"c","resources":)", resources, "}]}")).value();
        return kubelet::oom_score_adjust(spec, spec["containers"][0], node);
    };
    CHECK(adjust("{}") == 1000);
    CHECK(adjust(R"({"limits":{"cpu":"10","memory":"10G"},"requests":{"cpu":"10","memory":"10G"}})") == -997);
    CHECK(adjust(R"({"requests":{"memory":"1"}})") == 999);
    CHECK(adjust(R"({"requests":{"memory":"2000000000"}})") == 500);
    CHECK(adjust(R"({"requests":{"memory":"3999999999"}})") == 3);
}

TEST_CASE("a process beyond its memory limit is OOMKilled") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"c","image":"eater","args":["--vm-bytes","250M"],
        "resources":{"limits":{"memory":"100Mi"},"requests":{"memory":"50Mi"}}}]})"));
    world.run(seconds(15));
    CHECK(world.container()["state"]["terminated"]["reason"].as_string() == "OOMKilled");
    CHECK(world.container()["state"]["terminated"]["exitCode"].as_int() == 137);
    CHECK(world.status()["phase"].as_string() == "Failed");
}

TEST_CASE("memory pressure: the condition, an eviction in upstream's words, and no more than needed") {
    World world;
    world.add(World::pod(R"({"priority":100,"containers":[{"name":"a","image":"eater","args":["--vm-bytes","1900Mi"],
        "resources":{"requests":{"memory":"2Gi"}}}]})", "modest"));
    world.add(World::pod(R"({"containers":[{"name":"b","image":"eater","args":["--vm-bytes","1700Mi"]}]})", "greedy"));
    world.run(seconds(30));
    const auto& node = world.server.objects["/api/v1/nodes/node-1"];
    CHECK(node["status"]["conditions"][0]["status"].as_string() == "True");
    CHECK(node["status"]["conditions"][0]["reason"].as_string() == "KubeletHasInsufficientMemory");
    CHECK(world.status("modest")["phase"].as_string() == "Running");
    CHECK(world.status("greedy")["phase"].as_string() == "Failed");
    CHECK(world.status("greedy")["reason"].as_string() == "Evicted");
    const auto message = world.status("greedy")["message"].str();
    CHECK(message.starts_with("The node was low on resource: memory. Threshold quantity: 100Mi, available: "));
    CHECK(message.ends_with(". Container b was using 1700Mi, request is 0, has larger consumption of memory. "));
    CHECK(world.condition("DisruptionTarget", "greedy") == "True");
    CHECK(world.has_event("EvictionThresholdMet: Attempting to reclaim memory"));
    world.run(minutes(6));
    CHECK(world.server.objects["/api/v1/nodes/node-1"]["status"]["conditions"][0]["status"].as_string() == "False");
}

// Linux mm/oom_kill.c: the kernel is faster than the kubelet when there is nothing left at all.
TEST_CASE("more memory than there is: the kernel kills who has the highest oom_score, and the node tells of it") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"a","image":"eater","args":["--vm-bytes","1900Mi"],
        "resources":{"requests":{"memory":"2Gi"}}}]})", "modest"));
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"b","image":"eater","args":["--vm-bytes","1800Mi"]}]})", "greedy"));
    world.run(seconds(30));
    CHECK(world.status("modest")["phase"].as_string() == "Running");
    CHECK(world.status("greedy")["phase"].as_string() == "Failed");
    CHECK(world.status("greedy")["reason"].is_null());
    CHECK(world.status("greedy")["containerStatuses"][0]["state"]["terminated"]["reason"].as_string() == "OOMKilled");
    CHECK(world.status("greedy")["containerStatuses"][0]["state"]["terminated"]["exitCode"].as_int() == 137);
    bool told = false;
    for (const auto& event : world.server.events())
        told = told || event.starts_with("SystemOOM: System OOM encountered, victim process: eater, pid: ");
    CHECK(told);
    CHECK_FALSE(world.has_event("EvictionThresholdMet: Attempting to reclaim memory"));
}

TEST_CASE("containers of a Pod share an emptyDir; what was written outlives a restart") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","volumes":[{"name":"v","emptyDir":{}}],"containers":[
        {"name":"writer","image":"box","command":["sh","-c","echo hello > /out/greeting; sleep 3600"],"volumeMounts":[{"name":"v","mountPath":"/out"}]},
        {"name":"reader","image":"box","command":["sleep","3600"],"volumeMounts":[{"name":"v","mountPath":"/in","readOnly":true}]}]})"));
    world.run(seconds(15));
    CHECK(world.kubelet().exec("ns", "p", "reader", {"cat", "/in/greeting"}).value().out == "hello\n");
    (void)world.kubelet().exec("ns", "p", "reader", {"sh", "-c", "echo no > /in/greeting"});
    CHECK(world.kubelet().exec("ns", "p", "writer", {"cat", "/out/greeting"}).value().out == "hello\n");
}

TEST_CASE("a mounted ConfigMap follows its object within the sync period, a subPath does not") {
    World world;
    const auto put = [&](std::string_view text) {
        world.server.put("/api/v1/namespaces/ns/configmaps/m", api::Value::object({{"metadata", api::Value::object({{"name", "m"}, {"namespace", "ns"}})},
                                                                                    {"data", api::Value::object({{"k", text}})}}));
    };
    put("one");
    world.add(World::pod(R"({"volumes":[{"name":"v","configMap":{"name":"m"}}],"containers":[{"name":"c","image":"box","command":["sleep","3600"],
        "volumeMounts":[{"name":"v","mountPath":"/all"},{"name":"v","mountPath":"/one/k","subPath":"k"}]}]})"));
    world.run(seconds(10));
    CHECK(world.kubelet().exec("ns", "p", "", {"cat", "/all/k"}).value().out == "one");
    put("two");
    world.run(seconds(65));
    CHECK(world.kubelet().exec("ns", "p", "", {"cat", "/all/k"}).value().out == "two");
    CHECK(world.kubelet().exec("ns", "p", "", {"cat", "/one/k"}).value().out == "one");
}

TEST_CASE("hostPath: the type is checked, and the node's files are seen by every Pod") {
    World world;
    world.add(World::pod(R"({"volumes":[{"name":"v","hostPath":{"path":"/data","type":"Directory"}}],
        "containers":[{"name":"c","image":"box","command":["sleep","9"],"volumeMounts":[{"name":"v","mountPath":"/d"}]}]})"));
    world.run(seconds(3));
    CHECK(world.has_event("FailedMount: MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: /data is not a directory"));
    const std::string_view spec = R"({"volumes":[{"name":"v","hostPath":{"path":"/srv/x"}}],
        "containers":[{"name":"c","image":"box","command":["sleep","3600"],"volumeMounts":[{"name":"v","mountPath":"/d"}]}]})";
    world.add(World::pod(spec, "q"));
    world.add(World::pod(spec, "r"));
    world.run(seconds(20));
    (void)world.kubelet().exec("ns", "q", "", {"sh", "-c", "echo here > /d/f"});
    CHECK(world.kubelet().exec("ns", "r", "", {"cat", "/d/f"}).value().out == "here\n");
    CHECK(world.disks.files("node/node-1").at("srv/x/f") == "here\n");
}

TEST_CASE("a claim that is not bound is waited for, and complained about after two minutes") {
    World world;
    world.add(World::pod(R"({"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"c"}}],
        "containers":[{"name":"c","image":"box","command":["sleep","3600"],"volumeMounts":[{"name":"v","mountPath":"/d"}]}]})"));
    world.run(seconds(130));
    CHECK(starts_with_event(world, "FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], "
                                   "failed to process volumes=[v]: error processing PVC ns/c: failed to fetch PVC from API server: "));
    world.server.put("/api/v1/persistentvolumes/pv", api::parse_json(R"({"metadata":{"name":"pv"},"spec":{"csi":{"driver":"x"}}})").value());
    world.server.put("/api/v1/namespaces/ns/persistentvolumeclaims/c",
                     api::parse_json(R"({"metadata":{"name":"c","namespace":"ns"},"spec":{"volumeName":"pv"},"status":{"phase":"Bound"}})").value());
    world.run(seconds(10));
    CHECK(world.status()["phase"].as_string() == "Running");
}

TEST_CASE("ephemeral containers start in a running Pod and do not touch its readiness") {
    World world;
    world.add(World::pod(sleeper));
    world.run(seconds(10));
    auto pod = world.server.objects[World::path()];
    pod.edit("spec").set("ephemeralContainers", api::parse_json(R"([{"name":"debugger","image":"box","stdin":true,"tty":true}])").value());
    world.server.put(World::path(), pod);
    world.run(seconds(5));
    CHECK(world.status()["ephemeralContainerStatuses"][0]["state"]["running"].is_object());
    CHECK(world.condition("Ready") == "True");
    CHECK(world.kubelet().exec("ns", "p", "debugger", {"echo", "hi"}).value().out == "hi\n");
}

TEST_CASE("a manifest in /etc/kubernetes/manifests is a static Pod, and goes with its file") {
    World world;
    world.run(seconds(2));
    world.disks.write("node/node-1", "etc/kubernetes/manifests/w.yaml",
                      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: w\n  namespace: ns\nspec:\n  containers:\n  - name: web\n    image: web:1\n");
    world.kubelet().manifests_changed();
    world.run(seconds(10));
    CHECK(world.status("w-node-1")["phase"].as_string() == "Running");
    world.disks.put("node/node-1", {});
    world.kubelet().manifests_changed();
    world.run(seconds(10));
    CHECK(world.server.objects.count(World::path("w-node-1")) == 0);
    CHECK(world.kubelet().workers().empty());
}

TEST_CASE("the last CRI calls of a Pod can be read, equal ones counted together") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Always","containers":[{"name":"c","image":"box","command":["sleep","3600"],
        "livenessProbe":{"exec":{"command":["true"]},"periodSeconds":2}}]})"));
    world.run(seconds(30));
    std::vector<std::string> calls;
    for (const auto& call : world.kubelet().recent_calls("ns", "p"))
        calls.push_back(call.call);
    CHECK(calls == std::vector<std::string>{"RunPodSandbox", "PullImage", "CreateContainer", "StartContainer", "ExecSync"});
    CHECK(world.kubelet().recent_calls("ns", "p").back().times > 5);
}

TEST_CASE("gRPC probes: the health protocol decides; a server without it is a time-out") {
    World world;
    world.add(World::pod(R"({"hostNetwork":true,"restartPolicy":"Always","containers":[{"name":"g","image":"rpc",
        "readinessProbe":{"grpc":{"port":9000},"periodSeconds":2},"livenessProbe":{"grpc":{"port":9000,"service":"sick"},"periodSeconds":2}}]})"));
    world.add(World::pod(R"({"hostNetwork":true,"restartPolicy":"Always","containers":[{"name":"web","image":"web:1",
        "readinessProbe":{"grpc":{"port":80},"periodSeconds":2}}]})", "q"));
    world.run(seconds(9));
    CHECK(world.condition("Ready") == "True");
    CHECK(world.has_event("Unhealthy: Liveness probe failed: service unhealthy (responded with \"NOT_SERVING\")"));
    world.run(seconds(10));
    CHECK(world.has_event("Unhealthy: Readiness probe failed: timeout: failed to connect service \"192.168.122.12:80\" within 1s: "
                          "context deadline exceeded"));
}

TEST_CASE("missing imagePullSecrets are a warning") {
    World world;
    auto pod = World::pod(sleeper);
    pod.edit("spec").set("imagePullSecrets", api::parse_json(R"([{"name":"regcred"}])").value());
    world.add(pod);
    world.run(seconds(10));
    CHECK(world.has_event("FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (regcred); attempting to pull "
                          "the image may not succeed."));
}

TEST_CASE("restartPolicyRules look at the exit code before the policy does") {
    const auto spec = api::parse_json(R"({"restartPolicy":"Never"})").value();
    const auto container = api::parse_json(R"({"restartPolicy":"Never","restartPolicyRules":[{"action":"Restart",
        "exitCodes":{"operator":"In","values":[42]}}]})").value();
    CHECK(kubelet::restarts(spec, container, 42));
    CHECK_FALSE(kubelet::restarts(spec, container, 1));
}

TEST_CASE("the restart back-off doubles to five minutes and is forgotten after ten") {
    kubelet::BackOff back_off;
    Time now{seconds(1000).ns};
    for (const int wait : {10, 20, 40, 80, 160, 300, 300}) {
        back_off.next(now, now, kubelet::max_back_off);
        CHECK(back_off.delay == seconds(wait));
        CHECK(back_off.holds(now, now, kubelet::max_back_off));
        now = now + back_off.delay + seconds(1);
        CHECK_FALSE(back_off.holds(now - back_off.delay - seconds(1), now, kubelet::max_back_off));
    }
    now = now + seconds(601);
    back_off.next(now, now, kubelet::max_back_off);
    CHECK(back_off.delay == seconds(10));
}
