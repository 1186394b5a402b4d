// The terminals of the learner's laptop: several of them, one in sight.

#include <string>

#include "web/ui/panels.h"
#include "web/ui/terminal_view.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float strip = 40;  // at the right: which terminal, and what is done with it
constexpr float tile = 26;

class TerminalPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void draw_strip(Ui& ui, const Rect& area);
    bool draw_tile(Ui& ui, Vec at, std::string_view id, std::string_view label, std::string_view text, bool selected);

    std::vector<std::unique_ptr<TerminalView>> views_;
    std::uint64_t session_ = 0;
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

void TerminalPanel::draw_strip(Ui& ui, const Rect& area) {
    const app::Model& model = ui.model();
    Scope scope(ui, "tabs");
    Vec at(area.Max.x - strip + 6, area.Min.y);
    for (int i = 0; i < model.terminals; ++i) {
        std::string number = std::to_string(i + 1);
        if (draw_tile(ui, at, number, ui.state.words.format("terminal.number", {number}), number, i == model.terminal)) {
            ui.state.queue(ActionKind::show_terminal, i);
            ui.state.wanted_focus = "bottom/terminal/input";
        }
        at.y += tile + 3;
        if (at.y + tile > area.Max.y) break;
    }
    bool room = at.y + tile <= area.Max.y && model.terminals < static_cast<int>(cluster::Session::most_terminals);
    if (room && draw_tile(ui, at, "new", ui.t("terminal.new"), "+", false)) {
        ui.state.queue(ActionKind::show_terminal, model.terminals);
        ui.state.wanted_focus = "bottom/terminal/input";
    }
    at.y += tile + 3;
    bool& colours = ui.state.settings.terminal_colours;
    if (at.y + tile <= area.Max.y && draw_tile(ui, Vec(at.x, area.Max.y - tile - 6), "colours", ui.t("terminal.colours"), "Aa", colours)) colours = !colours;
}

void TerminalPanel::draw(Ui& ui, const Rect& area) {
    const app::Model& model = ui.model();
    if (session_ != model.session) {
        session_ = model.session;
        // The first one keeps its history of lines: the learner's memory outlives a cluster.
        views_.resize(std::min<std::size_t>(views_.size(), 1));
    }
    while (views_.size() <= static_cast<std::size_t>(model.terminal)) views_.push_back(std::make_unique<TerminalView>());
    ImGui::PushID(model.terminal);
    views_[static_cast<std::size_t>(model.terminal)]->draw(ui, Rect(area.Min, Vec(area.Max.x - strip, area.Max.y)));
    ImGui::PopID();
    draw_strip(ui, area);
}

}  // namespace

std::unique_ptr<Panel> make_terminal_panel() {
    return std::make_unique<TerminalPanel>();
}

}  // namespace kubewalk::ui
