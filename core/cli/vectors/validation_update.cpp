// validation/update.json: what may change in an object that exists. Upstream's tests call the validation
// functions on objects as they stand, so nothing is defaulted or prepared here.
#include "core/api/decode.h"
#include "core/base/text.h"
#include "core/cli/vectors/api_cases.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

using api::Value;

namespace {

// What the recorded functions leave to others: the strategies check that selectors of workloads are immutable,
// the generic registry checks the metadata of an EndpointSlice.
std::vector<std::string> comparable(const ObjectRules& of, std::vector<std::string> lines) {
    if (of.kind->group == "apps")
        std::erase(lines, "FieldValueInvalid spec.selector");
    if (of.kind->group == "discovery.k8s.io")
        std::erase(lines, "FieldValueInvalid metadata.resourceVersion");
    return lines;
}

bool changes_resources(const Value& spec, const Value& before) {
    for (const std::string_view list : {"containers", "initContainers"})
        for (std::size_t i = 0; i < spec[list].size() && i < before[list].size(); ++i)
            if (spec[list][i]["resources"] != before[list][i]["resources"])
                return true;
    return false;
}

Value without_directives(Value job_template) {
    for (const std::string_view field : {"affinity", "nodeSelector", "tolerations", "schedulingGates"})
        job_template.edit("spec").erase(field);
    for (const std::string_view field : {"annotations", "labels"})
        job_template.edit("metadata").erase(field);
    return job_template;
}

// What was recorded under a gate or an option that the strategies of release 1.36 set otherwise: the mark lets
// a reviewed rewrite tell those cases from the others.
std::string_view mark(const Value& now, const Value& old) {
    const Value& spec = now["spec"];
    const Value& before = old["spec"];
    if (now["kind"].as_string() == "Pod") {
        if (changes_resources(spec, before))
            return " [changes resources]";
        if (!before["schedulingGates"].empty() &&
            (spec["nodeSelector"] != before["nodeSelector"] || spec["affinity"] != before["affinity"]))
            return " [where a gated Pod may go]";
    }
    if (now["kind"].as_string() == "Job" && !before["suspend"].as_bool() && spec["template"] != before["template"] &&
        without_directives(spec["template"]) == without_directives(before["template"]))
        return " [where a Job's Pods may go]";
    return "";
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
        const auto note = mark(one["new"], one["old"]);
        report.check(id, cat(causes_text(comparable(of, unit_error_lines(one["unitErrors"]))), note),
                     cat(causes_text(comparable(of, cause_lines(errors))), note));
    }
}

}  // namespace kubewalk::cli
