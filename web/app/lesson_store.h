#pragma once
// The course's lessons: the first one comes with the page, the others in one file that is fetched, more from packs.

#include <map>
#include <string>
#include <string_view>

#include "core/lesson/course.h"
#include "web/app/lesson_view.h"
#include "web/app/platform.h"

namespace kubewalk::lesson {
struct Pack;
}

namespace kubewalk::app {

class LessonStore {
public:
    explicit LessonStore(Platform& platform);

    const Lessons& lessons() const { return lessons_; }
    const lesson::Course& course() const { return course_; }
    // Null when it is not there (yet).
    const lesson::Lesson* find(std::string_view slug) const;
    // All that the course names are there, or the site has no more.
    bool complete() const { return complete_; }
    // Something that was asked of the site has come.
    bool news() const { return !complete_ && files_seen_ != platform_.site_files_generation(); }
    // The page carries the first lesson; the others come in one file (cmake/dist/make_dist.py). False while it is on its way.
    bool fetch();
    // The lessons that the program carries, in a language whose texts the site has (language_pack.h) and that has come.
    void translate(std::string_view language);
    // What a lesson of the same name was is replaced; who holds a reference to it lets go first.
    void add(lesson::Pack pack);

private:
    void add(const std::string& slug, const std::map<std::string, std::string>& files);

    Platform& platform_;
    Lessons lessons_;
    std::map<std::string, std::map<std::string, std::string>, std::less<>> carried_;  // their files
    lesson::Course course_;
    int files_seen_ = 0;  // Platform::site_files_generation
    bool complete_ = false;
};

}  // namespace kubewalk::app
