#include "core/lesson/lesson.h"

#include <set>

#include "core/base/text.h"
#include "core/lesson/structure.h"

namespace kubewalk::lesson {

namespace {

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
                return file_error(file, cat("the text ", quoted(key), " stands there twice"), number);
            current = &texts[key];
            continue;
        }
        if (current)
            append(*current, raw, "\n");
        else if (!line.empty())
            return file_error(file, "text before the first <!-- key -->", number);
    }
    for (auto& [key, piece] : texts)
        piece = trim(piece);
    return texts;
}

// Every key the structure asks for. Error: an id that stands there twice.
Result<std::vector<std::string>> text_keys(const Lesson& lesson) {
    std::vector<std::string> keys = {"title"};
    std::set<std::string> ids;
    for (const auto& step : lesson.steps) {
        keys.insert(keys.end(), {step.id + ".title", step.id + ".body"});
        if (!ids.insert(step.id).second)
            return file_error("lesson.json", cat("the id ", quoted(step.id), " is used twice; every step and task needs its own"));
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
                return file_error("lesson.json", cat("the id ", quoted(task.id), " is used twice; every step and task needs its own"));
            for (const auto& wrong : task.wrong)
                keys.push_back(wrong.message);
        }
    }
    return keys;
}

Result<void> require_texts(const Lesson& lesson) {
    KUBEWALK_TRY(keys, text_keys(lesson));
    for (const auto& [language, texts] : lesson.texts)
        for (const auto& key : keys)
            if (!texts.contains(key))
                return file_error(cat("text.", language, ".md"), cat("the text ", quoted(key), " is missing: write it behind a line <!-- ", key, " -->"));
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
        return file_error("lesson.json", "is missing; it holds the lesson's structure (lessons/lesson.schema.json)");
    for (const auto& [name, text] : files)
        if (text.size() > Bounds::bytes)
            return file_error(name, cat("is larger than ", Bounds::bytes / 1024, " KiB"));
    Lesson lesson;
    lesson.slug = slug;
    if (auto parsed = parse_structure(structure->second, lesson); !parsed.ok())
        return parsed.error();
    if (const auto start = files.find("start.yaml"); start != files.end())
        lesson.start_manifests = start->second;
    for (const auto& [name, text] : files) {
        if (!name.starts_with("text.") || !name.ends_with(".md"))
            continue;
        KUBEWALK_TRY(texts, parse_texts(name, text));
        lesson.texts[name.substr(5, name.size() - 8)] = std::move(texts);
    }
    if (!lesson.texts.contains("en"))
        return file_error("text.en.md", "is missing");
    if (auto complete = require_texts(lesson); !complete.ok())
        return complete.error();
    return lesson;
}

}  // namespace kubewalk::lesson
