#pragma once
// What the inspector's lists share.

#include <string>
#include <string_view>

#include "web/ui/ui.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

// A quiet heading above a group of rows; returns the height used.
float draw_heading(Ui& ui, Vec at, float width, std::string_view text);
// A paragraph in the dim colour: what there is to see here, or why there is nothing.
float draw_remark(Ui& ui, Vec at, float width, std::string_view text);
// A small word in a tinted box, as large as it needs to be; returns its width.
float draw_tag(Ui& ui, Vec at, float height, std::string_view text, Color color, Color tint);
void select_object(Ui& ui, const sim::ObjectRef& object);
void seek_to(Ui& ui, Time at);

}  // namespace kubewalk::ui
