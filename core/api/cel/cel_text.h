#pragma once
// Texts of CEL values and back.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/cel/val.h"

namespace kubewalk::api::cel {

std::optional<Val> timestamp_of(std::string_view text);
// Years 1 to 9999: all that timestamps know.
constexpr bool in_calendar(std::int64_t unix_seconds) { return unix_seconds >= -62135596800 && unix_seconds <= 253402300799; }
std::optional<Val> duration_of(std::string_view text);
// What string() makes of it.
std::string string_of(const Val& value);
// As string.format prints it with %s.
std::string formatted(const Val& value);

// A text letter by letter: CEL counts letters, not bytes.
std::vector<std::string_view> letters_of(std::string_view text);

}  // namespace kubewalk::api::cel
