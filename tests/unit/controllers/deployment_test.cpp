#include <doctest/doctest.h>

#include "core/controllers/controller_utils.h"
#include "core/controllers/deployment/deployment_util.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;

namespace {
Value only_replica_set(const World& world) {
    const auto all = world.cluster.all(api::kind::replica_sets);
    return all.size() == 1 ? all[0] : Value();
}
}  // namespace

TEST_CASE("a Deployment becomes a ReplicaSet and its Pods") {
    World world{"deployment-controller", "replicaset-controller"};
    world.cluster.put(api::kind::deployments, deployment("carts", 3, "weaveworksdemos/carts:0.4.8"));
    world.run_with_pods_ready(1);

    const Value replica_set = only_replica_set(world);
    const std::string name(api::name_of(replica_set));
    CHECK(name == cat("carts-", replica_set["metadata"]["labels"]["pod-template-hash"].as_string()));
    CHECK(replica_set["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_string() == "1");
    CHECK(replica_set["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"].as_string() == "3");
    CHECK(replica_set["metadata"]["annotations"]["deployment.kubernetes.io/max-replicas"].as_string() == "4");
    CHECK(api::controller_of(replica_set)["kind"].as_string() == "Deployment");
    const auto pods = world.cluster.all(api::kind::pods);
    REQUIRE(pods.size() == 3);
    CHECK(api::name_of(pods[0]).starts_with(name + "-"));
    CHECK(world.cluster.told(cat("ScalingReplicaSet: Scaled up replica set ", name, " from 0 to 3")));
    CHECK(world.cluster.told(cat("SuccessfulCreate: Created pod: ", api::name_of(pods[0]))));

    const Value status = world.cluster.object(api::kind::deployments, "default/carts")["status"];
    CHECK(status["availableReplicas"].as_int() == 3);
    CHECK(status["observedGeneration"].as_int() == 1);
    CHECK(controllers::deployment::find_condition(status, "Available")["status"].as_string() == "True");
    CHECK(controllers::deployment::find_condition(status, "Progressing")["reason"].as_string() ==
          "NewReplicaSetAvailable");
    CHECK(controllers::deployment::find_condition(status, "Progressing")["message"].as_string() ==
          cat("ReplicaSet \"", name, "\" has successfully progressed."));
}

TEST_CASE("Pods are created once although the watch is late") {
    World world{"deployment-controller", "replicaset-controller"};
    world.cluster.put(api::kind::deployments, deployment("carts", 5, "a"));
    world.run();
    int created = 0;
    for (const auto& request : world.cluster.requests)
        created += request.method == client::Method::post && request.path == "/api/v1/namespaces/default/pods" ? 1 : 0;
    CHECK(created == 5);
}

TEST_CASE("a deleted Pod is replaced") {
    World world{"replicaset-controller", "deployment-controller"};
    world.cluster.put(api::kind::deployments, deployment("carts", 2, "a"));
    world.run_with_pods_ready(1);
    world.cluster.drop(api::kind::pods, api::key_of(world.cluster.all(api::kind::pods)[0]));
    world.run();
    CHECK(world.cluster.all(api::kind::pods).size() == 2);
}

TEST_CASE("a rolling update keeps to maxSurge and maxUnavailable and leaves the old ReplicaSet at zero") {
    World world{"deployment-controller", "replicaset-controller"};
    world.cluster.put(api::kind::deployments, deployment("carts", 4, "a"));
    world.run_with_pods_ready(1);
    const std::string old_name(api::name_of(only_replica_set(world)));

    Value next = world.cluster.object(api::kind::deployments, "default/carts");
    next.edit_path("spec", "template", "spec", "containers").edit_at(0).set("image", "b");
    next.edit("metadata").set("generation", 2);
    world.cluster.put(api::kind::deployments, next);
    for (int i = 0; i < 12; ++i) {
        world.run(milliseconds(500));
        int ready = 0;
        const auto pods = world.cluster.all(api::kind::pods);
        for (const auto& pod : pods)
            ready += controllers::is_pod_ready(pod) ? 1 : 0;
        CHECK(pods.size() <= 5);  // 4 + 25%
        CHECK(ready >= 3);        // 4 - 25%
        world.make_pods_ready();
    }
    CHECK(world.replicas_of(cat("default/", old_name)) == 0);
    CHECK(world.cluster.all(api::kind::replica_sets).size() == 2);
    const Value done = world.cluster.object(api::kind::deployments, "default/carts");
    CHECK(done["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_string() == "2");
    CHECK(done["status"]["updatedReplicas"].as_int() == 4);
    CHECK(world.cluster.told(cat("ScalingReplicaSet: Scaled down replica set ", old_name, " from 1 to 0")));
}

TEST_CASE("Recreate brings the old Pods down before the new ones come up") {
    World world{"deployment-controller", "replicaset-controller"};
    world.cluster.put(api::kind::deployments, deployment("db", 2, "a", R"({"type":"Recreate"})"));
    world.run_with_pods_ready(1);
    Value next = world.cluster.object(api::kind::deployments, "default/db");
    next.edit_path("spec", "template", "spec", "containers").edit_at(0).set("image", "b");
    world.cluster.put(api::kind::deployments, next);
    for (int i = 0; i < 10; ++i) {
        world.run(milliseconds(10));
        std::string images;
        for (const auto& pod : world.cluster.all(api::kind::pods))
            append(images, pod["spec"]["containers"][0]["image"].as_string());
        const bool mixed = images.find('a') != std::string::npos && images.find('b') != std::string::npos;
        CHECK_FALSE(mixed);
    }
    world.run_with_pods_ready(1);
    const auto pods = world.cluster.all(api::kind::pods);
    REQUIRE(pods.size() == 2);
    CHECK(pods[0]["spec"]["containers"][0]["image"].as_string() == "b");
}

TEST_CASE("a paused Deployment scales but does not roll") {
    World world{"deployment-controller", "replicaset-controller"};
    world.cluster.put(api::kind::deployments, deployment("carts", 1, "a"));
    world.run_with_pods_ready(1);
    Value next = world.cluster.object(api::kind::deployments, "default/carts");
    next.edit("spec").set("paused", true);
    next.edit("spec").set("replicas", 3);
    next.edit_path("spec", "template", "spec", "containers").edit_at(0).set("image", "b");
    world.cluster.put(api::kind::deployments, next);
    world.run();
    CHECK(world.cluster.all(api::kind::replica_sets).size() == 1);
    CHECK(world.cluster.all(api::kind::pods).size() == 3);
    const Value status = world.cluster.object(api::kind::deployments, "default/carts")["status"];
    CHECK(controllers::deployment::find_condition(status, "Progressing")["reason"].as_string() == "DeploymentPaused");
}

TEST_CASE("a rollout that makes no progress is told after its deadline, and does not keep the cluster from settling") {
    World world{"deployment-controller", "replicaset-controller"};
    world.cluster.put(api::kind::deployments, deployment("carts", 1, "a"));
    CHECK(world.simulation.settle(minutes(5)));
    world.run(minutes(11));
    const Value status = world.cluster.object(api::kind::deployments, "default/carts")["status"];
    CHECK(controllers::deployment::find_condition(status, "Progressing")["reason"].as_string() ==
          "ProgressDeadlineExceeded");
}
