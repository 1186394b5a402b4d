#pragma once
// What applying would change: the lines as `kubectl diff` shows them, or the fields three ways.

#include "core/cluster/manifest_compare.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

void draw_diff(Ui& ui, const Rect& area, const cluster::ManifestComparison& comparison);
void draw_three_ways(Ui& ui, const Rect& area, const cluster::ManifestComparison& comparison);

}  // namespace kubewalk::ui
