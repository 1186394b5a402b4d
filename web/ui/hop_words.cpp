#include "web/ui/hop_words.h"

#include "core/base/text.h"

namespace kubewalk::ui {

std::string hop_title(const view::TrafficStep& step) {
    std::string title = step.data.node;
    if (!step.data.at.empty() && step.data.at != step.data.node) title += " · " + step.data.at;
    return title;
}

std::string_view verdict_word(const Ui& ui, const std::string& verdict) {
    const std::string id = cat("verdict.", verdict);
    return ui.state.words.has(id) ? ui.t(id) : std::string_view(verdict);
}

std::string_view outcome_word(const Ui& ui, net::Outcome outcome) {
    return ui.t(cat("outcome.", net::outcome_name(outcome)));
}

Color verdict_color(const Ui& ui, const view::TrafficStep& step) {
    const bool changed = !(step.data.in == step.data.out);
    return view::ends_here(step.data) ? ui.theme().rose_text : changed ? ui.theme().teal_text : ui.theme().dim;
}

}  // namespace kubewalk::ui
