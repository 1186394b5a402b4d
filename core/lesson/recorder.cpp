#include "core/lesson/recorder.h"

#include <algorithm>

#include <kubewalk/embedded.h>

#include "core/api/json.h"
#include "core/api/kinds.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/cluster/cluster.h"
#include "core/lesson/checks/kinds.h"
#include "core/lesson/replay.h"
#include "core/yaml/yaml.h"

namespace kubewalk::lesson {

namespace {

using api::Value;
using cluster::Action;
using cluster::Session;

constexpr std::size_t most_tasks = 20;
constexpr std::string_view languages[] = {"en", "zh-CN"};

struct RecordedTask {
    Value check;
    std::vector<std::string> lines;
    std::string shown;  // what was typed or sent, for the prose
};

// The first field of the manifest that the live object does not have so: its path, or "".
std::string changed_path(const Value& wanted, const Value& live, const std::string& path) {
    if (wanted.is_object()) {
        for (const auto& [key, value] : wanted.members()) {
            const bool plain = key.find_first_of(".[]") == std::string::npos;
            const std::string inner = plain ? cat(path, path.empty() ? "" : ".", key) : cat(path, "['", key, "']");
            if (auto found = changed_path(value, live[key], inner); !found.empty())
                return found;
        }
        return {};
    }
    if (wanted.is_array()) {
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (auto found = changed_path(wanted[i], live[i], cat(path, "[", i, "]")); !found.empty())
                return found;
        return {};
    }
    return wanted == live ? std::string() : path;
}

// What a manifest changes in that cluster, as a check; null when it changes nothing.
Value check_of_manifest(const Session& session, std::string_view manifest) {
    const auto documents = yaml::parse(manifest);
    if (!documents.ok())
        return {};
    Value all = Value::array();
    for (const auto& document : documents.value()) {
        const auto object = api::to_value(document.root);
        const api::Kind* kind = object.ok() ? api::find_kind(object.value()["apiVersion"].as_string(), object.value()["kind"].as_string()) : nullptr;
        if (!kind)
            continue;
        const auto& metadata = object.value()["metadata"];
        const std::string space = kind->namespaced() ? metadata["namespace"].str("default") : std::string();
        Value named = Value::object({{"kind", kind->kind}, {"name", metadata["name"]}});
        if (!space.empty())
            named.set("namespace", space);
        Value check = Value::object({{"object", named}});
        const Value live = session.cluster().peek(*kind, space, metadata["name"].as_string());
        if (live.is_null()) {
            check.set("exists", true);
        } else if (const auto path = changed_path(object.value(), live, ""); !path.empty()) {
            check.set("path", path);
            check.set("equals", value_at(object.value(), path));
        } else {
            continue;
        }
        all.push_back(check);
    }
    return all.size() == 1 ? all[0] : all.empty() ? Value() : Value::object({{"all", all}});
}

// A here-document whose end does not occur in the text.
std::vector<std::string> apply_lines(std::string_view manifest) {
    std::string end = "EOF";
    while (manifest.find(end) != std::string_view::npos)
        end += "F";
    std::vector<std::string> lines = {cat("kubectl apply -f - <<'", end, "'")};
    for (const auto line : split(manifest, '\n'))
        lines.emplace_back(line);
    lines.push_back(end);
    return lines;
}

class Recorder {
public:
    explicit Recorder(Session& session) : session_(session) {}

    void follow(const std::vector<Action>& actions) {
        session_.foresee(actions);
        Time before = session_.now();
        for (const auto& action : actions) {
            if (action.at - before > seconds(2))
                lead_.push_back("settle");
            before = action.at;
            if (action.step > 0)
                (void)session_.play_to(action.step - 1, action.at);
            const Value changes = action.kind == Action::Kind::apply ? check_of_manifest(session_, action.text) : Value();
            (void)session_.play_to(action.step, action.at);
            take(action, changes);
        }
    }
    const std::vector<RecordedTask>& tasks() const { return tasks_; }

private:
    void take(const Action& action, const Value& changes) {
        switch (action.kind) {
        case Action::Kind::command: return take_command(action);
        case Action::Kind::apply: {
            auto lines = apply_lines(action.text);
            std::string shown = lines.front();
            return add(changes, std::move(lines), std::move(shown));
        }
        case Action::Kind::trace: {
            const auto& requests = session_.requests();
            const std::string line = cat("trace ", action.text);
            if (requests.empty())
                return add({}, {line}, line);
            const auto& sent = requests.back();
            return add(Value::object({{"requested", Value::object({{"from", sent.from}, {"to", sent.to}, {"outcome", net::outcome_name(sent.result.outcome)}})}}),
                       {line}, line);
        }
        case Action::Kind::component: {
            const auto slash = action.text.find('/');
            return add({}, {cat("component ", action.input == "on" ? "start " : "stop ", action.text.substr(0, slash),
                                slash == std::string::npos ? "" : " ", slash == std::string::npos ? "" : action.text.substr(slash + 1))}, "");
        }
        case Action::Kind::fault: return add({}, {action.text}, "");
        // What was typed into a running program is part of a conversation and makes no task by itself.
        case Action::Kind::type:
        case Action::Kind::end_input:
        case Action::Kind::edited:
        case Action::Kind::interrupt: return;
        }
    }

    void take_command(const Action& action) {
        const auto& entry = session_.transcript(action.terminal).back();
        std::vector<std::string> lines = {action.text};
        if (!action.input.empty()) {
            lines = apply_lines(action.input);
            lines.front() = cat(action.text, lines.front().substr(lines.front().find(" <<")));
        }
        // One that is still running ends when its task is looked at.
        const bool fine = !entry.finished || entry.result.exit == 0;
        add(fine ? Value::object({{"ran", action.text}}) : Value(), std::move(lines), action.text);
    }

    // Null: nothing that a task can stand on; the lines lead up to the next one.
    void add(const Value& check, std::vector<std::string> lines, std::string shown) {
        lead_.insert(lead_.end(), lines.begin(), lines.end());
        const bool seen = !check.is_null() && holds_already(check);
        if (check.is_null() || seen || tasks_.size() >= most_tasks)
            return;
        tasks_.push_back({check, std::move(lead_), std::move(shown)});
        lead_.clear();
    }
    bool holds_already(const Value& check) const {
        for (const auto& task : tasks_)
            if (task.check == check)
                return true;
        return false;
    }

    Session& session_;
    std::vector<RecordedTask> tasks_;
    std::vector<std::string> lead_;
};

Value list_of(const std::vector<std::string>& lines) {
    Value list = Value::array();
    for (const auto& line : lines)
        list.push_back(line);
    return list;
}

Value structure(const Lesson& base, const std::vector<RecordedTask>& tasks) {
    const auto& options = base.start;
    Value start = Value::object({{"scenario", options.scenario}, {"workers", options.workers}, {"seed", static_cast<std::int64_t>(options.seed)}});
    if (options.cloud)
        start.set("cloud", true);
    if (!base.start_actions.empty())
        start.set("actions", list_of(base.start_actions));
    Value steps = Value::array();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Value task = Value::object(
            {{"id", cat("task-", i + 1)}, {"check", tasks[i].check}, {"solution", list_of(tasks[i].lines)}, {"wrong", Value::array()}});
        steps.push_back(Value::object({{"id", cat("step-", i + 1)}, {"tasks", Value::array({task})}}));
    }
    return Value::object({{"$schema", "../lesson.schema.json"}, {"start", start}, {"sources", Value::array()}, {"steps", steps}});
}

// The pieces of assets/lesson-skeleton/LANGUAGE.md: "title" once, the others for every step.
std::string prose(std::string_view language, const std::vector<RecordedTask>& tasks) {
    const std::string_view pattern = embedded::find(cat("assets/lesson-skeleton/", language, ".md"));
    const auto divide = std::min(pattern.find("<!-- STEP."), pattern.size());
    std::string text(pattern.substr(0, divide));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        std::string step(pattern.substr(divide));
        for (const auto& [from, to] : {std::pair{std::string_view("STEP"), cat("step-", i + 1)}, {"TASK", cat("task-", i + 1)}, {"NUMBER", cat(i + 1)},
                                       {"LINE", tasks[i].shown}})
            step = replace_all(step, from, to);
        text += step;
    }
    return text;
}

}  // namespace

Result<LessonFiles> record_lesson(const Session& session, const Lesson* begun_as) {
    Lesson plain;
    plain.start = session.options();
    const Lesson& base = begun_as ? *begun_as : plain;
    KUBEWALK_TRY(again, open_lesson(base));
    Recorder recorder(*again);
    recorder.follow(session.actions());
    if (recorder.tasks().empty())
        return Error{"Invalid", "nothing was done that a task could be made of", {}, 0, 0};
    LessonFiles files;
    files["lesson.json"] = api::to_json(structure(base, recorder.tasks()), 2) + "\n";
    if (!base.start_manifests.empty())
        files["start.yaml"] = base.start_manifests;
    for (const auto language : languages)
        files[cat("text.", language, ".md")] = prose(language, recorder.tasks());
    return files;
}

}  // namespace kubewalk::lesson
