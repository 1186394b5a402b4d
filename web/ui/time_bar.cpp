// The bar below: play, steps, speed, what counts as an event, the time line with its branches.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/base/text.h"
#include "web/app/address.h"
#include "web/ui/bars.h"
#include "web/ui/dropdown.h"
#include "web/ui/history_menu.h"
#include "web/ui/layout.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr double speeds[] = {0.1, 0.25, 0.5, 1, 2, 5, 10, 50, 100};

std::string speed_text(double speed) {
    std::string number = speed < 1 ? std::to_string(speed).substr(0, speed == 0.25 ? 4 : 3) : std::to_string(static_cast<int>(speed));
    return number + "×";
}

Color color_of(const Theme& theme, app::EventClass one) {
    switch (one) {
    case app::EventClass::learner:
    case app::EventClass::api: return theme.blue;
    case app::EventClass::control: return theme.violet;
    case app::EventClass::component: return theme.amber;
    case app::EventClass::node: return theme.green;
    case app::EventClass::network: return theme.teal;
    }
    return theme.faint;
}

// The learner's own marks reach higher than all others: a second hint beside the colour, as the lanes are.
constexpr float lane_step = 1.7f;

// What the line shows: from a little before the learner's part began (left of the first mark is the very beginning) to the
// end of what is known.
struct Span {
    Time first, last;

    explicit Span(const app::Model& model) : last(std::max(model.known_until, model.now)) {
        for (const cluster::Branch& branch : model.branches) last = std::max(last, branch.known_until);
        constexpr std::int64_t least_lead_ns = 200'000'000;
        first = Time{model.began_at.ns - std::max(least_lead_ns, (last.ns - model.began_at.ns) / 50)};
    }
    float position(Time at, float width) const {
        return ImSaturate(static_cast<float>(static_cast<double>(at.ns - first.ns) / static_cast<double>(last.ns - first.ns))) * width;
    }
    Time at(float share) const {
        return Time{first.ns + static_cast<std::int64_t>(static_cast<double>(last.ns - first.ns) * static_cast<double>(share))};
    }
};

// Thousands of entries at start-up fall onto the same pixels: one mark per lane and three pixels.
void draw_marks(Ui& ui, const Rect& track, const Span& span) {
    constexpr std::size_t lanes = app::event_classes;
    auto columns = static_cast<std::size_t>(std::max(1.0f, track.GetWidth() / 3));
    std::vector<char> taken(columns * lanes, 0);
    float middle = track.GetCenter().y;
    for (const app::TimeMark& mark : ui.model().marks) {
        app::EventClass one = app::event_class_of(mark.kind);
        if (!app::has_class(ui.state.events, one)) continue;
        auto lane = static_cast<std::size_t>(one);
        float x = span.position(mark.at, track.GetWidth());
        auto column = std::min(columns - 1, static_cast<std::size_t>(std::max(0.0f, x / 3)));
        char& slot = taken[column * lanes + lane];
        if (slot) continue;
        slot = 1;
        bool past = mark.at <= ui.model().now && !mark.future;
        bool own = one == app::EventClass::learner;
        float top = middle - (own ? 20 : 15) + static_cast<float>(lane) * lane_step;
        float left = track.Min.x + static_cast<float>(column) * 3;
        ui.list()->AddRectFilled(Vec(left, top), Vec(left + 2, top + (own ? 17 : 8)), with_alpha(color_of(ui.theme(), one), past ? 0.9f : 0.28f), 1);
    }
}

// Histories that were left: where they parted, how far they went. A click returns.
void draw_branches(Ui& ui, const Rect& track, const Span& span) {
    const float area_top = track.Min.y - 8;
    const Theme& theme = ui.theme();
    float y = track.GetCenter().y + 9;
    const auto& branches = ui.model().branches;
    std::size_t first = branches.size() > 3 ? branches.size() - 3 : 0;
    for (std::size_t i = first; i < branches.size(); ++i) {
        const cluster::Branch& branch = branches[i];
        float from = track.Min.x + span.position(branch.parted_at, track.GetWidth());
        float to = std::max(from + 14, track.Min.x + span.position(branch.known_until, track.GetWidth()));
        std::string words = branch.first.empty() ? std::string(ui.t("time.branch.nothing")) : ui.state.words.format("time.branch", {branch.first});
        Press state = press(ui, Rect(from - 3, y - 3, to + 5, y + 4), "branch-" + std::to_string(branch.id), words, 4);
        Color color = state.hovered ? theme.text : theme.faint;
        ImDrawList* list = ui.list();
        list->AddBezierCubic(Vec(from, track.GetCenter().y), Vec(from + 5, track.GetCenter().y + 1), Vec(from + 2, y), Vec(from + 9, y), color, 1.5f);
        list->AddLine(Vec(from + 9, y), Vec(to, y), color, 1.5f);
        list->AddCircleFilled(Vec(to, y), 3, color);
        if (state.hovered) tooltip(ui, words, area_top);
        if (state.clicked) ui.state.queue(ActionKind::return_to, static_cast<double>(branch.id));
        y += 6;
    }
}

void draw_scrubber(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    const app::Model& model = ui.model();
    const Span span(model);
    Rect track(area.Min.x + 8, area.Min.y, area.Max.x - 8, area.Max.y);
    float middle = track.GetCenter().y;
    draw_marks(ui, track, span);

    // Below the track is the branches' room.
    Press state = press(ui, Rect(area.Min, Vec(area.Max.x, middle + 6)), "scrubber", ui.t("time.scrubber"));
    float knob = track.Min.x + span.position(model.now, track.GetWidth());
    if (state.held) {
        float share = ImSaturate((ImGui::GetMousePos().x - track.Min.x) / track.GetWidth());
        knob = track.Min.x + share * track.GetWidth();
        // Going back plays forward from a checkpoint: not more often than the eye needs.
        bool moved = ImGui::GetIO().MouseDelta.x != 0 || ImGui::IsMouseClicked(ImGuiMouseButton_Left);
        if (moved) ui.state.queue(ActionKind::seek, static_cast<double>(std::max<std::int64_t>(0, span.at(share).ns)) / 1e9);
    }
    ui.list()->AddRectFilled(Vec(track.Min.x, middle - 1), Vec(track.Max.x, middle + 2), theme.line, 1.5f);
    // What lies ahead is known: it happened once.
    float known = track.Min.x + span.position(model.known_until, track.GetWidth());
    if (known > knob) ui.list()->AddRectFilled(Vec(knob, middle - 1), Vec(known, middle + 2), mix(theme.line, theme.blue, 0.35f), 1.5f);
    draw_branches(ui, track, span);
    ui.list()->AddRectFilled(Vec(track.Min.x, middle - 1), Vec(knob, middle + 2), theme.blue, 1.5f);
    float radius = state.hovered || state.held ? 8.0f : 7.0f;
    ui.list()->AddCircleFilled(Vec(knob, middle + 0.5f), radius, theme.dark ? IM_COL32_WHITE : theme.primary);
    if (!theme.dark) ui.list()->AddCircle(Vec(knob, middle + 0.5f), radius, IM_COL32_WHITE, 0, 2);
    if (state.hovered && !state.held) {
        float share = ImSaturate((ImGui::GetMousePos().x - track.Min.x) / track.GetWidth());
        tooltip(ui, to_clock(std::max(span.at(share), model.began_at)), area.Min.y - 8);
    }
}

void draw_speed(Ui& ui, const Rect& box) {
    std::vector<DropdownItem> items;
    int selected = 0;
    for (double speed : speeds) {
        if (std::abs(speed - ui.state.settings.speed) < 1e-9) selected = static_cast<int>(items.size());
        items.push_back({speed_text(speed), speed_text(speed)});
    }
    int chosen = dropdown(ui, box, "speed", ui.t("time.speed"), speed_text(ui.state.settings.speed), items, selected);
    if (chosen >= 0) ui.state.queue(ActionKind::set_speed, speeds[chosen]);
}

// Which classes of events are shown and stopped at: a colour, a word and a number each.
void draw_filter(Ui& ui, const Rect& box) {
    const Theme& theme = ui.theme();
    Scope scope(ui, "filter");
    app::EventMask& mask = ui.state.events;
    ButtonOptions options;
    options.size = 13;
    options.selected = mask != app::all_events;
    if (icon_button(ui, box, "open", Icon::filter, ui.t("time.filter"), options)) ImGui::OpenPopup("classes");
    constexpr float width = 268, row_height = 32;
    float height = row_height * app::event_classes + 54;
    ImGui::SetNextWindowPos(Vec(box.Min.x, box.Min.y - height - 8));
    ImGui::SetNextWindowSize(Vec(width, height));
    if (!ImGui::BeginPopup("classes", ImGuiWindowFlags_NoMove)) return;
    Vec at = ImGui::GetCursorScreenPos() + Vec(6, 8);
    draw_text(ui.list(), ui.fonts, at + Vec(10, 0), 24, {Face::strong, 12, theme.dim}, ui.t("time.filter"));
    at.y += 32;
    std::array<std::size_t, app::event_classes> counts{};
    for (const app::TimeMark& mark : ui.model().marks) ++counts[static_cast<std::size_t>(app::event_class_of(mark.kind))];
    for (std::size_t i = 0; i < app::event_classes; ++i) {
        auto one = static_cast<app::EventClass>(i);
        bool on = app::has_class(mask, one);
        std::string_view label = ui.t("time.class." + std::string(app::event_class_names[i]));
        Rect row = rect(at.x, at.y, width - 12, row_height);
        Press state = press(ui, row, app::event_class_names[i], label, 6);
        if (state.hovered) ui.list()->AddRectFilled(row.Min, row.Max, theme.hover, 6);
        Rect check = rect(row.Min.x + 10, row.GetCenter().y - 8, 16, 16);
        box_with_line(ui.list(), check, on ? theme.primary : theme.raised, on ? theme.primary : theme.line, 4);
        if (on) draw_icon(ui.list(), Icon::check, check.GetCenter(), 10, theme.on_accent);
        ui.list()->AddRectFilled(Vec(row.Min.x + 38, row.GetCenter().y - 6), Vec(row.Min.x + 41, row.GetCenter().y + 6), color_of(theme, one), 1.5f);
        draw_text_in(ui.list(), ui.fonts, rect(row.Min.x + 50, row.Min.y, width - 130, row_height), ui.text(13), label);
        draw_text_in(ui.list(), ui.fonts, rect(row.Max.x - 64, row.Min.y, 54, row_height), {Face::code, 11.5f, theme.dim}, std::to_string(counts[i]), Align::right);
        // The last one cannot go: nothing would be left to stop at.
        if (state.clicked && mask != (1u << i)) mask ^= 1u << i;
        at.y += row_height;
    }
    content_size(Vec(1, height - 2));
    ImGui::EndPopup();
}

// Shown while the future is known: what acting here means.
void draw_past_hint(Ui& ui, const Rect& area, float right) {
    if (ui.compact || ui.state.playing() || ui.model().now >= ui.model().known_until) return;
    const Theme& theme = ui.theme();
    std::string text = cat(ui.t("time.past"), "  ·  ", ui.t("time.past.hint"));
    TextStyle style{Face::text, 11.5f, theme.amber_text};
    float width = ui.fonts.width(text, style) + 24;
    if (width > area.GetWidth() - 24) return;
    Rect box = rect(right - width, area.Min.y - 34, width, 26);
    shadow(ImGui::GetForegroundDrawList(), box, 8, theme.shadow, 8);
    box_with_line(ImGui::GetForegroundDrawList(), box, theme.amber_tint, with_alpha(theme.amber, 0.5f), 8);
    draw_text_in(ImGui::GetForegroundDrawList(), ui.fonts, box, style, text, Align::center);
}

}  // namespace

void draw_time_bar(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    ImDrawList* list = ui.list();
    list->AddRectFilled(area.Min, area.Max, theme.panel);
    list->AddLine(Vec(area.Min.x, area.Min.y + 0.5f), Vec(area.Max.x, area.Min.y + 0.5f), theme.line);
    Scope scope(ui, "time");

    app::State& state = ui.state;
    const bool upright = area.GetWidth() < upright_below;
    float gap = upright ? 4.0f : ui.compact ? 6.0f : 8.0f;
    // Held upright a phone has room for two rows: the buttons, and below them the line.
    const Rect first = upright ? Rect(area.Min, Vec(area.Max.x, area.Min.y + 44)) : area;
    const Rect line = upright ? Rect(area.Min.x, first.Max.y - 6, area.Max.x, area.Max.y) : area;
    float x = area.Min.x + (ui.compact ? 10.0f : 18.0f);
    auto take = [&](float width) {
        Rect box = rect(x, std::round(first.GetCenter().y - 14), width, 28);
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
    const app::Inspected& inspected = ui.model().inspected;
    ButtonOptions jump = small;
    jump.size = 20;
    jump.enabled = !inspected.object.name.empty() || !inspected.component.empty();
    if (icon_button(ui, take(42), "next-change", Icon::next_change, ui.t(jump.enabled ? "time.next_change" : "time.next_change.nothing"), jump)) state.queue(ActionKind::next_change);
    draw_speed(ui, take(68));
    draw_filter(ui, take(38));

    TextStyle clock{Face::code, 12, theme.text};
    std::string text = to_clock(ui.model().now);
    float clock_width = ui.fonts.width("00:00:00.000", clock);
    if (upright) x = area.Min.x + 12;
    draw_text(list, ui.fonts, Vec(x, line.Min.y), line.GetHeight(), clock, text);
    x += clock_width + gap;
    if (!ui.model().branches.empty()) {
        draw_history_menu(ui, rect(x, std::round(line.GetCenter().y - 14), history_menu_width, 28));
        x += history_menu_width + gap;
    }
    float right = area.Max.x - (ui.compact ? 12.0f : 24.0f);
    if (state.address.embed) {
        right -= 40;
        if (icon_button(ui, rect(right + 8, std::round(line.GetCenter().y - 14), 32, 28), "whole-page", Icon::away, ui.t("embed.open"), small))
            state.platform().open_link(app::whole_page(state.platform().address(), state.platform().fragment()));
    }
    draw_scrubber(ui, Rect(x, line.Min.y + (upright ? 0.0f : 8.0f), right, line.Max.y - (upright ? 0.0f : 8.0f)));
    draw_past_hint(ui, area, right);
}

}  // namespace kubewalk::ui
