#pragma once
// The course: its parts with their titles, and the lessons of each in order (lessons/course.json,
// lessons/course.schema.json). Which part a lesson belongs to stands there and nowhere else.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace kubewalk::lesson {

struct CoursePart {
    std::string id;
    std::map<std::string, std::string, std::less<>> titles;  // language -> title
    std::vector<std::string> lessons;                        // slugs, in order

    // Falls back to English.
    std::string_view title(std::string_view language) const;
};

struct Course {
    std::vector<CoursePart> parts;

    // All lessons, from the first to the last.
    std::vector<std::string> order() const;
    // nullptr: the lesson stands outside the course.
    const CoursePart* part_of(std::string_view slug) const;
    // "" after the last one, and for a lesson outside the course.
    std::string next(std::string_view slug) const;
};

// Errors name the file, the line if the JSON is broken, and what is wrong. A lesson may be named once.
Result<Course> parse_course(std::string_view json);

// What does not fit together: a lesson that the course does not name, a name without a lesson.
std::vector<std::string> course_gaps(const Course& course, const std::vector<std::string>& slugs);

}  // namespace kubewalk::lesson
