#pragma once
// The session's histories: what is on the screen, and those that were left when something else was done in the past.

#include "web/ui/ui.h"

namespace kubewalk::ui {

constexpr float history_menu_width = 52;

// The button, with how many there are; its list leads back to each. Nothing while there is only one.
void draw_history_menu(Ui& ui, const Rect& box);

}  // namespace kubewalk::ui
