#include "core/lesson/lesson.h"

#include <algorithm>
#include <set>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/lesson/check.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Error invalid(std::string_view file, std::string message, int line = 0) {
    return Error{"Invalid", cat(file, line > 0 ? cat(":", line) : std::string(), ": ", message), {}, line, 0};
}

// Prose: pieces of Markdown, each behind a line <!-- key -->.
Result<std::map<std::string, std::string>> parse_texts(std::string_view file, std::string_view text) {
    std::map<std::string, std::string> texts;
    std::string* current = nullptr;
    int number = 0;
    for (const auto raw : split(text, '\n')) {
        ++number;
        const std::string_view line = trim(raw);
        if (line.starts_with("<!--") && line.ends_with("-->")) {
            const std::string key(trim(line.substr(4, line.size() - 7)));
            if (texts.contains(key))
                return invalid(file, cat("the text ", quoted(key), " stands there twice"), number);
            current = &texts[key];
            continue;
        }
        if (current)
            append(*current, raw, "\n");
        else if (!line.empty())
            return invalid(file, "text before the first <!-- key -->", number);
    }
    for (auto& [key, piece] : texts)
        piece = trim(piece);
    return texts;
}

std::vector<std::string> lines_of(const Value& list) {
    std::vector<std::string> lines;
    for (const auto& line : list.items())
        lines.push_back(line.str());
    return lines;
}

Result<void> known_keys(std::string_view where, const Value& object, std::initializer_list<std::string_view> allowed) {
    if (!object.is_object())
        return invalid("lesson.json", cat(where, " must be an object"));
    for (const auto& [key, value] : object.members())
        if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
            return invalid("lesson.json", cat(where, ": unknown key ", quoted(key)));
    return {};
}

// Returns the error of a Result<void>.
#define KUBEWALK_CHECK(expression)             \
    if (auto checked = (expression); !checked.ok()) \
    return checked.error()

Result<Task> parse_task(const Value& json) {
    KUBEWALK_CHECK(known_keys("a task", json, {"id", "check", "solution", "wrong"}));
    Task task;
    task.id = json["id"].str();
    if (task.id.empty())
        return invalid("lesson.json", "a task needs an id");
    if (auto checked = validate_check(json["check"]); !checked.ok())
        return invalid("lesson.json", cat("task ", task.id, ": ", checked.error().message));
    task.check = json["check"];
    task.solution = lines_of(json["solution"]);
    if (task.solution.empty())
        return invalid("lesson.json", cat("task ", task.id, ": needs a solution, which the tests replay"));
    for (const auto& wrong : json["wrong"].items()) {
        KUBEWALK_CHECK(known_keys(cat("a wrong answer of ", task.id), wrong, {"script", "check", "message"}));
        if (auto checked = validate_check(wrong["check"]); !checked.ok())
            return invalid("lesson.json", cat("wrong answer of ", task.id, ": ", checked.error().message));
        task.wrong.push_back({lines_of(wrong["script"]), wrong["check"], wrong["message"].str()});
    }
    return task;
}

Result<Prediction> parse_prediction(const Value& json) {
    KUBEWALK_CHECK(known_keys("a prediction", json, {"id", "choices", "answer"}));
    Prediction prediction;
    prediction.id = json["id"].str();
    prediction.answer = json["answer"].str();
    for (const auto& choice : json["choices"].items())
        prediction.choices.push_back({choice.str()});
    const bool has_answer = std::any_of(prediction.choices.begin(), prediction.choices.end(),
                                        [&](const Choice& choice) { return choice.id == prediction.answer; });
    if (prediction.id.empty() || prediction.choices.size() < 2 || !has_answer)
        return invalid("lesson.json", cat("prediction ", quoted(prediction.id), ": needs an id, two choices or more, and an answer among them"));
    return prediction;
}

Result<Step> parse_step(const Value& json) {
    KUBEWALK_CHECK(known_keys("a step", json, {"id", "view", "highlight", "predict", "tasks"}));
    Step step;
    step.id = json["id"].str();
    step.view = json["view"].str();
    step.highlight = json["highlight"].str();
    if (step.id.empty())
        return invalid("lesson.json", "a step needs an id");
    static constexpr std::string_view views[] = {"", "architecture", "cluster", "traffic", "dns"};
    if (std::find(std::begin(views), std::end(views), step.view) == std::end(views))
        return invalid("lesson.json", cat("step ", step.id, ": unknown view ", quoted(step.view)));
    for (const auto& item : json["predict"].items()) {
        KUBEWALK_TRY(prediction, parse_prediction(item));
        step.predictions.push_back(std::move(prediction));
    }
    for (const auto& item : json["tasks"].items()) {
        KUBEWALK_TRY(task, parse_task(item));
        step.tasks.push_back(std::move(task));
    }
    return step;
}

// Every key the structure asks for, in every language there is.
Result<void> require_texts(const Lesson& lesson) {
    std::vector<std::string> keys = {"title"};
    std::set<std::string> ids;
    for (const auto& step : lesson.steps) {
        keys.insert(keys.end(), {step.id + ".title", step.id + ".body"});
        if (!ids.insert(step.id).second)
            return invalid("lesson.json", cat("the id ", quoted(step.id), " is used twice"));
        if (!step.tasks.empty())
            keys.insert(keys.end(), {step.id + ".hint", step.id + ".solution"});
        for (const auto& prediction : step.predictions) {
            keys.insert(keys.end(), {prediction.id + ".question", prediction.id + ".explain"});
            for (const auto& choice : prediction.choices)
                keys.push_back(cat(prediction.id, ".", choice.id));
        }
        for (const auto& task : step.tasks) {
            keys.push_back(task.id + ".text");
            if (!ids.insert(task.id).second)
                return invalid("lesson.json", cat("the id ", quoted(task.id), " is used twice"));
            for (const auto& wrong : task.wrong)
                keys.push_back(wrong.message);
        }
    }
    for (const auto& [language, texts] : lesson.texts)
        for (const auto& key : keys)
            if (!texts.contains(key))
                return invalid(cat("text.", language, ".md"), cat("the text ", quoted(key), " is missing"));
    return {};
}

}  // namespace

std::string_view Lesson::text(std::string_view language, std::string_view key) const {
    for (const auto wanted : {language, std::string_view("en")}) {
        const auto found = texts.find(std::string(wanted));
        if (found == texts.end())
            continue;
        const auto piece = found->second.find(std::string(key));
        if (piece != found->second.end())
            return piece->second;
    }
    return key;
}

Result<Lesson> parse_lesson(std::string_view slug, const std::map<std::string, std::string>& files) {
    const auto structure = files.find("lesson.json");
    if (structure == files.end())
        return invalid("lesson.json", "is missing");
    const auto json = api::parse_json(structure->second);
    if (!json.ok())
        return invalid("lesson.json", json.error().message, json.error().line);
    const Value& root = json.value();
    KUBEWALK_CHECK(known_keys("the lesson", root, {"$schema", "start", "steps", "sources"}));
    if (root.contains("start"))
        KUBEWALK_CHECK(known_keys("start", root["start"], {"scenario", "workers", "cloud", "seed"}));

    Lesson lesson;
    lesson.slug = slug;
    lesson.start.scenario = root["start"]["scenario"].str("sock-shop");
    lesson.start.workers = static_cast<int>(root["start"]["workers"].as_int(2));
    lesson.start.cloud = root["start"]["cloud"].as_bool();
    lesson.start.seed = static_cast<std::uint64_t>(root["start"]["seed"].as_int(1));
    if (lesson.start.workers < 0 || lesson.start.workers > 200)
        return invalid("lesson.json", "start.workers: from 0 to 200");
    for (const auto& item : root["steps"].items()) {
        KUBEWALK_TRY(step, parse_step(item));
        lesson.steps.push_back(std::move(step));
    }
    if (lesson.steps.empty())
        return invalid("lesson.json", "a lesson needs steps");
    if (const auto start = files.find("start.yaml"); start != files.end())
        lesson.start_manifests = start->second;
    for (const auto& [name, text] : files) {
        if (!name.starts_with("text.") || !name.ends_with(".md"))
            continue;
        KUBEWALK_TRY(texts, parse_texts(name, text));
        lesson.texts[name.substr(5, name.size() - 8)] = std::move(texts);
    }
    if (!lesson.texts.contains("en"))
        return invalid("text.en.md", "is missing");
    KUBEWALK_CHECK(require_texts(lesson));
    return lesson;
}

}  // namespace kubewalk::lesson
