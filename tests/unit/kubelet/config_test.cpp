// Environment, volumes and hosts file. Upstream: pkg/kubelet/kubelet_pods_test.go.

#include <doctest/doctest.h>

#include "core/kubelet/expansion.h"
#include "core/kubelet/object_source.h"
#include "core/kubelet/volumes.h"
#include "tests/unit/kubelet/world.h"

using namespace kubewalk;
using kubelet::test::World;

TEST_CASE("$(VAR) expansion, as third_party/forked/golang/expansion's table") {
    const std::map<std::string, std::string> vars = {{"VAR_A", "A"}, {"VAR_EMPTY", ""}};
    CHECK(kubelet::expand("$(VAR_A)", vars) == "A");
    CHECK(kubelet::expand("___$(VAR_EMPTY)___", vars) == "______");
    CHECK(kubelet::expand("$$(VAR_A)_$(VAR_A)", vars) == "$(VAR_A)_A");
    CHECK(kubelet::expand("foo$(NO)bar", vars) == "foo$(NO)bar");
    CHECK(kubelet::expand("f000-$VAR_A", vars) == "f000-$VAR_A");
    CHECK(kubelet::expand("foo\\$(VAR_A", vars) == "foo\\$(VAR_A");
}

TEST_CASE("a missing ConfigMap: CreateContainerConfigError, and the Pod starts when it appears") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"web","image":"web:1","env":[{"name":"X","valueFrom":{"configMapKeyRef":{"name":"m","key":"k"}}}]}]})"));
    world.run(seconds(8));
    CHECK(world.container()["state"]["waiting"]["reason"].as_string() == "CreateContainerConfigError");
    CHECK(world.container()["state"]["waiting"]["message"].as_string() == "configmap \"m\" not found");
    CHECK(world.has_event("Failed: Error: configmap \"m\" not found"));
    world.server.put("/api/v1/namespaces/ns/configmaps/m",
                     api::parse_json(R"({"metadata":{"name":"m","namespace":"ns"},"data":{"other":"1"}})").value());
    world.run(seconds(12));
    CHECK(world.container()["state"]["waiting"]["message"].as_string() == "couldn't find key k in ConfigMap ns/m");
    world.server.put("/api/v1/namespaces/ns/configmaps/m",
                     api::parse_json(R"({"metadata":{"name":"m","namespace":"ns"},"data":{"k":"1"}})").value());
    world.run(seconds(15));
    CHECK(world.status()["phase"].as_string() == "Running");
}

TEST_CASE("volumes: a missing Secret is FailedMount; present, its decoded keys are files") {
    World world;
    world.add(World::pod(R"({"volumes":[{"name":"v","secret":{"secretName":"s"}}],
        "containers":[{"name":"c","image":"box","command":["sleep","3600"],"volumeMounts":[{"name":"v","mountPath":"/etc/s"}]}]})"));
    world.run(seconds(2));
    CHECK(world.has_event("FailedMount: MountVolume.SetUp failed for volume \"v\" : secret \"s\" not found"));
    world.server.put("/api/v1/namespaces/ns/secrets/s",
                     api::parse_json(R"({"metadata":{"name":"s","namespace":"ns"},"data":{"password":"aHVudGVyMg=="}})").value());
    world.run(seconds(10));
    CHECK(world.kubelet().exec("ns", "p", "", {"cat", "/etc/s/password"}).value().out == "hunter2");
}

TEST_CASE("hosts file of a Pod with a subdomain and aliases") {
    const auto pod = World::pod(R"({"hostname":"h","subdomain":"sub","hostAliases":[{"ip":"1.2.3.4","hostnames":["a","b"]}],"containers":[]})");
    CHECK(kubelet::hosts_file(pod, {"10.244.1.7"}, "cluster.local", "") ==
          "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
          "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
          "10.244.1.7\th.sub.ns.svc.cluster.local\th\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n");
}

TEST_CASE("runAsNonRoot refuses an image that runs as root") {
    World world;
    world.add(World::pod(R"({"containers":[{"name":"web","image":"web:1","securityContext":{"runAsNonRoot":true}}]})"));
    world.run(seconds(8));
    CHECK(world.container()["state"]["waiting"]["message"].as_string() ==
          "container has runAsNonRoot and image will run as root (pod: \"p_ns(uid-of-p)\", container: web)");
}
