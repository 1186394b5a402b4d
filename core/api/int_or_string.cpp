#include "core/api/int_or_string.h"

#include <algorithm>

#include <cstdint>

#include "core/base/text.h"

namespace kubewalk::api {

Result<int> scaled_value(const Value& int_or_percent, int total, Rounding rounding) {
    if (int_or_percent.is_number())
        return static_cast<int>(int_or_percent.as_int());
    if (int_or_percent.is_null())
        return Error{"Invalid", "nil value for IntOrString", {}, 0, 0};
    const auto text = int_or_percent.as_string();
    const auto invalid = [&](std::string detail) {
        return Error{"Invalid", cat("invalid value for IntOrString: invalid type: ", detail), {}, 0, 0};
    };
    if (!text.ends_with('%'))
        return invalid("string is not a percentage");
    const auto digits = text.substr(0, text.size() - 1);
    const auto percent = parse_int(digits);
    if (!percent)
        return Error{"Invalid", cat("invalid value for IntOrString: invalid value ", quoted(text), ": strconv.Atoi: parsing ", quoted(digits), ": invalid syntax"), {}, 0, 0};
    // Integer arithmetic: upstream's floating ceil and floor, without the floating.
    std::int64_t product = 0;
    if (__builtin_mul_overflow(*percent, static_cast<std::int64_t>(total), &product))
        product = (*percent < 0) == (total < 0) ? INT64_MAX : INT64_MIN;
    std::int64_t share = product / 100;
    const std::int64_t rest = product % 100;
    if (rest > 0 && rounding == Rounding::up)
        ++share;
    if (rest < 0 && rounding == Rounding::down)
        --share;
    return static_cast<int>(std::clamp<std::int64_t>(share, INT32_MIN, INT32_MAX));
}

std::string int_or_string_text(const Value& value) {
    return value.is_string() ? value.str() : cat(value.as_int());
}

}  // namespace kubewalk::api
