// Facts: pkg/controller/disruption/disruption_test.go, pkg/controller/resourcequota/resource_quota_controller_test.go,
// pkg/quota/v1/evaluator/core/pods_test.go, kubernetes.io/docs/concepts/policy/resource-quotas.
#include <doctest/doctest.h>

#include "core/api/quota_usage.h"
#include "tests/unit/controllers/world.h"

using namespace kubewalk;
using namespace kubewalk::testing;

namespace {

Value budget(std::string_view rule) {
    return parse(cat(R"({"metadata":{"name":"zk-pdb","namespace":"default"},"spec":{)", rule, R"(,"selector":{"matchLabels":{"app":"zookeeper"}}}})"));
}

void add_pods(World& world, int count, std::string_view owner = {}) {
    for (int i = 0; i < count; ++i)
        world.cluster.put_text(api::kind::pods, cat(R"({"metadata":{"name":"zk-)", i, R"(","namespace":"default","labels":{"app":"zookeeper"})", owner,
                                                    R"(},"spec":{"nodeName":"n"},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})"));
}

Value status_of(const World& world) { return world.cluster.object(api::kind::pod_disruption_budgets, "default/zk-pdb")["status"]; }

}  // namespace

TEST_CASE("minAvailable as a number (TestIntegerMinAvailable)") {
    World world{"disruption-controller"};
    world.cluster.put(api::kind::pod_disruption_budgets, budget(R"("minAvailable":2)"));
    world.run();
    CHECK(status_of(world)["disruptionsAllowed"].as_int() == 0);
    CHECK(world.cluster.told("NoPods: No matching pods found"));
    add_pods(world, 3);
    world.run();
    const Value status = status_of(world);
    CHECK(status["currentHealthy"].as_int() == 3);
    CHECK(status["desiredHealthy"].as_int() == 2);
    CHECK(status["expectedPods"].as_int() == 3);
    CHECK(status["disruptionsAllowed"].as_int() == 1);
    CHECK(status["conditions"][0]["reason"].as_string() == "SufficientPods");
    world.cluster.drop(api::kind::pods, "default/zk-0");
    world.run();
    CHECK(status_of(world)["disruptionsAllowed"].as_int() == 0);
    CHECK(status_of(world)["conditions"][0]["reason"].as_string() == "InsufficientPods");
}

TEST_CASE("maxUnavailable counts what the controller wants (TestIntegerMaxUnavailableWithScaling)") {
    World world{"disruption-controller"};
    world.cluster.put_text(api::kind::stateful_sets, R"({"metadata":{"name":"zk","namespace":"default"},"spec":{"replicas":5,"template":{"metadata":{"labels":{"app":"zookeeper"}}}}})");
    const auto uid = std::string(api::uid_of(world.cluster.object(api::kind::stateful_sets, "default/zk")));
    world.cluster.put(api::kind::pod_disruption_budgets, budget(R"("maxUnavailable":2)"));
    add_pods(world, 4, cat(R"(,"ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"zk","controller":true,"uid":")", uid, R"("}])"));
    world.run();
    CHECK(status_of(world)["expectedPods"].as_int() == 5);
    CHECK(status_of(world)["desiredHealthy"].as_int() == 3);
    CHECK(status_of(world)["disruptionsAllowed"].as_int() == 1);
}

TEST_CASE("an eviction that was announced counts until its Pod is gone or two minutes are over") {
    World world{"disruption-controller"};
    world.cluster.put(api::kind::pod_disruption_budgets, budget(R"("minAvailable":1)"));
    add_pods(world, 2);
    world.run();
    Value evicting = world.cluster.object(api::kind::pod_disruption_budgets, "default/zk-pdb");
    evicting.edit("status").edit("disruptedPods").set("zk-0", to_rfc3339(world.simulation.now()));
    world.cluster.put(api::kind::pod_disruption_budgets, evicting);
    world.run();
    CHECK(status_of(world)["currentHealthy"].as_int() == 1);
    CHECK(status_of(world)["disruptionsAllowed"].as_int() == 0);
    world.run(minutes(3));
    CHECK(status_of(world)["disruptedPods"].empty());
    CHECK(status_of(world)["disruptionsAllowed"].as_int() == 1);
    CHECK(world.cluster.told("NotDeleted: Pod was expected by PDB default/zk-pdb to be deleted but it wasn't"));
}

TEST_CASE("what a Pod counts for (TestPodEvaluatorUsage)") {
    const Value pod = parse(R"({"spec":{"initContainers":[{"resources":{"requests":{"cpu":"3"}}}],
        "containers":[{"resources":{"requests":{"cpu":"1","memory":"50M"},"limits":{"cpu":"2","memory":"100M"}}},
                      {"resources":{"requests":{"cpu":"1","memory":"1M"}}}]}})");
    const auto usage = api::quota_usage(api::kind::pods, pod);
    CHECK(usage.at("requests.cpu").str() == "3");
    CHECK(usage.at("cpu").str() == "3");
    CHECK(usage.at("requests.memory").str() == "51M");
    CHECK(usage.at("limits.memory").str() == "100M");
    CHECK(usage.at("pods").str() == "1");
    CHECK(usage.at("count/pods").str() == "1");
    Value done = pod;
    done.edit("status").set("phase", "Succeeded");
    CHECK_FALSE(api::quota_usage(api::kind::pods, done).contains("pods"));
    CHECK(api::quota_usage(api::kind::pods, done).contains("count/pods"));
}

TEST_CASE("a quota's status says what is used") {
    World world{"resourcequota-controller"};
    world.cluster.put_text(api::kind::resource_quotas, R"({"metadata":{"name":"object-counts","namespace":"default"},"spec":{"hard":{"configmaps":"10","pods":"4","requests.cpu":"1","count/deployments.apps":"2"}}})");
    world.run();
    const auto used = [&] { return world.cluster.object(api::kind::resource_quotas, "default/object-counts")["status"]["used"]; };
    CHECK(used()["pods"].as_string() == "0");
    world.cluster.put_text(api::kind::pods, R"({"metadata":{"name":"a","namespace":"default"},"spec":{"containers":[{"resources":{"requests":{"cpu":"250m"}}}]}})");
    world.cluster.put_text(api::kind::config_maps, R"({"metadata":{"name":"c","namespace":"default"}})");
    world.cluster.put(api::kind::deployments, deployment("d", 1, "nginx"));
    world.run();
    CHECK(used()["pods"].as_string() == "1");
    CHECK(used()["requests.cpu"].as_string() == "250m");
    CHECK(used()["configmaps"].as_string() == "1");
    CHECK(used()["count/deployments.apps"].as_string() == "1");
    world.cluster.drop(api::kind::pods, "default/a");
    world.run();
    CHECK(used()["pods"].as_string() == "0");
}

TEST_CASE("ClusterRoles gather rules by label, ReplicationControllers keep Pods, Endpoints are mirrored") {
    World world{"clusterrole-aggregation-controller", "replicationcontroller-controller", "endpointslice-mirroring-controller"};
    world.cluster.put_text(api::kind::cluster_roles, R"({"metadata":{"name":"monitoring"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"rbac.example.com/aggregate-to-monitoring":"true"}}]},"rules":[]})");
    world.cluster.put_text(api::kind::cluster_roles, R"({"metadata":{"name":"monitoring-endpoints","labels":{"rbac.example.com/aggregate-to-monitoring":"true"}},"rules":[{"apiGroups":[""],"resources":["services"],"verbs":["get"]}]})");
    world.cluster.put_text(api::kind::replication_controllers, R"({"metadata":{"name":"nginx","namespace":"default"},"spec":{"replicas":3,"selector":{"app":"nginx"},"template":{"metadata":{"labels":{"app":"nginx"}},"spec":{"containers":[]}}}})");
    world.cluster.put_text(api::kind::services, R"({"metadata":{"name":"my-service","namespace":"default"},"spec":{"ports":[{"port":80,"targetPort":9376}]}})");
    world.cluster.put_text(api::kind::endpoints, R"({"metadata":{"name":"my-service","namespace":"default"},"subsets":[{"addresses":[{"ip":"192.0.2.42"}],"ports":[{"port":9376,"protocol":"TCP"}]}]})");
    world.run();
    CHECK(world.cluster.object(api::kind::cluster_roles, "monitoring")["rules"][0]["resources"][0].as_string() == "services");
    CHECK(world.cluster.all(api::kind::pods).size() == 3);
    CHECK(api::controller_of(world.cluster.all(api::kind::pods)[0])["kind"].as_string() == "ReplicationController");
    const auto slices = world.cluster.all(api::kind::endpoint_slices);
    REQUIRE(slices.size() == 1);
    CHECK(slices[0]["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"].as_string() == "endpointslicemirroring-controller.k8s.io");
    CHECK(slices[0]["endpoints"][0]["addresses"][0].as_string() == "192.0.2.42");
    CHECK(slices[0]["endpoints"][0]["conditions"]["ready"].as_bool());
    world.cluster.drop(api::kind::endpoints, "default/my-service");
    world.run();
    CHECK(world.cluster.all(api::kind::endpoint_slices).empty());
}
