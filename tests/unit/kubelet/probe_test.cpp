// Probes over the network, and what their results do.

#include <doctest/doctest.h>

#include "tests/unit/kubelet/world.h"

using namespace kubewalk;
using kubelet::test::World;

namespace {

std::string probed(std::string_view probes) {
    return cat(R"({"hostNetwork":true,"restartPolicy":"Always","containers":[{"name":"web","image":"web:1",)", probes, "}]}");
}

}  // namespace

TEST_CASE("readiness: unready until the first success, and Unhealthy in Go's words before") {
    World world;
    world.add(World::pod(probed(R"("readinessProbe":{"httpGet":{"path":"/health","port":80},"periodSeconds":2})")));
    world.run(seconds(30));
    CHECK(world.condition("Ready") == "True");
    CHECK(world.has_event("Unhealthy: Readiness probe failed: Get \"http://192.168.122.12:80/health\": dial tcp "
                          "192.168.122.12:80: connect: connection refused"));
}

TEST_CASE("readiness: a wrong path keeps the Pod running but unready") {
    World world;
    world.add(World::pod(probed(R"("readinessProbe":{"httpGet":{"path":"/nosuch","port":80},"initialDelaySeconds":3})")));
    world.run(seconds(30));
    CHECK(world.status()["phase"].as_string() == "Running");
    CHECK(world.condition("Ready") == "False");
    CHECK(world.condition("ContainersReady") == "False");
    CHECK(world.has_event("Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404"));
}

TEST_CASE("liveness: three failures, then the container is restarted") {
    World world;
    world.add(World::pod(probed(R"("livenessProbe":{"tcpSocket":{"port":81},"periodSeconds":2})")));
    world.run(seconds(25));
    CHECK(world.has_event("Unhealthy: Liveness probe failed: dial tcp 192.168.122.12:81: connect: connection refused"));
    CHECK(world.has_event("Killing: Container web failed liveness probe, will be restarted"));
    CHECK(world.container()["restartCount"].as_int() >= 1);
}

TEST_CASE("startup: the other probes wait for it") {
    World world;
    world.add(World::pod(probed(R"("startupProbe":{"httpGet":{"path":"/","port":80},"periodSeconds":5,"failureThreshold":10},
        "livenessProbe":{"tcpSocket":{"port":80},"periodSeconds":1,"failureThreshold":1})")));
    world.run(seconds(30));
    CHECK(world.container()["started"].as_bool());
    CHECK(world.container()["restartCount"].as_int() == 0);
    CHECK(world.condition("Ready") == "True");
}
