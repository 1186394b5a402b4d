#pragma once
// IntOrString values: 80, "http", "25%". Upstream: k8s.io/apimachinery/pkg/util/intstr.

#include <cstdint>
#include <string>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::api {

enum class Rounding : std::uint8_t { down, up };

// The number itself, or the share of `total` that a percentage gives
// (intstr.GetScaledValueFromIntOrPercent). Reason "Invalid" for text that is no percentage.
Result<int> scaled_value(const Value& int_or_percent, int total, Rounding rounding);
// "25%" as printed, "1".
std::string int_or_string_text(const Value& value);

}  // namespace kubewalk::api
