// Image references, the catalogue, and programs that are data.

#include <doctest/doctest.h>

#include "core/kubelet/shell_program.h"
#include "tests/unit/kubelet/world.h"

using namespace kubewalk;
using kubelet::ImageReference;
using kubelet::test::World;

TEST_CASE("references are normalised as containerd does") {
    CHECK(ImageReference::parse("nginx").value().text() == "docker.io/library/nginx:latest");
    CHECK(ImageReference::parse("weaveworksdemos/carts:0.4.8").value().text() == "docker.io/weaveworksdemos/carts:0.4.8");
    CHECK(ImageReference::parse("registry.k8s.io/pause:3.10").value().text() == "registry.k8s.io/pause:3.10");
    // github.com/distribution/reference normalize.go: docker.io/redis:6.0.5, as the guestbook tutorial has it.
    CHECK(ImageReference::parse("docker.io/redis:6.0.5").value().text() == "docker.io/library/redis:6.0.5");
    CHECK(ImageReference::parse("localhost:5000/x").value().text() == "localhost:5000/x:latest");
    CHECK(ImageReference::parse("nginx@sha256:abc").value().text() == "docker.io/library/nginx@sha256:abc");
    CHECK(ImageReference::parse("Nginx").error().message == "invalid reference format: repository name must be lowercase");
}

TEST_CASE("what a registry says to names nobody knows") {
    World world;
    CHECK(world.catalogue.resolve("someone/thing").value().image->generic);
    CHECK(world.catalogue.resolve("nosuch").error().message.find("pull access denied, repository does not exist or may require "
                                                                 "authorization") != std::string::npos);
    CHECK(world.catalogue.resolve("registry.example.org/x:1").error().message ==
          "rpc error: code = Unknown desc = failed to pull and unpack image \"registry.example.org/x:1\": failed to resolve "
          "reference \"registry.example.org/x:1\": failed to do request: Head "
          "\"https://registry.example.org/v2/x/manifests/1\": dial tcp: lookup registry.example.org: no such host");
}

TEST_CASE("a described program answers by its routes and says why it cannot") {
    World world;
    world.add(World::pod(R"({"hostNetwork":true,"containers":[{"name":"web","image":"web:1","command":["/web","--port=8080"]}]})"));
    world.run(seconds(10));
    const auto node = world.network.machine("node-1");
    const auto get = [&](std::string path) {
        const auto dialled = world.network.connect(node, {net::Ip::v4(192, 168, 122, 12), 8080});
        REQUIRE(dialled.outcome == net::Outcome::delivered);
        net::HttpRequest request;
        request.path = std::move(path);
        return world.network.http(dialled.id, request).value_or({});
    };
    CHECK(get("/").body == "hello from node-1");
    CHECK(get("/health").headers.at("content-type") == "application/json");
    CHECK(get("/nosuch").status == 404);
    const auto failed = get("/items/7");
    CHECK(failed.status == 500);
    CHECK(failed.body.find("connect E") == 0);
    CHECK(world.kubelet().logs("ns", "p", "", {}).value().find("listening on 8080\nGET / 200\n") == 0);
}

TEST_CASE("a container's script decides, counts and ends as a shell's does") {
    World world;
    world.add(World::pod(R"({"restartPolicy":"Never","containers":[{"name":"c","image":"box","env":[{"name":"INDEX","value":"1"}],"command":["sh","-c",
        "i=0; while [ $i -lt 3 ]; do echo count $i; i=$((i+1)); done; for w in a b; do echo $w; done; if [ $INDEX = 1 ]; then exit 3; fi; echo never"]}]})"));
    world.run(seconds(10));
    CHECK(world.kubelet().logs("ns", "p", "", {}).value() == "count 0\ncount 1\ncount 2\na\nb\n");
    CHECK(world.status()["containerStatuses"][0]["state"]["terminated"]["exitCode"].as_int() == 3);
}

TEST_CASE("sh -c with a loop prints as time passes") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"c","image":"box","command":["sh","-c","while true; do echo tick; sleep 10; done"]}]})"));
    world.run(seconds(35));
    const auto text = world.kubelet().logs("ns", "p", "", {}).value();
    CHECK(text.substr(0, 15) == "tick\ntick\ntick\n");
    CHECK(world.kubelet().logs("ns", "p", "", {.previous = false, .timestamps = false, .tail_lines = 1, .since = {}}).value() == "tick\n");
    CHECK(world.simulation.settled());  // it goes on for ever, and nobody waits for that
}

TEST_CASE("exec sees the container: its programs, its files, its environment") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"c","image":"box","command":["sleep","3600"],"env":[{"name":"A","value":"1"},{"name":"B","value":"$(A)2"}]}]})"));
    world.run(seconds(10));
    CHECK(world.kubelet().exec("ns", "p", "", {"cat", "/etc/resolv.conf"}).value().out ==
          "search ns.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n");
    CHECK(world.kubelet().exec("ns", "p", "", {"printenv", "B"}).value().out == "12\n");
    CHECK(world.kubelet().exec("ns", "p", "", {"cat", "/etc/hosts"}).value().out.find("10.244.1.2\tp\n") != std::string::npos);
    const auto missing = world.kubelet().exec("ns", "p", "", {"curl", "x"});
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().message.find("OCI runtime exec failed: exec failed: unable to start container process: exec: "
                                       "\"curl\": executable file not found in $PATH") != std::string::npos);
    CHECK(world.kubelet().exec("ns", "q", "", {"true"}).error().reason == "NotFound");
}
