#include <doctest/doctest.h>

#include "core/apiserver/table.h"
#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;

TEST_CASE("a list as a Table, as kubectl get asks for it") {
    World world;
    (void)world.admin.create(api::kind::services, World::service("a", R"({"clusterIP":"10.96.0.10","ports":[{"port":53,"protocol":"UDP"}]})"));
    world.simulation.run_for(seconds(90));
    client::Request request;
    request.path = "/api/v1/namespaces/default/services";
    request.headers["Accept"] = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    request.user = "kubernetes-admin";
    const auto table = world.server.send(request).body;
    CHECK(table["kind"] == api::Value("Table"));
    CHECK(table["columnDefinitions"][6]["priority"] == api::Value(1));
    CHECK(api::to_json(table["rows"][0]["cells"]) == R"(["a","ClusterIP","10.96.0.10","<none>","53/UDP","90s","<none>"])");
    CHECK(table["rows"][0]["object"]["kind"] == api::Value("PartialObjectMetadata"));
}
