#pragma once
// What stands in $(( )): whole numbers, names of variables, + - * / % and comparisons. Upstream: POSIX.1, Arithmetic Expansion.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kubewalk::shell {

// Nothing when the text is no expression, or divides by zero. `variable` gives a name's text; empty counts as 0.
std::optional<std::int64_t> evaluate_arithmetic(std::string_view text, const std::function<std::string(std::string_view)>& variable);

}  // namespace kubewalk::shell
