#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;
using client::WatchType;

TEST_CASE("a watch tells of changes a little later, with the write as their cause") {
    World world;
    auto& listener = world.listen(api::kind::config_maps);
    const auto created = world.admin.create(api::kind::config_maps, World::json(R"({"metadata":{"name":"c","namespace":"default"}})")).take();
    const auto write = world.simulation.log().back();
    CHECK(write.kind == sim::EntryKind::api_call);
    CHECK(write.fact == sim::Fact{"api.call", {"POST", "/api/v1/namespaces/default/configmaps", "201"}});
    CHECK(write.object == sim::ObjectRef{"configmaps", "default", "c"});
    world.simulation.run_for(microseconds(999));
    CHECK(listener.events.empty());
    world.simulation.run_for(milliseconds(3));
    REQUIRE(listener.events.size() == 1);
    CHECK(listener.events[0].type == WatchType::added);
    CHECK(listener.events[0].object == created);
    CHECK(listener.events[0].cause == write.id);
}

TEST_CASE("a selector turns changes into additions and deletions") {
    World world;
    client::ListOptions options;
    options.field_selector = "spec.nodeName=node-1";
    auto& listener = world.listen(api::kind::pods, options);
    (void)world.admin.create(api::kind::pods, World::pod("a"));
    (void)world.admin.create(api::kind::pods, World::pod("b"));
    world.bind("a", "node-1");
    world.bind("b", "node-2");
    (void)world.admin.remove(api::kind::pods, "default", "a");
    (void)world.admin.remove(api::kind::pods, "default", "a", {.grace_period_seconds = 0, .propagation_policy = {}, .uid = {}});
    world.simulation.run_for(seconds(1));
    std::vector<WatchType> types;
    for (const auto& event : listener.events)
        types.push_back(event.type);
    // Bound; marked for deletion; marked with grace 0; removed.
    CHECK(types == std::vector{WatchType::added, WatchType::modified, WatchType::modified, WatchType::deleted});
    CHECK(api::resource_version_of(listener.events.back().object) == cat(world.store.revision()));
}

TEST_CASE("signs of life come as background, unless a real change is with them") {
    World world;
    (void)world.admin.create(api::kind::namespaces, World::json(R"({"metadata":{"name":"kube-node-lease"}})"));
    auto lease = world.admin.create(api::kind::leases, World::json(R"({"metadata":{"name":"n","namespace":"default"},"spec":{"holderIdentity":"n"}})")).take();
    auto& listener = world.listen(api::kind::leases);
    lease.edit("spec").set("renewTime", "2026-01-01T00:00:10.000000Z");
    lease = world.admin.heartbeats().update(api::kind::leases, lease).take();
    CHECK(world.simulation.log().back().heartbeat);
    world.simulation.run_for(seconds(1));
    CHECK(listener.urgencies == std::vector{sim::Urgency::background});
    CHECK(listener.events.at(0).heartbeat);

    lease.edit("spec").set("renewTime", "2026-01-01T00:00:20.000000Z");
    lease = world.admin.heartbeats().update(api::kind::leases, lease).take();
    lease.edit("spec").set("holderIdentity", "m");
    (void)world.admin.update(api::kind::leases, lease);
    CHECK(!world.simulation.settled());
    world.simulation.run_for(seconds(1));
    CHECK(listener.events.size() == 3);
}

TEST_CASE("a watch from a compacted revision is refused") {
    World world;
    const auto old = cat(world.store.revision() - 1);
    world.store.compact(world.store.revision());
    const auto id = world.simulation.add(std::make_unique<Listener>(world.server));
    const auto refused = world.admin.watch(api::kind::pods, "", {}, old, id, 1);
    CHECK(refused.error().reason == "Expired");
    CHECK(refused.error().message == cat("too old resource version: ", old, " (", world.store.revision(), ")"));
}
