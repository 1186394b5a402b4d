// What scalars mean and how objects print: go.yaml.in/yaml/v2 (resolve.go, decode_test.go, encode_test.go,
// sorter.go) as sigs.k8s.io/yaml uses it.
#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/api/yaml.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {

std::string json_of(std::string_view text) {
    auto value = parse_yaml(text);
    REQUIRE(value.ok());
    return to_json(value.value());
}

std::string printed(const Value& value) { return to_yaml(Value::object({{"v", value}})); }

}  // namespace

TEST_CASE("yaml values: scalars resolve by YAML 1.1 as go-yaml v2 reads it") {
    CHECK(json_of("[yes, No, on, OFF, y, n, True]") == "[true,false,true,false,true,false,true]");
    CHECK(json_of("[~, null, Null, '']") == "[null,null,null,\"\"]");
    CHECK(json_of("[1, 0x1F, 010, 0o17, 0b101, 1_000, -5, +7]") == "[1,31,8,15,5,1000,-5,7]");
    CHECK(json_of("[1.5, 1e3, .5, 1.0, 685_230.15]") == "[1.5,1000,0.5,1,685230.15]");
    CHECK(json_of("[2001-01-01, 2015-02-24T18:19:39Z]") == "[\"2001-01-01\",\"2015-02-24T18:19:39Z\"]");
    CHECK(json_of("['1', \"true\", !!str 5, 09, 1.2.3, 10:30]") == "[\"1\",\"true\",\"5\",9,\"1.2.3\",\"10:30\"]");
    CHECK(json_of("{1: a, true: b, 1.5: c}") == "{\"1\":\"a\",\"1.5\":\"c\",\"true\":\"b\"}");
}

TEST_CASE("yaml values: blocks") {
    CHECK(json_of("a: |\n  x\n  y\nb: >-\n  x\n  y\n") == "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}");
}

// Recorded in the sock-shop set (helm-chart/templates/carts-svc.yaml): a template is no manifest.
TEST_CASE("yaml values: a mapping is no key") {
    const auto value = parse_yaml("port: {{ .Values.carts.containerPort }}\n");
    REQUIRE_FALSE(value.ok());
    CHECK(value.error().message ==
          "yaml: invalid map key: map[interface {}]interface {}{\".Values.carts.containerPort\":interface {}(nil)}");
    CHECK(value.error().line == 1);
}

TEST_CASE("yaml values: strings are quoted where they would read as something else") {
    CHECK(printed("true") == "v: \"true\"\n");
    CHECK(printed("80") == "v: \"80\"\n");
    CHECK(printed("") == "v: \"\"\n");
    CHECK(printed("yes") == "v: \"yes\"\n");
    CHECK(printed("y") == "v: \"y\"\n");
    CHECK(printed("0x10") == "v: \"0x10\"\n");
    CHECK(printed("1:20") == "v: \"1:20\"\n");
    CHECK(printed("2026-01-01T00:00:00Z") == "v: \"2026-01-01T00:00:00Z\"\n");
    CHECK(printed("2026-13-01") == "v: 2026-13-01\n");
    CHECK(printed("25%") == "v: 25%\n");
    CHECK(printed("1.2.3.4") == "v: 1.2.3.4\n");
    CHECK(printed("500m") == "v: 500m\n");
    CHECK(printed("a: b") == "v: 'a: b'\n");
    CHECK(printed("a:b") == "v: a:b\n");
    CHECK(printed("*x") == "v: '*x'\n");
    CHECK(printed("it's") == "v: it's\n");
    CHECK(printed("node-role.kubernetes.io/control-plane") == "v: node-role.kubernetes.io/control-plane\n");
    CHECK(printed("x\ny\n") == "v: |\n  x\n  y\n");
    CHECK(printed("x\ny") == "v: |-\n  x\n  y\n");
    CHECK(printed("Füße 容器") == "v: Füße 容器\n");
    CHECK(printed(std::string(300, 'x') + " " + std::string(300, 'y')).find('\n') == 604);
}

TEST_CASE("yaml values: objects print as kubectl prints them") {
    const Value pod = Value::object(
        {{"spec", Value::object({{"containers", Value::array({Value::object({{"name", "a"},
                                                                            {"args", Value::array({"-v", "2"})},
                                                                            {"resources", Value::object()}})})},
                                 {"volumes", Value::array()}})},
         {"kind", "Pod"},
         {"metadata", Value()}});
    CHECK(to_yaml(pod) ==
          "kind: Pod\n"
          "metadata: null\n"
          "spec:\n"
          "  containers:\n"
          "  - args:\n"
          "    - -v\n"
          "    - \"2\"\n"
          "    name: a\n"
          "    resources: {}\n"
          "  volumes: []\n");
}

TEST_CASE("yaml values: keys sort as go-yaml sorts them") {
    const Value map = Value::object({{"a10", 1}, {"a2", 2}, {"a-b", 3}, {"aB", 4}, {"ab", 5}, {"a.b", 6}, {"true", 7}});
    CHECK(to_yaml(map) == "a-b: 3\na.b: 6\na2: 2\na10: 1\naB: 4\nab: 5\n\"true\": 7\n");
}

TEST_CASE("yaml values: what is printed reads back the same") {
    const Value strings = Value::array({" lead", "trail ", "#x", "a #b", "-", "- a", "?", "&a", "!t", "%x", "@x", "`x", "{a",
                                        "[a", "a,b", "\ttab", "x\n\n", "\nx", " x\ny", "null", "~", ".inf", "1e5", "<<", "=",
                                        "\"q\"", "back\\slash", "no\rreturn", "\x01"});
    auto again = parse_yaml(to_yaml(strings));
    REQUIRE(again.ok());
    CHECK(to_json(again.value()) == to_json(strings));
}
