// RuntimeClass, IPAddress, ServiceCIDR, the CSI kinds, ComponentStatus, Binding, pods/resize.
// Upstream: plugin/pkg/admission/runtimeclass/admission_test.go, pkg/apis/{node,networking,storage}/validation/validation_test.go,
// pkg/registry/core/service/ipallocator/ipallocator_test.go, pkg/apis/core/validation/validation_test.go (TestValidatePodResize).

#include <doctest/doctest.h>

#include "tests/unit/apiserver/world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;
using client::Method;

namespace {

const api::Kind& kind(std::string_view version, std::string_view name) { return *api::find_kind(version, name); }

std::string refusal(World& world, std::string_view path, std::string_view body) {
    return world.send(Method::post, std::string(path), World::json(body)).body["message"].str();
}

api::Value get(World& world, std::string_view path) { return world.send(Method::get, std::string(path)).body; }

}  // namespace

TEST_CASE("a runtime class gives its Pods overhead and a place, and must be there") {
    World world;
    REQUIRE(world.admin.create(kind("node.k8s.io/v1", "RuntimeClass"), World::json(R"({"metadata":{"name":"kata"},"handler":"kata",
        "overhead":{"podFixed":{"cpu":"250m"}},"scheduling":{"nodeSelector":{"a":"b"},"tolerations":[
        {"key":"k","operator":"Exists","effect":"NoSchedule"}]}})")).ok());
    const auto pod = world.admin.create(api::kind::pods, World::pod("p", R"(,"runtimeClassName":"kata","nodeSelector":{"c":"d"})")).take();
    CHECK(pod["spec"]["overhead"]["cpu"].as_string() == "250m");
    CHECK(pod["spec"]["nodeSelector"]["a"].as_string() == "b");
    CHECK(pod["spec"]["nodeSelector"]["c"].as_string() == "d");
    CHECK(pod["spec"]["tolerations"][2]["key"].as_string() == "k");  // behind the two that every Pod gets
    const auto wrong = [&](std::string_view more) { return world.admin.create(api::kind::pods, World::pod("x", more)).error().message; };
    CHECK(wrong(R"(,"runtimeClassName":"nowhere")") == R"(pods "x" is forbidden: pod rejected: RuntimeClass "nowhere" not found)");
    CHECK(wrong(R"(,"runtimeClassName":"kata","overhead":{"cpu":"1"})") ==
          "pods \"x\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    CHECK(wrong(R"(,"overhead":{"cpu":"1"})") ==
          "pods \"x\" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    CHECK(wrong(R"(,"runtimeClassName":"kata","nodeSelector":{"a":"z"})") ==
          "pods \"x\" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[a] = b; pod.spec.nodeSelector[a] = z");
}

TEST_CASE("a runtime class: its handler is a label and stays") {
    World world;
    CHECK(refusal(world, "/apis/node.k8s.io/v1/runtimeclasses", R"({"metadata":{"name":"a"},"handler":"&"})")
              .starts_with("RuntimeClass.node.k8s.io \"a\" is invalid: handler: Invalid value: \"&\": a lowercase RFC 1123 label must consist of"));
    auto object = world.admin.create(kind("node.k8s.io/v1", "RuntimeClass"), World::json(R"({"metadata":{"name":"a"},"handler":"h"})")).take();
    object.set("handler", "other");
    CHECK(world.admin.update(kind("node.k8s.io/v1", "RuntimeClass"), object).error().message ==
          "RuntimeClass.node.k8s.io \"a\" is invalid: handler: Invalid value: \"other\": field is immutable");
}

TEST_CASE("each address of a Service has an object; it comes and goes with the address") {
    World world;
    REQUIRE(world.admin.create(api::kind::services, World::service("a", R"({"clusterIP":"10.96.0.7","ports":[{"port":80}]})")).ok());
    const auto address = get(world, "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.7");
    CHECK(address["spec"]["parentRef"]["name"].as_string() == "a");
    CHECK(address["spec"]["parentRef"]["namespace"].as_string() == "default");
    CHECK(address["spec"]["parentRef"]["resource"].as_string() == "services");
    CHECK(address["metadata"]["labels"]["ipaddress.kubernetes.io/ip-family"].as_string() == "IPv4");
    // Deleted by hand while in use: it comes back as another object.
    CHECK(world.send(Method::del, "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.7").code == 200);
    const auto again = get(world, "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.7");
    CHECK(again["spec"] == address["spec"]);
    CHECK(again["metadata"]["uid"] != address["metadata"]["uid"]);
    REQUIRE(world.admin.remove(api::kind::services, "default", "a").ok());
    CHECK(world.send(Method::get, "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.7").code == 404);
    REQUIRE(world.admin.create(api::kind::services, World::service("headless", R"({"clusterIP":"None","selector":{"a":"b"},"ports":[{"port":80}]})")).ok());
    CHECK(get(world, "/apis/networking.k8s.io/v1/ipaddresses")["items"].empty());
}

TEST_CASE("a ServiceCIDR that is ready widens the range") {
    World world;
    const std::string_view spec = R"({"clusterIP":"10.200.0.9","ports":[{"port":80}]})";
    const client::Client& admin = world.admin;
    CHECK_FALSE(admin.create(api::kind::services, World::service("a", spec)).ok());
    auto range = admin.create(kind("networking.k8s.io/v1", "ServiceCIDR"), World::json(R"({"metadata":{"name":"more"},"spec":{"cidrs":["10.200.0.0/28"]}})"));
    REQUIRE(range.ok());
    CHECK_FALSE(admin.create(api::kind::services, World::service("a", spec)).ok());  // nobody has said that it is ready
    range.value().set("status", World::json(R"({"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"","message":""}]})"));
    REQUIRE(admin.update_status(kind("networking.k8s.io/v1", "ServiceCIDR"), range.value()).ok());
    CHECK(admin.create(api::kind::services, World::service("a", spec)).ok());
}

TEST_CASE("names and ranges are written in one way only") {
    World world;
    const std::string_view addresses = "/apis/networking.k8s.io/v1/ipaddresses", ranges = "/apis/networking.k8s.io/v1/servicecidrs";
    const auto address = [&](std::string_view name) {
        return refusal(world, addresses, cat(R"({"metadata":{"name":")", name, R"("},"spec":{"parentRef":{"resource":"services","name":"a","namespace":"b"}}})"));
    };
    CHECK(address("010.0.0.1").ends_with("must not have leading 0s"));
    CHECK(address("2001:DB8::1").ends_with("must be in canonical form (\"2001:db8::1\")"));
    CHECK(address("::ffff:1.2.3.4").ends_with("must not be an IPv4-mapped IPv6 address"));
    CHECK(refusal(world, addresses, R"({"metadata":{"name":"10.0.0.1"},"spec":{"parentRef":{"resource":"","name":""}}})") ==
          "IPAddress.networking.k8s.io \"10.0.0.1\" is invalid: [spec.parentRef.resource: Required value, spec.parentRef.name: Required value]");
    const auto range = [&](std::string_view cidrs) { return refusal(world, ranges, cat(R"({"metadata":{"name":"r"},"spec":{"cidrs":)", cidrs, "}}")); };
    CHECK(range("[]").ends_with("spec.cidrs: Required value: at least one CIDR required"));
    CHECK(range(R"(["10.0.0.1/24"])").ends_with("must not have bits set beyond the prefix length"));
    CHECK(range(R"(["10.0.0.0/08"])").ends_with("must not have leading 0s in IP or prefix length"));
    CHECK(range(R"(["10.0.0.0/8","10.1.0.0/16"])").find("may specify no more than one IP for each IP family") != std::string::npos);
}

TEST_CASE("CSI kinds: defaults and what they refuse") {
    World world;
    const auto driver = world.admin.create(kind("storage.k8s.io/v1", "CSIDriver"), World::json(R"({"metadata":{"name":"d.example.com"},"spec":{}})")).take();
    CHECK(driver["spec"]["attachRequired"].as_bool());
    CHECK(driver["spec"]["fsGroupPolicy"].as_string() == "ReadWriteOnceWithFSType");
    CHECK(driver["spec"]["volumeLifecycleModes"] == api::Value::array({"Persistent"}));
    CHECK(refusal(world, "/apis/storage.k8s.io/v1/csidrivers", R"({"metadata":{"name":"e"},"spec":{"tokenRequests":[{"audience":"a"},{"audience":"a"}]}})") ==
          "CSIDriver.storage.k8s.io \"e\" is invalid: spec.tokenRequests[1].audience: Duplicate value: \"a\"");
    CHECK(refusal(world, "/apis/storage.k8s.io/v1/csinodes", R"({"metadata":{"name":"n"},"spec":{"drivers":[{"name":"d","nodeID":""}]}})") ==
          "CSINode.storage.k8s.io \"n\" is invalid: spec.drivers[0].nodeID: Required value");
    CHECK(refusal(world, "/apis/storage.k8s.io/v1/volumeattributesclasses", R"({"metadata":{"name":"v"},"driverName":"d"})") ==
          "VolumeAttributesClass.storage.k8s.io \"v\" is invalid: parameters: Required value: must contain at least one key/value pair");
    CHECK(refusal(world, "/apis/storage.k8s.io/v1/namespaces/default/csistoragecapacities",
                  R"({"metadata":{"name":"c"},"storageClassName":"s","capacity":"-1Gi"})") ==
          "CSIStorageCapacity.storage.k8s.io \"c\" is invalid: capacity: Invalid value: \"-1Gi\": must be greater than or equal to 0");
}

TEST_CASE("ComponentStatus is asked for, not kept; a Binding is carried out") {
    World world;
    const auto list = world.send(Method::get, "/api/v1/componentstatuses");
    CHECK(list.warnings == std::vector<std::string>{"v1 ComponentStatus is deprecated in v1.19+"});
    REQUIRE(list.body["items"].size() == 3);
    CHECK(list.body["items"][2]["metadata"]["name"].as_string() == "etcd-0");
    CHECK(list.body["items"][2]["conditions"][0]["status"].as_string() == "True");
    CHECK(world.send(Method::post, "/api/v1/componentstatuses", World::json(R"({"metadata":{"name":"x"}})")).code == 405);
    REQUIRE(world.admin.create(api::kind::pods, World::pod("p")).ok());
    const auto bound = world.send(Method::post, "/api/v1/namespaces/default/bindings", World::json(R"({"metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}})"));
    CHECK(bound.code == 201);
    CHECK(get(world, "/api/v1/namespaces/default/pods/p")["spec"]["nodeName"].as_string() == "n");
    CHECK(world.send(Method::get, "/api/v1/namespaces/default/bindings").code == 405);
}

TEST_CASE("resize: of the Pod only its containers' CPU and memory count, and the QoS class stays") {
    World world;
    REQUIRE(world.admin.create(api::kind::pods, World::json(R"({"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"c","image":"i",
        "resources":{"requests":{"cpu":"100m","memory":"1Gi"},"limits":{"cpu":"200m","memory":"1Gi"}}}]}})")).ok());
    const auto patch = [&](std::string_view body) { return world.send(Method::patch, "/api/v1/namespaces/default/pods/p/resize", World::json(body)); };
    const auto resized = patch(R"({"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"other","resources":{"requests":{"cpu":"150m"}}}]}})");
    REQUIRE(resized.code == 200);
    CHECK(resized.body["spec"]["containers"][0]["resources"]["requests"]["cpu"].as_string() == "150m");
    CHECK(resized.body["spec"]["containers"][0]["image"].as_string() == "i");
    CHECK(resized.body["metadata"]["labels"].is_null());
    CHECK(resized.body["metadata"]["generation"].as_int() == 2);
    CHECK(patch(R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"200m"}}}]}})").body["message"].str().find(
              "Pod QOS Class may not change as a result of resizing") != std::string::npos);
    CHECK(patch(R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":null},"limits":{"cpu":null}}}]}})").body["message"].str().find(
              "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed") != std::string::npos);
    CHECK(patch(R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"ephemeral-storage":"1Gi"}}}]}})").body["message"].str().find(
              "only cpu and memory resources are mutable") != std::string::npos);
}
