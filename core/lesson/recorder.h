#pragma once
// "Make a lesson from what I just did": from a session's actions to the skeleton of a lesson. Each action that a
// task can stand on (a command that succeeded, a request, a manifest applied) becomes a step with one task, the
// rest leads up to the next one. The solutions are what was done, the checks what it changed; the prose is left
// to the teacher (assets/lesson-skeleton). The skeleton is whole: `lessons check` passes.

#include "core/cluster/session.h"
#include "core/lesson/pack.h"

namespace kubewalk::lesson {

// `begun_as`: the lesson whose start the session began with, null for a plain cluster; the new lesson begins so too.
// Error: nothing was done that a task could be made of; the cluster cannot be built.
Result<LessonFiles> record_lesson(const cluster::Session& session, const Lesson* begun_as);

}  // namespace kubewalk::lesson
