#pragma once
// The completion file that a learner hands in: what was done in each sitting, and when each task was fulfilled.
// Whoever checks it plays the same actions on the same seed and sees the same tasks fulfilled:
//   {"kubewalk": "completion", "format": 1, "release", "lesson", "learner", "seed",
//    "sittings": [{"actions": [{"step", "at", "kind", "text", "input", "terminal"}], "done": [{"task", "steps", "at"}],
//                  "steps", "at", "outcome"}]}
// `at` is virtual time in nanoseconds, `outcome` Session::outcome_hash() at the end of the sitting.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/lesson/lesson.h"
#include "core/lesson/replay.h"

namespace kubewalk::lesson {

// What this session shows of the lesson; null while no task was fulfilled in it.
api::Value sitting(const Progress& progress, const cluster::Session& session);

// A completion file holds no more sittings.
inline constexpr std::size_t most_sittings = 50;

// The file's text. `learner` is whatever the learner wants to be called, at most 200 bytes of it.
std::string completion(const Progress& progress, const cluster::Session& session, std::string_view learner);

// Replays a file. Every task of the lesson gives a finding, and so does whatever does not fit.
// Error: no completion file, or one beyond all bounds.
using FindLesson = std::function<const Lesson*(std::string_view slug)>;
Result<std::vector<Finding>> verify_completion(std::string_view text, const FindLesson& find);

}  // namespace kubewalk::lesson
