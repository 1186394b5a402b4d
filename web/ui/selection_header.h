#pragma once
// The line above the inspector's tabs' contents that names what is selected; also says so when nothing is.

#include "web/ui/ui.h"

namespace kubewalk::ui {

// Returns where the content below begins.
float draw_selection_header(Ui& ui, const Rect& area);
bool has_selected_object(const Ui& ui);

}  // namespace kubewalk::ui
