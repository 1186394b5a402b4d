#pragma once
// What an object goes through on its way into the API server's internal version and out again, beyond defaults:
// aliases follow what they stand for, remains of old releases fall away.
// Upstream: pkg/apis/core/v1/conversion.go (Convert_v1_PodSpec_To_core_PodSpec, dropInitContainerAnnotations).

#include "core/api/kinds.h"
#include "core/api/value.h"

namespace kubewalk::api {

void through_internal_version(const Kind& kind, Value& object);

// The Pod, or the template of Pods, that objects of this kind hold; null for other kinds.
const Value& pod_part(const Kind& kind, const Value& object);

}  // namespace kubewalk::api
