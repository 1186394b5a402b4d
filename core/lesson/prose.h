#pragma once
// What can be judged about a lesson's texts without understanding them: keys that nobody shows, steps that
// are too long or too short, Chinese typography, and the terms of assets/glossary.json.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/lesson/lesson.h"
#include "core/lesson/replay.h"

namespace kubewalk::lesson {

// {"terms": [{"en": "packet", "zh-CN": "数据包", "avoid": ["报文"]}]}: one rendering per term; what stands in
// `avoid` is another one that must not be used for it.
struct Term {
    std::string english;
    std::string chinese;
    std::vector<std::string> avoid;
};
Result<std::vector<Term>> parse_glossary(std::string_view json);

// One finding a rule, each with all places that break it.
std::vector<Finding> check_prose(const Lesson& lesson, const std::vector<Term>& glossary);

// Chinese punctuation and spacing: what is wrong, with a few characters around it; "" when all is well.
// Code between backticks is left alone; it needs a space on both sides like any Latin word.
std::string typography_problem(std::string_view text);

}  // namespace kubewalk::lesson
