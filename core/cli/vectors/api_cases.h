#pragma once
// What the sets about single API objects share: the schema, and the API server's path of an object up to
// validation, without storage, allocation and admission.

#include <string>
#include <vector>

#include "core/api/field_error.h"
#include "core/api/kinds.h"
#include "core/api/rules.h"
#include "core/api/schema.h"
#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::cli {

const api::Schema& case_schema();

struct ObjectRules {
    const api::Kind* kind = nullptr;
    const api::Rules* rules = nullptr;
};
// Null members where the kind is unknown, or known without rules.
ObjectRules rules_of(const api::Value& object);

// Decoding and defaulting.
Result<api::Value> after_defaulting(const ObjectRules& of, const api::Value& input);

// As a stored object stands before an update, or as upstream's tests hand it to a validation function: decoded,
// not defaulted. Release 1.36 wants terminationGracePeriodSeconds, which objects made for 1.28 leave to defaulting.
api::Value stored_form(const ObjectRules& of, const api::Value& object);

// The causes as one comparable text: "FieldValueInvalid spec.replicas\n", sorted, each once.
std::string causes_text(std::vector<std::string> lines);
std::vector<std::string> cause_lines(const api::FieldErrors& errors);
// From recorded causes: [{"reason", "field"}].
std::vector<std::string> cause_lines(const api::Value& causes);
// From what upstream's own tests recorded: [{"type": "Invalid value", "field"}].
std::vector<std::string> unit_error_lines(const api::Value& errors);

}  // namespace kubewalk::cli
