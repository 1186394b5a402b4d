#pragma once
// The small sign "≈" that says: here the model is simpler than a real cluster. Pressed, it tells how.

#include <string_view>

#include "web/ui/ui.h"

namespace kubewalk::ui {

constexpr float simplification_sign_size = 26;

// The sign for one panel (its id), or for all ("") in `box`; nothing where a panel has none.
// True when there was something to draw.
bool draw_simplification_sign(Ui& ui, const Rect& box, std::string_view panel);

}  // namespace kubewalk::ui
