// A Job's policies. Upstream: pkg/apis/batch/validation/validation.go (validatePodFailurePolicy,
// validateSuccessPolicy, validatePodReplacementPolicy).

#include <algorithm>
#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/rules/job_parts.h"
#include "core/api/rules/object_meta.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::size_t max_rules = 20;
constexpr std::size_t max_exit_codes = 255;
constexpr std::size_t max_conditions = 20;
constexpr std::size_t max_indexes_bytes = 64 * 1024;

bool one_of(std::string_view text, std::initializer_list<std::string_view> choices) {
    return std::find(choices.begin(), choices.end(), text) != choices.end();
}

void too_many(const Path& path, std::size_t actual, std::size_t maximum, FieldErrors& errors) {
    if (actual > maximum)
        errors.too_many(path, static_cast<int>(actual), static_cast<int>(maximum));
}

bool names_container(const Value& pod_spec, const Value& name) {
    for (const std::string_view list : {"containers", "initContainers"})
        for (const auto& container : pod_spec[list].items())
            if (container["name"] == name)
                return true;
    return false;
}

void validate_exit_codes(const Value& codes, const Value& pod_spec, const Path& path, FieldErrors& errors) {
    const auto op = codes["operator"].as_string();
    if (op.empty())
        errors.required(path.child("operator"), "valid values: [\"In\" \"NotIn\"]");
    else if (!one_of(op, {"In", "NotIn"}))
        errors.not_supported(path.child("operator"), codes["operator"], {"In", "NotIn"});
    if (codes["containerName"].is_string() && !names_container(pod_spec, codes["containerName"]))
        errors.invalid(path.child("containerName"), codes["containerName"], "must be one of the container or initContainer names in the pod template");
    const Value& values = codes["values"];
    const Path list = path.child("values");
    if (values.empty())
        errors.invalid(list, values.is_null() ? Value::array() : values, "at least one value is required");
    too_many(list, values.size(), max_exit_codes, errors);
    std::set<std::int64_t> seen;
    bool ordered = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto code = values[i].as_int();
        if (op == "In" && code == 0)
            errors.invalid(list.index(i), Value(code), "must not be 0 for the In operator");
        if (!seen.insert(code).second)
            errors.duplicate(list.index(i), Value(code));
        ordered = ordered && (i == 0 || values[i - 1].as_int() <= code);
    }
    if (!ordered)
        errors.invalid(list, values, "must be ordered");
}

void validate_conditions(const Value& conditions, const Path& path, FieldErrors& errors) {
    too_many(path, conditions.size(), max_conditions, errors);
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        const Path at = path.index(i);
        const auto type = conditions[i]["type"].as_string(), status = conditions[i]["status"].as_string();
        errors.invalid_each(at.child("type"), Value(type), is_qualified_name(type));
        if (status.empty())
            errors.required(at.child("status"), "valid values: [\"False\" \"True\" \"Unknown\"]");
        else if (!one_of(status, {"False", "True", "Unknown"}))
            errors.not_supported(at.child("status"), conditions[i]["status"], {"False", "True", "Unknown"});
    }
}

void validate_failure_rule(const Value& rule, const Value& spec, const Path& path, FieldErrors& errors) {
    const auto action = rule["action"].as_string();
    const Path at = path.child("action");
    if (action.empty())
        errors.required(at, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
    else if (action == "FailIndex" && spec["backoffLimitPerIndex"].is_null())
        errors.invalid(at, rule["action"], "requires the backoffLimitPerIndex to be set");
    else if (!one_of(action, {"Count", "FailIndex", "FailJob", "Ignore"}))
        errors.not_supported(at, rule["action"], {"Count", "FailIndex", "FailJob", "Ignore"});
    const Value& codes = rule["onExitCodes"];
    const Value& conditions = rule["onPodConditions"];
    if (!codes.is_null())
        validate_exit_codes(codes, spec["template"]["spec"], path.child("onExitCodes"), errors);
    validate_conditions(conditions, path.child("onPodConditions"), errors);
    // Upstream leaves the value out of these two.
    if (!codes.is_null() && !conditions.empty())
        errors.invalid_without_value(path, "specifying both OnExitCodes and OnPodConditions is not supported");
    if (codes.is_null() && conditions.empty())
        errors.invalid_without_value(path, "specifying one of OnExitCodes and OnPodConditions is required");
}

void validate_success_rule(const Value& rule, std::int64_t completions, const Path& path, FieldErrors& errors) {
    const Value& count = rule["succeededCount"];
    const Value& indexes = rule["succeededIndexes"];
    if (count.is_null() && indexes.is_null())
        errors.required(path, "at least one of succeededCount or succeededIndexes must be specified");
    std::int64_t total = 0;
    if (!indexes.is_null()) {
        const Path at = path.child("succeededIndexes");
        if (indexes.as_string().size() > max_indexes_bytes)
            errors.too_long(at, static_cast<int>(max_indexes_bytes));
        const auto counted = count_indexes(indexes.as_string(), completions);
        total = counted.count;
        if (!counted.error.empty())
            errors.invalid(at, indexes, cat("error parsing succeededIndexes: ", counted.error));
    }
    if (count.is_null())
        return;
    const Path at = path.child("succeededCount");
    validate_nonnegative(count, at, errors);
    if (count.as_int() > completions)
        errors.invalid(at, count, cat("must be less than or equal to ", completions, " (the number of specified completions)"));
    if (!indexes.is_null() && count.as_int() > total)
        errors.invalid(at, count, cat("must be less than or equal to ", total, " (the number of indexes in the specified succeededIndexes field)"));
}

}  // namespace

void default_job_policies(Value& spec) {
    for (std::size_t i = 0; i < spec["podFailurePolicy"]["rules"].size(); ++i)
        for (std::size_t j = 0; j < spec["podFailurePolicy"]["rules"][i]["onPodConditions"].size(); ++j)
            if (spec["podFailurePolicy"]["rules"][i]["onPodConditions"][j]["status"].as_string().empty())
                spec.edit("podFailurePolicy").edit("rules").edit_at(i).edit("onPodConditions").edit_at(j).set("status", "True");
}

IndexCount count_indexes(std::string_view text, std::int64_t completions) {
    IndexCount result;
    if (text.empty())
        return result;
    std::int64_t previous = -1;
    for (const auto piece : split(text, ',')) {
        const auto limits = split(piece, '-');
        std::int64_t ends[2] = {0, 0};
        if (limits.size() > 2)
            return {0, cat("the fragment ", quoted(piece), " violates the requirement that an index interval can have at most two parts separated by '-'")};
        for (std::size_t i = 0; i < limits.size(); ++i) {
            const auto number = parse_int(limits[i]);
            if (!number)
                return {0, cat("cannot convert string to integer for index: ", quoted(limits[i]))};
            if (*number >= completions)
                return {0, cat("too large index: ", quoted(limits[i]))};
            ends[i] = *number;
        }
        if (limits.size() == 1)
            ends[1] = ends[0];
        if (previous >= ends[0])
            return {0, cat("non-increasing order, previous: ", previous, ", current: ", ends[0])};
        if (limits.size() == 2 && ends[0] >= ends[1])
            return {0, cat("non-increasing order, previous: ", ends[0], ", current: ", ends[1])};
        previous = ends[1];
        result.count += ends[1] - ends[0] + 1;
    }
    return result;
}

void validate_job_policies(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& failure = spec["podFailurePolicy"];
    if (!failure.is_null()) {
        const Path policy = path.child("podFailurePolicy");
        const Path rules = policy.child("rules");
        too_many(rules, failure["rules"].size(), max_rules, errors);
        for (std::size_t i = 0; i < failure["rules"].size(); ++i)
            validate_failure_rule(failure["rules"][i], spec, rules.index(i), errors);
    }
    const Value& success = spec["successPolicy"];
    if (!success.is_null()) {
        const Path policy = path.child("successPolicy");
        const Path rules = policy.child("rules");
        if (spec["completionMode"].as_string() != "Indexed")
            errors.invalid(policy, success, "requires indexed completion mode");
        else if (success["rules"].empty())
            errors.required(rules, "at least one rules must be specified when the successPolicy is specified");
        else
            too_many(rules, success["rules"].size(), max_rules, errors);
        for (std::size_t i = 0; spec["completionMode"].as_string() == "Indexed" && i < success["rules"].size(); ++i)
            validate_success_rule(success["rules"][i], spec["completions"].as_int(), rules.index(i), errors);
    }
    const Value& replacement = spec["podReplacementPolicy"];
    if (replacement.is_null())
        return;
    if (!failure.is_null()) {
        if (replacement.as_string() != "Failed")
            errors.not_supported(path.child("podReplacementPolicy"), replacement, {"Failed"});
    } else if (!one_of(replacement.as_string(), {"Failed", "TerminatingOrFailed"})) {
        errors.not_supported(path.child("podReplacementPolicy"), replacement, {"Failed", "TerminatingOrFailed"});
    }
}

}  // namespace kubewalk::api
