#pragma once
// The schema of a CustomResourceDefinition's version (openAPIV3Schema), as JSON: whether it is structural, and what it makes of
// objects. Its rules in CEL are in structural_rules.h.
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{validation,structural}.go, schema/{pruning,defaulting,listtype},
// k8s.io/kube-openapi/pkg/validation/{validate,errors}.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api::structural {

// Takes away what the schema does not name; the paths of it are added to `unknown`.
void prune(Value& object, const Value& schema, std::vector<std::string>& unknown);
void set_defaults(Value& object, const Value& schema);
void validate(const Value& object, const Value& schema, FieldErrors& errors);
// Of one value that stands at that path ("" for an object's root).
void validate_at(const Value& value, const Value& schema, const std::string& path, FieldErrors& errors);

// What is wrong with the schema itself.
void check_schema(const Value& schema, const Path& path, FieldErrors& errors);
bool has_rules(const Value& schema);  // somewhere in it

}  // namespace kubewalk::api::structural
