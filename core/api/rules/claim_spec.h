#pragma once
// A PersistentVolumeClaimSpec: of a claim, of a StatefulSet's template, of an ephemeral volume.
// Upstream: ValidatePersistentVolumeClaimSpec of pkg/apis/core/validation/validation.go,
// pkg/api/persistentvolumeclaim/util.go (warnings).

#include <string>
#include <vector>

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api {

void validate_claim_spec(const Value& spec, const Path& path, FieldErrors& errors);
void claim_spec_warnings(const Value& spec, const Path& path, std::vector<std::string>& out);

// "ReadWriteOnce", ...: each supported, ReadWriteOncePod alone; `path` is the list's.
void validate_access_modes(const Value& modes, const Path& path, FieldErrors& errors);
// "must be greater than zero"; shown is the quantity's text.
void validate_positive_quantity(const Value& quantity, const Path& path, FieldErrors& errors);

}  // namespace kubewalk::api
