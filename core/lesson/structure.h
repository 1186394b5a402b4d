#pragma once
// lesson.json: from JSON text to Lesson, with errors that name file, line, place, what is wrong and what to do.

#include <string_view>

#include "core/lesson/lesson.h"

namespace kubewalk::lesson {

// Bounds on what a lesson may ask for; packs come from strangers.
struct Bounds {
    static constexpr std::size_t bytes = 256 * 1024;  // a file
    static constexpr std::size_t steps = 40;
    static constexpr std::size_t tasks = 20;          // a step
    static constexpr std::size_t lines = 60;          // a script
    static constexpr int workers = 200;
};

// Fills in start and steps. Error reason "Invalid", with line.
Result<void> parse_structure(std::string_view text, Lesson& lesson);

// "lesson.json:12: steps[0]: ..." as every error of a lesson's files is worded.
Error file_error(std::string_view file, std::string_view message, int line = 0);

}  // namespace kubewalk::lesson
