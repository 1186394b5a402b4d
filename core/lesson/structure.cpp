#include "core/lesson/structure.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/scenario.h"
#include "core/lesson/check.h"
#include "core/lesson/checks/kinds.h"
#include "core/lesson/pack.h"
#include "core/lesson/widgets.h"
#include "core/yaml/yaml.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

// Returns the error of a Result<void>.
#define KUBEWALK_CHECK(expression)                  \
    if (auto checked = (expression); !checked.ok()) \
    return checked.error()

// A place in lesson.json: the value, and the path that leads to it. Every JSON text is YAML too, and the YAML
// tree knows its lines; the API's JSON does not.
class Place {
public:
    Place(const Value& value, const yaml::Node* node, std::string path, int line)
        : value_(&value), node_(node), path_(std::move(path)), line_(line) {}

    const Value& value() const { return *value_; }

    Place operator[](std::string_view key) const {
        const yaml::Node* child = node_ ? node_->find(key) : nullptr;
        return {(*value_)[key], child, cat(path_, path_.empty() ? "" : ".", key), child ? child->start.line : line_};
    }
    Place operator[](std::size_t index) const {
        const yaml::Node* child = node_ && index < node_->items.size() ? &node_->items[index] : nullptr;
        return {(*value_)[index], child, cat(path_, "[", index, "]"), child ? child->start.line : line_};
    }
    std::size_t size() const { return value_->size(); }

    Error wrong(std::string_view message) const {
        return file_error("lesson.json", path_.empty() ? std::string(message) : cat(path_, ": ", message), line_);
    }

    // The error of a check, placed: its `field` leads from here to the mistake.
    Error wrong(const Error& error) const {
        const yaml::Node* at = node_;
        int line = line_;
        std::string_view rest = error.field;
        while (at && !rest.empty()) {
            const auto end = rest.find_first_of(".[", 1);
            const auto step = rest.substr(0, end);
            if (step.starts_with('[')) {
                const auto index = static_cast<std::size_t>(parse_int(step.substr(1, step.size() - 2)).value_or(0));
                at = index < at->items.size() ? &at->items[index] : nullptr;
            } else {
                at = at->find(step.starts_with('.') ? step.substr(1) : step);
            }
            if (at)
                line = at->start.line;
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
        }
        return file_error("lesson.json", cat(path_, path_.empty() || error.field.empty() ? "" : ".", error.field, ": ", error.message), line);
    }

    Result<void> only_keys(std::initializer_list<std::string_view> allowed) const {
        const auto checked = lesson::only_keys(*value_, allowed, "check");
        return checked.ok() ? Result<void>() : wrong(checked.error());
    }
    Result<std::string> text() const {
        if (!value_->is_string())
            return wrong("must be a text in quotes");
        return value_->str();
    }
    // "door-send": what keys of the prose are made from.
    Result<std::string> id() const {
        const auto name = value_->as_string();
        if (!is_slug(name))
            return wrong("must be a short name of small letters, digits and dashes, for example \"door-send\"");
        return std::string(name);
    }
    Result<void> list(std::size_t most) const {
        if (!value_->is_null() && !value_->is_array())
            return wrong("must be a list in [ ]");
        return value_->size() > most ? Result<void>(wrong(cat("has ", value_->size(), " entries; at most ", most, " are allowed"))) : Result<void>();
    }

private:
    const Value* value_;
    const yaml::Node* node_;
    std::string path_;
    int line_;
};

Result<std::vector<std::string>> script(const Place& place) {
    KUBEWALK_CHECK(place.list(Bounds::lines));
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < place.size(); ++i) {
        KUBEWALK_TRY(line, place[i].text());
        lines.push_back(std::move(line));
    }
    return lines;
}

Result<Value> check(const Place& place) {
    if (const auto checked = validate_check(place.value()); !checked.ok())
        return place.wrong(checked.error());
    return place.value();
}

Result<Task> parse_task(const Place& place) {
    KUBEWALK_CHECK(place.only_keys({"id", "check", "solution", "wrong"}));
    Task task;
    KUBEWALK_TRY(id, place["id"].id());
    task.id = std::move(id);
    KUBEWALK_TRY(test, check(place["check"]));
    task.check = std::move(test);
    KUBEWALK_TRY(solution, script(place["solution"]));
    task.solution = std::move(solution);
    if (task.solution.empty())
        return place.wrong(cat("the task ", quoted(task.id), " needs a \"solution\": the lines that fulfil it, which `lessons check` replays"));
    KUBEWALK_CHECK(place["wrong"].list(Bounds::tasks));
    for (std::size_t i = 0; i < place["wrong"].size(); ++i) {
        const Place wrong = place["wrong"][i];
        KUBEWALK_CHECK(wrong.only_keys({"script", "check", "message"}));
        KUBEWALK_TRY(lines, script(wrong["script"]));
        KUBEWALK_TRY(tells, check(wrong["check"]));
        KUBEWALK_TRY(message, wrong["message"].text());
        task.wrong.push_back({std::move(lines), std::move(tells), std::move(message)});
    }
    return task;
}

Result<Prediction> parse_prediction(const Place& place) {
    KUBEWALK_CHECK(place.only_keys({"id", "choices", "answer"}));
    Prediction prediction;
    KUBEWALK_TRY(id, place["id"].id());
    prediction.id = std::move(id);
    KUBEWALK_CHECK(place["choices"].list(Bounds::tasks));
    for (std::size_t i = 0; i < place["choices"].size(); ++i) {
        KUBEWALK_TRY(choice, place["choices"][i].id());
        if (std::any_of(prediction.choices.begin(), prediction.choices.end(), [&](const Choice& before) { return before.id == choice; }))
            return place["choices"][i].wrong(cat(quoted(choice), " stands there twice"));
        prediction.choices.push_back({std::move(choice)});
    }
    if (prediction.choices.size() < 2)
        return place.wrong("\"choices\" needs two names or more");
    KUBEWALK_TRY(answer, place["answer"].text());
    prediction.answer = std::move(answer);
    const bool known = std::any_of(prediction.choices.begin(), prediction.choices.end(),
                                   [&](const Choice& choice) { return choice.id == prediction.answer; });
    if (!known)
        return place["answer"].wrong(cat(quoted(prediction.answer), " is none of the choices; the answer is one of them"));
    return prediction;
}

Result<Step> parse_step(const Place& place) {
    KUBEWALK_CHECK(place.only_keys({"id", "view", "highlight", "predict", "tasks"}));
    Step step;
    KUBEWALK_TRY(id, place["id"].id());
    step.id = std::move(id);
    step.view = place.value()["view"].str();
    step.highlight = place.value()["highlight"].str();
    static constexpr std::string_view views[] = {"", "architecture", "cluster", "traffic", "dns"};
    if (std::find(std::begin(views), std::end(views), step.view) == std::end(views))
        return place["view"].wrong(cat("there is no view ", quoted(step.view), "; the views are architecture, cluster, traffic and dns"));
    KUBEWALK_CHECK(place["predict"].list(Bounds::tasks));
    for (std::size_t i = 0; i < place["predict"].size(); ++i) {
        KUBEWALK_TRY(prediction, parse_prediction(place["predict"][i]));
        step.predictions.push_back(std::move(prediction));
    }
    KUBEWALK_CHECK(place["tasks"].list(Bounds::tasks));
    for (std::size_t i = 0; i < place["tasks"].size(); ++i) {
        KUBEWALK_TRY(task, parse_task(place["tasks"][i]));
        step.tasks.push_back(std::move(task));
    }
    return step;
}

Result<void> parse_start(const Place& place, Lesson& lesson) {
    if (!place.value().is_null())
        KUBEWALK_CHECK(place.only_keys({"scenario", "workers", "cloud", "seed", "actions"}));
    const Value& start = place.value();
    lesson.start.scenario = start["scenario"].str("sock-shop");
    if (!cluster::scenario_known(lesson.start.scenario)) {
        std::vector<std::string> known;
        for (const auto& scenario : cluster::scenarios())
            known.push_back(scenario.id);
        return place["scenario"].wrong(cat("there is no scenario ", quoted(lesson.start.scenario), "; the scenarios are ", join(known, ", ")));
    }
    lesson.start.workers = static_cast<int>(start["workers"].as_int(2));
    lesson.start.cloud = start["cloud"].as_bool();
    lesson.start.seed = static_cast<std::uint64_t>(start["seed"].as_int(1));
    if (start["workers"].as_int(2) < 0 || start["workers"].as_int(2) > Bounds::workers)
        return place["workers"].wrong(cat("must be a number from 0 to ", Bounds::workers));
    KUBEWALK_TRY(actions, script(place["actions"]));
    lesson.start_actions = std::move(actions);
    return {};
}

}  // namespace

Error file_error(std::string_view file, std::string_view message, int line) {
    return Error{"Invalid", cat(file, line > 0 ? cat(":", line) : std::string(), ": ", message), {}, line, 0};
}

Result<void> parse_structure(std::string_view text, Lesson& lesson) {
    const auto json = api::parse_json(text);
    if (!json.ok())
        return file_error("lesson.json", cat(json.error().message, "; an editor that knows JSON shows the place (a comma or a quote is missing, or one too many)"),
                          json.error().line);
    const auto documents = yaml::parse(text);
    const yaml::Node* node = documents.ok() && documents.value().size() == 1 ? &documents.value().front().root : nullptr;
    const Place root(json.value(), node, "", node ? 1 : 0);
    KUBEWALK_CHECK(root.only_keys({"$schema", "start", "steps", "sources"}));
    KUBEWALK_CHECK(parse_start(root["start"], lesson));
    KUBEWALK_CHECK(root["steps"].list(Bounds::steps));
    std::string shown;  // a step that names no view keeps the one before
    for (std::size_t i = 0; i < root["steps"].size(); ++i) {
        KUBEWALK_TRY(step, parse_step(root["steps"][i]));
        if (!step.view.empty())
            shown = step.view;
        if (const auto problem = highlight_problem(step.highlight, shown, lesson.start); !problem.empty())
            return root["steps"][i]["highlight"].wrong(problem);
        lesson.steps.push_back(std::move(step));
    }
    if (lesson.steps.empty())
        return root.wrong("a lesson needs \"steps\": [ ... ] with one step or more");
    return {};
}

}  // namespace kubewalk::lesson
