#include "core/cli/vectors/api_cases.h"

#include <algorithm>

#include "core/api/decode.h"
#include "core/base/text.h"
#include "kubewalk/embedded.h"

namespace kubewalk::cli {

using api::Value;

namespace {

constexpr struct {
    std::string_view type;
    std::string_view reason;
} reasons[] = {
    {"Not found", "FieldValueNotFound"},
    {"Required value", "FieldValueRequired"},
    {"Duplicate value", "FieldValueDuplicate"},
    {"Invalid value", "FieldValueInvalid"},
    {"Unsupported value", "FieldValueNotSupported"},
    {"Forbidden", "FieldValueForbidden"},
    {"Too long", "FieldValueTooLong"},
    {"Too many", "FieldValueTooMany"},
    {"Internal error", "InternalError"},
};

std::string_view reason_of(std::string_view type) {
    const auto* found = std::find_if(std::begin(reasons), std::end(reasons),
                                     [&](const auto& line) { return line.type == type; });
    return found == std::end(reasons) ? type : found->reason;
}

}  // namespace

const api::Schema& case_schema() {
    static const api::Schema schema = api::Schema::parse(embedded::find("schema/kubernetes.json")).take();
    return schema;
}

ObjectRules rules_of(const Value& object) {
    // Recorded through the older version, which had the same rules.
    const bool old_slice = object["apiVersion"].as_string() == "discovery.k8s.io/v1beta1";
    const api::Kind* kind = api::find_kind(old_slice ? "discovery.k8s.io/v1" : object["apiVersion"].as_string(),
                                           object["kind"].as_string());
    return {kind, kind == nullptr ? nullptr : api::find_rules(*kind)};
}

Result<Value> after_defaulting(const ObjectRules& of, const Value& input) {
    auto decoded = api::decode(case_schema(), of.kind->schema, input);
    if (!decoded.ok())
        return decoded.error();
    Value object = decoded.value().object;
    if (of.rules->defaults != nullptr)
        of.rules->defaults(object);
    return object;
}

Value stored_form(const ObjectRules& of, const Value& object) {
    constexpr int seconds = 30;
    auto decoded = api::decode(case_schema(), of.kind->schema, object);
    Value stored = decoded.ok() ? decoded.value().object : object;
    if (of.kind->kind == "Pod" && !stored["spec"].contains("terminationGracePeriodSeconds"))
        stored.edit("spec").set("terminationGracePeriodSeconds", seconds);
    const Value& pod_spec = stored.path("spec", "template", "spec");
    if (pod_spec.is_object() && !pod_spec.contains("terminationGracePeriodSeconds"))
        stored.edit_path("spec", "template", "spec").set("terminationGracePeriodSeconds", seconds);
    return stored;
}

std::string causes_text(std::vector<std::string> lines) {
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    return lines.empty() ? "accepted" : join(lines, "\n");
}

std::vector<std::string> cause_lines(const api::FieldErrors& errors) {
    std::vector<std::string> lines;
    for (const auto& error : errors)
        lines.push_back(cat(error.reason(), " ", error.field));
    return lines;
}

std::vector<std::string> cause_lines(const Value& causes) {
    std::vector<std::string> lines;
    for (const auto& cause : causes.items())
        lines.push_back(cat(cause["reason"].as_string(), " ", cause["field"].as_string()));
    return lines;
}

std::vector<std::string> unit_error_lines(const Value& errors) {
    std::vector<std::string> lines;
    for (const auto& error : errors.items())
        lines.push_back(cat(reason_of(error["type"].as_string()), " ", error["field"].as_string()));
    return lines;
}

}  // namespace kubewalk::cli
