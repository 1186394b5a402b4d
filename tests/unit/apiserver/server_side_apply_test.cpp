// Facts: k8s.io/apiserver/pkg/endpoints/handlers/patch.go, create.go, k8s.io/apimachinery/pkg/apis/meta/v1/validation,
// test/integration/apiserver/apply/apply_test.go, test/e2e/apimachinery/server_side_apply (the conformance story), in own cases.
#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;
using api::Value;
using client::Method;

namespace {

struct Applying : World {
    using World::World;
    client::Response apply(std::string path, Value body, std::map<std::string, std::string> query) {
        return patch(std::move(path), std::move(body), "application/apply-patch+yaml", std::move(query), "kubectl");
    }
    client::Response patch(std::string path, Value body, std::string type, std::map<std::string, std::string> query = {},
                           std::string agent = "curl/8.5.0") {
        client::Request request;
        request.method = Method::patch;
        request.path = std::move(path);
        request.body = std::move(body);
        request.query = std::move(query);
        request.user = "kubernetes-admin";
        request.agent = std::move(agent);
        request.headers["Content-Type"] = std::move(type);
        return server.send(request);
    }
    Value managed(std::string path) { return send(Method::get, std::move(path)).body["metadata"]["managedFields"]; }
    std::string managers(std::string path) {
        std::string text;
        for (const auto& entry : managed(std::move(path)).items())
            append(text, text.empty() ? "" : " ", entry["manager"].as_string(), ":", entry["operation"].as_string(), entry.contains("subresource") ? "/" : "",
                   entry["subresource"].as_string());
        return text;
    }
};

const std::string config_map = "/api/v1/namespaces/default/configmaps/cm";
const std::string deployment = "/apis/apps/v1/namespaces/default/deployments/web";

Value config(std::string_view data) { return World::json(cat(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm"},"data":)", data, "}")); }

Value web(std::string_view spec) {
    return World::json(cat(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{)", spec,
                           R"("selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx"}]}}}})"));
}

}  // namespace

TEST_CASE("applying creates, changes nothing a second time, and takes away what is no longer applied") {
    Applying world;
    const auto created = world.apply(config_map, config(R"({"a":"1","b":"2"})"), {{"fieldManager", "me"}});
    CHECK(created.code == 201);
    CHECK(created.body["metadata"]["managedFields"][0]["operation"].as_string() == "Apply");
    const auto again = world.apply(config_map, config(R"({"a":"1","b":"2"})"), {{"fieldManager", "me"}});
    CHECK(again.code == 200);
    CHECK(again.body["metadata"]["resourceVersion"] == created.body["metadata"]["resourceVersion"]);
    const auto less = world.apply(config_map, config(R"({"a":"1"})"), {{"fieldManager", "me"}});
    CHECK(api::to_json(less.body["data"]) == R"({"a":"1"})");
    // Owning together changes who manages, and nothing else.
    const auto shared = world.apply(config_map, config(R"({"a":"1"})"), {{"fieldManager", "you"}});
    CHECK(shared.body["metadata"]["resourceVersion"] != less.body["metadata"]["resourceVersion"]);
    CHECK(world.managers(config_map) == "you:Apply me:Apply");
}

TEST_CASE("a conflict names managers and fields; force takes them") {
    Applying world;
    (void)world.apply(config_map, config(R"({"a":"1","b":"1"})"), {{"fieldManager", "me"}});
    (void)world.patch(config_map, World::json(R"({"data":{"b":"2"}})"), "application/merge-patch+json");
    CHECK(world.managers(config_map) == "me:Apply curl:Update");
    const auto refused = world.apply(config_map, config(R"({"a":"3","b":"3"})"), {{"fieldManager", "you"}});
    CHECK(refused.code == 409);
    CHECK(refused.body["reason"].as_string() == "Conflict");
    CHECK(refused.body["message"].as_string() ==
          "Apply failed with 2 conflicts: conflicts with \"curl\" using v1:\n- .data.b\nconflicts with \"me\":\n- .data.a");
    CHECK(api::to_json(refused.body["details"]) ==
          R"({"causes":[{"field":".data.b","message":"conflict with \"curl\" using v1","reason":"FieldManagerConflict"},{"field":".data.a","message":"conflict with \"me\"","reason":"FieldManagerConflict"}]})");
    const auto forced = world.apply(config_map, config(R"({"a":"3","b":"3"})"), {{"fieldManager", "you"}, {"force", "true"}});
    CHECK(forced.code == 200);
    CHECK(world.managers(config_map) == "you:Apply");
    const auto tried = world.apply(config_map, config(R"({"a":"4"})"), {{"fieldManager", "me"}, {"force", "true"}, {"dryRun", "All"}});
    CHECK(tried.body["data"]["a"].as_string() == "4");
    CHECK(tried.body["metadata"]["managedFields"].size() == 2);
    CHECK(world.managers(config_map) == "you:Apply");
}

TEST_CASE("what an apply is refused for") {
    Applying world;
    const auto message = [](const client::Response& response) { return cat(response.code, " ", response.body["message"].as_string()); };
    CHECK(message(world.apply(config_map, config("{}"), {})) ==
          "422 PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
    CHECK(message(world.patch(config_map, World::json("{}"), "application/merge-patch+json", {{"force", "true"}})) ==
          "422 PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
    CHECK(message(world.apply(config_map, World::json(R"({"apiVersion":"v1","kind":"Secret"})"), {{"fieldManager", "me"}})) ==
          "400 invalid object type: /v1, Kind=Secret");
    CHECK(message(world.apply(config_map, World::json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"managedFields":[]}})"), {{"fieldManager", "me"}})) ==
          "400 metadata.managedFields must be nil");
    CHECK(message(world.apply(config_map, World::json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"other"}})"), {{"fieldManager", "me"}})) ==
          "400 the name of the object (other) does not match the name on the URL (cm)");
    CHECK(message(world.apply(config_map, World::json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cm","uid":"x"}})"), {{"fieldManager", "me"}})) ==
          "409 Operation cannot be fulfilled on configmaps \"cm\": uid mismatch: the provided object specified uid x, and no existing object was found");
    CHECK(message(world.apply(deployment + "/status", web(""), {{"fieldManager", "me"}})) == "404 deployments.apps \"web\" not found");
    CHECK(message(world.patch(config_map, World::json("{}"), "text/plain")) ==
          "415 the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
          "application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml");
}

TEST_CASE("a status is applied by itself") {
    Applying world;
    CHECK(world.apply(deployment, web("\"replicas\":2,"), {{"fieldManager", "me"}}).code == 201);
    const auto status = World::json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":5},"status":{"replicas":3}})");
    CHECK(world.apply(deployment + "/status", status, {{"fieldManager", "counter"}}).code == 200);
    CHECK(world.managers(deployment) == "counter:Apply/status me:Apply");
    for (const auto& entry : world.managed(deployment).items())
        if (entry["manager"].as_string() == "counter")
            CHECK(api::to_json(entry["fieldsV1"]) == R"({"f:status":{"f:replicas":{}}})");
    CHECK(world.send(Method::get, deployment).body["spec"]["replicas"].as_int() == 2);
}

TEST_CASE("replicas are applied and taken through /scale") {
    Applying world;
    (void)world.apply(deployment, web("\"replicas\":2,"), {{"fieldManager", "me"}});
    const auto scale = [](int replicas) {
        return World::json(cat(R"({"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web","namespace":"default"},"spec":{"replicas":)", replicas, "}}"));
    };
    const auto refused = world.apply(deployment + "/scale", scale(4), {{"fieldManager", "scaler"}});
    CHECK(refused.body["message"].as_string() == "Apply failed with 1 conflict: conflict with \"me\": .spec.replicas");
    CHECK(world.apply(deployment + "/scale", scale(4), {{"fieldManager", "scaler"}, {"force", "true"}}).code == 200);
    CHECK(world.managers(deployment) == "scaler:Apply/scale me:Apply");
    (void)world.patch(deployment + "/scale", World::json(R"({"spec":{"replicas":1}})"), "application/merge-patch+json");
    CHECK(world.managers(deployment) == "me:Apply curl:Update/scale");
    CHECK(world.managed(deployment)[1]["apiVersion"].as_string() == "apps/v1");
}

TEST_CASE("managedFields are set by who sends them whole, and cleared by an empty entry") {
    Applying world;
    (void)world.send(Method::post, "/api/v1/namespaces/default/configmaps", config(R"({"a":"1"})"), {{"fieldManager", "first"}});
    Value object = world.send(Method::get, config_map).body;
    CHECK(object["metadata"]["managedFields"].size() == 1);
    object.edit("metadata").edit("managedFields").edit_at(0).set("manager", "second");
    CHECK(world.send(Method::put, config_map, object).code == 200);
    CHECK(world.managers(config_map) == "second:Update");
    // Who knows nothing of them does not lose them.
    object = world.send(Method::get, config_map).body;
    object.edit("metadata").erase("managedFields");
    object.edit("data").set("b", "2");
    (void)world.send(Method::put, config_map, object);
    CHECK(world.managers(config_map) == "kubectl:Update second:Update");
    CHECK(world.patch(config_map, World::json(R"([{"op":"replace","path":"/metadata/managedFields","value":[{}]}])"), "application/json-patch+json").code == 200);
    CHECK(world.managed(config_map).is_null());
    (void)world.patch(config_map, World::json(R"({"data":{"c":"3"}})"), "application/merge-patch+json");
    CHECK(world.managed(config_map).is_null());
    (void)world.apply(config_map, config(R"({"a":"1"})"), {{"fieldManager", "me"}});
    CHECK(world.managers(config_map) == "me:Apply before-first-apply:Update");
}

TEST_CASE("a part of an object cannot set them, admission owns nothing, and components get none") {
    Applying world;
    CHECK(world.send(Method::post, "/api/v1/namespaces/default/pods", World::pod("p")).code == 201);
    CHECK(world.managers("/api/v1/namespaces/default/pods/p") == "kubectl:Update");
    const Value fields = world.managed("/api/v1/namespaces/default/pods/p")[0]["fieldsV1"]["f:spec"];
    CHECK_FALSE(fields.contains("f:tolerations"));
    CHECK_FALSE(fields.contains("f:volumes"));
    world.bind("p", "node-1");
    CHECK(world.managers("/api/v1/namespaces/default/pods/p") == "kubectl:Update");
    (void)world.send(Method::patch, "/api/v1/namespaces/default/pods/p/status",
                     World::json(R"({"metadata":{"managedFields":[{}]},"status":{"phase":"Running"}})"));
    CHECK(world.managers("/api/v1/namespaces/default/pods/p") == "kubectl:Update kubectl:Update/status");
    const auto seen = world.admin.get(api::kind::pods, "default", "p");
    CHECK_FALSE(seen.value()["metadata"].contains("managedFields"));
    const auto list = world.send(Method::get, "/api/v1/namespaces/default/pods");
    CHECK(list.body["items"][0]["metadata"]["managedFields"].size() == 2);
}

TEST_CASE("what admission counts for a quota was not asked for by who made the Pod") {
    Applying world;
    (void)world.send(Method::post, "/api/v1/namespaces/default/resourcequotas",
                     World::json(R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"2"}},"status":{"hard":{"pods":"2"},"used":{"pods":"0"}}})"),
                     {{"fieldManager", "owner"}});
    (void)world.send(Method::patch, "/api/v1/namespaces/default/resourcequotas/q/status", World::json(R"({"status":{"hard":{"pods":"2"},"used":{"pods":"0"}}})"),
                     {{"fieldManager", "counter"}});
    CHECK(world.send(Method::post, "/api/v1/namespaces/default/pods", World::pod("p"), {{"fieldManager", "maker"}}).code == 201);
    CHECK(world.send(Method::get, "/api/v1/namespaces/default/resourcequotas/q").body["status"]["used"]["pods"].as_string() == "1");
    CHECK(world.managers("/api/v1/namespaces/default/resourcequotas/q") == "counter:Update/status owner:Update");
    CHECK(world.managers("/api/v1/namespaces/default/pods/p") == "maker:Update");
}

TEST_CASE("both versions of an autoscaler know who manages its fields") {
    Applying world;
    const std::string v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/h", v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/h";
    const auto object = [](std::string_view version, int most) {
        return World::json(cat(R"({"apiVersion":"autoscaling/)", version, R"(","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{"maxReplicas":)", most,
                               R"(,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}})"));
    };
    CHECK(world.apply(v1, object("v1", 3), {{"fieldManager", "one"}}).code == 201);
    CHECK(world.apply(v2, object("v2", 4), {{"fieldManager", "two"}}).body["message"].as_string() ==
          "Apply failed with 1 conflict: conflict with \"one\": .spec.maxReplicas");
    CHECK(world.apply(v2, object("v2", 4), {{"fieldManager", "two"}, {"force", "true"}}).code == 200);
    CHECK(world.managed(v1)[1]["apiVersion"].as_string() == "autoscaling/v2");
}
