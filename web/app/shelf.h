#pragma once
// What the browser keeps for the learner beside the settings: progress of lessons and clusters by name; and all of
// it as one file, to take along.

#include <string>
#include <string_view>
#include <vector>

#include "web/app/platform.h"

namespace kubewalk::app {

class Shelf {
public:
    explicit Shelf(Platform& platform) : platform_(platform) {}

    // Names of the kept clusters, newest first.
    std::vector<std::string> clusters() const;
    // `session` as share.h writes it. False when the browser has no room (or forbids keeping anything).
    bool keep(std::string_view name, std::string_view session);
    std::string cluster(std::string_view name) const;  // "" when there is none
    void forget(std::string_view name);

    // Progress::save() of a lesson; "" when there is none.
    std::string progress(std::string_view lesson) const;
    bool keep_progress(std::string_view lesson, std::string_view progress);

    // {"kubewalk": 1, "settings": {...}, "progress": {lesson: ...}, "clusters": [{name, session}]}
    std::string export_all(std::string_view settings, const std::vector<std::string>& lessons) const;
    struct Imported {
        bool ok = false;       // it was such a file
        bool complete = true;  // everything found room
        std::string settings;
        int clusters = 0;
        int lessons = 0;
    };
    Imported import_all(std::string_view text);

private:
    bool write_names(const std::vector<std::string>& names);
    Platform& platform_;
};

}  // namespace kubewalk::app
