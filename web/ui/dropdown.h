#pragma once
// A button that opens a list to choose from; long lists scroll.

#include <span>
#include <string>
#include <string_view>

#include "web/ui/ui.h"

namespace kubewalk::ui {

struct DropdownItem {
    std::string id;     // in item paths
    std::string label;
};

// Returns the index chosen in this frame, or -1. `shown` is what the closed button says.
int dropdown(Ui& ui, const Rect& box, std::string_view id, std::string_view label, std::string_view shown,
             std::span<const DropdownItem> items, int selected, Face face = Face::text);

}  // namespace kubewalk::ui
