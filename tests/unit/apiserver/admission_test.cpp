// Admission plugins that need other objects, evictions, and kinds that are served in two versions.
// Texts as plugin/pkg/admission/{limitranger,resourcequota}, k8s.io/pod-security-admission and
// pkg/registry/core/pod/storage/eviction.go word them.

#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;
using client::Method;

namespace {

constexpr std::string_view pods = "/api/v1/namespaces/default/pods";

std::string message(const client::Response& response) { return response.ok() ? std::string("ok") : response.body["message"].str(); }

}  // namespace

TEST_CASE("LimitRanges fill in and refuse") {
    World world;
    REQUIRE(world.admin.create(api::kind::limit_ranges, World::json(R"({"metadata":{"name":"limits","namespace":"default"},"spec":{"limits":[
        {"type":"Container","max":{"memory":"1Gi"},"default":{"memory":"512Mi"},"defaultRequest":{"memory":"256Mi"}}]}})")).ok());
    const auto made = world.send(Method::post, std::string(pods), World::pod("p"));
    REQUIRE(made.ok());
    CHECK(api::to_json(made.body["spec"]["containers"][0]["resources"]) == R"({"limits":{"memory":"512Mi"},"requests":{"memory":"256Mi"}})");
    CHECK(made.body["metadata"]["annotations"]["kubernetes.io/limit-ranger"].str() ==
          "LimitRanger plugin set: memory request for container c; memory limit for container c");
    auto greedy = World::pod("greedy");
    greedy.edit("spec").edit("containers").edit_at(0).set("resources", World::json(R"({"limits":{"memory":"2Gi"}})"));
    CHECK(message(world.send(Method::post, std::string(pods), greedy)) ==
          "pods \"greedy\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi");
}

TEST_CASE("ResourceQuotas count, and refuse what exceeds them") {
    World world;
    REQUIRE(world.admin.create(api::kind::resource_quotas, World::json(R"({"metadata":{"name":"few","namespace":"default"},"spec":{"hard":{"pods":"1"}}})")).ok());
    auto quota = world.admin.get(api::kind::resource_quotas, "default", "few").take();
    quota.set("status", World::json(R"({"hard":{"pods":"1"}})"));
    quota = world.admin.update_status(api::kind::resource_quotas, quota).take();
    CHECK(message(world.send(Method::post, std::string(pods), World::pod("early"))) ==
          "pods \"early\" is forbidden: status unknown for quota: few, resources: pods");
    quota.edit("status").set("used", World::json(R"({"pods":"0"})"));
    REQUIRE(world.admin.update_status(api::kind::resource_quotas, quota).ok());
    CHECK(message(world.send(Method::post, std::string(pods), World::pod("one"))) == "ok");
    CHECK(message(world.send(Method::post, std::string(pods), World::pod("two"))) ==
          "pods \"two\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1");
}

TEST_CASE("PodSecurity enforces and warns") {
    World world;
    auto space = world.admin.get(api::kind::namespaces, "", "default").take();
    space.edit("metadata").set("labels", World::json(R"({"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/warn":"restricted"})"));
    REQUIRE(world.admin.update(api::kind::namespaces, space).ok());
    auto pod = World::pod("p");
    pod.edit("spec").edit("containers").edit_at(0).set("securityContext", World::json(R"({"privileged":true})"));
    CHECK(message(world.send(Method::post, std::string(pods), pod)) ==
          "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": privileged (container \"c\" must not set securityContext.privileged=true)");
    const auto warned = world.send(Method::post, std::string(pods), World::pod("q"));
    CHECK(warned.code == 201);
    REQUIRE(warned.warnings.size() == 1);
    CHECK(warned.warnings[0] ==
          "would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"c\" must set "
          "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set "
          "securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), "
          "seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")");
}

TEST_CASE("an eviction asks the budget") {
    World world;
    REQUIRE(world.send(Method::post, std::string(pods), World::pod("p")).ok());
    world.bind("p", "node-1");
    auto pod = world.admin.get(api::kind::pods, "default", "p").take();
    pod.set("status", World::json(R"({"phase":"Running","conditions":[{"type":"Ready","status":"True"}]})"));
    REQUIRE(world.admin.update_status(api::kind::pods, pod).ok());
    auto budget = world.admin.create(api::kind::pod_disruption_budgets, World::json(
        R"({"metadata":{"name":"b","namespace":"default"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"x"}}}})")).take();
    budget.set("status", World::json(R"({"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":1,"desiredHealthy":1,"expectedPods":1})"));
    budget = world.admin.update_status(api::kind::pod_disruption_budgets, budget).take();
    const auto evict = World::json(R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p","namespace":"default"}})");
    const auto refused = world.send(Method::post, cat(pods, "/p/eviction"), evict);
    CHECK(refused.code == 429);
    CHECK(refused.body["reason"].str() == "TooManyRequests");
    CHECK(message(refused) == "Cannot evict pod as it would violate the pod's disruption budget.");
    CHECK(refused.body["details"]["causes"][0]["message"].str() == "The disruption budget b needs 1 healthy pods and has 1 currently");
    budget.edit("status").set("disruptionsAllowed", 1);
    REQUIRE(world.admin.update_status(api::kind::pod_disruption_budgets, budget).ok());
    CHECK(world.send(Method::post, cat(pods, "/p/eviction"), evict).code == 201);
    CHECK(world.admin.get(api::kind::pods, "default", "p").value()["metadata"].contains("deletionTimestamp"));
    CHECK(world.admin.get(api::kind::pod_disruption_budgets, "default", "b").value()["status"]["disruptionsAllowed"].as_int() == 0);
}

TEST_CASE("an autoscaler is one object in two versions; removed versions are gone") {
    World world;
    const std::string v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
    const auto made = world.send(Method::post, v1, World::json(
        R"({"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h","namespace":"default"},"spec":{
            "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"maxReplicas":3,"targetCPUUtilizationPercentage":50}})"));
    REQUIRE(made.ok());
    const auto v2 = world.send(Method::get, "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/h").body;
    CHECK(v2["apiVersion"].str() == "autoscaling/v2");
    CHECK(api::to_json(v2["spec"]["metrics"]) == R"([{"resource":{"name":"cpu","target":{"averageUtilization":50,"type":"Utilization"}},"type":"Resource"}])");
    CHECK(world.send(Method::get, v1 + "/h").body["spec"]["targetCPUUtilizationPercentage"].as_int() == 50);
    CHECK(world.send(Method::get, "/apis/autoscaling").body["preferredVersion"]["version"].str() == "v2");
    for (const std::string_view gone : {"/apis/apps/v1beta1/namespaces/default/deployments", "/apis/extensions/v1beta1/namespaces/default/ingresses",
                                        "/apis/batch/v1beta1/namespaces/default/cronjobs", "/apis/policy/v1beta1/namespaces/default/poddisruptionbudgets"})
        CHECK(world.send(Method::get, std::string(gone)).code == 404);
}
