#pragma once
// The checks a lesson's task may use, as data in lesson.json (lessons/README.md lists them). Each looks at
// the live cluster or at what the learner did, never at which button was pressed. A new kind of check is one
// file in core/lesson/checks and one line in check.cpp.

#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/base/result.h"
#include "core/cluster/session.h"

namespace kubewalk::lesson {

// Is the check well formed? The error names the key that is wrong.
Result<void> validate_check(const api::Value& check);

bool holds(const api::Value& check, const cluster::Session& session);

// The first part of a check that does not hold, "all" taken apart; null when all of it holds.
const api::Value* failing_part(const api::Value& check, const cluster::Session& session);

// What is there instead of what a check that fails asks for, in English words for its author; "" where nothing can be said.
std::string found_instead(const api::Value& check, const cluster::Session& session);

// "*" matches any text, everything else itself.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace kubewalk::lesson
