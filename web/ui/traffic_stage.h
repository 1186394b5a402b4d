#pragma once
// The Traffic view before anything travels, and while an end is picked: every machine, its Pods, and the
// Services; a click chooses.

#include "web/ui/traffic_bar.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

void draw_traffic_stage(Ui& ui, const Rect& area, TrafficBar& bar);

}  // namespace kubewalk::ui
