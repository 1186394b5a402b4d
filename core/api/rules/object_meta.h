#pragma once
// metadata of every kind. Upstream: k8s.io/apimachinery/pkg/api/validation/objectmeta.go.

#include <string_view>

#include "core/api/field_error.h"
#include "core/api/kinds.h"
#include "core/api/names.h"

namespace kubewalk::api {

using NameValidator = Messages (*)(std::string_view name);

// name or generateName, namespace by scope, labels, annotations, finalizers, owner references.
void validate_object_meta(const Value& metadata, Scope scope, NameValidator validator, const Path& path, FieldErrors& errors);
// What an update may not change: name, namespace, uid, creationTimestamp, ... and what deletion freezes.
void validate_object_meta_update(const Value& metadata, const Value& old, const Path& path, FieldErrors& errors);

void validate_labels(const Value& labels, const Path& path, FieldErrors& errors);
void validate_annotations(const Value& annotations, const Path& path, FieldErrors& errors);
// A LabelSelector object. Upstream: pkg/apis/meta/v1/validation.
void validate_label_selector(const Value& selector, const Path& path, FieldErrors& errors);

// ValidateImmutableField: "field is immutable".
void validate_immutable(const Value& value, const Value& old, const Path& path, FieldErrors& errors);
// ValidateNonnegativeField: "must be greater than or equal to 0".
void validate_nonnegative(const Value& value, const Path& path, FieldErrors& errors);
// apimachinery's updates: generation counts up when `changed`.
void set_generation(Value& object, const Value& old, bool changed);

}  // namespace kubewalk::api
