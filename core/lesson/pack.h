#pragma once
// A lesson pack: several lessons as one text file, which a teacher hands out or puts beside the page.
//   {"kubewalk": "lessons", "format": 1, "release": "0.1.0", "course": {...}, "lessons": {"SLUG": {"FILE": "text"}}}
// `course` (optional) has the form of course.json. A pack may come from anybody: everything in it is bounded, it
// holds nothing but the files below, and its scripts are played on a simulated cluster or not at all.

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/lesson/course.h"
#include "core/lesson/lesson.h"

namespace kubewalk::lesson {

using LessonFiles = std::map<std::string, std::string>;  // file name -> text

// lesson.json, start.yaml, text.LANGUAGE.md: what belongs to a lesson; everything else in a folder stays behind.
bool is_lesson_file(std::string_view name);
// Small letters, digits and dashes, at most 60.
bool is_slug(std::string_view name);

// What no pack is larger than; whoever reads one looks first.
inline constexpr std::size_t most_pack_bytes = 4u << 20;

struct Pack {
    std::map<std::string, Lesson> lessons;  // slug -> lesson
    Course course;                          // one part with all of them where the pack has none
};

// `course` may be empty. Error: a lesson that is not well formed.
Result<std::string> make_pack(const std::map<std::string, LessonFiles>& lessons, std::string_view course);
Result<Pack> parse_pack(std::string_view text);
// A folder as it lies on a disk, by paths from it: a lesson ("lesson.json") or several ("my-lesson/lesson.json", with
// "course.json" if there is one). `name` is the folder's own. Files that belong to no lesson are left out.
Result<std::string> pack_of_folder(std::string_view name, const std::map<std::string, std::string>& files);
// The lessons' files as they go back into folders. Error: what parse_pack() says, or one of its lessons.
struct Unpacked {
    std::map<std::string, LessonFiles> lessons;
    std::string course;  // course.json, "" where the pack has none
};
Result<Unpacked> unpack(std::string_view text);
// Does the file say of itself that it is one? Whether it is well formed, parse_pack() tells.
bool is_pack(std::string_view text);

}  // namespace kubewalk::lesson
