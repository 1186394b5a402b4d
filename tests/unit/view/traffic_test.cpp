// What the Traffic view shows of a request: which box a hop belongs to, and where a way ends.

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/view/traffic.h"

using namespace kubewalk;

namespace {

cluster::Options one_worker() {
    cluster::Options options;
    options.scenario = "empty";
    options.workers = 1;
    return options;
}

}  // namespace

TEST_CASE("a Pod's own routes are the Pod's, the node's are the node's") {
    cluster::Session session(one_worker());
    session.run("kubectl run asks --image=busybox --command -- sleep 3600");
    session.settle();
    const auto traced = session.trace("pod/default/asks", "http://10.96.0.10:9153/metrics");
    REQUIRE(traced.ok());
    const auto scene = view::traffic_scene(session, *traced.value().trace, 0);
    int own = 0, nodes = 0;
    for (const auto& step : scene.steps) {
        if (step.data.place != net::Place::route)
            continue;
        const bool of_pod = step.data.at == "default/asks/route";
        own += of_pod ? 1 : 0;
        nodes += of_pod ? 0 : 1;
        if (of_pod)
            CHECK(step.element == "pod/default/asks");
        else if (step.data.at == "route")
            CHECK(step.element == cat(step.data.node, "/netfilter"));
    }
    CHECK(own > 0);
    CHECK(nodes > 0);
}

TEST_CASE("a way ends where the packet is dropped or refused") {
    cluster::Session session(one_worker());
    session.run("kubectl create service clusterip nobody --tcp=80");
    session.settle();
    const auto address = session.run("kubectl get service nobody -o jsonpath={.spec.clusterIP}").out;
    const auto traced = session.trace("node/node-1", cat("http://", address, "/"));
    REQUIRE(traced.ok());
    const auto scene = view::traffic_scene(session, *traced.value().trace, 0);
    REQUIRE_FALSE(scene.steps.empty());
    bool ended = false;
    for (const auto& step : scene.steps)
        ended = ended || view::ends_here(step.data);
    CHECK(ended);
}

TEST_CASE("Pods on the way are called as their neighbours are, their ends of the cable after them") {
    cluster::Session session(one_worker());
    session.run("kubectl create deployment web --image=nginx");
    session.run("kubectl expose deployment web --port=80");
    session.settle();
    const auto address = session.run("kubectl get service web -o jsonpath={.spec.clusterIP}").out;
    const auto traced = session.trace("node/node-1", cat("http://", address, "/"));
    REQUIRE(traced.ok());
    const auto scene = view::traffic_scene(session, *traced.value().trace, 0);
    bool pod = false, cable = false;
    for (const auto& machine : scene.machines)
        for (const auto& element : machine.elements) {
            CHECK(element.title.find('/') == std::string::npos);
            pod = pod || (element.kind == view::TrafficElement::Kind::pod && element.title == "web");
            cable = cable || (element.title == "eth0" && element.subtitle == "web");
        }
    CHECK(pod);
    CHECK(cable);
}

TEST_CASE("a node that was dialled and never reached is on the scene, without part in it") {
    cluster::Session session(one_worker());
    session.settle();
    session.run("link cut node-1");
    const auto traced = session.trace("laptop", "http://192.168.122.12:30001/");
    REQUIRE(traced.ok());
    REQUIRE(traced.value().outcome == net::Outcome::unreachable);
    const auto scene = view::traffic_scene(session, *traced.value().trace, 0);
    bool there = false;
    for (const auto& machine : scene.machines) {
        there = there || machine.name == "node-1";
        if (machine.name == "node-1")
            for (const auto& element : machine.elements)
                CHECK_FALSE(element.involved);
    }
    CHECK(there);
}
