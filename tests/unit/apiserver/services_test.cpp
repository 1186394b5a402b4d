// Upstream: pkg/registry/core/service/storage/storage_test.go, ipallocator and portallocator tests.

#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;

namespace {

Result<api::Value> create(World& world, std::string_view name, std::string_view spec) {
    return world.admin.create(api::kind::services, World::service(name, spec));
}

std::string refusal(World& world, std::string_view spec) { return create(world, "refused", spec).error().message; }

}  // namespace

TEST_CASE("a Service gets an address of the range's upper part, and its families") {
    World world;
    const auto service = create(world, "a", R"({"ports":[{"port":80}]})").take();
    const auto ip = api::parse_ip(service["spec"]["clusterIP"].as_string());
    REQUIRE(ip);
    CHECK(ip->bytes[0] == 10);
    CHECK((ip->bytes[1] & 0xf0) == 96);
    CHECK((ip->bytes[1] > 96 || ip->bytes[2] > 0));  // not in the first 256: kept for requests
    CHECK(service["spec"]["clusterIPs"][0] == service["spec"]["clusterIP"]);
    CHECK(service["spec"]["ipFamilies"] == api::Value::array({"IPv4"}));
    CHECK(service["spec"]["ipFamilyPolicy"] == api::Value("SingleStack"));
}

TEST_CASE("an address can be asked for once") {
    World world;
    REQUIRE(create(world, "dns", R"({"clusterIP":"10.96.0.10","ports":[{"port":53,"protocol":"UDP"}]})").ok());
    CHECK(refusal(world, R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})") ==
          R"(Service "refused" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated)");
    CHECK(refusal(world, R"({"clusterIP":"10.244.0.1","ports":[{"port":80}]})").find(
              "failed to allocate IP 10.244.0.1: the provided IP (10.244.0.1) is not in the valid range. The range of "
              "valid IPs is 10.96.0.0/12") != std::string::npos);
    CHECK(world.admin.remove(api::kind::services, "default", "dns").ok());
    CHECK(create(world, "again", R"({"clusterIP":"10.96.0.10","ports":[{"port":80}]})").ok());
}

TEST_CASE("node ports: asked for, given, refused, given back") {
    World world;
    REQUIRE(create(world, "front-end", R"({"type":"NodePort","ports":[{"port":80,"nodePort":30001}]})").ok());
    CHECK(refusal(world, R"({"type":"NodePort","ports":[{"port":80,"nodePort":30001}]})") ==
          R"(Service "refused" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated)");
    CHECK(refusal(world, R"({"type":"NodePort","ports":[{"port":80,"nodePort":80}]})") ==
          R"(Service "refused" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767)");
    const auto drawn = create(world, "drawn", R"({"type":"NodePort","ports":[{"name":"t","port":53,"protocol":"TCP"},{"name":"u","port":53,"protocol":"UDP"}]})").take();
    const auto port = drawn["spec"]["ports"][0]["nodePort"].as_int();
    CHECK(port >= 30086);  // the first 86 are kept for requests
    CHECK(drawn["spec"]["ports"][1]["nodePort"].as_int() == port);

    auto internal = world.admin.get(api::kind::services, "default", "front-end").take();
    internal.edit("spec").set("type", "ClusterIP");
    const auto updated = world.admin.update(api::kind::services, internal);
    REQUIRE(updated.ok());
    CHECK(updated.value()["spec"]["ports"][0]["nodePort"].is_null());
    CHECK(create(world, "other", R"({"type":"NodePort","ports":[{"port":80,"nodePort":30001}]})").ok());
}

TEST_CASE("an update keeps what was allocated") {
    World world;
    const auto created = create(world, "a", R"({"type":"NodePort","ports":[{"port":80}]})").take();
    const auto updated = world.admin.update(api::kind::services, World::service("a", R"({"type":"NodePort","ports":[{"port":81}]})"));
    REQUIRE(updated.ok());
    CHECK(updated.value()["spec"]["clusterIP"] == created["spec"]["clusterIP"]);
    CHECK(updated.value()["spec"]["ports"][0]["nodePort"] == created["spec"]["ports"][0]["nodePort"]);
}

TEST_CASE("headless and dual-stack") {
    World world;
    const auto headless = create(world, "h", R"({"clusterIP":"None","selector":{"a":"b"},"ports":[{"port":80}]})").take();
    CHECK(headless["spec"]["clusterIPs"] == api::Value::array({"None"}));
    CHECK(headless["spec"]["ipFamilyPolicy"] == api::Value("SingleStack"));
    CHECK(refusal(world, R"({"ipFamilyPolicy":"RequireDualStack","ports":[{"port":80}]})") ==
          R"(Service "refused" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services)");

    Options options;
    options.services.cidrs = {"10.96.0.0/16", "fd00:10:96::/112"};
    World dual(options);
    const auto both = create(dual, "both", R"({"ipFamilyPolicy":"PreferDualStack","ports":[{"port":80}]})").take();
    CHECK(both["spec"]["ipFamilies"] == api::Value::array({"IPv4", "IPv6"}));
    CHECK(both["spec"]["clusterIPs"].size() == 2);
    CHECK(both["spec"]["clusterIPs"][1].as_string().starts_with("fd00:10:96::"));
}
