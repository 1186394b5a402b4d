// The API server without its store. Upstream: k8s.io/apiserver/pkg/server/filters/timeout.go, .../healthz/healthz_test.go,
// pkg/storage/cacher (watches and lists at resourceVersion=0 come from memory).

#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;
using client::Method;

TEST_CASE("without etcd reads and writes time out, each with its own answer") {
    World world;
    REQUIRE(world.admin.create(api::kind::pods, World::pod("p")).ok());
    const auto revision = world.store.revision();
    world.server.set_storage_answers(false);

    const auto read = world.send(Method::get, "/api/v1/namespaces/default/pods/p");
    CHECK(read.code == 504);
    CHECK(read.body["kind"].is_null());  // clients do not know it for a Status
    CHECK(read.body["message"].as_string() == "Timeout: request did not complete within the allotted timeout");
    CHECK(world.send(Method::get, "/api/v1/pods").code == 504);

    const auto written = world.send(Method::post, "/api/v1/namespaces/default/pods", World::pod("q"));
    CHECK(written.code == 504);
    CHECK(written.body["kind"].as_string() == "Status");
    CHECK(written.body["reason"].as_string() == "Timeout");
    CHECK(written.body["message"].as_string() == "Timeout: request did not complete within requested timeout - context deadline exceeded");
    CHECK(world.send(Method::del, "/api/v1/namespaces/default/pods/p").code == 504);
    CHECK(world.send(Method::del, "/api/v1/namespaces/default/pods/nobody").code == 504);  // not known to be absent
    CHECK(world.send(Method::get, "/api/v1/namespaces/default/pods/p/log").code == 504);
    // Decoding, admission and validation need no store.
    CHECK(world.send(Method::post, "/api/v1/namespaces/default/pods", World::json(R"({"metadata":{"name":"x"},"spec":{"containers":[]}})")).code == 422);
    CHECK(world.store.revision() == revision);

    world.server.set_storage_answers(true);
    CHECK(world.send(Method::get, "/api/v1/namespaces/default/pods/p").code == 200);
    CHECK(world.send(Method::get, "/api/v1/namespaces/default/pods/q").code == 404);
}

TEST_CASE("what the server has in memory goes on: watches, discovery, lists at any version") {
    World world;
    auto& listener = world.listen(api::kind::pods);
    world.server.set_storage_answers(false);
    world.simulation.run_for(seconds(1));
    CHECK_FALSE(listener.closed);
    CHECK(world.send(Method::get, "/version").code == 200);
    CHECK(world.send(Method::get, "/apis/apps/v1").code == 200);
    CHECK(world.send(Method::get, "/api/v1/pods", {}, {{"resourceVersion", "0"}}).code == 200);
    CHECK(world.admin.watch(api::kind::pods, "default", {}, "1", world.listener, 1).ok());
}

TEST_CASE("health: etcd's checks fail, by themselves and in the sum; what is left out does not count") {
    World world;
    CHECK(world.send(Method::get, "/livez").body.as_string() == "ok");
    const auto verbose = world.send(Method::get, "/readyz", {}, {{"verbose", ""}});
    CHECK(verbose.code == 200);
    CHECK(verbose.body.as_string().starts_with("[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]etcd-readiness ok\n[+]informer-sync ok\n"));
    CHECK(verbose.body.as_string().ends_with("[+]shutdown ok\nreadyz check passed\n"));
    world.server.set_storage_answers(false);
    const auto live = world.send(Method::get, "/livez");
    CHECK(live.code == 500);
    CHECK(live.body.as_string().find("[+]log ok\n[-]etcd failed: reason withheld\n[+]poststarthook/") != std::string::npos);
    CHECK(live.body.as_string().ends_with("livez check failed\n"));
    CHECK(world.send(Method::get, "/livez/etcd").code == 500);
    CHECK(world.send(Method::get, "/livez/ping").body.as_string() == "ok");
    CHECK(world.send(Method::get, "/livez/nothing").code == 404);
    CHECK(world.send(Method::get, "/livez/etcd-readiness").code == 404);
    CHECK(world.send(Method::get, "/livez", {}, {{"exclude", "etcd"}}).body.as_string() == "ok");
    CHECK(world.send(Method::get, "/healthz").code == 500);
}
