// validation/create.json: upstream's validation tests as POST requests; judged by outcome and the set of
// reasons and fields.
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

void judge(const Value& one, Report& report) {
    const auto id = one["id"].as_string();
    const Value& recorded = one["api"];
    const ObjectRules of = rules_of(one["object"]);
    if (of.rules == nullptr)
        return report.skip(id, cat("kind not there yet: ", one["object"]["kind"].as_string()));
    if (recorded["stage"].as_string() == "allocation")
        return report.skip(id, "refused by the allocators, which no object's rules know");
    const bool unreliable = recorded["outcome"].as_string() == "unreliable";
    const std::string expected =
        causes_text(unreliable ? unit_error_lines(one["unitErrors"]) : cause_lines(recorded["causes"]));
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
