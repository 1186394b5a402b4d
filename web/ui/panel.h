#pragma once
// A panel fills a rectangle of a dock. A new one is one file and one line in panels.cpp.

#include <memory>
#include <span>

#include "web/ui/ui.h"

namespace kubewalk::ui {

class Panel {
public:
    virtual ~Panel() = default;
    virtual void draw(Ui& ui, const Rect& area) = 0;
    // What stands at the right end of the row of tabs above it; returns how much of the row that takes.
    virtual float draw_bar(Ui&, const Rect&) { return 0; }
};

enum class Dock : unsigned char { left, canvas, inspector, bottom };

struct PanelEntry {
    Dock dock;
    int value;             // app::Mode, View, InspectorTab or BottomTab, as the dock goes
    const char* id;        // in item paths
    const char* title;     // id of the string
    std::unique_ptr<Panel> (*make)();
    // Whether its tab is offered just now; null: always.
    bool (*offered)(const app::State& state);
};

std::span<const PanelEntry> panel_table();

}  // namespace kubewalk::ui
