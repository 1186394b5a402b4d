#pragma once
// Two requests side by side: the pinned one to the left, the shown one to the right, hop against hop.

#include "web/ui/ui.h"

namespace kubewalk::ui {

void draw_traffic_comparison(Ui& ui, const Rect& area);
// Where the requests of a batch ended, as a strip; returns its height.
float draw_endpoint_counts(Ui& ui, const Rect& area);
float endpoint_counts_height(const Ui& ui);

}  // namespace kubewalk::ui
