// Facts: RFC 6902 and 7386, evanphx/json-patch's messages, and the tables of
// k8s.io/apimachinery/pkg/util/strategicpatch/patch_test.go (in own words, on real kinds).
#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/api/patch.h"
#include "tests/unit/api/schema_for_tests.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {

std::string text(const Result<Value>& result) { return result.ok() ? to_json(result.value()) : result.error().message; }

std::string strategic(std::string_view type, std::string_view object, std::string_view patch) {
    return text(apply_strategic_merge_patch(test_schema(), type, from_yaml(object), from_yaml(patch)));
}

std::string json_patched(std::string_view object, std::string_view patch) {
    return text(apply_json_patch(from_yaml(object), from_yaml(patch)));
}

}  // namespace

TEST_CASE("JSON patch") {
    CHECK(json_patched("{a: [1, 3]}", "[{op: add, path: /a/1, value: 2}, {op: add, path: /a/-, value: 4}]") ==
          R"({"a":[1,2,3,4]})");
    CHECK(json_patched("{a: {b/c: 1}}", "[{op: move, from: /a/b~1c, path: /d}]") == R"({"a":{},"d":1})");
    CHECK(json_patched("{a: 1}", "[{op: copy, from: /a, path: /b}, {op: replace, path: /a, value: 2}]") ==
          R"({"a":2,"b":1})");
    CHECK(json_patched("{a: 1}", "[{op: test, path: /a, value: 2}]") == "testing value /a failed: test failed");
    CHECK(json_patched("{}", "[{op: replace, path: /a, value: 2}]") ==
          "replace operation does not apply: doc is missing key: /a: missing value");
    CHECK(json_patched("{}", "[{op: remove, path: /a}]") ==
          "remove operation does not apply: doc is missing path: \"/a\": missing value");
}

TEST_CASE("a disruption budget's selector is replaced as a whole") {
    CHECK(strategic("V1PodDisruptionBudget", "{spec: {minAvailable: 1, selector: {matchLabels: {a: b}}}}",
                    "{spec: {selector: {matchLabels: {c: d}}}}") ==
          R"({"spec":{"minAvailable":1,"selector":{"matchLabels":{"c":"d"}}}})");
}

TEST_CASE("merge patch: null removes, lists are replaced") {
    CHECK(to_json(apply_merge_patch(from_yaml("{a: 1, b: {c: [1, 2], d: 1}}"), from_yaml("{a: null, b: {c: [3], e: null}}"))) ==
          R"({"b":{"c":[3],"d":1}})");
}

TEST_CASE("strategic: lists merge by key, others are replaced") {
    CHECK(strategic("V1PodSpec", "{containers: [{name: a, image: x}, {name: b}], tolerations: [{key: t}]}",
                    "{containers: [{name: a, image: z}], tolerations: [{key: u}]}") ==
          R"({"containers":[{"image":"z","name":"a"},{"name":"b"}],"tolerations":[{"key":"u"}]})");
    CHECK(strategic("V1PodSpec", "{containers: [{name: a}, {name: b}]}", "{containers: [{name: a, $patch: delete}]}") ==
          R"({"containers":[{"name":"b"}]})");
    CHECK(strategic("V1PodSpec", "{containers: [{name: a}]}", "{containers: [{name: c}, {$patch: replace}]}") ==
          R"({"containers":[{"name":"c"}]})");
    CHECK(strategic("V1ObjectMeta", "{finalizers: [a, b, c]}", "{$deleteFromPrimitiveList/finalizers: [b]}") ==
          R"({"finalizers":["a","c"]})");
    CHECK(strategic("V1PodSpec", "{containers: [{name: a}]}", "{containers: [{image: x}]}") ==
          "map: map[image:x] does not contain declared merge key: name");
}

TEST_CASE("strategic: directives of objects") {
    CHECK(strategic("V1DeploymentSpec", "{strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}",
                    "{strategy: {$retainKeys: [type], type: Recreate}}") == R"({"strategy":{"type":"Recreate"}})");
    CHECK(strategic("V1Deployment", "{spec: {replicas: 1, paused: true}}", "{spec: {$patch: replace, replicas: 2}}") ==
          R"({"spec":{"replicas":2}})");
    CHECK(strategic("V1ObjectMeta", "{labels: {a: x}}", "{labels: {a: null, b: z}, annotations: {c: null}}") ==
          R"({"annotations":{},"labels":{"b":"z"}})");
}

TEST_CASE("strategic: $setElementOrder arranges, and leaves the server's own where they were") {
    CHECK(strategic("V1PodSpec", "{containers: [{name: a}, {name: server}, {name: b}]}",
                    "{$setElementOrder/containers: [{name: b}, {name: a}, {name: c}], containers: [{name: c}]}") ==
          R"({"containers":[{"name":"server"},{"name":"b"},{"name":"a"},{"name":"c"}]})");
}

TEST_CASE("two_way_patch finds what changed") {
    const auto diff = [](std::string_view type, std::string_view from, std::string_view to) {
        return text(two_way_patch(test_schema(), type, from_yaml(from), from_yaml(to)));
    };
    CHECK(diff("V1Deployment", "{spec: {replicas: 1}}", "{spec: {replicas: 1}}") == "{}");
    CHECK(diff("V1Deployment", "{spec: {replicas: 1, paused: true}}", "{spec: {replicas: 2}}") ==
          R"({"spec":{"paused":null,"replicas":2}})");
    CHECK(diff("V1PodSpec", "{containers: [{name: a, image: x}, {name: b}]}", "{containers: [{name: a, image: z}]}") ==
          R"({"$setElementOrder/containers":[{"name":"a"}],"containers":[{"image":"z","name":"a"},{"$patch":"delete","name":"b"}]})");
    CHECK(diff("V1DeploymentSpec", "{strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}", "{strategy: {type: Recreate}}") ==
          R"({"strategy":{"$retainKeys":["type"],"rollingUpdate":null,"type":"Recreate"}})");
    CHECK(diff("V1ObjectMeta", "{finalizers: [a, b]}", "{finalizers: [a]}") ==
          R"({"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["a"]})");
}

TEST_CASE("three_way_patch deletes only what the last configuration had") {
    const Value original = from_yaml("{metadata: {name: w, labels: {a: x, gone: g}}, spec: {replicas: 1}}");
    const Value modified = from_yaml("{metadata: {name: w, labels: {a: z}}, spec: {}}");
    const Value current = from_yaml("{metadata: {name: w, labels: {a: x, gone: g, other: o}}, spec: {replicas: 1, paused: true}}");
    auto patch = three_way_patch(test_schema(), "V1Deployment", original, modified, current);
    CHECK(text(patch) == R"({"metadata":{"labels":{"a":"z","gone":null}},"spec":{"replicas":null}})");
    CHECK(text(apply_strategic_merge_patch(test_schema(), "V1Deployment", current, patch.value())) ==
          R"({"metadata":{"labels":{"a":"z","other":"o"},"name":"w"},"spec":{"paused":true}})");
    CHECK(text(three_way_patch(test_schema(), "V1Deployment", modified, modified, current)) ==
          R"({"metadata":{"labels":{"a":"z"}}})");
}

TEST_CASE("three_way_patch: a container goes, another changes, a foreign one stays") {
    const Value original = from_yaml("{containers: [{name: a, image: x}, {name: b, image: x}]}");
    const Value modified = from_yaml("{containers: [{name: b, image: z}]}");
    const Value current = from_yaml("{containers: [{name: a, image: x}, {name: side}, {name: b, image: x, stdin: true}]}");
    auto patch = three_way_patch(test_schema(), "V1PodSpec", original, modified, current);
    CHECK(text(patch) ==
          R"({"$setElementOrder/containers":[{"name":"b"}],"containers":[{"image":"z","name":"b"},{"$patch":"delete","name":"a"}]})");
    CHECK(text(apply_strategic_merge_patch(test_schema(), "V1PodSpec", current, patch.value())) ==
          R"({"containers":[{"name":"side"},{"image":"z","name":"b","stdin":true}]})");
}
