// What a CustomResourceDefinition makes an API server serve, and that it belongs to the server's state and to nobody else's.
// k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go, pkg/registry/customresource/strategy.go.

#include <doctest/doctest.h>

#include "core/api/custom_kinds.h"
#include "core/apiserver/custom/json_path.h"
#include "world.h"

namespace kubewalk::apiserver {

namespace {

constexpr std::string_view path = "/apis/stable.example.com/v1/namespaces/default/crontabs";

struct Custom : World {
    Custom() { define(R"({"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","properties":{
        "spec":{"type":"object","properties":{"image":{"type":"string"},"replicas":{"type":"integer","default":1}}},"status":{"type":"object",
        "properties":{"ready":{"type":"boolean"}}}}}}})"); }

    void define(std::string_view versions) {
        const auto made = admin.create(api::kind::custom_resource_definitions, json(cat(R"({"metadata":{"name":"crontabs.stable.example.com"},"spec":{"group":"stable.example.com",
            "scope":"Namespaced","names":{"plural":"crontabs","kind":"CronTab"},"versions":[)", versions, "]}}")));
        REQUIRE(made.ok());
        CHECK(send(client::Method::get, std::string(path)).code == 404);
        (void)send(client::Method::patch, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/crontabs.stable.example.com/status",
                   json(R"({"status":{"conditions":[{"type":"Established","status":"True"}]}})"));
    }
    static api::Value tab(std::string_view name) {
        return json(cat(R"({"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":")", name, R"("},"spec":{"image":"x"}})"));
    }
};

}  // namespace

TEST_CASE("a custom object goes the way of all others") {
    Custom world;
    auto made = world.send(client::Method::post, std::string(path), world.tab("a"));
    CHECK(made.code == 201);
    CHECK(made.body["spec"]["replicas"].as_int() == 1);
    CHECK(made.body["metadata"]["generation"].as_int() == 1);
    CHECK(world.send(client::Method::post, std::string(path), world.tab("a")).body["reason"].as_string() == "AlreadyExists");
    auto list = world.send(client::Method::get, std::string(path));
    CHECK(list.body["kind"].as_string() == "CronTabList");
    CHECK(list.body["items"].size() == 1);
    CHECK(world.send(client::Method::get, cat(path, "/b")).body["message"].as_string() == R"(crontabs.stable.example.com "b" not found)");
    // The status is a part of its own, which alone the status path changes.
    api::Value changed = made.body;
    changed.set("status", World::json(R"({"ready":true})"));
    changed.edit("spec").set("image", "y");
    auto whole = world.send(client::Method::put, cat(path, "/a"), changed);
    CHECK(whole.body["status"].is_null());
    CHECK(whole.body["metadata"]["generation"].as_int() == 2);
    changed.edit("metadata").set("resourceVersion", whole.body["metadata"]["resourceVersion"]);
    changed.edit("spec").set("image", "z");
    auto status = world.send(client::Method::put, cat(path, "/a/status"), changed);
    CHECK(status.body["status"]["ready"].as_bool());
    CHECK(status.body["spec"]["image"].as_string() == "y");
    CHECK(world.send(client::Method::patch, cat(path, "/a"), World::json(R"({"spec":{"image":"w"}})")).code == 415);
    CHECK(world.send(client::Method::get, cat(path, "/a/scale")).code == 404);
    CHECK(world.send(client::Method::del, cat(path, "/a")).code == 200);
    CHECK(world.store.get("/registry/stable.example.com/crontabs/default/a") == nullptr);
}

TEST_CASE("watches of custom objects, and versions that differ in their name") {
    Custom world;
    auto definition = world.admin.get(api::kind::custom_resource_definitions, {}, "crontabs.stable.example.com").take();
    api::Value second = definition["spec"]["versions"][0];
    second.set("name", "v2");
    second.set("storage", false);
    definition.edit_path("spec", "versions").push_back(second);
    REQUIRE(world.admin.update(api::kind::custom_resource_definitions, definition).ok());
    const auto& kind = *world.server.custom_kind("stable.example.com/v2", "CronTab");
    auto& listener = world.listen(kind);
    CHECK(world.send(client::Method::post, std::string(path), world.tab("a")).code == 201);
    world.simulation.run_until(world.simulation.now() + seconds(1));
    REQUIRE(listener.events.size() == 1);
    CHECK(listener.events[0].object["apiVersion"].as_string() == "stable.example.com/v2");
    const auto group = world.send(client::Method::get, "/apis/stable.example.com").body;
    CHECK(group["preferredVersion"]["version"].as_string() == "v2");
    CHECK(world.send(client::Method::get, "/apis/stable.example.com/v2/namespaces/default/crontabs/a").body["apiVersion"].as_string() == "stable.example.com/v2");
}

TEST_CASE("which custom kinds are served belongs to a server's state") {
    Custom world;
    World other;
    CHECK(other.send(client::Method::get, std::string(path)).code == 404);
    const auto store_before = world.store.save();
    const auto before = world.server.save();
    REQUIRE(world.admin.remove(api::kind::custom_resource_definitions, {}, "crontabs.stable.example.com").ok());
    // Its objects are being ended: what is there can be read, nothing new is made.
    CHECK(world.send(client::Method::get, std::string(path)).code == 200);
    CHECK(world.send(client::Method::post, std::string(path), world.tab("late")).code == 405);
    auto ending = world.admin.get(api::kind::custom_resource_definitions, {}, "crontabs.stable.example.com").take();
    CHECK(ending["metadata"]["finalizers"][0].as_string() == "customresourcecleanup.apiextensions.k8s.io");
    ending.edit("metadata").erase("finalizers");
    REQUIRE(world.admin.update(api::kind::custom_resource_definitions, ending).ok());
    CHECK(world.send(client::Method::get, std::string(path)).code == 404);
    world.store.load(store_before);
    world.server.load(before);
    CHECK(world.send(client::Method::get, std::string(path)).code == 200);
}

TEST_CASE("simple JSON paths") {
    const auto object = World::json(R"({"spec":{"n":3,"list":[{"name":"a","v":1},{"name":"b","v":2}]},"status":{"conditions":[{"type":"Ready","status":"True"}]},
        "metadata":{"labels":{"a.b/c":"x"}}})");
    const auto first = [&](std::string_view at) {
        const auto found = at_json_path(object, at);
        return found.empty() ? std::string("-") : api::to_json(found.front());
    };
    CHECK(first(".spec.n") == "3");
    CHECK(first(".spec.list[1].v") == "2");
    CHECK(first(".spec.list[-1].name") == R"("b")");
    CHECK(at_json_path(object, ".spec.list[*].name").size() == 2);
    CHECK(first(".status.conditions[?(@.type==\"Ready\")].status") == R"("True")");
    CHECK(first(".status.conditions[?(@.type=='Gone')].status") == "-");
    CHECK(first(".metadata.labels['a\\.b/c']") == R"("x")");
    CHECK(first(".metadata.labels.a\\.b/c") == R"("x")");
    CHECK(first(".spec.none.deeper") == "-");
}

}  // namespace kubewalk::apiserver
