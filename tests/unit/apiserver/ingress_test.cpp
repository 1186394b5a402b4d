// Ingress and IngressClass at the API server. Sources: pkg/apis/networking/validation/validation_test.go,
// plugin/pkg/admission/network/defaultingressclass/admission_test.go, pkg/printers/internalversion/printers_test.go.

#include <doctest/doctest.h>

#include "world.h"

using namespace kubewalk;
using namespace kubewalk::apiserver;

namespace {

api::Value ingress(std::string_view name, std::string_view spec, std::string_view annotations = "{}") {
    return World::json(cat(R"({"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":")", name,
                           R"(","namespace":"default","annotations":)", annotations, R"(},"spec":)", spec, "}"));
}

constexpr std::string_view path = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
constexpr std::string_view one_rule =
    R"({"rules":[{"host":"a.example.com","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]})";

std::string refusal(World& world, std::string_view spec) {
    return world.send(client::Method::post, std::string(path), ingress("x", spec)).body["message"].str();
}

api::Value ingress_class(std::string_view name, std::string_view is_default) {
    return World::json(cat(R"({"metadata":{"name":")", name, R"(","annotations":{"ingressclass.kubernetes.io/is-default-class":")", is_default,
                           R"("}},"spec":{"controller":"k8s.io/ingress-nginx"}})"));
}

}  // namespace

TEST_CASE("Ingresses are refused in upstream's words") {
    World world;
    CHECK(refusal(world, "{}").ends_with(": either `defaultBackend` or `rules` must be specified"));
    CHECK(refusal(world, R"({"rules":[{"host":"1.2.3.4","http":{"paths":[{"path":"foo","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]})") ==
          "Ingress.networking.k8s.io \"x\" is invalid: [spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address, "
          "spec.rules[0].http.paths[0].path: Invalid value: \"foo\": must be an absolute path]");
    CHECK(refusal(world, R"({"defaultBackend":{"resource":{"kind":"Bucket","name":"b"},"service":{"name":"web","port":{"number":80}}}})") ==
          "Ingress.networking.k8s.io \"x\" is invalid: spec.defaultBackend: Invalid value: \"\": cannot set both resource and service backends");
    CHECK(refusal(world, R"({"defaultBackend":{"service":{"name":"web","port":{}}}})") ==
          "Ingress.networking.k8s.io \"x\" is invalid: spec.defaultBackend: Required value: port name or number is required");
    CHECK(refusal(world, R"({"rules":[{"http":{"paths":[{"path":"/a//b","pathType":"Exact","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]})") ==
          "Ingress.networking.k8s.io \"x\" is invalid: spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'");
}

TEST_CASE("the default class is filled in, two of them refuse") {
    World world;
    CHECK(world.send(client::Method::post, std::string(path), ingress("none", one_rule)).body["spec"]["ingressClassName"].is_null());
    REQUIRE(world.admin.create(api::kind::ingress_classes, ingress_class("nginx", "true")).ok());
    CHECK(world.send(client::Method::post, std::string(path), ingress("a", one_rule)).body["spec"]["ingressClassName"].as_string() == "nginx");
    const auto legacy = world.send(client::Method::post, std::string(path), ingress("b", one_rule, R"({"kubernetes.io/ingress.class":"other"})"));
    CHECK(legacy.body["spec"]["ingressClassName"].is_null());
    REQUIRE(legacy.warnings.size() == 1);
    CHECK(legacy.warnings[0] == "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead");
    REQUIRE(world.admin.create(api::kind::ingress_classes, ingress_class("second", "true")).ok());
    const auto refused = world.send(client::Method::post, std::string(path), ingress("c", one_rule));
    CHECK(refused.code == 403);
    CHECK(refused.body["message"].as_string() ==
          "ingresses.networking.k8s.io \"c\" is forbidden: Internal error occurred: 2 default IngressClasses were found, only 1 allowed");
}

TEST_CASE("a status update keeps the spec; the controller of a class does not change") {
    World world;
    REQUIRE(world.admin.create(api::kind::ingresses, ingress("a", one_rule)).ok());
    auto object = world.admin.get(api::kind::ingresses, "default", "a").take();
    CHECK(object["metadata"]["generation"].as_int() == 1);
    object.edit_path("status", "loadBalancer").set("ingress", World::json(R"([{"ip":"192.168.122.12"}])"));
    object.edit("spec").set("ingressClassName", "other");
    REQUIRE(world.admin.update_status(api::kind::ingresses, object).ok());
    const auto stored = world.admin.get(api::kind::ingresses, "default", "a").take();
    CHECK(stored["spec"]["ingressClassName"].is_null());
    CHECK(stored["status"]["loadBalancer"]["ingress"][0]["ip"].as_string() == "192.168.122.12");
    REQUIRE(world.admin.create(api::kind::ingress_classes, ingress_class("nginx", "false")).ok());
    auto changed = world.admin.get(api::kind::ingress_classes, "", "nginx").take();
    changed.edit("spec").set("controller", "example.com/other");
    const auto refused = world.admin.update(api::kind::ingress_classes, changed);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message == "IngressClass.networking.k8s.io \"nginx\" is invalid: spec.controller: Invalid value: \"example.com/other\": field is immutable");
}
