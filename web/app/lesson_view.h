#pragma once
// What the lesson panel shows, in the learner's language, from a lesson and the way through it.

#include <map>
#include <string>
#include <vector>

#include "core/lesson/course.h"
#include "core/lesson/lesson.h"
#include "web/app/model.h"
#include "web/app/shelf.h"

namespace kubewalk::app {

using Lessons = std::map<std::string, lesson::Lesson, std::less<>>;

LessonView lesson_view(const lesson::Progress& progress, const lesson::Course& course, const std::string& language);
// The course with titles and with how much of each lesson the browser remembers as done.
std::vector<CoursePart> course_view(const lesson::Course& course, const Lessons& lessons, const Shelf& shelf, const std::string& language);

}  // namespace kubewalk::app
