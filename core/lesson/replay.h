#pragma once
// Plays a lesson through without a window, as the tests and `kubewalk lessons check` do: at the start
// every check fails, each solution fulfils its task, each listed wrong answer gets its own message.

#include <string>
#include <vector>

#include "core/lesson/lesson.h"

namespace kubewalk::lesson {

struct Finding {
    bool ok = true;
    std::string what;  // "door-send: the solution fulfils it"
    std::string why;   // what went wrong
};

std::vector<Finding> replay(const Lesson& lesson);

// The session a lesson begins with: its scenario, its manifests applied, its actions taken, settled; then the
// learner's history begins (Session::begin_here), so that nothing gives away what was done.
// Error: the manifest that was refused, the action that failed.
Result<std::unique_ptr<cluster::Session>> open_lesson(const Lesson& lesson);

}  // namespace kubewalk::lesson
