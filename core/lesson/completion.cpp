#include "core/lesson/completion.h"

#include <algorithm>
#include <set>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/cluster/release.h"
#include "core/lesson/check.h"

namespace kubewalk::lesson {

namespace {

using api::Value;
using cluster::Action;

// Bounds on a file that somebody hands in.
constexpr std::size_t most_bytes = 2u << 20;
constexpr std::size_t most_actions = 2000;
constexpr Duration longest = minutes(12 * 60);  // of virtual time, a sitting

constexpr std::string_view kind_names[] = {"command", "interrupt", "apply", "trace", "component", "fault", "type", "end_input", "edited"};

Error refused(std::string message) { return Error{"Invalid", std::move(message), {}, 0, 0}; }

Value action_json(const Action& action) {
    return Value::object({{"step", static_cast<std::int64_t>(action.step)},
                          {"at", action.at.ns},
                          {"kind", kind_names[static_cast<std::size_t>(action.kind)]},
                          {"text", action.text},
                          {"input", action.input},
                          {"terminal", static_cast<std::int64_t>(action.terminal)}});
}

Result<std::vector<Action>> actions_of(const Value& list) {
    if (list.size() > most_actions)
        return refused(cat("more than ", most_actions, " actions in one sitting"));
    std::vector<Action> actions;
    for (const auto& item : list.items()) {
        const auto kind = std::find(std::begin(kind_names), std::end(kind_names), item["kind"].as_string());
        if (kind == std::end(kind_names))
            return refused(cat("unknown action ", quoted(item["kind"].as_string())));
        const auto terminal = static_cast<std::size_t>(std::clamp<std::int64_t>(item["terminal"].as_int(), 0, cluster::Session::most_terminals - 1));
        actions.push_back({static_cast<Action::Kind>(kind - std::begin(kind_names)), static_cast<std::uint64_t>(item["step"].as_int()),
                           Time{item["at"].as_int()}, item["text"].str(), item["input"].str(), terminal});
    }
    return actions;
}

// To an instant within a step: the clock may stand behind the last event.
bool play_to(cluster::Session& session, const Value& moment) {
    const Time at{moment["at"].as_int()};
    if (!session.play_to(static_cast<std::uint64_t>(moment["steps"].as_int()), at))
        return false;
    if (at > session.now())
        session.advance(at - session.now());
    return true;
}

const Task* find_task(const Lesson& lesson, std::string_view id) {
    for (const auto& step : lesson.steps)
        for (const auto& task : step.tasks)
            if (task.id == id)
                return &task;
    return nullptr;
}

// Adds the tasks that this sitting shows to `shown`. Error: it cannot have happened so.
Result<void> play_sitting(const Lesson& lesson, const Value& sitting, std::set<std::string>& shown) {
    KUBEWALK_TRY(actions, actions_of(sitting["actions"]));
    KUBEWALK_TRY(session, open_lesson(lesson));
    const Time limit = session->now() + longest;
    if (Time{sitting["at"].as_int()} > limit)
        return refused("a sitting longer than twelve hours of the cluster's time");
    session->foresee(std::move(actions));
    for (const auto& moment : sitting["done"].items()) {
        const Task* task = find_task(lesson, moment["task"].as_string());
        if (!task)
            return refused(cat("the lesson has no task ", quoted(moment["task"].as_string())));
        if (Time{moment["at"].as_int()} > limit || !play_to(*session, moment))
            return refused(cat("the task ", task->id, " is said to be fulfilled at a moment that the replay does not reach"));
        if (holds(task->check, *session))
            shown.insert(task->id);
    }
    if (!play_to(*session, sitting))
        return refused("the replay does not reach the end of the sitting");
    return session->outcome_hash() == sitting["outcome"].as_string() ? Result<void>() : refused("the cluster ends in another state than the file says");
}

}  // namespace

api::Value sitting(const Progress& progress, const cluster::Session& session) {
    std::vector<std::pair<std::string, Moment>> moments(progress.moments().begin(), progress.moments().end());
    if (moments.empty())
        return {};
    std::sort(moments.begin(), moments.end(), [](const auto& a, const auto& b) { return a.second.steps < b.second.steps; });
    Value done = Value::array();
    for (const auto& [task, moment] : moments)
        done.push_back(Value::object({{"task", task}, {"steps", static_cast<std::int64_t>(moment.steps)}, {"at", moment.at.ns}}));
    Value actions = Value::array();
    for (const auto& action : session.actions())
        actions.push_back(action_json(action));
    return Value::object({{"actions", actions},
                          {"done", done},
                          {"steps", static_cast<std::int64_t>(session.cluster().simulation().steps())},
                          {"at", session.now().ns},
                          {"outcome", session.outcome_hash()}});
}

std::string completion(const Progress& progress, const cluster::Session& session, std::string_view learner) {
    Value sittings = progress.earlier_sittings();
    if (auto present = sitting(progress, session); !present.is_null())
        sittings.push_back(std::move(present));
    return api::to_json(Value::object({{"kubewalk", "completion"},
                                       {"format", 1},
                                       {"release", cluster::kubewalk_release},
                                       {"lesson", progress.lesson().slug},
                                       {"learner", learner.substr(0, 200)},
                                       {"seed", static_cast<std::int64_t>(progress.lesson().start.seed)},
                                       {"sittings", sittings}}),
                        2) +
           "\n";
}

Result<std::vector<Finding>> verify_completion(std::string_view text, const FindLesson& find) {
    if (text.size() > most_bytes)
        return refused("the file is larger than 2 MiB");
    KUBEWALK_TRY(root, api::parse_json(text));
    if (root["kubewalk"].as_string() != "completion" || root["format"].as_int() != 1)
        return refused("this is no completion file of KubeWalk");
    const auto slug = root["lesson"].as_string();
    const Lesson* lesson = find(slug);
    if (!lesson)
        return refused(cat("there is no lesson ", quoted(slug), " here"));
    std::vector<Finding> findings;
    const auto release = root["release"].as_string();
    findings.push_back({release == cluster::kubewalk_release, "made with this release",
                        cat("it was made with release ", release, ", this is ", cluster::kubewalk_release, ": check it with the same release")});
    findings.push_back({root["seed"].as_int(-1) == static_cast<std::int64_t>(lesson->start.seed), "made with the lesson's seed", "the lesson has another seed"});
    if (root["sittings"].size() > most_sittings)
        return refused(cat("more than ", most_sittings, " sittings"));
    std::set<std::string> shown;
    for (std::size_t i = 0; i < root["sittings"].size(); ++i) {
        const auto played = play_sitting(*lesson, root["sittings"][i], shown);
        findings.push_back({played.ok(), cat("sitting ", i + 1, " happens as the file says"), played.ok() ? "" : played.error().message});
    }
    for (const auto& step : lesson->steps)
        for (const auto& task : step.tasks)
            findings.push_back({shown.contains(task.id), cat("task ", task.id), "not fulfilled in the replay"});
    return findings;
}

}  // namespace kubewalk::lesson
