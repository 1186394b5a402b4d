// apiserver/*.jsonl: objects from the real world through decoding, defaulting and validation. Storage and
// allocation (afterCreateStrategy, table) are judged by the API server's and kubectl's own tests.
#include "core/api/decode.h"
#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cli/vectors/api_cases.h"
#include "core/cli/vectors/runner.h"

namespace kubewalk::cli {

using api::Value;

namespace {

std::string validated(const ObjectRules& of, Value object) {
    if (of.kind->namespaced() && api::namespace_of(object).empty())
        object.edit("metadata").set("namespace", "default");
    // As rest.FillObjectMetaSystemFields does before the strategy: a Job's selector is made from it.
    object.edit("metadata").set("uid", "3c0b3030-85e4-47d1-b508-a42b1679169a");
    if (of.rules->prepare_for_create != nullptr)
        of.rules->prepare_for_create(object);
    api::FieldErrors errors;
    of.rules->validate(object, errors);
    return causes_text(cause_lines(errors));
}

void judge(const Value& line, Report& report) {
    const auto id = line["id"].as_string();
    const auto outcome = line["outcome"].as_string();
    if (outcome == "badYAML" || outcome == "missingKind")
        return report.skip(id, "the case holds no object, only a text in manifests/");
    const Value& input = line["input"];
    if (outcome == "notServed" || outcome == "notRegistered") {
        const Value& gvk = line["gvk"];
        const auto group = gvk["group"].as_string();
        const std::string version = cat(group, group.empty() ? "" : "/", gvk["version"].as_string());
        const bool known = api::find_kind(version, gvk["kind"].as_string()) != nullptr;
        return report.check(id, "no such kind", known ? "a kind of this name" : "no such kind");
    }
    const ObjectRules of = rules_of(input);
    if (of.rules == nullptr)
        return report.skip(id, cat("kind not there yet: ", input["kind"].as_string()));
    if (line["stage"].as_string() == "allocation")
        return report.skip(id, "refused by the allocators, which no object's rules know");
    auto object = after_defaulting(of, input);
    if (!object.ok())
        return report.fail(id, outcome, object.error().message);
    if (line["afterDefaulting"].is_object()) {
        report.check(cat(id, " defaults"), api::to_json(line["afterDefaulting"]), api::to_json(object.value()));
    }
    report.check(cat(id, " outcome"), causes_text(cause_lines(line["causes"])), validated(of, object.value()));
}

}  // namespace

void run_apiserver_objects(const Value& root, Report& report) {
    for (const auto& line : root.items())
        judge(line, report);
}

}  // namespace kubewalk::cli
