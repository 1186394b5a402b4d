// Facts: Go's encoding/json and sigs.k8s.io/json messages, omitempty, and the objects a 1.36 API server prints.
#include <doctest/doctest.h>

#include "core/api/decode.h"
#include "core/api/json.h"
#include "tests/unit/api/schema_for_tests.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {

std::string stored(std::string_view type, std::string_view text) {
    auto decoded = decode(test_schema(), type, from_yaml(text));
    return decoded.ok() ? to_json(decoded.value().object) : decoded.error().message;
}

Error refused(std::string_view text) {
    auto documents = yaml::parse(text);
    REQUIRE(documents.ok());
    auto decoded = decode(test_schema(), "V1Deployment", documents.value().front().root);
    REQUIRE_FALSE(decoded.ok());
    return decoded.error();
}

}  // namespace

TEST_CASE("structs without omitempty appear, empty optionals go, zero pointers stay") {
    CHECK(stored("V1Container", "{name: a, image: '', args: [], stdin: false, env: [{name: X, value: ''}]}") ==
          R"({"env":[{"name":"X"}],"name":"a","resources":{}})");
    CHECK(stored("V1Service", "{metadata: {name: a, labels: {}, creationTimestamp: null}}") ==
          R"({"metadata":{"name":"a"},"spec":{},"status":{"loadBalancer":{}}})");
    CHECK(stored("V1DeploymentSpec", "{replicas: 0, paused: false, minReadySeconds: 0, selector: {}, template: {}}") ==
          R"({"replicas":0,"selector":{},"strategy":{},"template":{"metadata":{},"spec":{"containers":null}}})");
    CHECK(stored("V1DaemonSetStatus", "{}") ==
          R"({"currentNumberScheduled":0,"desiredNumberScheduled":0,"numberMisscheduled":0,"numberReady":0})");
    CHECK(stored("V1SecurityContext", "{privileged: false}") == R"({"privileged":false})");
    CHECK(stored("V1PodCondition", "{type: Ready, status: 'True'}") ==
          R"({"lastProbeTime":null,"lastTransitionTime":null,"status":"True","type":"Ready"})");
    CHECK(stored("V1Volume", "{name: a, emptyDir: {}}") == R"({"emptyDir":{},"name":"a"})");
}

TEST_CASE("quantities, numbers and times become canonical") {
    CHECK(stored("V1ResourceRequirements", "{limits: {cpu: 0.5, memory: 1024Mi}}") ==
          R"({"limits":{"cpu":"500m","memory":"1Gi"}})");
    CHECK(stored("V1ContainerPort", "{containerPort: 80.0}") == R"({"containerPort":80})");
    CHECK(stored("V1ObjectMeta", "{name: a, deletionTimestamp: '2026-01-01T02:00:00+02:00'}") ==
          R"({"deletionTimestamp":"2026-01-01T00:00:00Z","name":"a"})");
    CHECK(stored("V1ResourceFieldSelector", "{resource: limits.cpu}") == R"({"divisor":"0","resource":"limits.cpu"})");
}

TEST_CASE("what is in stored form is the same node, also beside a change") {
    const Value input = from_yaml("{metadata: {name: a}, spec: {containers: [{name: c, image: i, resources: {}}]}, status: {}}");
    auto decoded = decode(test_schema(), "V1Pod", input);
    REQUIRE(decoded.ok());
    CHECK(decoded.value().object.same(input));
    Value changed = input;
    changed.edit("metadata").set("labels", Value::object());
    auto again = decode(test_schema(), "V1Pod", changed, input);
    REQUIRE(again.ok());
    CHECK(again.value().object["spec"].same(input["spec"]));
    CHECK(again.value().object == input);
}

TEST_CASE("type errors are worded as Go words them, and placed") {
    const Error replicas = refused("spec:\n  replicas: \"3\"\n");
    CHECK(replicas.message == "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
    CHECK(replicas.field == "spec.replicas");
    CHECK(replicas.line == 2);
    CHECK(replicas.column == 3);
    const Error value = refused("spec:\n  template:\n    spec:\n      containers:\n      - env:\n        - name: A\n          value: 1\n");
    CHECK(value.message == "json: cannot unmarshal number into Go struct field "
                           "EnvVar.spec.template.spec.containers.env.value of type string");
    CHECK(value.field == "spec.template.spec.containers[0].env[0].value");
    CHECK(value.line == 7);
    CHECK(refused("{metadata: {labels: {a: true}}}").message ==
          "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string");
    CHECK(refused("{spec: []}").message ==
          "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec");
    CHECK(refused("{spec: {template: {spec: {containers: {}}}}}").message ==
          "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container");
    CHECK(refused("{spec: {replicas: 1.5}}").message ==
          "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32");
    CHECK(refused("{spec: {strategy: {rollingUpdate: {maxSurge: true}}}}").message ==
          "json: cannot unmarshal bool into Go value of type int32");
    CHECK(cannot_be_handled(kind::deployments, refused("[]")) ==
          "Deployment in version \"v1\" cannot be handled as a Deployment: "
          "json: cannot unmarshal array into Go value of type v1.Deployment");
    CHECK(stored("V1Secret", "{data: {a: 'YQ='}}") == "illegal base64 data at input byte 2");
}

TEST_CASE("unknown and duplicate fields are told, and left out") {
    auto documents = yaml::parse("spec:\n  replica: 3\n  replicas: 1\n  replicas: 2\n  template:\n    spec:\n"
                                 "      containers:\n      - name: a\n        imag: x\n");
    auto decoded = decode(test_schema(), "V1Deployment", documents.value().front().root);
    REQUIRE(decoded.ok());
    const auto& strict = decoded.value().strict;
    REQUIRE(strict.size() == 3);
    CHECK(strict_decoding_error(strict) ==
          "strict decoding error: duplicate field \"spec.replicas\", unknown field \"spec.replica\", "
          "unknown field \"spec.template.spec.containers[0].imag\"");
    CHECK(strict[0].line == 4);
    CHECK(strict[2].line == 9);
    CHECK(decoded.value().object["spec"]["replicas"].as_int() == 2);
    CHECK_FALSE(decoded.value().object["spec"].contains("replica"));
}

TEST_CASE("locate: keys in brackets, and the nearest parent of what is not there") {
    auto documents = yaml::parse("metadata:\n  annotations:\n    example.com/a: x\nspec: {}\n");
    const yaml::Node& root = documents.value().front().root;
    CHECK(locate(root, "metadata.annotations[example.com/a]").line == 3);
    CHECK(locate(root, "spec.selector.matchLabels").line == 4);
}
