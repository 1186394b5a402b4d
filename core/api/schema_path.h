#pragma once
// Paths into a structural schema, as selectableFields and the fieldPath of validation rules write them: ".spec.replicas",
// ".spec['a.b']". Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go (ValidFieldPath).

#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::api::structural {

struct SchemaPath {
    std::string text;  // "spec.replicas", "labels[a]"
    std::string root;  // its first name
    Value schema;      // of what it leads to
};
enum class Brackets : unsigned char { allowed, refused };
Result<SchemaPath> schema_path(std::string_view json_path, const Value& schema, Brackets brackets);

}  // namespace kubewalk::api::structural
