// validation/update.json: what may change in an object that exists. Upstream's tests call the validation
// functions on objects as they stand, so nothing is defaulted or prepared here.
#include "core/api/decode.h"
#include "core/base/text.h"
#include "core/cli/vectors/api_cases.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

using api::Value;

namespace {

// Release 1.36 wants terminationGracePeriodSeconds, which these objects, made for 1.28, leave to defaulting.
void give_grace_period(Value& pod_spec) {
    if (!pod_spec.contains("terminationGracePeriodSeconds"))
        pod_spec.set("terminationGracePeriodSeconds", 30);
}

Value stored_form(const ObjectRules& of, const Value& object) {
    auto decoded = api::decode(case_schema(), of.kind->schema, object);
    Value stored = decoded.ok() ? decoded.value().object : object;
    if (of.kind->kind == "Pod")
        give_grace_period(stored.edit("spec"));
    if (stored["spec"]["template"]["spec"].is_object())
        give_grace_period(stored.edit_path("spec", "template", "spec"));
    return stored;
}

// What the recorded functions leave to others: the strategies check that selectors of workloads are immutable,
// the generic registry checks the metadata of an EndpointSlice.
std::vector<std::string> comparable(const ObjectRules& of, std::vector<std::string> lines) {
    if (of.kind->group == "apps")
        std::erase(lines, "FieldValueInvalid spec.selector");
    if (of.kind->group == "discovery.k8s.io")
        std::erase(lines, "FieldValueInvalid metadata.resourceVersion");
    return lines;
}

}  // namespace

void run_validation_update(const Value& root, Report& report) {
    for (const auto& one : root["cases"].items()) {
        const auto id = one["id"].as_string();
        const ObjectRules of = rules_of(one["new"]);
        if (of.rules == nullptr || of.rules->validate_update == nullptr) {
            report.skip(id, cat("kind not there yet: ", one["new"]["kind"].as_string()));
            continue;
        }
        api::FieldErrors errors;
        of.rules->validate_update(stored_form(of, one["new"]), stored_form(of, one["old"]), errors);
        report.check(id, causes_text(comparable(of, unit_error_lines(one["unitErrors"]))),
                     causes_text(comparable(of, cause_lines(errors))));
    }
}

}  // namespace kubewalk::cli
