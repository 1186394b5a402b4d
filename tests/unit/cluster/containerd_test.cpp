// A stopped containerd: what goes on, what waits, what is caught up. Upstream: pkg/kubelet/runtime.go, kubelet.go (syncLoop,
// updateRuntimeUp), pkg/kubelet/pleg/generic.go, pkg/kubelet/nodestatus/setters.go (ReadyCondition).

#include <doctest/doctest.h>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"

using namespace kubewalk;
using namespace kubewalk::cluster;

namespace {

constexpr std::string_view unreachable = "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while "
                                         "dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory\"";

struct World {
    World() : session([] {
        Options options;
        options.scenario = "empty";
        options.workers = 1;
        return options;
    }()) {
        session.run("kubectl create deployment web --image=nginx:1.29 --port=80");
        session.run("kubectl expose deployment web --port=80 --type=NodePort");
        session.settle();
    }

    std::string out(const std::string& line) {
        const auto done = session.run(line);
        return done.out + done.err;
    }
    void containerd(bool runs) { REQUIRE(session.set_component_running("containerd/node-1", runs).ok()); }
    api::Value ready() {
        const auto object = session.cluster().peek(api::kind::nodes, "", "node-1");
        for (const auto& condition : object["status"]["conditions"].items())
            if (condition["type"].as_string() == "Ready")
                return condition;
        return {};
    }
    bool event(std::string_view reason, std::string_view part) {
        for (const auto& event : session.cluster().peek_list(api::kind::events, "default"))
            if (event["reason"].as_string() == reason && event["message"].as_string().find(part) != std::string_view::npos)
                return true;
        return false;
    }
    std::string pod() { return out("kubectl get pods -l app=web -o jsonpath={.items[0].metadata.name}"); }
    std::string phases() { return out("kubectl get pods --no-headers -o custom-columns=:.metadata.name,:.status.phase"); }

    Session session;
};

}  // namespace

TEST_CASE("the node is NotReady half a minute after its runtime has gone, and Ready when it is back") {
    World world;
    CHECK(world.session.cluster().component_running("containerd/node-1"));
    world.containerd(false);
    CHECK_FALSE(world.session.cluster().component_running("containerd/node-1"));
    CHECK(world.session.cluster().component_running("containerd/control-plane"));
    world.session.advance(seconds(20));
    CHECK(world.ready()["status"].as_string() == "True");
    world.session.advance(seconds(20));
    CHECK(world.ready()["status"].as_string() == "False");
    CHECK(world.ready()["reason"].as_string() == "KubeletNotReady");
    CHECK(world.ready()["message"].as_string() == "container runtime is down");
    world.session.advance(minutes(3));
    const auto message = world.ready()["message"].str();
    CHECK(message.starts_with("[container runtime is down, PLEG is not healthy: pleg was last seen active 3m"));
    CHECK(message.ends_with("s ago; threshold is 3m0s]"));
    world.containerd(true);
    world.session.advance(seconds(10));
    CHECK(world.ready()["status"].as_string() == "True");
    CHECK(world.ready()["message"].as_string() == "kubelet is posting ready status");
}

TEST_CASE("containers go on without their runtime") {
    World world;
    const std::string pod = world.pod();
    const std::string port = world.out("kubectl get service web -o jsonpath={.spec.ports[0].nodePort}");
    const std::string address = world.out("kubectl get pod " + pod + " -o jsonpath={.status.podIP}");
    const auto outcome = [&](const std::string& from, const std::string& url) {
        const auto traced = world.session.trace(from, url);
        REQUIRE(traced.ok());
        return traced.value().outcome;
    };
    world.containerd(false);
    world.session.advance(seconds(20));
    CHECK(outcome("laptop", "http://192.168.122.11:" + port + "/") == net::Outcome::delivered);
    // Of a node that is NotReady the Service's endpoints are none any more; the process itself still answers.
    world.session.advance(seconds(40));
    CHECK(outcome("laptop", "http://192.168.122.11:" + port + "/") == net::Outcome::refused);
    CHECK(outcome("node/control-plane", "http://" + address + "/") == net::Outcome::delivered);
    CHECK(world.out("kubectl exec " + pod + " -- date").find(unreachable) != std::string::npos);
    const auto logs = world.out("kubectl logs " + pod);
    CHECK(logs.find("Error from server (BadRequest): unable to retrieve container logs for containerd://") != std::string::npos);
}

TEST_CASE("new Pods wait for the runtime, and say for what") {
    World world;
    world.containerd(false);
    world.session.run("kubectl run early --image=nginx:1.29");
    world.session.advance(seconds(5));
    CHECK(world.event("FailedCreatePodSandBox", cat("Failed to create pod sandbox: ", unreachable)));
    CHECK(world.out("kubectl get pod early").find("ContainerCreating") != std::string::npos);
    world.session.advance(minutes(1));
    world.containerd(true);
    world.session.advance(seconds(30));
    CHECK(world.out("kubectl get pod early").find("1/1") != std::string::npos);
}

TEST_CASE("deleted Pods stay until the runtime can stop them") {
    World world;
    const std::string pod = world.pod();
    world.containerd(false);
    world.session.run("kubectl delete pod " + pod + " --wait=false");
    world.session.advance(seconds(5));
    CHECK(world.event("FailedKillPod", "error killing pod: [failed to \"KillContainer\" for \"nginx\" with KillContainerError: "));
    world.session.advance(minutes(2));
    CHECK(world.out("kubectl get pod " + pod).find("Terminating") != std::string::npos);
    world.containerd(true);
    world.session.advance(minutes(1));
    CHECK(world.out("kubectl get pod " + pod).find("NotFound") != std::string::npos);
    CHECK(world.out("kubectl get pods -l app=web").find("1/1") != std::string::npos);
}

TEST_CASE("a process that ends meanwhile is found dead, at its own time, and restarted") {
    World world;
    world.session.run("kubectl run brief --image=busybox --command -- sleep 60");
    world.session.settle();
    world.containerd(false);
    world.session.advance(minutes(3));
    const auto state = [&](const std::string& path) { return world.out("kubectl get pod brief -o jsonpath={.status.containerStatuses[0]." + path + "}"); };
    CHECK(state("restartCount") == "0");
    world.containerd(true);
    world.session.advance(seconds(20));
    CHECK(state("restartCount") == "1");
    const auto started = parse_rfc3339(state("lastState.terminated.startedAt"));
    const auto finished = parse_rfc3339(state("lastState.terminated.finishedAt"));
    REQUIRE(started);
    REQUIRE(finished);
    CHECK((*finished - *started).whole_ms() / 1000 <= 61);
}

TEST_CASE("Pods on a node without a runtime are replaced elsewhere after five minutes") {
    Options options;
    options.scenario = "empty";
    options.workers = 2;
    Session session(options);
    session.run("kubectl create deployment web --image=nginx:1.29");
    session.settle();
    const auto node = session.run("kubectl get pods -l app=web -o jsonpath={.items[0].spec.nodeName}").out;
    REQUIRE(session.set_component_running("containerd/" + node, false).ok());
    session.advance(minutes(7));
    const auto pods = session.run("kubectl get pods -l app=web -o wide --no-headers").out;
    CHECK(pods.find("Terminating") != std::string::npos);
    CHECK(pods.find(node == "node-1" ? "node-2" : "node-1") != std::string::npos);
    // The machine starts anew, its runtime with it.
    session.cluster().set_node_power(node, Power::off);
    session.advance(seconds(10));
    session.cluster().set_node_power(node, Power::on);
    session.advance(minutes(2));
    CHECK(session.cluster().component_running("containerd/" + node));
    CHECK(session.run("kubectl get pods -l app=web --no-headers").out.find("Terminating") == std::string::npos);
}

TEST_CASE("a pull that loses its runtime is tried again") {
    World world;
    world.session.run("kubectl run late --image=mongo:7");
    world.session.advance(milliseconds(1500));
    world.containerd(false);
    world.session.advance(minutes(1));
    CHECK(world.event("Failed", "Failed to pull image \"mongo:7\": rpc error: code = Unavailable desc = error reading from server: EOF"));
    world.containerd(true);
    world.session.advance(minutes(2));
    CHECK(world.out("kubectl get pod late -o jsonpath={.status.containerStatuses[0].imageID}").find("mongo") != std::string::npos);
}
