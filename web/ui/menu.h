#pragma once
// The menu at the right end of the top bar: everything that is wanted now and then.

#include "web/ui/ui.h"

namespace kubewalk::ui {

void draw_menu(Ui& ui, const Rect& box);
// Puts a link to this session, as it stands, into the clipboard; says so, or why not.
void share(Ui& ui);

}  // namespace kubewalk::ui
