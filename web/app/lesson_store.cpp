#include "web/app/lesson_store.h"

#include <algorithm>

#include <kubewalk/embedded.h>

#include "core/api/json.h"
#include "core/lesson/pack.h"
#include "web/app/language_pack.h"

namespace kubewalk::app {

LessonStore::LessonStore(Platform& platform) : platform_(platform) {
    constexpr std::string_view folder = "lessons/";
    for (const embedded::File& file : embedded::files()) {
        if (!file.path.starts_with(folder)) continue;
        std::string_view rest = file.path.substr(folder.size());
        std::size_t slash = rest.find('/');
        if (slash == std::string_view::npos) continue;
        carried_[std::string(rest.substr(0, slash))][std::string(rest.substr(slash + 1))] = std::string(file.data);
    }
    for (const auto& [slug, content] : carried_) add(slug, content);
    auto course = lesson::parse_course(embedded::find("lessons/course.json"));
    if (course.ok()) course_ = course.take();
    const auto order = course_.order();
    complete_ = std::all_of(order.begin(), order.end(), [&](const std::string& slug) { return lessons_.contains(slug); });
}

void LessonStore::add(const std::string& slug, const std::map<std::string, std::string>& files) {
    auto parsed = lesson::parse_lesson(slug, files);
    if (parsed.ok()) lessons_.emplace(slug, parsed.take());
}

const lesson::Lesson* LessonStore::find(std::string_view slug) const {
    const auto found = lessons_.find(slug);
    return found == lessons_.end() ? nullptr : &found->second;
}

bool LessonStore::fetch() {
    if (complete_) return true;
    files_seen_ = platform_.site_files_generation();
    const auto file = platform_.site_file("lessons/lessons.json");
    if (!file) return false;
    const api::Value pack = api::parse_json(*file).value_or(api::Value::object());
    for (const auto& [slug, content] : pack.members()) {
        if (lessons_.contains(slug)) continue;
        std::map<std::string, std::string> files;
        for (const auto& [name, text] : content.members()) files.emplace(name, text.as_string());
        add(slug, files);
    }
    // What could not be fetched is tried again by the platform; until then the course has the lessons that are there.
    complete_ = !file->empty();
    return true;
}

void LessonStore::translate(std::string_view language) {
    for (const auto& [slug, files] : carried_) {
        lesson::Lesson& one = lessons_.at(slug);
        if (one.texts.contains(std::string(language))) continue;
        const auto text = platform_.site_file(language_pack_file(language));
        const api::Value pack = api::parse_json(text.value_or(std::string())).value_or(api::Value::object());
        auto all = files;
        for (const auto& [name, more] : pack["lessons"][slug].members()) all.emplace(name, more.as_string());
        // Whoever reads the lesson refers to it: it stays where it is.
        if (auto parsed = lesson::parse_lesson(slug, all); parsed.ok()) one.texts = parsed.take().texts;
    }
}

void LessonStore::add(lesson::Pack pack) {
    const auto order = pack.course.order();
    for (auto& [slug, one] : pack.lessons) carried_.erase(slug), lessons_.insert_or_assign(slug, std::move(one));
    const auto named_again = [&](const std::string& slug) { return std::find(order.begin(), order.end(), slug) != order.end(); };
    for (lesson::CoursePart& part : course_.parts) std::erase_if(part.lessons, named_again);
    std::erase_if(course_.parts, [](const lesson::CoursePart& part) { return part.lessons.empty(); });
    course_.parts.insert(course_.parts.end(), pack.course.parts.begin(), pack.course.parts.end());
}

}  // namespace kubewalk::app
