// k8s.io/apiextensions-apiserver/pkg/apiserver/schema (pruning, defaulting, validation), pkg/apiserver/validation; the examples are
// those of kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions.
#include "core/api/structural.h"

#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/base/text.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {

Value parsed(std::string_view text) { return parse_json(text).take(); }

std::string pruned(std::string_view schema, std::string_view object, std::string* unknown = nullptr) {
    Value value = parsed(object);
    std::vector<std::string> paths;
    structural::prune(value, parsed(schema), paths);
    if (unknown)
        *unknown = join(paths, " ");
    return to_json(value);
}

std::string defaulted(std::string_view schema, std::string_view object) {
    Value value = parsed(object);
    structural::set_defaults(value, parsed(schema));
    return to_json(value);
}

std::string faults(std::string_view schema, std::string_view object) {
    FieldErrors errors;
    structural::validate(parsed(object), parsed(schema), errors);
    std::string text;
    for (const auto& error : errors)
        append(text, text.empty() ? "" : "; ", error.message());
    return text;
}

std::string schema_faults(std::string_view schema) {
    FieldErrors errors;
    structural::check_schema(parsed(schema), Path("s"), errors);
    std::string text;
    for (const auto& error : errors)
        append(text, text.empty() ? "" : "; ", error.message());
    return text;
}

}  // namespace

TEST_CASE("structural: what the schema does not name is pruned, but where it says otherwise") {
    constexpr std::string_view schema = R"({"type":"object","properties":{"json":{"type":"object","x-kubernetes-preserve-unknown-fields":true,
        "properties":{"spec":{"type":"object","properties":{"foo":{"type":"string"},"bar":{"type":"string"}}}}}}})";
    std::string unknown;
    CHECK(pruned(schema, R"({"apiVersion":"v","kind":"K","metadata":{"name":"n"},"json":{"spec":{"foo":"abc","bar":"def","something":"x"},"status":{"something":"x"}},"more":1})",
                 &unknown) == R"({"apiVersion":"v","json":{"spec":{"bar":"def","foo":"abc"},"status":{"something":"x"}},"kind":"K","metadata":{"name":"n"}})");
    CHECK(unknown == "json.spec.something more");
    CHECK(pruned(R"({"properties":{"list":{"items":{"properties":{"a":{"type":"string"}}}}}})", R"({"list":[{"a":"1","b":"2"}]})", &unknown) == R"({"list":[{"a":"1"}]})");
    CHECK(unknown == "list[0].b");
    CHECK(pruned(R"({"properties":{"map":{"additionalProperties":{"type":"string"}}}})", R"({"map":{"any":"x"}})") == R"({"map":{"any":"x"}})");
}

TEST_CASE("structural: defaults, and nulls that may not be") {
    constexpr std::string_view schema = R"({"properties":{"spec":{"type":"object","properties":{"foo":{"type":"string","nullable":false,"default":"default"},
        "bar":{"type":"string","nullable":true},"baz":{"type":"string"}}}}})";
    CHECK(defaulted(schema, R"({"spec":{"foo":null,"bar":null,"baz":null}})") == R"({"spec":{"bar":null,"foo":"default"}})");
    CHECK(defaulted(schema, R"({})") == R"({})");
    CHECK(defaulted(R"({"properties":{"spec":{"default":{},"properties":{"n":{"default":1}}}}})", R"({})") == R"({"spec":{"n":1}})");
}

TEST_CASE("structural: values") {
    constexpr std::string_view schema = R"({"type":"object","required":["spec"],"properties":{"spec":{"type":"object","required":["image"],"properties":{
        "cronSpec":{"type":"string","pattern":"^a+$","maxLength":3},"image":{"type":"string","enum":["x","y"]},"replicas":{"type":"integer","minimum":1,"maximum":10},
        "port":{"x-kubernetes-int-or-string":true},"list":{"type":"array","x-kubernetes-list-type":"set","minItems":1,"items":{"type":"string"}}}}}})";
    CHECK(faults(schema, R"({"spec":{"image":"x","cronSpec":"aa","replicas":10,"port":"http","list":["a","b"]}})").empty());
    CHECK(faults(schema, R"({})") == "spec: Required value");
    CHECK(faults(schema, R"({"spec":{}})") == "spec.image: Required value");
    CHECK(faults(schema, R"({"spec":{"image":"z"}})") == R"(spec.image: Unsupported value: "z": supported values: "x", "y")");
    CHECK(faults(schema, R"({"spec":{"image":"x","replicas":15}})") == "spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10");
    CHECK(faults(schema, R"({"spec":{"image":"x","replicas":"3"}})") ==
          R"(spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string")");
    CHECK(faults(schema, R"({"spec":{"image":"x","cronSpec":"b"}})") == R"(spec.cronSpec: Invalid value: "b": spec.cronSpec in body should match '^a+$')");
    CHECK(faults(schema, R"({"spec":{"image":"x","list":["a","a"]}})") == R"(spec.list[1]: Duplicate value: "a")");
    CHECK(faults(schema, R"({"spec":{"image":"x","list":[]}})") == "spec.list: Invalid value: 0: spec.list in body should have at least 1 items");
    CHECK(faults(schema, R"({"spec":{"image":null}})") == R"(spec.image: Invalid value: "null": spec.image in body must be of type string: "null")");
    CHECK(faults(R"({"properties":{"a":{"oneOf":[{"required":["b"]},{"required":["c"]}],"type":"object"}}})", R"({"a":{"b":1,"c":1}})") ==
          R"(a: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives)");
}

TEST_CASE("structural: which schemas are") {
    CHECK(schema_faults(R"({"type":"object","properties":{"foo":{"type":"string","pattern":"abc"},"bar":{"type":"integer"},
        "metadata":{"type":"object","properties":{"name":{"type":"string","pattern":"^a"}}}},"anyOf":[{"properties":{"bar":{"minimum":42}},"required":["bar"]}]})")
              .empty());
    CHECK(schema_faults(R"({"properties":{"foo":{"pattern":"abc"}}})") ==
          "s.type: Required value: must not be empty at the root; s.properties[foo].type: Required value: must not be empty for specified object fields");
    CHECK(schema_faults(R"({"type":"object","anyOf":[{"properties":{"bar":{"type":"integer"}},"description":"x"}]})") ==
          "s.anyOf[0].description: Forbidden: must be empty to be structural; s.properties[bar]: Required value: because it is defined in s.anyOf[0].properties[bar]; "
          "s.anyOf[0].properties[bar].type: Forbidden: must be empty to be structural");
    CHECK(schema_faults(R"({"type":"object","properties":{"metadata":{"type":"object","properties":{"finalizers":{"type":"array"}}}}})") ==
          "s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified");
    CHECK(schema_faults(R"({"type":"object","properties":{"n":{"type":"integer","default":"x"}}})") ==
          R"(s.properties[n].default: Invalid value: "string": s.properties[n].default in body must be of type integer: "string")");
    CHECK(structural::has_rules(parsed(R"({"properties":{"a":{"x-kubernetes-validations":[{"rule":"self > 0"}]}}})")));
    CHECK_FALSE(structural::has_rules(parsed(R"({"properties":{"a":{"type":"string"}}})")));
}

TEST_CASE("structural: nested alternatives and long lists are judged once") {
    std::string schema = R"({"type":"string"})";
    for (int depth = 0; depth < 60; ++depth)
        schema = cat(R"({"allOf":[)", schema, "]}");
    const auto told = faults(cat(R"({"properties":{"a":)", schema, "}}"), R"({"a":1})");
    CHECK(told.starts_with(R"(a: Invalid value: "integer": a in body must be of type string: "integer")"));
    CHECK(told.ends_with("must validate all the schemas (allOf)"));
    Value list = Value::array();
    for (int i = 0; i < 30'000; ++i)
        list.push_back(i);
    list.push_back(7);
    CHECK(faults(R"({"properties":{"a":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"integer"}}}})",
                 to_json(Value::object({{"a", list}}))) == "a[30000]: Duplicate value: 7");
}
