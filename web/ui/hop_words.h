#pragma once
// How one hop of a request is called, wherever it is told.

#include <string>
#include <string_view>

#include "web/ui/ui.h"

namespace kubewalk::ui {

// "node-1 · PREROUTING".
std::string hop_title(const view::TrafficStep& step);
// What the kernel does is said in the learner's language; a rule's target (DNAT, DROP) is called as the rule calls it.
std::string_view verdict_word(const Ui& ui, const std::string& verdict);
Color verdict_color(const Ui& ui, const view::TrafficStep& step);
// How a request ended.
std::string_view outcome_word(const Ui& ui, net::Outcome outcome);

}  // namespace kubewalk::ui
