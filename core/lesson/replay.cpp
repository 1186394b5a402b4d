#include "core/lesson/replay.h"

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/script.h"
#include "core/lesson/check.h"
#include "core/lesson/structure.h"

namespace kubewalk::lesson {

namespace {

// Runs script lines; the last one that failed to parse is an error. Commands may exit with any code:
// a wrong answer may well be an error.
Result<void> run_lines(cluster::Session& session, const std::vector<std::string>& lines) {
    KUBEWALK_TRY(commands, cluster::parse_script(join(lines, "\n")));
    for (const auto& command : commands)
        cluster::run_command(session, command);
    return {};
}

// The start's own lines must work: a mistake in one of them would make another lesson.
Result<void> set_the_stage(cluster::Session& session, const std::vector<std::string>& lines) {
    KUBEWALK_TRY(commands, cluster::parse_script(join(lines, "\n")));
    for (const auto& command : commands)
        if (const auto result = cluster::run_command(session, command); result.exit != 0)
            return file_error("lesson.json", cat("start.actions: ", command.line, ": ", trim(result.err)));
    session.settle();
    return {};
}

// Why a solution did not work: what of the check fails, and its last command's words, if it had any.
std::string last_words(const api::Value& check, const cluster::Session& session) {
    const api::Value* part = failing_part(check, session);
    const std::string instead = part ? found_instead(*part, session) : std::string();
    const std::string what =
        part ? cat("the check still fails: ", api::to_json(*part), instead.empty() ? "" : ", but ", instead) : std::string("the check holds");
    if (session.transcript().empty())
        return what;
    const auto& last = session.transcript().back();
    return cat(what, "; last command: ", last.command, " -> ", last.result.exit, " ", last.result.err);
}

class Player {
public:
    explicit Player(const Lesson& lesson) : lesson_(lesson) {}

    std::vector<Finding> play() {
        auto opened = open_lesson(lesson_);
        note("the start state is built", opened.ok(), opened.ok() ? "" : opened.error().message);
        if (!opened.ok())
            return findings_;
        auto& session = *opened.value();
        for (const auto& step : lesson_.steps)
            for (const auto& task : step.tasks)
                note(cat(task.id, ": open at the start"), !holds(task.check, session), "the check holds before anything was done");
        for (std::size_t i = 0; i < lesson_.steps.size(); ++i) {
            for (const auto& task : lesson_.steps[i].tasks) {
                for (const auto& wrong : task.wrong)
                    try_wrong(session, i, task, wrong);
                try_solution(session, task);
            }
        }
        return findings_;
    }

private:
    void note(std::string what, bool ok, std::string why) { findings_.push_back({ok, std::move(what), ok ? std::string() : std::move(why)}); }

    void try_solution(cluster::Session& session, const Task& task) {
        const auto ran = run_lines(session, task.solution);
        const bool ok = ran.ok() && holds(task.check, session);
        note(cat(task.id, ": the solution fulfils it"), ok, ran.ok() ? last_words(task.check, session) : ran.error().message);
    }

    // On the way through the lesson, where the solutions before it have led; then it has never been.
    void try_wrong(cluster::Session& session, std::size_t step, const Task& task, const Task::WrongAnswer& wrong) {
        const auto before = session.bookmark();
        const auto ran = run_lines(session, wrong.script);
        Progress progress(lesson_);
        progress.go_to(static_cast<int>(step));
        progress.update(session);
        const auto& status = progress.status(task.id);
        std::string why = ran.ok() ? std::string() : ran.error().message;
        if (ran.ok())
            why = status.state == TaskState::done ? "it counts as right" : cat("it got ", quoted(status.message), "; ", last_words(wrong.check, session));
        note(cat(task.id, ": the wrong answer gets ", wrong.message), status.state == TaskState::wrong && status.message == wrong.message, why);
        session.return_to(*before);
    }

    const Lesson& lesson_;
    std::vector<Finding> findings_;
};

}  // namespace

Result<std::unique_ptr<cluster::Session>> open_lesson(const Lesson& lesson) {
    auto session = std::make_unique<cluster::Session>(lesson.start);
    if (const auto& failure = session->cluster().failure())
        return *failure;
    if (!lesson.start_manifests.empty()) {
        const auto applied = session->apply(lesson.start_manifests);
        if (!applied.ok)
            return file_error("start.yaml", applied.problems.front().error.message, applied.problems.front().error.line);
        session->settle();
    }
    if (auto set = set_the_stage(*session, lesson.start_actions); !set.ok())
        return set.error();
    session->begin_here();
    return session;
}

std::vector<Finding> replay(const Lesson& lesson) { return Player(lesson).play(); }

}  // namespace kubewalk::lesson
