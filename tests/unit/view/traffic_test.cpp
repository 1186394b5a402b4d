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
