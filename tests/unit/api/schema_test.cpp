// Facts: the field tags in staging/src/k8s.io/api/core/v1/types.go and apps/v1/types.go.
#include <doctest/doctest.h>

#include "core/api/kinds.h"
#include "tests/unit/api/schema_for_tests.h"

using namespace kubewalk::api;

TEST_CASE("fields are found by path, through lists") {
    const Type* deployment = test_schema().find("V1Deployment");
    REQUIRE(deployment != nullptr);
    CHECK(deployment->go_name == "Deployment");
    const Field* ports = test_schema().field_at(*deployment, "spec.template.spec.containers[0].ports");
    REQUIRE(ports != nullptr);
    CHECK(ports->ref.form == Form::list);
    CHECK(ports->merge_key == "containerPort");
    CHECK(ports->list_keys == std::vector<std::string_view>{"containerPort", "protocol"});
    CHECK(test_schema().field_at(*deployment, "spec.nope") == nullptr);
    CHECK(test_schema().find("V1Nope") == nullptr);
}

TEST_CASE("types with a group in their name keep Go's name") {
    CHECK(test_schema().find("CoreV1Event")->go_name == "Event");
    CHECK(test_schema().find("V2MetricSpec")->go_name == "MetricSpec");
}

TEST_CASE("the table completes what the generated description lacks") {
    const Schema& schema = test_schema();
    const Type& deployment = *schema.find("V1DeploymentSpec");
    CHECK(deployment.find("replicas")->optional_pointer);
    CHECK_FALSE(deployment.find("paused")->optional_pointer);
    CHECK_FALSE(deployment.find("minReadySeconds")->optional_pointer);
    CHECK(deployment.find("strategy")->patch == PatchStrategy::retain_keys);
    CHECK(deployment.find("strategy")->always_printed);
    const Type& pod = *schema.find("V1PodSpec");
    CHECK(pod.find("volumes")->patch == PatchStrategy::merge_retain_keys);
    CHECK(pod.find("tolerations")->patch == PatchStrategy::replace);
    CHECK(pod.find("overhead")->ref.element->form == Form::quantity);
    CHECK(pod.find("restartPolicy")->enum_values == std::vector<std::string_view>{"Always", "Never", "OnFailure"});
    CHECK(schema.find("V1ObjectMeta")->find("finalizers")->list_type == ListType::set);
    CHECK_FALSE(schema.find("V1ObjectMeta")->find("creationTimestamp")->always_printed);
    // No omitempty in k8s.io/api: printed as "" or, where it is a pointer, as null.
    CHECK(schema.find("V1StatefulSetSpec")->find("serviceName")->always_printed);
    CHECK(schema.find("V1TypedLocalObjectReference")->find("apiGroup")->always_printed);
    CHECK(schema.find("V1TypedLocalObjectReference")->find("apiGroup")->optional_pointer);
}

TEST_CASE("every type of the kinds' table is described") {
    for (const Kind& kind : kinds())
        CHECK_MESSAGE(test_schema().find(kind.schema) != nullptr, kind.schema);
}

TEST_CASE("a malformed schema is refused") {
    CHECK_FALSE(Schema::parse("{").ok());
    CHECK_FALSE(Schema::parse(R"({"types":{"A":{"fields":[["x","Nope","",""]]}}})").ok());
}
