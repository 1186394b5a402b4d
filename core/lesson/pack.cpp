#include "core/lesson/pack.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/cluster/release.h"
#include "core/lesson/structure.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

constexpr std::size_t most_lessons = 100;
constexpr std::size_t most_files = 12;

Error bad_pack(std::string message) { return Error{"Invalid", std::move(message), {}, 0, 0}; }

Result<LessonFiles> files_of(std::string_view slug, const Value& folder) {
    if (!is_slug(slug))
        return bad_pack(cat("the lesson's name ", quoted(slug.substr(0, 60)), " has something beside small letters, digits and dashes, or is too long"));
    if (folder.size() > most_files)
        return bad_pack(cat(slug, ": more than ", most_files, " files"));
    LessonFiles files;
    for (const auto& [name, text] : folder.members()) {
        if (!is_lesson_file(name))
            return bad_pack(cat(slug, ": ", quoted(name.substr(0, 60)), " is no file of a lesson"));
        if (!text.is_string())
            return bad_pack(cat(slug, ": ", name, " is no text"));
        files[name] = text.str();
    }
    return files;
}

// A pack without an order of its own: one part, by name.
Course plain_course(const std::map<std::string, Lesson>& lessons) {
    CoursePart part;
    part.id = "pack";
    for (const auto& [slug, lesson] : lessons)
        part.lessons.push_back(slug);
    return Course{{std::move(part)}};
}

}  // namespace

bool is_slug(std::string_view name) {
    return !name.empty() && name.size() <= 60 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

bool is_lesson_file(std::string_view name) {
    if (name == "lesson.json" || name == "start.yaml")
        return true;
    if (!name.starts_with("text.") || !name.ends_with(".md") || name.size() < 10 || name.size() > 20)
        return false;
    const auto language = name.substr(5, name.size() - 8);
    return std::all_of(language.begin(), language.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; });
}

Result<std::string> make_pack(const std::map<std::string, LessonFiles>& lessons, std::string_view course) {
    Value all = Value::object();
    for (const auto& [slug, files] : lessons) {
        Value folder = Value::object();
        for (const auto& [name, text] : files)
            if (is_lesson_file(name))
                folder.set(name, text);
        all.set(slug, folder);
    }
    Value pack = Value::object({{"kubewalk", "lessons"}, {"format", 1}, {"release", cluster::kubewalk_release}, {"lessons", all}});
    if (!course.empty()) {
        KUBEWALK_TRY(order, api::parse_json(course));
        pack.set("course", order);
    }
    std::string text = api::to_json(pack, 1) + "\n";
    // Whoever gets it must be able to read it.
    if (const auto read = parse_pack(text); !read.ok())
        return read.error();
    return text;
}

Result<std::string> pack_of_folder(std::string_view name, const std::map<std::string, std::string>& files) {
    std::map<std::string, LessonFiles> lessons;
    std::string_view course;
    for (const auto& [path, text] : files) {
        const auto slash = path.rfind('/');
        const std::string folder = slash == std::string::npos ? std::string(name) : path.substr(0, slash);
        const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
        if (path == "course.json")
            course = text;
        else if (is_lesson_file(file) && folder.find('/') == std::string::npos)
            lessons[folder][file] = text;
    }
    std::erase_if(lessons, [](const auto& lesson) { return !lesson.second.contains("lesson.json"); });
    if (lessons.empty())
        return bad_pack(cat("there is no lesson.json in ", quoted(name.substr(0, 60)), " and in no folder in it"));
    return make_pack(lessons, course);
}

Result<Unpacked> unpack(std::string_view text) {
    if (const auto read = parse_pack(text); !read.ok())
        return read.error();
    KUBEWALK_TRY(root, api::parse_json(text));
    Unpacked unpacked;
    for (const auto& [slug, folder] : root["lessons"].members()) {
        KUBEWALK_TRY(files, files_of(slug, folder));
        unpacked.lessons[slug] = std::move(files);
    }
    if (root.contains("course"))
        unpacked.course = api::to_json(root["course"], 2) + "\n";
    return unpacked;
}

bool is_pack(std::string_view text) {
    if (text.size() > most_pack_bytes)
        return false;
    const auto parsed = api::parse_json(text);
    return parsed.ok() && parsed.value()["kubewalk"].as_string() == "lessons";
}

Result<Pack> parse_pack(std::string_view text) {
    if (text.size() > most_pack_bytes)
        return bad_pack(cat("the pack is larger than ", most_pack_bytes >> 20, " MiB"));
    const auto parsed = api::parse_json(text);
    if (!parsed.ok())
        return bad_pack(cat("this is no lesson pack: line ", parsed.error().line, ": ", parsed.error().message));
    const Value& root = parsed.value();
    if (root["kubewalk"].as_string() != "lessons")
        return bad_pack("this is no lesson pack of KubeWalk (make one with `kubewalk lessons pack`)");
    if (root["format"].as_int() != 1)
        return bad_pack("the pack has a newer form than this release knows");
    if (root["lessons"].empty() || root["lessons"].size() > most_lessons)
        return bad_pack(cat("a pack holds from 1 to ", most_lessons, " lessons"));
    Pack pack;
    for (const auto& [slug, folder] : root["lessons"].members()) {
        KUBEWALK_TRY(files, files_of(slug, folder));
        auto lesson = parse_lesson(slug, files);
        if (!lesson.ok())
            return bad_pack(cat(slug, "/", lesson.error().message));
        pack.lessons.emplace(slug, lesson.take());
    }
    if (!root.contains("course")) {
        pack.course = plain_course(pack.lessons);
        return pack;
    }
    KUBEWALK_TRY(course, parse_course(api::to_json(root["course"])));
    std::vector<std::string> slugs;
    for (const auto& [slug, lesson] : pack.lessons)
        slugs.push_back(slug);
    if (const auto gaps = course_gaps(course, slugs); !gaps.empty())
        return bad_pack(cat("course: ", gaps.front()));
    pack.course = std::move(course);
    return pack;
}

}  // namespace kubewalk::lesson
