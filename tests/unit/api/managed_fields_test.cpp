// Facts: sigs.k8s.io/structured-merge-diff (fieldpath/set_test.go, typed/merge_test.go, typed/symdiff_test.go, merge/*_test.go),
// k8s.io/apimachinery/pkg/util/managedfields/internal (capmanagers_test.go, managedfields_test.go, conflict_test.go), in own
// cases on real kinds.
#include <doctest/doctest.h>

#include "core/api/json.h"
#include "core/api/managed_fields.h"
#include "core/api/typed.h"
#include "core/base/text.h"
#include "tests/unit/api/schema_for_tests.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {

const Type& type(std::string_view name) { return *test_schema().find(name); }

std::string merged(std::string_view name, std::string_view live, std::string_view config) {
    return to_json(merge(type(name), from_yaml(live), from_yaml(config)));
}

std::string fields(std::string_view name, std::string_view object) { return to_json(fields_of(type(name), from_yaml(object))); }

// Writes and applies to one ConfigMap or other object as the server makes them, one after the other.
struct Story {
    const Kind& kind;
    Value object{};
    ManagedFields managed{};
    int clock = 0;

    FieldContext context() const { return {test_schema(), kind}; }
    FieldWrite write(std::string_view manager, Value asked) {
        return {object, std::move(asked), {}, std::string(manager), {}, &kind, Time{} + seconds(++clock)};
    }
    void update(std::string_view manager, std::string_view asked) {
        const Value wanted = from_yaml(asked);
        managed = managed.after(write(manager, wanted));
        object = wanted;
    }
    // Empty, or the paths of the conflicts.
    std::string apply(std::string_view manager, std::string_view config, Force force = Force::no) {
        const auto managers = read_managers(managed.entries(context())).value_or(FieldManagers());
        auto applied = apply_fields(context(), object.is_null() ? Value::object() : object, from_yaml(config), managers, write(manager, {}), force);
        std::string text;
        for (const auto& conflict : applied.conflicts)
            for (const auto& path : field_set::paths(conflict.fields))
                append(text, text.empty() ? "" : " ", conflict.manager.name, ":", path);
        if (!applied.conflicts.empty())
            return text;
        managed = ManagedFields(write_managers(applied.managers));
        if (!applied.object.is_null())
            object = applied.object;
        return {};
    }
    std::string managers() const {
        std::string text;
        for (const auto& entry : managed.entries(context()).items())
            append(text, text.empty() ? "" : " ", entry["manager"].as_string(), entry["operation"].as_string() == "Apply" ? "!" : "", to_json(entry["fieldsV1"]));
        return text;
    }
};

const Kind& kind_of(std::string_view version, std::string_view name) { return *find_kind(version, name); }

}  // namespace

TEST_CASE("sets of fields: members, and what hangs on them") {
    const Value a = from_yaml(R"({f:x: {}, f:y: {.: {}, f:z: {}}})");
    const Value b = from_yaml(R"({f:y: {f:z: {}}, f:w: {}})");
    CHECK(to_json(field_set::unite(a, b)) == R"({"f:w":{},"f:x":{},"f:y":{".":{},"f:z":{}}})");
    CHECK(to_json(field_set::intersect(a, b)) == R"({"f:y":{"f:z":{}}})");
    CHECK(to_json(field_set::subtract(a, b)) == R"({"f:x":{},"f:y":{}})");
    CHECK(to_json(field_set::subtract_branches(a, from_yaml("{f:y: {}}"))) == R"({"f:x":{}})");
    CHECK(field_set::subtract(a, a).is_null());
    CHECK(field_set::intersect(a, from_yaml("{f:q: {}}")).is_null());
    const Value ports = Value::object({{"f:ports", Value::object({{R"(k:{"port":443,"protocol":"TCP"})", Value::object()},
                                                                 {R"(k:{"port":80,"protocol":"TCP"})", from_yaml("{.: {}, f:name: {}}")}})}});
    CHECK(field_set::paths(ports) == std::vector<std::string>{R"(.ports[port=80,protocol="TCP"])", R"(.ports[port=443,protocol="TCP"])",
                                                            R"(.ports[port=80,protocol="TCP"].name)"});
}

TEST_CASE("the fields of an object: items by their keys, atomic parts as a whole") {
    CHECK(fields("V1PodSpec", "{containers: [{name: a, ports: [{containerPort: 80}], args: [x]}], nodeSelector: {a: b}, securityContext: {}}") ==
          R"({"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:args":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},"f:nodeSelector":{},"f:securityContext":{}})");
    CHECK(fields("V1ObjectMeta", "{finalizers: [b, a], labels: {x: y}, ownerReferences: [{uid: u, name: n}]}") ==
          R"({"f:finalizers":{"v:\"a\"":{},"v:\"b\"":{}},"f:labels":{"f:x":{}},"f:ownerReferences":{"k:{\"uid\":\"u\"}":{}}})");
    CHECK(fields("V1ServiceSpec", "{selector: {a: b}, ports: []}") == R"({"f:selector":{}})");
}

TEST_CASE("what a change adds, modifies and removes") {
    const auto changes = compare(type("V1ConfigMap"), from_yaml("{data: {a: '1', b: '2'}, metadata: {}}"),
                                 from_yaml("{data: {a: '3', c: '4'}, metadata: {labels: {x: y}}}"));
    CHECK(to_json(changes.added) == R"({"f:data":{"f:c":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}}})");
    CHECK(to_json(changes.modified) == R"({"f:data":{"f:a":{}}})");
    CHECK(to_json(changes.removed) == R"({"f:data":{"f:b":{}}})");
    const auto ports = compare(type("V1ServiceSpec"), from_yaml("{ports: [{port: 80, protocol: TCP, name: a}]}"),
                               from_yaml("{ports: [{port: 81, protocol: TCP}, {port: 80, name: b}]}"));
    CHECK(to_json(ports.modified) == R"({"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{"f:name":{}}}})");
    CHECK(to_json(ports.added) == R"({"f:ports":{"k:{\"port\":81,\"protocol\":\"TCP\"}":{".":{},"f:port":{},"f:protocol":{}}}})");
    // Two of one key have no owners inside of them.
    const auto twice = compare(type("V1Container"), from_yaml("{env: [{name: A, value: '1'}]}"), from_yaml("{env: [{name: A, value: '1'}, {name: A, value: '2'}]}"));
    CHECK(to_json(twice.added) == R"({"f:env":{"k:{\"name\":\"A\"}":{}}})");
    CHECK(to_json(twice.removed) == R"({"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}}})");
}

TEST_CASE("one object over another: order is that of what is applied") {
    CHECK(merged("V1ObjectMeta", "{finalizers: [a, b, c]}", "{finalizers: [d, b]}") == R"({"finalizers":["a","d","b","c"]})");
    CHECK(merged("V1ObjectMeta", "{finalizers: [a, b, c, d]}", "{finalizers: [c, a]}") == R"({"finalizers":["b","c","d","a"]})");
    CHECK(merged("V1PodSpec", "{containers: [{name: a, image: x}, {name: b}]}", "{containers: [{name: b, image: z}, {name: c}]}") ==
          R"({"containers":[{"image":"x","name":"a"},{"image":"z","name":"b"},{"name":"c"}]})");
    CHECK(merged("V1PodSpec", "{tolerations: [{key: a}], nodeSelector: {a: b}}", "{tolerations: [{key: b}], nodeSelector: {c: d}}") ==
          R"({"nodeSelector":{"c":"d"},"tolerations":[{"key":"b"}]})");
    CHECK(merged("V1ConfigMap", "{data: {a: '1'}}", "{data: {}}") == R"({"data":{"a":"1"}})");
}

TEST_CASE("what cannot be applied") {
    CHECK(type_errors(type("V1ConfigMap"), from_yaml("{metadata: {name: a}, data: {a: b}}")).empty());
    CHECK(type_errors(type("V1Deployment"), from_yaml("{spec: {template: {spec: {foo: 1}}}}")) == ".spec.template.spec.foo: field not declared in schema");
    CHECK(type_errors(type("V1Deployment"), from_yaml("{spec: {replicas: many}}")) == ".spec.replicas: expected numeric (int or float), got string");
    CHECK(type_errors(type("V1ConfigMap"), from_yaml("{data: {a: 1}}")) == ".data.a: expected string, got &value.valueUnstructured{Value:1}");
    CHECK(type_errors(type("V1PodSpec"), from_yaml("{containers: [{name: a}, {name: a}]}")) == R"(.containers: duplicate entries for key [name="a"])");
    CHECK(type_errors(type("V1PodSpec"), from_yaml("{containers: {}, hostNetwork: 1}")) ==
          "errors:\n  .containers: expected list, got &{map[]}\n  .hostNetwork: expected boolean, got &{1}");
}

TEST_CASE("an update takes over what it changes; what it removes is nobody's") {
    Story story{kind_of("v1", "ConfigMap")};
    story.update("one", "{data: {a: '1', b: '2'}}");
    CHECK(story.managers() == R"(one{"f:data":{".":{},"f:a":{},"f:b":{}}})");
    story.update("two", "{data: {a: '3', b: '2'}}");
    CHECK(story.managers() == R"(one{"f:data":{".":{},"f:b":{}}} two{"f:data":{"f:a":{}}})");
    story.update("two", "{data: {a: '3'}}");
    CHECK(story.managers() == R"(one{"f:data":{}} two{"f:data":{"f:a":{}}})");
    story.update("one", "{metadata: {name: x, uid: y, generation: 3}, data: {a: '3'}}");
    CHECK(story.managers() == R"(one{"f:data":{}} two{"f:data":{"f:a":{}}})");
}

TEST_CASE("what is worked out late is what would have been worked out at once") {
    Story late{kind_of("v1", "ConfigMap")}, at_once{kind_of("v1", "ConfigMap")};
    const ManagedFields before = [&] {
        late.update("m0", "{data: {a: '0'}}");
        return late.managed;
    }();
    at_once.update("m0", "{data: {a: '0'}}");
    for (int i = 1; i < 7; ++i) {
        const auto object = cat("{data: {a: '", i % 3, "', b", i % 2, ": '", i, "'}}");
        late.update(cat("m", i % 4), object);
        at_once.update(cat("m", i % 4), object);
        (void)at_once.managed.entries(at_once.context());
    }
    CHECK(late.managed.pending() == 7);
    CHECK(late.managers() == at_once.managers());
    CHECK(late.managed.pending() == 0);
    CHECK(to_json(before.entries(late.context())[0]["fieldsV1"]) == R"({"f:data":{".":{},"f:a":{}}})");
}

TEST_CASE("more than ten updaters: the oldest become one") {
    Story story{kind_of("v1", "ConfigMap")};
    std::string data;
    for (int i = 0; i < 13; ++i) {
        append(data, i == 0 ? "" : ", ", "k", i, ": v");
        story.update(cat("m", i), cat("{data: {", data, "}}"));
    }
    const auto entries = story.managed.entries(story.context());
    CHECK(entries.size() == 10);
    CHECK(entries[0]["manager"].as_string() == "ancient-changes");
    CHECK(to_json(entries[0]["fieldsV1"]) == R"({"f:data":{".":{},"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}}})");
    CHECK(entries[1]["manager"].as_string() == "m4");
}

TEST_CASE("applying: conflicts, sharing, taking by force, giving up") {
    Story story{kind_of("v1", "ConfigMap")};
    CHECK(story.apply("a", "{data: {x: '1', w: '1'}}").empty());
    CHECK(story.apply("b", "{data: {x: '2'}}") == "a:.data.x");
    CHECK(story.apply("b", "{data: {x: '1'}}").empty());
    CHECK(story.managers() == R"(b!{"f:data":{"f:x":{}}} a!{"f:data":{"f:w":{},"f:x":{}}})");
    CHECK(story.apply("a", "{data: {w: '1'}}").empty());
    CHECK(to_json(story.object["data"]) == R"({"w":"1","x":"1"})");
    CHECK(story.apply("b", "{data: {w: '2'}}", Force::yes).empty());
    CHECK(to_json(story.object["data"]) == R"({"w":"2"})");
    CHECK(story.managers() == R"(b!{"f:data":{"f:w":{}}})");
    // What somebody updated is kept when the applier no longer names it.
    story.update("c", "{data: {w: '3', z: '1'}}");
    CHECK(story.managers() == R"(c{"f:data":{"f:w":{},"f:z":{}}})");
    CHECK(story.apply("b", "{data: {}}").empty());
    CHECK(to_json(story.object["data"]) == R"({"w":"3","z":"1"})");
}

TEST_CASE("applying: items of lists and atomic parts") {
    Story story{kind_of("apps/v1", "Deployment")};
    CHECK(story.apply("a", "{spec: {selector: {matchLabels: {a: b}}, template: {spec: {containers: [{name: x, image: i, args: [p]}, {name: v, image: j}]}}}}").empty());
    CHECK(story.apply("b", "{spec: {template: {spec: {containers: [{name: x, args: [q]}]}}}}") == R"(a:.spec.template.spec.containers[name="x"].args)");
    CHECK(story.apply("b", "{spec: {selector: {matchLabels: {a: b, c: d}}}}") == "a:.spec.selector");
    CHECK(story.apply("b", "{spec: {template: {spec: {containers: [{name: v, tty: true}]}}}}").empty());
    // v stays for the sake of b, without what only a applied.
    CHECK(story.apply("a", "{spec: {selector: {matchLabels: {a: b}}, template: {spec: {containers: [{name: x, image: i}]}}}}").empty());
    CHECK(to_json(story.object["spec"]["template"]["spec"]) == R"({"containers":[{"image":"i","name":"x"},{"name":"v","tty":true}]})");
}

TEST_CASE("entries that a client sends are read as they are written, or not at all") {
    const auto entry = [](std::string_view more) { return from_yaml(cat("[{manager: m, apiVersion: v1, fieldsType: FieldsV1", more, "}]")); };
    CHECK(read_managers(entry(", operation: Update, fieldsV1: {f:a: {}}")).has_value());
    CHECK_FALSE(read_managers(entry(", operation: Merge")).has_value());
    CHECK_FALSE(read_managers(entry(", operation: Apply, fieldsV1: {a: {}}")).has_value());
    CHECK_FALSE(read_managers(from_yaml("[{manager: m, operation: Apply, fieldsType: FieldsV1}]")).has_value());
    const auto known = read_managers(Value::array({Value::object({{"manager", "m"}, {"operation", "Apply"}, {"apiVersion", "v1"}, {"fieldsType", "FieldsV1"},
                                                                 {"fieldsV1", Value::object({{R"(k:{"b": 1, "a":"x"})", Value::object()}})}})}));
    CHECK(to_json((*known)[0].fields) == R"({"k:{\"a\":\"x\",\"b\":1}":{}})");
    CHECK(FieldManager{"m", false, "apps/v1", "scale", {}, {}}.text() == R"("m" with subresource "scale" using apps/v1)");
    CHECK(FieldManager{"m", true, "apps/v1", {}, {}, {}}.text() == "\"m\"");
}
