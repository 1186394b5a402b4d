#include "web/ui/interface.h"

#include <cmath>

#include "web/ui/bars.h"
#include "web/ui/simplification_sign.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

Interface::Interface(app::State& state) : state_(state) {
    items_.attach();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;  // the layout is ours
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigInputTrickleEventQueue = true;
    io.ConfigNavCursorVisibleAuto = true;
    for (const PanelEntry& entry : panel_table()) slots_.push_back({&entry, entry.make()});
    last_view_ = state.settings.view;
}

void Interface::prepare() {
    bool chinese = state_.settings.language == "zh-CN";
    if (first_frame_ || fonts_.stale(state_.platform(), chinese)) fonts_.load(state_.platform(), chinese);
    const Theme& theme = state_.settings.theme == app::ThemeChoice::light ? theme_light() : theme_dark();
    if (applied_theme_ != &theme) {
        applied_theme_ = &theme;
        apply_style(theme);
    }
    first_frame_ = false;
    // Arrows and Tab belong to the text while one is being edited.
    ImGuiIO& io = ImGui::GetIO();
    if (text_focus_)
        io.ConfigFlags &= ~ImGuiConfigFlags_NavEnableKeyboard;
    else
        io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
}

std::vector<const PanelEntry*> Interface::offered(Dock dock) const {
    std::vector<const PanelEntry*> out;
    for (const Slot& slot : slots_)
        if (slot.entry->dock == dock && (!slot.entry->offered || slot.entry->offered(state_))) out.push_back(slot.entry);
    return out;
}

void Interface::draw_dock(Ui& ui, Dock dock, int value, const Rect& area) {
    for (Slot& slot : slots_) {
        if (slot.entry->dock != dock || slot.entry->value != value) continue;
        ui.items.note(std::string("panel/") + slot.entry->id, ui.t(slot.entry->title), area);
        Scope scope(ui, slot.entry->id);
        slot.panel->draw(ui, area);
    }
}

namespace {

std::vector<Tab> tabs_of(Ui& ui, const std::vector<const PanelEntry*>& entries, int value, int* selected) {
    std::vector<Tab> tabs;
    *selected = -1;
    for (const PanelEntry* entry : entries) {
        if (entry->value == value) *selected = static_cast<int>(tabs.size());
        tabs.push_back({entry->id, ui.t(entry->title)});
    }
    return tabs;
}

}  // namespace

void Interface::draw_canvas(Ui& ui, const Rect& area) {
    begin_area(ui, area, "view", ScrollAxis::none);
    const Theme& theme = ui.theme();
    ImDrawList* list = ui.list();
    constexpr float step = 24;
    for (float y = area.Min.y + 1; y < area.Max.y; y += step)
        for (float x = area.Min.x + 1; x < area.Max.x; x += step)
            list->AddRectFilled(Vec(x - 0.75f, y - 0.75f), Vec(x + 0.75f, y + 0.75f), theme.grid);

    int value = static_cast<int>(state_.settings.view);
    Rect below(area.Min.x, area.Min.y + 58, area.Max.x, area.Max.y);
    if (ui.compact) below.Min.y = area.Min.y + 46;
    draw_dock(ui, Dock::canvas, value, below);

    auto entries = offered(Dock::canvas);
    int selected = -1;
    auto tabs = tabs_of(ui, entries, value, &selected);
    {
        Scope scope(ui, "tabs");
        Vec corner = area.Min + (ui.compact ? Vec(18, 4) : Vec(16, 12));
        Rect covered;
        int clicked = segmented(ui, corner, tabs, selected, &covered);
        if (clicked >= 0) state_.settings.view = static_cast<app::View>(entries[static_cast<std::size_t>(clicked)]->value);
        if (selected >= 0) {
            float top = covered.GetCenter().y - simplification_sign_size * 0.5f;
            draw_simplification_sign(ui, rect(covered.Max.x + 8, top, simplification_sign_size, simplification_sign_size),
                                     entries[static_cast<std::size_t>(selected)]->id);
        }
    }
    end_area(ui);
}

void Interface::draw_bottom(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    begin_area(ui, area, "bottom", ScrollAxis::none);
    ui.list()->AddRectFilled(area.Min, area.Max, theme.well);
    ui.list()->AddLine(area.Min + Vec(0, 0.5f), Vec(area.Max.x, area.Min.y + 0.5f), theme.line);
    auto entries = offered(Dock::bottom);
    int selected = -1;
    int value = static_cast<int>(state_.bottom);
    auto tabs = tabs_of(ui, entries, value, &selected);
    {
        Scope scope(ui, "tabs");
        int clicked = pill_tabs(ui, Rect(area.Min.x + 16, area.Min.y + 10, area.Max.x - 24 - simplification_sign_size, area.Min.y + 38), tabs, selected);
        if (selected >= 0)
            draw_simplification_sign(ui, rect(area.Max.x - 16 - simplification_sign_size, area.Min.y + 11,
                                              simplification_sign_size, simplification_sign_size),
                                     entries[static_cast<std::size_t>(selected)]->id);
        if (clicked >= 0) state_.bottom = static_cast<app::BottomTab>(entries[static_cast<std::size_t>(clicked)]->value);
    }
    draw_dock(ui, Dock::bottom, value, Rect(area.Min.x, area.Min.y + 44, area.Max.x, area.Max.y));
    end_area(ui);
}

void Interface::draw_inspector(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    begin_area(ui, area, "inspector", ScrollAxis::none);
    ui.list()->AddRectFilled(area.Min, area.Max, theme.panel);
    ui.list()->AddLine(area.Min + Vec(0.5f, 0), Vec(area.Min.x + 0.5f, area.Max.y), theme.line);
    auto entries = offered(Dock::inspector);
    int selected = -1;
    auto tabs = tabs_of(ui, entries, static_cast<int>(state_.inspector), &selected);
    if (selected < 0 && !entries.empty()) {
        state_.inspector = static_cast<app::InspectorTab>(entries[0]->value);
        selected = 0;
    }
    {
        Scope scope(ui, "tabs");
        int clicked = pill_tabs(ui, Rect(area.Min.x + 16, area.Min.y + 16, area.Max.x - 24 - simplification_sign_size, area.Min.y + 44), tabs, selected);
        if (selected >= 0)
            draw_simplification_sign(ui, rect(area.Max.x - 16 - simplification_sign_size, area.Min.y + 17,
                                              simplification_sign_size, simplification_sign_size),
                                     entries[static_cast<std::size_t>(selected)]->id);
        if (clicked >= 0) state_.inspector = static_cast<app::InspectorTab>(entries[static_cast<std::size_t>(clicked)]->value);
    }
    draw_dock(ui, Dock::inspector, static_cast<int>(state_.inspector),
              Rect(area.Min.x + 1, area.Min.y + 56, area.Max.x, area.Max.y));
    end_area(ui);
}

// A lesson points at a widget: a calm pulse around it.
void Interface::draw_highlight(Ui& ui) {
    const std::string& path = ui.model().lesson.highlight;
    if (path.empty() || state_.settings.mode != app::Mode::learn) return;
    const Item* item = items_.find(path);
    // A panel that is not in front is pointed at by its tab.
    std::string name = path.substr(path.rfind('/') + 1);
    for (std::string_view tabs : {"inspector/tabs/", "bottom/tabs/", "view/tabs/"})
        if (!item) item = items_.find(std::string(tabs) + name);
    if (!item) return;
    // It stops after a while, so that a page nobody touches draws nothing.
    constexpr double pulse_s = 6;
    double since = ui.now - highlight_since_;
    float wave = ui.reduced_motion || since > pulse_s ? 0.5f : 0.5f - 0.5f * std::cos(static_cast<float>(since) * 3.0f);
    if (since <= pulse_s && !ui.reduced_motion) ui.animating = true;
    Rect ring = inset(item->box, -4 - 2 * wave);
    ImGui::GetForegroundDrawList()->AddRect(ring.Min, ring.Max, with_alpha(ui.theme().amber, 0.45f + 0.5f * wave), 10, 0, 2);
}

void Interface::draw_toast(Ui& ui) {
    if (state_.toast.empty()) return;
    const Theme& theme = ui.theme();
    TextStyle style = ui.text(13.5f);
    Vec display = ImGui::GetIO().DisplaySize;
    float width = ImMin(ui.fonts.width(state_.toast, style) + 40, display.x - 40);
    Rect box = rect((display.x - width) * 0.5f, display.y - 128, width, 40);
    ImDrawList* list = ImGui::GetForegroundDrawList();
    shadow(list, box, 10, theme.shadow, 14);
    box_with_line(list, box, theme.raised, theme.selected_line, 10);
    draw_text_in(list, ui.fonts, inset(box, 6), style, state_.toast, Align::center);
    ui.wake_in(ImMax(0.02, state_.toast_until - ui.now));
}

// A lesson's step brings its own view to the front, once.
void Interface::follow_lesson() {
    const app::LessonView& lesson = state_.model.lesson;
    std::string step = lesson.open() ? lesson.slug + "/" + std::to_string(lesson.step) : std::string();
    if (step == lesson_step_) return;
    lesson_step_ = step;
    if (lesson.canvas.empty()) return;
    for (const Slot& slot : slots_)
        if (slot.entry->dock == Dock::canvas && lesson.canvas == slot.entry->id)
            state_.settings.view = static_cast<app::View>(slot.entry->value);
}

bool Interface::animating() const {
    return animating_ || state_.busy();
}

void Interface::frame() {
    state_.tick();
    Ui ui{state_, fonts_, items_, text_focus_, last_key_};
    ui.theme_now = applied_theme_;
    ui.now = state_.platform().now();
    ui.frame_s = ImGui::GetIO().DeltaTime;
    ui.reduced_motion = state_.platform().reduced_motion();
    items_.begin_frame();

    Vec display = ImGui::GetIO().DisplaySize;
    Areas areas = layout_.compute(state_.settings.layout, display);
    ui.compact = layout_.compact();

    follow_lesson();
    if (highlight_ != ui.model().lesson.highlight) {
        highlight_ = ui.model().lesson.highlight;
        highlight_since_ = ui.now;
    }
    if (last_view_ != state_.settings.view) {
        if (state_.settings.view == app::View::traffic || state_.settings.view == app::View::dns)
            state_.inspector = app::InspectorTab::hops;
        last_view_ = state_.settings.view;
    }

    ImGui::SetNextWindowPos(Vec(0, 0));
    ImGui::SetNextWindowSize(display);
    ImGui::Begin("KubeWalk", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse);
    draw_top_bar(ui, areas.top);
    if (areas.left_open) {
        begin_area(ui, areas.left, "left", ScrollAxis::none);
        draw_dock(ui, Dock::left, static_cast<int>(state_.settings.mode), areas.left);
        end_area(ui);
    }
    draw_canvas(ui, areas.canvas);
    if (areas.bottom_open) draw_bottom(ui, areas.bottom);
    if (areas.right_open) draw_inspector(ui, areas.right);
    draw_time_bar(ui, areas.time);
    // Above the panels, so that the grips at their edges take the mouse first.
    ImGui::SetCursorScreenPos(Vec(0, 0));
    layout_.draw_dividers(ui, state_.settings.layout, areas);
    draw_highlight(ui);
    draw_toast(ui);
    ImGui::End();

    if (!(ui.text_input == text_input_)) {
        text_input_ = ui.text_input;
        state_.platform().set_text_input(text_input_);
    }
    mirror_.update(ui);
    animating_ = ui.animating;
    wake_in_s_ = ui.wake_in_s;
}

}  // namespace kubewalk::ui
