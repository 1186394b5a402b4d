#pragma once
// The bar above (brand, where we are, modes, language, theme, share) and the bar below (time).

#include "web/ui/ui.h"

namespace kubewalk::ui {

void draw_top_bar(Ui& ui, const Rect& area);
void draw_time_bar(Ui& ui, const Rect& area);

}  // namespace kubewalk::ui
