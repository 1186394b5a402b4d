#pragma once
// A field's type in words, as `kubectl explain` prints it: "integer", "[]Container", "map[string]string".
// Upstream: k8s.io/kubectl/pkg/explain/v2/templates/plaintext.tmpl.

#include <string>

#include "core/api/schema.h"

namespace kubewalk::api {

std::string type_text(const TypeRef& ref);
// The type of the objects inside lists and maps; null where there are none.
const Type* inner_type(const TypeRef& ref);

}  // namespace kubewalk::api
