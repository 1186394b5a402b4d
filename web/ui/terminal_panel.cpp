// The terminals of the learner's laptop: several of them, one in sight.

#include <algorithm>
#include <string>

#include "web/ui/panels.h"
#include "web/ui/terminal_view.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float tile = 28, tile_gap = 4;

class TerminalPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;
    float draw_bar(Ui& ui, const Rect& bar) override;

private:
    bool draw_tile(Ui& ui, Vec at, std::string_view id, std::string_view label, std::string_view text, bool selected);

    std::vector<std::unique_ptr<TerminalView>> views_;
    std::uint64_t session_ = 0;
    int wanted_ = -1;  // the terminal that was chosen and is not in sight yet
};

bool TerminalPanel::draw_tile(Ui& ui, Vec at, std::string_view id, std::string_view label, std::string_view text, bool selected) {
    const Theme& theme = ui.theme();
    Rect box = rect(at.x, at.y, tile, tile);
    Press state = press(ui, box, id, label, 6);
    if (selected || state.hovered) box_with_line(ui.list(), box, selected ? theme.selected_row : theme.raised, selected ? theme.selected_line : theme.line, 6);
    draw_text_in(ui.list(), ui.fonts, box, {Face::strong, 12, selected ? theme.text : theme.faint}, text, Align::center);
    if (state.hovered) tooltip(ui, label);
    return state.clicked;
}

// Which terminal, another one, colours: beside the tabs, so that every column below belongs to what programs print.
float TerminalPanel::draw_bar(Ui& ui, const Rect& bar) {
    const app::Model& model = ui.model();
    Scope scope(ui, "tabs");
    const bool more = model.terminals < static_cast<int>(cluster::Session::most_terminals);
    // In a narrow row the neighbours of the shown one; each step aside brings the next into sight.
    constexpr float tabs_room = 150;
    const int fit = std::max(2, static_cast<int>((bar.GetWidth() - tabs_room) / (tile + tile_gap)) - 3);
    const int shown = std::min(model.terminals, fit);
    const int first = std::clamp(model.terminal - shown / 2, 0, model.terminals - shown);
    const float width = (tile + tile_gap) * static_cast<float>(shown + (more ? 3 : 2)) + tile_gap;
    Vec at(bar.Max.x - width + tile_gap, bar.Min.y);
    for (int i = first; i < first + shown; ++i) {
        std::string number = std::to_string(i + 1);
        if (draw_tile(ui, at, number, ui.state.words.format("terminal.number", {number}), number, i == model.terminal)) {
            ui.state.queue(ActionKind::show_terminal, i);
            wanted_ = i;
        }
        at.x += tile + tile_gap;
    }
    if (more && draw_tile(ui, at, "new", ui.t("terminal.new"), "+", false)) {
        ui.state.queue(ActionKind::show_terminal, model.terminals);
        wanted_ = model.terminals;
    }
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    const auto view = static_cast<std::size_t>(model.terminal);
    if (icon_button(ui, rect(bar.Max.x - 2 * (tile + tile_gap), bar.Min.y, tile, tile), "find", Icon::search, ui.t("terminal.find"), quiet) && view < views_.size()) views_[view]->find();
    bool& colours = ui.state.settings.terminal_colours;
    if (draw_tile(ui, Vec(bar.Max.x - tile - tile_gap, bar.Min.y), "colours", ui.t("terminal.colours"), "Aa", colours)) colours = !colours;
    return width;
}

void TerminalPanel::draw(Ui& ui, const Rect& area) {
    const app::Model& model = ui.model();
    if (session_ != model.session) {
        session_ = model.session;
        // The first one keeps its history of lines: the learner's memory outlives a cluster.
        views_.resize(std::min<std::size_t>(views_.size(), 1));
    }
    while (views_.size() <= static_cast<std::size_t>(model.terminal)) views_.push_back(std::make_unique<TerminalView>());
    // The row of tabs is drawn first: the keyboard goes to the terminal that was chosen once it is in sight.
    if (wanted_ == model.terminal) {
        wanted_ = -1;
        ui.state.wanted_focus = "bottom/terminal/input";
    }
    ImGui::PushID(model.terminal);
    views_[static_cast<std::size_t>(model.terminal)]->draw(ui, area);
    ImGui::PopID();
}

}  // namespace

std::unique_ptr<Panel> make_terminal_panel() {
    return std::make_unique<TerminalPanel>();
}

}  // namespace kubewalk::ui
