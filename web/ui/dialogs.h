#pragma once
// What lies above the page until it is closed: the course, the sandbox's scenarios, kept clusters, the sheet of
// shortcuts. A new one is a file that makes a Panel, and a line in dialogs.cpp.

#include <memory>
#include <vector>

#include "web/ui/panel.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

struct DialogEntry {
    app::Dialog value;
    const char* id;     // in item paths: "dialog/course/..."
    const char* title;  // id of the string
    Vec size;           // as large as it would like to be
    std::unique_ptr<Panel> (*make)();
};

class Dialogs {
public:
    Dialogs();
    // Last of all panels. Escape, the cross and a click beside it close it.
    void draw(Ui& ui);

private:
    struct Slot {
        const DialogEntry* entry;
        std::unique_ptr<Panel> panel;
    };
    // Inside the popup: what is pushed here is popped before the window ends.
    void draw_one(Ui& ui, Slot& slot, const Rect& area);
    std::vector<Slot> slots_;
    bool open_ = false;
};

std::unique_ptr<Panel> make_course_dialog();
std::unique_ptr<Panel> make_scenario_dialog();
std::unique_ptr<Panel> make_clusters_dialog();
std::unique_ptr<Panel> make_shortcut_dialog();

}  // namespace kubewalk::ui
