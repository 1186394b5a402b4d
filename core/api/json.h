#pragma once
// JSON text <-> Value, by nlohmann_json.

#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"

namespace kubewalk::api {

// Error: reason "ParseError", with line and column. Nesting deeper than 512 is refused.
Result<Value> parse_json(std::string_view text);

// indent < 0: one line without blanks (as Go's json.Marshal); else pretty with that many blanks
// (kubectl -o json uses 4).
std::string to_json(const Value& value, int indent = -1);

}  // namespace kubewalk::api
