#pragma once
// What the generated description of the kinds lacks, as this project's own table: which fields are pointers
// in Go, what is printed though empty, quantities, patch keys, list types, enums.
// Upstream: the field tags of staging/src/k8s.io/api/*/*/types.go (json, patchStrategy, patchMergeKey,
// +listType, +enum).

#include "core/api/schema.h"

namespace kubewalk::api {

// Completes a type of which only name and, per field, name, ref and required are known. Fields that hold
// quantities get that form; for maps of them `quantity_map` is the element.
void add_extras(Type& type, const TypeRef& quantity_map_element);

}  // namespace kubewalk::api
