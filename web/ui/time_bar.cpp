#include <algorithm>
#include <cmath>
#include <vector>

#include "web/ui/bars.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr double speeds[] = {0.1, 0.25, 0.5, 1, 2, 5, 10, 50, 100};

std::string speed_text(double speed) {
    std::string number = speed < 1 ? std::to_string(speed).substr(0, speed == 0.25 ? 4 : 3) : std::to_string(static_cast<int>(speed));
    return number + "×";
}

struct MarkLook {
    Color color;
    int lane;
};

// Colour and height by who did it: a second hint beside the colour.
MarkLook look_of(const Theme& theme, sim::EntryKind kind) {
    switch (kind) {
    case sim::EntryKind::action: return {theme.blue, 0};
    case sim::EntryKind::api_call:
    case sim::EntryKind::watch: return {theme.blue, 1};
    case sim::EntryKind::reconcile:
    case sim::EntryKind::schedule: return {theme.violet, 2};
    case sim::EntryKind::component: return {theme.amber, 3};
    case sim::EntryKind::kubelet:
    case sim::EntryKind::cri: return {theme.green, 4};
    case sim::EntryKind::network:
    case sim::EntryKind::traffic: return {theme.teal, 5};
    }
    return {theme.faint, 1};
}

float position(Time at, Time last, float width) {
    if (last.ns <= 0) return 0;
    return static_cast<float>(static_cast<double>(at.ns) / static_cast<double>(last.ns)) * width;
}

// Thousands of entries at start-up fall onto the same pixels: one mark per lane and three pixels.
void draw_marks(Ui& ui, const Rect& track, Time last) {
    constexpr int lanes = 6;
    auto columns = static_cast<std::size_t>(std::max(1.0f, track.GetWidth() / 3));
    std::vector<char> taken(columns * lanes, 0);
    float middle = track.GetCenter().y;
    for (const app::TimeMark& mark : ui.model().marks) {
        MarkLook look = look_of(ui.theme(), mark.kind);
        float x = position(mark.at, last, track.GetWidth());
        auto column = std::min(columns - 1, static_cast<std::size_t>(std::max(0.0f, x / 3)));
        char& slot = taken[column * lanes + static_cast<std::size_t>(look.lane)];
        if (slot) continue;
        slot = 1;
        bool past = mark.at <= ui.model().now && !mark.future;
        float top = middle - 15 + static_cast<float>(look.lane) * 1.7f;
        float height = mark.kind == sim::EntryKind::action ? 12.0f : 8.0f;
        float left = track.Min.x + static_cast<float>(column) * 3;
        ui.list()->AddRectFilled(Vec(left, top), Vec(left + 2, top + height), with_alpha(look.color, past ? 0.9f : 0.28f), 1);
    }
}

void draw_scrubber(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    const app::Model& model = ui.model();
    Time last = std::max({model.known_until, model.now, Time{1'000'000'000}});
    Rect track(area.Min.x + 8, area.Min.y, area.Max.x - 8, area.Max.y);
    float middle = track.GetCenter().y;
    draw_marks(ui, track, last);

    Press state = press(ui, area, "scrubber", ui.t("time.scrubber"));
    float knob = track.Min.x + position(model.now, last, track.GetWidth());
    if (state.held) {
        float share = ImSaturate((ImGui::GetMousePos().x - track.Min.x) / track.GetWidth());
        knob = track.Min.x + share * track.GetWidth();
        // Going back plays forward from a checkpoint: not more often than the eye needs.
        bool moved = ImGui::GetIO().MouseDelta.x != 0 || ImGui::IsMouseClicked(ImGuiMouseButton_Left);
        if (moved) ui.state.queue(ActionKind::seek, static_cast<double>(share) * static_cast<double>(last.ns) / 1e9);
    }
    ui.list()->AddRectFilled(Vec(track.Min.x, middle - 1), Vec(track.Max.x, middle + 2), theme.line, 1.5f);
    ui.list()->AddRectFilled(Vec(track.Min.x, middle - 1), Vec(knob, middle + 2), theme.blue, 1.5f);
    float radius = state.hovered || state.held ? 8.0f : 7.0f;
    ui.list()->AddCircleFilled(Vec(knob, middle + 0.5f), radius, theme.dark ? IM_COL32_WHITE : theme.primary);
    if (!theme.dark) ui.list()->AddCircle(Vec(knob, middle + 0.5f), radius, IM_COL32_WHITE, 0, 2);
    if (state.hovered && !state.held) {
        float share = ImSaturate((ImGui::GetMousePos().x - track.Min.x) / track.GetWidth());
        tooltip(ui, to_clock(Time{static_cast<std::int64_t>(static_cast<double>(last.ns) * share)}));
    }
}

void next_speed(Ui& ui) {
    const double* found = std::upper_bound(std::begin(speeds), std::end(speeds), ui.state.settings.speed + 1e-9);
    ui.state.queue(ActionKind::set_speed, found == std::end(speeds) ? speeds[0] : *found);
}

}  // namespace

void draw_time_bar(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    ImDrawList* list = ui.list();
    list->AddRectFilled(area.Min, area.Max, theme.panel);
    list->AddLine(Vec(area.Min.x, area.Min.y + 0.5f), Vec(area.Max.x, area.Min.y + 0.5f), theme.line);
    Scope scope(ui, "time");

    app::State& state = ui.state;
    float gap = ui.compact ? 8.0f : 14.0f;
    float x = area.Min.x + (ui.compact ? 10.0f : 18.0f);
    auto take = [&](float width) {
        Rect box = rect(x, std::round(area.GetCenter().y - 14), width, 28);
        x += width + gap;
        return box;
    };
    ButtonOptions small;
    small.size = 12;
    if (icon_button(ui, take(42), "start", Icon::to_start, ui.t("time.start"), small)) state.queue(ActionKind::to_start);
    if (icon_button(ui, take(40), "back", Icon::step_back, ui.t("time.back"), small)) state.queue(ActionKind::step_back);
    ButtonOptions play = small;
    play.selected = state.playing();
    if (icon_button(ui, take(48), "play", state.playing() ? Icon::pause : Icon::play,
                    ui.t(state.playing() ? "time.pause" : "time.play"), play))
        state.queue(state.playing() ? ActionKind::pause : ActionKind::play);
    if (icon_button(ui, take(42), "forward", Icon::step_forward, ui.t("time.forward"), small))
        state.queue(ActionKind::step_forward);
    std::string speed = speed_text(state.settings.speed);
    Rect speed_box = take(std::max(42.0f, button_width(ui, speed)));
    if (button(ui, speed_box, "speed", speed)) next_speed(ui);
    tooltip(ui, ui.t("time.speed"));

    TextStyle clock{Face::code, 12, theme.text};
    std::string text = to_clock(ui.model().now);
    float clock_width = ui.fonts.width("00:00:00.000", clock);
    draw_text(list, ui.fonts, Vec(x, area.Min.y), area.GetHeight(), clock, text);
    x += clock_width + gap;
    draw_scrubber(ui, Rect(x, area.Min.y + 10, area.Max.x - (ui.compact ? 12.0f : 24.0f), area.Max.y - 10));
}

}  // namespace kubewalk::ui
