#include "core/lesson/course.h"

#include <algorithm>
#include <set>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

Error invalid(std::string message, int line = 0) {
    return Error{"Invalid", cat("course.json", line > 0 ? cat(":", line) : std::string(), ": ", message), {}, line, 0};
}

Result<void> known_keys(std::string_view where, const Value& object, std::initializer_list<std::string_view> allowed) {
    if (!object.is_object())
        return invalid(cat(where, " must be an object"));
    for (const auto& [key, value] : object.members())
        if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
            return invalid(cat(where, ": unknown key ", quoted(key)));
    return {};
}

Result<CoursePart> parse_part(const Value& json) {
    if (auto known = known_keys("a part", json, {"id", "title", "lessons"}); !known.ok())
        return known.error();
    CoursePart part;
    part.id = json["id"].str();
    if (part.id.empty())
        return invalid("a part needs an id");
    if (!json["title"].is_object() || json["title"]["en"].as_string().empty())
        return invalid(cat("part ", part.id, ": needs a title in English: {\"en\": ...}"));
    for (const auto& [language, title] : json["title"].members())
        part.titles.emplace(language, title.str());
    for (const auto& slug : json["lessons"].items())
        part.lessons.push_back(slug.str());
    if (part.lessons.empty())
        return invalid(cat("part ", part.id, ": has no lessons"));
    return part;
}

}  // namespace

std::string_view CoursePart::title(std::string_view language) const {
    for (const auto wanted : {language, std::string_view("en")})
        if (const auto found = titles.find(wanted); found != titles.end())
            return found->second;
    return id;
}

std::vector<std::string> Course::order() const {
    std::vector<std::string> slugs;
    for (const auto& part : parts)
        slugs.insert(slugs.end(), part.lessons.begin(), part.lessons.end());
    return slugs;
}

const CoursePart* Course::part_of(std::string_view slug) const {
    for (const auto& part : parts)
        if (std::find(part.lessons.begin(), part.lessons.end(), slug) != part.lessons.end())
            return &part;
    return nullptr;
}

std::string Course::next(std::string_view slug) const {
    const auto slugs = order();
    const auto found = std::find(slugs.begin(), slugs.end(), slug);
    return found == slugs.end() || found + 1 == slugs.end() ? std::string() : *(found + 1);
}

Result<Course> parse_course(std::string_view text) {
    const auto json = api::parse_json(text);
    if (!json.ok())
        return invalid(json.error().message, json.error().line);
    if (auto known = known_keys("the course", json.value(), {"$schema", "parts"}); !known.ok())
        return known.error();
    Course course;
    std::set<std::string> named;
    for (const auto& item : json.value()["parts"].items()) {
        KUBEWALK_TRY(part, parse_part(item));
        if (!named.insert(cat("part ", part.id)).second)
            return invalid(cat("part ", part.id, " stands there twice"));
        for (const auto& slug : part.lessons)
            if (!named.insert(slug).second)
                return invalid(cat("lesson ", quoted(slug), " stands there twice"));
        course.parts.push_back(std::move(part));
    }
    if (course.parts.empty())
        return invalid("a course needs parts");
    return course;
}

std::vector<std::string> course_gaps(const Course& course, const std::vector<std::string>& slugs) {
    std::vector<std::string> gaps;
    for (const auto& slug : slugs)
        if (!course.part_of(slug))
            gaps.push_back(cat("lesson ", quoted(slug), " is missing in course.json"));
    for (const auto& slug : course.order())
        if (std::find(slugs.begin(), slugs.end(), slug) == slugs.end())
            gaps.push_back(cat("course.json names the lesson ", quoted(slug), ", which is not there"));
    return gaps;
}

}  // namespace kubewalk::lesson
