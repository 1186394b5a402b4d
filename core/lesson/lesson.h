#pragma once
// A lesson: a folder lessons/SLUG with lesson.json (structure and checks), text.LANG.md (prose),
// start.yaml (optional) and the recorded solution. See lessons/README.md and lessons/lesson.schema.json.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/cluster/session.h"

namespace kubewalk::lesson {

struct Choice {
    std::string id;
};

// Predict first: a question with choices; the explanation follows the pick.
struct Prediction {
    std::string id;
    std::vector<Choice> choices;
    std::string answer;  // the id of the right choice
};

struct Task {
    std::string id;
    api::Value check;                    // see check.h
    std::vector<std::string> solution;   // script lines that fulfil it
    struct WrongAnswer {
        std::vector<std::string> script;  // lines that lead to it; replayed by the tests
        api::Value check;                 // tells this mistake apart
        std::string message;              // key of the text that answers it
    };
    std::vector<WrongAnswer> wrong;
};

struct Step {
    std::string id;
    std::string view;       // "architecture", "cluster", "traffic", "dns": what the canvas shows; "" keeps it
    std::string highlight;  // id of a widget or canvas element
    std::vector<Prediction> predictions;
    std::vector<Task> tasks;
};

struct Lesson {
    std::string slug;
    cluster::Options start;
    std::string start_manifests;             // YAML applied on top
    std::vector<std::string> start_actions;  // script lines that follow, out of the learner's sight
    std::vector<Step> steps;
    // language -> key -> Markdown. Keys: "title", "STEP.title", "STEP.body", "STEP.hint",
    // "STEP.solution", "PREDICTION.question", "PREDICTION.CHOICE", "PREDICTION.explain", "TASK.text",
    // "TASK.done", and what wrong answers name.
    std::map<std::string, std::map<std::string, std::string>> texts;

    // Falls back to English; the key itself when there is no text at all.
    std::string_view text(std::string_view language, std::string_view key) const;
};

// Parses one lesson from its files (name -> content). Errors name file, line and what is wrong.
Result<Lesson> parse_lesson(std::string_view slug, const std::map<std::string, std::string>& files);

enum class TaskState : unsigned char { open, done, wrong };

struct TaskStatus {
    TaskState state = TaskState::open;
    std::string message;  // text key of a wrong answer, "" otherwise
};

// Where in history a task was fulfilled (sim::Simulation::steps()).
struct Moment {
    std::uint64_t steps = 0;
    Time at;
};

// The learner's way through one lesson on one session.
class Progress {
public:
    explicit Progress(const Lesson& lesson);

    const Lesson& lesson() const { return *lesson_; }
    int step() const { return step_; }
    void go_to(int step);
    // Looks at the live cluster and at what was done; call after each action and each tick.
    // True when something changed.
    bool update(const cluster::Session& session);
    const TaskStatus& status(std::string_view task) const;
    void predict(std::string_view prediction, std::string_view choice);
    // The picked choice or "".
    std::string_view predicted(std::string_view prediction) const;

    // When each task was fulfilled on this session, without those whose history was undone since.
    const std::map<std::string, Moment, std::less<>>& moments() const { return moments_; }
    // The sittings that load() brought along (completion.h); an array.
    const api::Value& earlier_sittings() const { return sittings_; }

    // As kept in the browser's store. It holds what was done up to the last task fulfilled, so that a completion
    // file can show tasks of earlier sittings too.
    std::string save() const;
    Result<void> load(std::string_view text);

private:
    // What was there when update() looked last.
    struct Seen {
        const cluster::Session* session = nullptr;
        int step = -1;
        std::size_t log = 0, transcript = 0, requests = 0;
        bool busy = false;
        friend bool operator==(const Seen&, const Seen&) = default;
    };

    const Lesson* lesson_;
    int step_ = 0;
    Seen seen_;
    std::map<std::string, TaskStatus, std::less<>> tasks_;
    std::map<std::string, std::string, std::less<>> predictions_;
    std::map<std::string, Moment, std::less<>> moments_;
    api::Value sittings_ = api::Value::array();
    api::Value present_;  // this sitting, as of the last task fulfilled

    void forget_undone(const cluster::Session& session);
};

}  // namespace kubewalk::lesson
