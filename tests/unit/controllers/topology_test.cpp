// Upstream: staging/src/k8s.io/endpointslice/topologycache/topologycache_test.go (TestAddHints, TestSetNodes), event.go.

#include <doctest/doctest.h>

#include "core/controllers/endpointslice/topology_cache.h"
#include "tests/unit/controllers/fake_cluster.h"

using namespace kubewalk;
using namespace kubewalk::controllers::endpointslice;
using kubewalk::controllers::Objects;
using api::Value;

namespace {

Value node(std::string_view zone, std::string_view cpu, std::string_view labels = "", std::string_view ready = "True") {
    return testing::parse(cat(R"({"metadata":{"name":"n","labels":{"topology.kubernetes.io/zone":")", zone, R"(")", labels,
                              R"(}},"status":{"allocatable":{"cpu":")", cpu, R"("},"conditions":[{"type":"Ready","status":")", ready, R"("}]}})"));
}

// A slice with so many ready endpoints in each zone.
Value slice(std::initializer_list<std::pair<std::string_view, int>> zones) {
    Value endpoints = Value::array();
    int ip = 0;
    for (const auto& [zone, number] : zones)
        for (int i = 0; i < number; ++i)
            endpoints.push_back(testing::parse(cat(R"({"addresses":["10.1.2.)", ++ip, R"("],"zone":")", zone, R"(","conditions":{"ready":true}})")));
    return Value::object({{"metadata", Value::object({{"name", "s"}})}, {"endpoints", endpoints}});
}

std::map<std::string, int> hints(const Value& of) {
    std::map<std::string, int> found;
    for (const auto& endpoint : of["endpoints"].items())
        for (const auto& zone : endpoint["hints"]["forZones"].items())
            ++found[zone["name"].str()];
    return found;
}

SliceInfo info(Value one) { return {"ns/svc", "IPv4", {std::move(one)}, {}, {}}; }

TopologyCache three_equal_zones() {
    TopologyCache cache;
    cache.set_nodes({node("zone-a", "1000m"), node("zone-b", "1000m"), node("zone-c", "1000m")});
    return cache;
}

}  // namespace

TEST_CASE("hints in proportion to CPU: zones with too many endpoints give some away") {
    auto cache = three_equal_zones();
    auto slices = info(slice({{"zone-a", 10}, {"zone-b", 3}, {"zone-c", 2}}));
    const auto told = cache.add_hints(slices);
    REQUIRE(told.size() == 1);
    CHECK(told[0].reason == "TopologyAwareHintsEnabled");
    CHECK(told[0].message == "Topology Aware Hints has been enabled, addressType: IPv4");
    CHECK(hints(slices.create[0]) == std::map<std::string, int>{{"zone-a", 5}, {"zone-b", 5}, {"zone-c", 5}});
    CHECK(cache.overloaded().empty());
    CHECK(cache.add_hints(slices).empty());  // enabled already
    // A zone grows: its share is too small now.
    cache.set_nodes({node("zone-a", "8000m"), node("zone-b", "1000m"), node("zone-c", "1000m")});
    CHECK(cache.overloaded() == std::vector<std::string>{"ns/svc"});
    CHECK(cache.forget("ns/svc", "IPv4").at(0).message == "Topology Aware Hints configuration was disabled, addressType: IPv4");
    CHECK(cache.forget("ns/svc", "IPv4").empty());
}

TEST_CASE("no hints, and why") {
    const auto reason = [](TopologyCache cache, Value one) {
        auto slices = info(std::move(one));
        const auto told = cache.add_hints(slices);
        CHECK(hints(slices.create[0]).empty());
        return told.at(0).message;
    };
    TopologyCache nobody;
    CHECK(reason(nobody, slice({{"zone-a", 4}})) ==
          "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4");
    CHECK(reason(three_equal_zones(), slice({{"zone-a", 2}})) == "Insufficient number of endpoints (2 endpoints, 3 zones), addressType: IPv4");
    CHECK(reason(three_equal_zones(), slice({{"zone-a", 2}, {"zone-c", 2}})) ==
          "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones), addressType: IPv4");
    CHECK(reason(three_equal_zones(), slice({{"", 9}})) == "One or more endpoints do not have a zone specified, addressType: IPv4");
}

TEST_CASE("control planes and nodes that are not ready do not count; one without a zone spoils it") {
    TopologyCache cache;
    cache.set_nodes({node("zone-a", "1000m"), node("zone-b", "1000m"), node("zone-c", "9000m", R"(,"node-role.kubernetes.io/control-plane":"")"),
                     node("zone-c", "9000m", "", "False")});
    auto slices = info(slice({{"zone-a", 1}, {"zone-b", 1}}));
    CHECK(cache.add_hints(slices).at(0).reason == "TopologyAwareHintsEnabled");
    cache.set_nodes({node("zone-a", "1000m"), node("", "1000m")});
    CHECK(cache.add_hints(slices).at(0).message.starts_with("Insufficient Node information"));
    CHECK(hints(slices.create[0]).empty());
}

TEST_CASE("slices that nothing else changed are written only where their hints do not fit") {
    auto cache = three_equal_zones();
    auto fits = info(slice({{"zone-a", 1}, {"zone-b", 1}, {"zone-c", 1}}));
    REQUIRE(cache.add_hints(fits).size() == 1);
    SliceInfo again{"ns/svc", "IPv4", {}, {}, {fits.create[0]}};
    CHECK(cache.add_hints(again).empty());
    CHECK(again.update.empty());
    SliceInfo bare{"ns/svc", "IPv4", {}, {}, {slice({{"zone-a", 1}, {"zone-b", 1}, {"zone-c", 1}})}};
    CHECK(cache.add_hints(bare).empty());
    REQUIRE(bare.update.size() == 1);
    CHECK(hints(bare.update[0]).size() == 3);
}
