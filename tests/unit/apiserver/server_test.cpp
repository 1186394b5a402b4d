// Texts as k8s.io/apimachinery/pkg/api/errors and k8s.io/apiserver word them.

#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;
using client::Method;

TEST_CASE("what is not there is answered as upstream does") {
    World world;
    const auto missing = world.send(Method::get, "/apis/apps/v1/namespaces/default/deployments/x");
    CHECK(missing.code == 404);
    CHECK(api::to_json(missing.body) ==
          R"({"apiVersion":"v1","code":404,"details":{"group":"apps","kind":"deployments","name":"x"},)"
          R"("kind":"Status","message":"deployments.apps \"x\" not found","metadata":{},"reason":"NotFound","status":"Failure"})");
    CHECK(world.send(Method::get, "/apis/nothing/v1/things").body["message"] ==
          api::Value("the server could not find the requested resource"));
    CHECK(world.send(Method::put, "/api/v1/namespaces/default/pods").code == 405);
    const auto nowhere = world.admin.create(api::kind::config_maps, World::json(R"({"metadata":{"name":"c","namespace":"nowhere"}})"));
    CHECK(nowhere.error().message == "namespaces \"nowhere\" not found");
}

TEST_CASE("a created object gets its system fields, and cannot be created twice") {
    World world;
    world.simulation.run_for(seconds(5));
    const auto body = World::json(R"({"metadata":{"name":"c","namespace":"default"},"data":{"a":"b"}})");
    const auto created = world.admin.create(api::kind::config_maps, body);
    REQUIRE(created.ok());
    CHECK(created.value()["metadata"]["creationTimestamp"] == api::Value("2026-01-01T00:00:05Z"));
    CHECK(api::uid_of(created.value()).size() == 36);
    CHECK(api::resource_version_of(created.value()) == cat(world.store.revision()));
    CHECK(created.value()["kind"] == api::Value("ConfigMap"));
    CHECK(world.store.get("/registry/configmaps/default/c") != nullptr);
    CHECK(world.admin.create(api::kind::config_maps, body).error().message == "configmaps \"c\" already exists");
}

TEST_CASE("an update from an old revision is refused; one that changes nothing writes nothing") {
    World world;
    const auto first = world.admin.create(api::kind::config_maps, World::json(R"({"metadata":{"name":"c","namespace":"default"}})")).take();
    auto second = first;
    second.edit("data").set("a", "b");
    const auto updated = world.admin.update(api::kind::config_maps, second);
    REQUIRE(updated.ok());
    CHECK(world.admin.update(api::kind::config_maps, first).error().message ==
          "Operation cannot be fulfilled on configmaps \"c\": the object has been modified; please apply your changes "
          "to the latest version and try again");
    const auto revision = world.store.revision();
    CHECK(world.admin.update(api::kind::config_maps, updated.value()).ok());
    CHECK(world.store.revision() == revision);
}

TEST_CASE("admission gives a Pod its account, token, tolerations and priority") {
    World world;
    (void)world.admin.create(api::kind::namespaces, World::json(R"({"metadata":{"name":"bare"}})"));
    auto bare = World::pod("p");
    bare.edit("metadata").set("namespace", "bare");
    CHECK(world.admin.create(api::kind::pods, bare).error().message ==
          "pods \"p\" is forbidden: error looking up service account bare/default: serviceaccount \"default\" not found");
    // Where a controller manager leads, the server waits for the account: plugin/pkg/admission/serviceaccount getServiceAccount.
    (void)world.admin.create(api::kind::namespaces, World::json(R"({"metadata":{"name":"kube-system"}})"));
    (void)world.admin.create(api::kind::leases, World::json(R"({"metadata":{"name":"kube-controller-manager","namespace":"kube-system"},
        "spec":{"holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"2026-01-01T00:00:00.000000Z"}})"));
    CHECK(world.admin.create(api::kind::pods, bare).value()["spec"]["serviceAccountName"] == api::Value("default"));
    bare.edit("metadata").set("name", "q");
    world.simulation.run_for(seconds(20));
    CHECK(world.admin.create(api::kind::pods, bare).error().message ==
          "pods \"q\" is forbidden: error looking up service account bare/default: serviceaccount \"default\" not found");

    const auto created = world.admin.create(api::kind::pods, World::pod("p"));
    REQUIRE(created.ok());
    const auto& spec = created.value()["spec"];
    CHECK(spec["serviceAccountName"] == api::Value("default"));
    CHECK(spec["priority"] == api::Value(0));
    CHECK(spec["preemptionPolicy"] == api::Value("PreemptLowerPriority"));
    CHECK(spec["tolerations"].size() == 2);
    CHECK(spec["volumes"][0]["name"].as_string().starts_with("kube-api-access-"));
    CHECK(spec["containers"][0]["volumeMounts"][0]["mountPath"] ==
          api::Value("/var/run/secrets/kubernetes.io/serviceaccount"));
    CHECK(spec["containers"][0]["volumeMounts"][0]["name"] == spec["volumes"][0]["name"]);
    std::vector<std::string> ids;
    for (const auto& step : world.server.last_steps())
        ids.push_back(step.id);
    CHECK(ids.front() == "apiserver.authn");
    CHECK(ids[1] == "apiserver.authz");
    CHECK(ids.back() == "apiserver.write");
}

TEST_CASE("a Pod on a node is deleted gracefully, one without goes at once") {
    World world;
    (void)world.admin.create(api::kind::pods, World::pod("a"));
    (void)world.admin.create(api::kind::pods, World::pod("b"));
    CHECK(world.admin.remove(api::kind::pods, "default", "a").ok());
    CHECK(!world.admin.get(api::kind::pods, "default", "a").ok());

    world.bind("b", "node-1");
    const auto marked = world.admin.remove(api::kind::pods, "default", "b");
    REQUIRE(marked.ok());
    CHECK(marked.value()["metadata"]["deletionTimestamp"] == api::Value("2026-01-01T00:00:30Z"));
    CHECK(marked.value()["metadata"]["deletionGracePeriodSeconds"] == api::Value(30));
    const auto revision = world.store.revision();
    CHECK(world.admin.remove(api::kind::pods, "default", "b").ok());  // under way already
    CHECK(world.store.revision() == revision);
    CHECK(world.admin.remove(api::kind::pods, "default", "b", {.grace_period_seconds = 0, .propagation_policy = {}, .uid = {}}).ok());
    CHECK(!world.admin.get(api::kind::pods, "default", "b").ok());
}

TEST_CASE("finalizers hold an object until they are gone") {
    World world;
    (void)world.admin.create(api::kind::config_maps,
                             World::json(R"({"metadata":{"name":"c","namespace":"default","finalizers":["example.com/x"]}})"));
    auto held = world.admin.remove(api::kind::config_maps, "default", "c");
    REQUIRE(held.ok());
    CHECK(api::is_deleting(held.value()));
    auto released = held.value();
    released.edit("metadata").erase("finalizers");
    CHECK(world.admin.update(api::kind::config_maps, released).ok());
    CHECK(!world.admin.get(api::kind::config_maps, "default", "c").ok());

    (void)world.admin.create(api::kind::config_maps, World::json(R"({"metadata":{"name":"d","namespace":"default"}})"));
    const auto waiting = world.admin.remove(api::kind::config_maps, "default", "d",
                                            {.grace_period_seconds = -1, .propagation_policy = "Foreground", .uid = {}});
    CHECK(waiting.value()["metadata"]["finalizers"][0] == api::Value("foregroundDeletion"));
}

TEST_CASE("a Namespace ends by its finalizer; while it ends nothing is created in it") {
    World world;
    (void)world.admin.create(api::kind::namespaces, World::json(R"({"metadata":{"name":"shop"}})"));
    CHECK(world.admin.remove(api::kind::namespaces, "", "default").error().message ==
          "namespaces \"default\" is forbidden: this namespace may not be deleted");
    const auto ending = world.admin.remove(api::kind::namespaces, "", "shop");
    REQUIRE(ending.ok());
    CHECK(ending.value()["status"]["phase"] == api::Value("Terminating"));
    const auto refused = world.admin.create(api::kind::config_maps, World::json(R"({"metadata":{"name":"c","namespace":"shop"}})"));
    CHECK(refused.error().message ==
          "configmaps \"c\" is forbidden: unable to create new content in namespace shop because it is being terminated");
    auto finished = ending.value();
    finished.edit("spec").set("finalizers", api::Value::array());
    CHECK(world.send(Method::put, "/api/v1/namespaces/shop/finalize", finished).ok());
    CHECK(!world.admin.get(api::kind::namespaces, "", "shop").ok());
}

TEST_CASE("a Pod is bound once") {
    World world;
    (void)world.admin.create(api::kind::pods, World::pod("p"));
    world.bind("p", "node-1");
    const auto bound = world.admin.get(api::kind::pods, "default", "p").take();
    CHECK(bound["spec"]["nodeName"] == api::Value("node-1"));
    CHECK(bound["status"]["conditions"][0]["type"] == api::Value("PodScheduled"));
    const auto again = world.admin.post(api::kind::pods, "default", "p", "binding", World::json(R"({"target":{"name":"node-2"}})"));
    CHECK(again.error().message ==
          "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"node-1\"");
}

TEST_CASE("scale reads and writes replicas") {
    World world;
    const auto created = world.admin.create(
        api::kind::deployments,
        World::json(R"({"metadata":{"name":"d","namespace":"default"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"x"}},
                    "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})"));
    REQUIRE(created.ok());
    CHECK(created.value()["metadata"]["generation"] == api::Value(1));
    const auto path = "/apis/apps/v1/namespaces/default/deployments/d/scale";
    const auto scale = world.send(Method::get, path);
    CHECK(scale.body["spec"]["replicas"] == api::Value(2));
    CHECK(scale.body["status"]["selector"] == api::Value("app=x"));
    CHECK(world.send(Method::patch, path, World::json(R"({"spec":{"replicas":5}})")).ok());
    const auto scaled = world.admin.get(api::kind::deployments, "default", "d").take();
    CHECK(scaled["spec"]["replicas"] == api::Value(5));
    CHECK(scaled["metadata"]["generation"] == api::Value(2));
}

TEST_CASE("unknown fields: refused, warned of, or ignored") {
    World world;
    const auto body = World::json(R"({"metadata":{"name":"c"},"dta":{"a":"b"}})");
    const std::string path = "/api/v1/namespaces/default/configmaps";
    const auto strict = world.send(Method::post, path, body, {{"fieldValidation", "Strict"}});
    CHECK(strict.code == 400);
    CHECK(strict.body["message"].as_string().find("strict decoding error: unknown field \"dta\"") != std::string_view::npos);
    const auto warned = world.send(Method::post, path, body, {{"fieldValidation", "Warn"}});
    CHECK(warned.code == 201);
    CHECK(warned.warnings == std::vector<std::string>{"unknown field \"dta\""});
    CHECK(world.send(Method::del, path + "/c").ok());
    CHECK(world.send(Method::post, path, body, {{"fieldValidation", "Ignore"}}).warnings.empty());
    CHECK(world.send(Method::get, "/api/v1/namespaces/default/endpoints").warnings ==
          std::vector<std::string>{"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"});
}

TEST_CASE("a dry run writes nothing") {
    World world;
    const auto revision = world.store.revision();
    CHECK(world.send(Method::post, "/api/v1/namespaces/default/pods", World::pod("p"), {{"dryRun", "All"}}).ok());
    CHECK(world.store.revision() == revision);
}

TEST_CASE("only known users get in") {
    World world(with_rbac());
    const auto refused = client::Client(world.server, "curl", "mallory").list(api::kind::pods, "default");
    CHECK(refused.error().message ==
          "pods is forbidden: User \"mallory\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"");
}

TEST_CASE("a stopped server refuses connections, and its watches end") {
    World world;
    auto& listener = world.listen(api::kind::pods);
    world.server.set_available(false);
    const auto response = world.send(Method::get, "/version");
    CHECK(response.code == 0);
    CHECK(response.failure == "dial tcp 192.168.122.11:6443: connect: connection refused");
    world.simulation.run_for(seconds(1));
    CHECK(listener.closed);
    world.server.set_available(true);
    CHECK(world.send(Method::get, "/version").body["gitVersion"] == api::Value("v1.36.0"));
}

TEST_CASE("discovery lists resources with their subresources") {
    World world;
    // kubernetes.io/docs/tasks/administer-cluster/access-cluster-api
    CHECK(world.send(Method::get, "/api/").body == world.send(Method::get, "/api").body);
    CHECK(world.send(Method::get, "/api/").body["kind"] == api::Value("APIVersions"));
    CHECK(world.send(Method::get, "/apis/").code == 200);
    const auto list = world.send(Method::get, "/apis/apps/v1").body;
    CHECK(list["groupVersion"] == api::Value("apps/v1"));
    std::vector<std::string> names;
    for (const auto& resource : list["resources"].items())
        names.push_back(resource["name"].str());
    CHECK(std::find(names.begin(), names.end(), "deployments/scale") != names.end());
    CHECK(std::find(names.begin(), names.end(), "daemonsets/status") != names.end());
    CHECK(world.send(Method::get, "/readyz").body == api::Value("ok"));
}

TEST_CASE("Events end after an hour") {
    World world;
    const auto event = World::json(
        R"({"metadata":{"name":"e","namespace":"default"},"involvedObject":{"kind":"Pod","namespace":"default","name":"p"},"reason":"R","type":"Normal"})");
    REQUIRE(world.admin.create(api::kind::events, event).ok());
    world.simulation.run_for(minutes(59));
    CHECK(world.admin.get(api::kind::events, "default", "e").ok());
    world.simulation.run_for(minutes(2));
    CHECK(!world.admin.get(api::kind::events, "default", "e").ok());
}

TEST_CASE("a checkpoint brings store, watches and allocations back") {
    World world;
    auto& before = world.listen(api::kind::pods);
    CHECK(before.events.empty());
    const auto point = world.simulation.checkpoint();
    const auto first = world.admin.create(api::kind::pods, World::pod("p")).take();
    world.simulation.run_for(seconds(1));
    world.simulation.restore(*point);
    CHECK(!world.admin.get(api::kind::pods, "default", "p").ok());
    const auto second = world.admin.create(api::kind::pods, World::pod("p")).take();
    CHECK(api::to_json(first) == api::to_json(second));  // same seed, same actions, same bytes
    world.simulation.run_for(seconds(1));
    const auto& after = *static_cast<Listener*>(world.simulation.find(world.listener));
    CHECK(after.events.size() == 1);
}
