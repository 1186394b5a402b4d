#pragma once
// A PersistentVolumeSpec: of a PersistentVolume, and inline in a VolumeAttachment; what claims share with it.
// Upstream: ValidatePersistentVolumeSpec of pkg/apis/core/validation/validation.go.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api {

// Inline it names a CSI driver's volume and little else.
enum class VolumeUse : std::uint8_t { persistent, inline_in_attachment };

// `name` is the PersistentVolume's; empty where there is none.
void validate_volume_spec(const Value& spec, VolumeUse use, std::string_view name, const Path& path, FieldErrors& errors);

void validate_volume_mode(const Value& mode, const Path& path, FieldErrors& errors);
// Of a StorageClass or a VolumeAttributesClass; none is no error.
void validate_class_name(const Value& name, const Path& path, FieldErrors& errors);
// The names of the members that differ, in place of go-cmp's report.
std::string changed_fields(const Value& now, const Value& before);

}  // namespace kubewalk::api
