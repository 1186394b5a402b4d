// What comes from strangers: broken, deep and huge texts end in an error and never in a crash, a hang or a lie.
// Deterministic mutations of real manifests; the seed is fixed, so a failure can be had again.

#include <doctest/doctest.h>

#include "core/api/cron_schedule.h"
#include "core/api/decode.h"
#include "core/api/json.h"
#include "core/api/labels.h"
#include "core/api/patch.h"
#include "core/api/quantity.h"
#include "core/api/rules.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "tests/unit/api/schema_for_tests.h"

using namespace kubewalk;
using namespace kubewalk::api;

namespace {

constexpr std::string_view manifests[] = {
    R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}, annotations: {note: "a: b"}}
spec:
  replicas: 3
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 1}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: "nginx:1.27"
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: 100m, memory: 64Mi}}
        livenessProbe: {httpGet: {path: /, port: 80}}
)",
    R"(apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: http, nodePort: 30080}], ipFamilies: [IPv4], clusterIP: 10.96.7.7}
)",
    R"(apiVersion: batch/v1
kind: CronJob
metadata: {name: hello}
spec:
  schedule: "*/5 * * * *"
  timeZone: Europe/Berlin
  jobTemplate: {spec: {completions: 2, completionMode: Indexed, template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sh, -c, "echo | true"]}]}}}}
)"};

// One to eight bytes are changed, lost, doubled or taken from elsewhere.
std::string mutated(std::string_view text, Random& random) {
    constexpr std::string_view telling = "{}[]:,-#&*!|>'\"%@`\n\t 0123456789eE+~\\\xff\xc3";
    std::string out(text);
    for (auto changes = random.below(8) + 1; changes > 0 && !out.empty(); --changes) {
        const auto at = random.below(out.size());
        switch (random.below(4)) {
            case 0: out[at] = telling[random.below(telling.size())]; break;
            case 1: out.erase(at, random.below(12) + 1); break;
            case 2: out.insert(at, out.substr(random.below(out.size()), random.below(24))); break;
            default: out.insert(at, 1, telling[random.below(telling.size())]); break;
        }
    }
    return out;
}

// The whole way of a created object, as far as it goes.
void submit(const Value& object) {
    const Kind* kind = find_kind(object["apiVersion"].as_string(), object["kind"].as_string());
    const Rules* rules = kind ? find_rules(*kind) : nullptr;
    if (!rules)
        return;
    auto decoded = decode(test_schema(), kind->schema, object);
    if (!decoded.ok()) {
        CHECK_FALSE(decoded.error().message.empty());
        return;
    }
    Value made = decoded.value().object;
    rules->defaults(made);
    rules->prepare_for_create(made);
    FieldErrors errors;
    rules->validate(made, errors);
    std::vector<std::string> warnings;
    rules->warnings(made, warnings);
    for (const auto& error : errors)
        CHECK_FALSE(error.message().empty());
}

}  // namespace

TEST_CASE("mutated manifests are read or refused") {
    Random random(20260101);
    for (int i = 0; i < 3000; ++i) {
        const auto text = mutated(manifests[random.below(3)], random);
        INFO("seed 20260101, round ", i, ":\n", text);
        const auto parsed = parse_yaml(text);
        if (!parsed.ok()) {
            CHECK_FALSE(parsed.error().message.empty());
            continue;
        }
        // What was read can be written and read again.
        const auto again = parse_yaml(to_yaml(parsed.value()));
        REQUIRE(again.ok());
        CHECK(again.value() == parsed.value());
        submit(parsed.value());
    }
}

TEST_CASE("mutated JSON is read or refused, and patched or not") {
    Random random(7);
    const Value base = parse_yaml(manifests[0]).value();
    const std::string text = to_json(base);
    const std::string patch = R"([{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"x"},{"op":"move","from":"/metadata/labels","path":"/metadata/annotations/a~1b"},{"op":"add","path":"/spec/template/spec/containers/-","value":{"name":"b"}},{"op":"test","path":"/kind","value":"Deployment"}])";
    const std::string merge = R"({"metadata":{"labels":null},"spec":{"replicas":5,"template":{"spec":{"containers":[{"name":"web","$patch":"delete"},{"name":"new","image":"i"}],"$setElementOrder/containers":[{"name":"new"}]}}}})";
    for (int i = 0; i < 3000; ++i) {
        const auto parsed = parse_json(mutated(text, random));
        if (parsed.ok()) {
            const auto again = parse_json(to_json(parsed.value()));
            REQUIRE(again.ok());
            CHECK(to_json(again.value()) == to_json(parsed.value()));
            submit(parsed.value());
        }
        if (const auto operations = parse_json(mutated(patch, random)); operations.ok())
            (void)apply_json_patch(base, operations.value());
        if (const auto change = parse_json(mutated(merge, random)); change.ok()) {
            (void)apply_merge_patch(base, change.value());
            (void)apply_strategic_merge_patch(test_schema(), "V1Deployment", base, change.value());
        }
    }
}

TEST_CASE("small languages bear what is no sentence of theirs") {
    Random random(99);
    for (int i = 0; i < 5000; ++i) {
        (void)Quantity::parse(mutated("1500m 64Mi 1e3 .5 -0.1Ki", random));
        (void)LabelSelector::parse(mutated("app in (a, b),tier notin (x),!gone,env=prod", random));
        (void)parse_field_selector(mutated("metadata.name=web,status.phase!=Running", random));
        (void)parse_cron_schedule(mutated("*/5 0-23/2 1,15 * MON-FRI", random));
    }
}

TEST_CASE("deep and wide texts have an end") {
    const std::string deep(200'000, '[');
    CHECK_FALSE(parse_json(deep).ok());
    CHECK_FALSE(parse_yaml(deep).ok());
    CHECK_FALSE(parse_json(cat(std::string(100'000, '['), std::string(100'000, ']'))).ok());
    std::string nested;
    for (int i = 0; i < 5'000; ++i)
        append(nested, std::string(static_cast<std::size_t>(i % 500), ' '), "a:\n");
    (void)parse_yaml(nested);
    // Aliases that would grow without end ("billion laughs").
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        append(laughs, "a", i, ": &a", i, " [");
        for (int j = 0; j < 10; ++j)
            append(laughs, j == 0 ? "" : ", ", "*a", i - 1);
        laughs += "]\n";
    }
    CHECK_FALSE(parse_yaml(laughs).ok());
    // A megabyte in one object: each byte is looked at a few times, not a million.
    std::string wide = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wide}\ndata:\n";
    for (int i = 0; i < 40'000; ++i)
        append(wide, "  key-", i, ": value-", i, "\n");
    const auto parsed = parse_yaml(wide);
    REQUIRE(parsed.ok());
    CHECK(parsed.value()["data"].size() == 40'000);
    submit(parsed.value());
    CHECK(parse_yaml(to_yaml(parsed.value())).value() == parsed.value());
}
