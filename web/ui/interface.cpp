#include "web/ui/interface.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/text.h"
#include "web/ui/bars.h"
#include "web/ui/rich_text.h"
#include "web/ui/svg.h"
#include "web/ui/simplification_sign.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr std::string_view terminal_path = "bottom/terminal/input";

}  // namespace

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
    follow_view();
}

// Beside a request stand its hops.
void Interface::follow_view() {
    if (last_view_ == app::View::traffic || last_view_ == app::View::dns) state_.inspector = app::InspectorTab::hops;
}

void Interface::prepare() {
    const bool chinese = state_.words.language() == "zh-CN" || writes_rarely_;
    if (chinese) (void)state_.platform().font(app::chinese_font);  // asked for until it has come
    if (first_frame_ || fonts_.stale(state_.platform(), chinese)) fonts_.load(state_.platform(), chinese);
    const Theme& theme = state_.light() ? theme_light() : theme_dark();
    if (applied_theme_ != &theme) {
        applied_theme_ = &theme;
        apply_style(theme);
    }
    first_frame_ = false;
    // A drawing is made of sharp shapes: whatever shows it softens them itself.
    ImGui::GetStyle().AntiAliasedFill = ImGui::GetStyle().AntiAliasedLines = state_.wanted_picture != app::Picture::svg;
    // Arrows and Tab belong to the text while one is being edited.
    ImGuiIO& io = ImGui::GetIO();
    if (state_.dialog != shown_dialog_) {
        shown_dialog_ = state_.dialog;
        text_focus_ = 0;
    }
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

void Interface::draw_canvas(Ui& ui, const Rect& area, bool bottom_open) {
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
    // The bars of these views stand above the handle of the folded terminal.
    if (!bottom_open && (state_.settings.view == app::View::traffic || state_.settings.view == app::View::dns)) below.Max.y -= 14;
    draw_dock(ui, Dock::canvas, value, below);

    if (!ui.model().failure.empty()) draw_failure(ui, area);
    auto entries = offered(Dock::canvas);
    int selected = -1;
    auto tabs = tabs_of(ui, entries, value, &selected);
    Rect covered;
    {
        Scope scope(ui, "tabs");
        Vec corner = area.Min + (layout_.upright() ? Vec(10, 4) : ui.compact ? Vec(18, 4) : Vec(16, 12));
        int clicked = segmented(ui, corner, tabs, selected, &covered);
        if (clicked >= 0) state_.settings.view = static_cast<app::View>(entries[static_cast<std::size_t>(clicked)]->value);
    }
    if (selected >= 0) {
        float top = covered.GetCenter().y - simplification_sign_size * 0.5f;
        draw_simplification_sign(ui, rect(covered.Max.x + 8, top, simplification_sign_size, simplification_sign_size),
                                 entries[static_cast<std::size_t>(selected)]->id);
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
    Rect bar(area.Min.x + 16, area.Min.y + 10, area.Max.x - 24 - simplification_sign_size, area.Min.y + 38);
    for (Slot& slot : slots_) {
        if (slot.entry->dock != Dock::bottom || slot.entry->value != value) continue;
        Scope scope(ui, slot.entry->id);
        bar.Max.x -= slot.panel->draw_bar(ui, bar);
    }
    {
        Scope scope(ui, "tabs");
        int clicked = pill_tabs(ui, bar, tabs, selected);
        if (clicked >= 0) state_.bottom = static_cast<app::BottomTab>(entries[static_cast<std::size_t>(clicked)]->value);
    }
    if (selected >= 0)
        draw_simplification_sign(ui, rect(area.Max.x - 16 - simplification_sign_size, area.Min.y + 11,
                                          simplification_sign_size, simplification_sign_size),
                                 entries[static_cast<std::size_t>(selected)]->id);
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
        if (clicked >= 0) {
            state_.inspector = static_cast<app::InspectorTab>(entries[static_cast<std::size_t>(clicked)]->value);
            inspector_chosen_ = true;
        }
    }
    if (selected >= 0)
        draw_simplification_sign(ui, rect(area.Max.x - 16 - simplification_sign_size, area.Min.y + 17,
                                          simplification_sign_size, simplification_sign_size),
                                 entries[static_cast<std::size_t>(selected)]->id);
    draw_dock(ui, Dock::inspector, static_cast<int>(state_.inspector),
              Rect(area.Min.x + 1, area.Min.y + 56, area.Max.x, area.Max.y));
    end_area(ui);
}

const Dock* Interface::dock_of(std::string_view panel) const {
    for (const Slot& slot : slots_)
        if (panel == slot.entry->id) return &slot.entry->dock;
    return nullptr;
}

// A lesson points at a widget: a calm pulse around it.
void Interface::draw_highlight(Ui& ui) {
    const std::string& path = ui.model().lesson.highlight;
    if (path.empty() || state_.settings.mode != app::Mode::learn || state_.dialog != app::Dialog::none) return;
    // A menu lies above what is pointed at, and its ring would lie above the menu.
    if (ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel)) return;
    const Item* item = items_.find(path);
    // A panel that is not in front is pointed at by its tab.
    std::string name = path.substr(path.rfind('/') + 1);
    for (std::string_view tabs : {"inspector/tabs/", "bottom/tabs/", "view/tabs/"})
        if (!item) item = items_.find(std::string(tabs) + name);
    // Its dock is folded: by what unfolds it.
    const Dock* dock = dock_of(name);
    if (!item && dock) item = items_.find(*dock == Dock::left ? "layout/fold-left" : *dock == Dock::bottom ? "layout/fold-bottom" : "layout/fold-right");
    if (!item) return;
    // It stops after a while, so that a page nobody touches draws nothing.
    constexpr double pulse_s = 6;
    double since = ui.now - highlight_since_;
    if (state_.presenting) since = std::min(since, pulse_s * 0.5);
    float wave = ui.reduced_motion || since > pulse_s ? 0.5f : 0.5f - 0.5f * std::cos(static_cast<float>(since) * 3.0f);
    if (since <= pulse_s && !ui.reduced_motion && !state_.presenting) ui.animating = true;
    // A panel's ring stays inside it, so that it crosses no neighbour; a handle's hugs it, for it hangs between two of them.
    const bool handle = item->path.starts_with("layout/");
    Rect ring = item->path.starts_with("panel/") ? inset(item->box, 4 - 2 * wave) : inset(item->box, handle ? -1 : -4 - 2 * wave);
    ImGui::GetForegroundDrawList()->AddRect(ring.Min, ring.Max, with_alpha(ui.theme().amber, 0.45f + 0.5f * wave), handle ? 7.0f : 10.0f, 0, 2);
}

// In the column in the middle: the lesson's Next and the editor's Apply stay in reach.
void Interface::draw_toast(Ui& ui, const Rect& canvas) {
    if (state_.toast.empty()) return;
    const Theme& theme = ui.theme();
    Vec display = ImGui::GetIO().DisplaySize;
    ImDrawList* list = ImGui::GetForegroundDrawList();
    const ParagraphStyle style{13.5f, 20, theme.text, list};
    const RichText text = words(state_.toast);
    const float most = ImMin(620.0f, ImMax(200.0f, canvas.GetWidth() - 72));
    const float inner = ImMin(ui.fonts.width(state_.toast, ui.text(style.size)) + 1, most);
    const float height = measure_rich(ui, text, style, inner) + 20;
    const Rect box = rect(std::floor(canvas.GetCenter().x - inner * 0.5f) - 20, display.y - 88 - height, inner + 40, height);
    shadow(list, box, 10, theme.shadow, 14);
    box_with_line(list, box, theme.raised, theme.selected_line, 10);
    draw_rich(ui, box.Min + Vec(20, 10), text, style, inner);
    ui.wake_in(ImMax(0.02, state_.toast_until - ui.now));
}

// There is no cluster: why, and what can be done.
void Interface::draw_failure(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    float width = std::min(520.0f, area.GetWidth() - 40);
    RichText why = rich(ui.model().failure);
    ParagraphStyle style{13, 20, theme.text};
    float height = 132 + measure_rich(ui, why, style, width - 48);
    Rect box = rect(area.GetCenter().x - width * 0.5f, area.GetCenter().y - height * 0.5f, width, height);
    // A window of its own: what the canvas may still show below does not take its clicks.
    begin_area(ui, box, ".failure", ScrollAxis::none);
    box_with_line(ui.list(), box, theme.panel, theme.rose, 14);
    draw_icon(ui.list(), Icon::warning, box.Min + Vec(34, 36), 18, theme.rose);
    draw_text(ui.list(), ui.fonts, box.Min + Vec(52, 24), 24, ui.strong(16), ui.t("failure.title"));
    draw_rich(ui, box.Min + Vec(24, 62), why, style, width - 48);
    ui.items.note("view/failure", ui.model().failure, box);
    ButtonOptions primary;
    primary.kind = ButtonKind::primary;
    std::string label(ui.t("failure.other"));
    if (button(ui, rect(box.Min.x + 24, box.Max.y - 54, button_width(ui, label, 13, 16), 34), "failure-other", label, primary))
        state_.dialog = app::Dialog::scenarios;
    end_area(ui);
}

// A classroom sees where the teacher points: a ring around the pointer, a wave where it clicked.
void Interface::follow_pointer(Ui& ui) {
    if (!state_.presenting) return;
    const ImGuiIO& io = ImGui::GetIO();
    if (!ImGui::IsMousePosValid()) return;
    ImDrawList* list = ImGui::GetForegroundDrawList();
    Color color = ui.theme().amber;
    list->AddCircle(io.MousePos, 22, with_alpha(color, 0.8f), 0, 2.5f);
    list->AddCircleFilled(io.MousePos, 21, with_alpha(color, 0.12f));
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
        clicked_at_ = ui.now;
        clicked_ = io.MousePos;
    }
    constexpr double wave_s = 0.6;
    double since = ui.now - clicked_at_;
    if (since > wave_s || ui.reduced_motion) return;
    float share = static_cast<float>(since / wave_s);
    list->AddCircle(clicked_, 22 + 30 * share, with_alpha(color, 0.9f * (1 - share)), 0, 3);
    ui.animating = true;
}

// Keys that work wherever no text is being edited; the sheet (dialogs) lists them.
void Interface::take_shortcuts(Ui& ui) {
    const ImGuiIO& io = ImGui::GetIO();
    if (text_focus_ || state_.dialog != app::Dialog::none || io.KeyCtrl || io.KeyAlt || io.KeySuper) return;
    if (ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel)) return;
    auto key = [](ImGuiKey k) { return ImGui::IsKeyPressed(k, false); };
    for (int i = 0; i < 4; ++i)
        if (key(static_cast<ImGuiKey>(ImGuiKey_1 + i))) state_.settings.view = static_cast<app::View>(i);
    if (key(ImGuiKey_Slash) && io.KeyShift) state_.dialog = app::Dialog::shortcuts;
    if (key(ImGuiKey_P)) state_.queue(state_.playing() ? app::ActionKind::pause : app::ActionKind::play);
    if (key(ImGuiKey_Comma)) state_.queue(app::ActionKind::step_back);
    if (key(ImGuiKey_Period)) state_.queue(app::ActionKind::step_forward);
    if (key(ImGuiKey_L)) state_.dialog = app::Dialog::course;
    if (key(ImGuiKey_S)) state_.dialog = app::Dialog::scenarios;
    if (key(ImGuiKey_T) || key(ImGuiKey_E)) {
        bool terminal = key(ImGuiKey_T);
        state_.bottom = terminal ? app::BottomTab::terminal : state_.bottom;
        if (terminal)
            state_.settings.layout.bottom_folded = false;
        else
            state_.settings.layout.right_folded = false, state_.inspector = app::InspectorTab::manifest;
        state_.wanted_focus = terminal ? "bottom/terminal/input" : "inspector/manifest/editor";
    }
    const app::LessonView& lesson = ui.model().lesson;
    if (lesson.open() && state_.settings.mode == app::Mode::learn) {
        if (key(ImGuiKey_N) && lesson.step + 1 < lesson.steps) state_.queue(app::ActionKind::lesson_step, lesson.step + 1);
        if (key(ImGuiKey_B) && lesson.step > 0) state_.queue(app::ActionKind::lesson_step, lesson.step - 1);
    }
    if (key(ImGuiKey_Escape) && state_.presenting) state_.presenting = false;
}

// Whoever writes Chinese, or a sign that the first fonts do not have (assets/fonts/subset.py), sees it, whatever language the
// page speaks.
void Interface::note_writing() {
    const ImGuiIO& io = ImGui::GetIO();
    const auto rare = [this](std::string_view text) { return !fonts_.covers(text, Face::text) || !fonts_.covers(text, Face::code); };
    for (ImWchar letter : io.InputQueueCharacters) {
        char typed[5] = {};
        ImTextCharToUtf8(typed, letter);
        writes_rarely_ = writes_rarely_ || rare(typed);
    }
    if (!writes_rarely_ && (io.KeyCtrl || io.KeySuper) && ImGui::IsKeyPressed(ImGuiKey_V, false)) writes_rarely_ = rare(state_.platform().clipboard());
    for (const app::GivenFile& file : state_.files) writes_rarely_ = writes_rarely_ || rare(file.content);
}

bool Interface::terminal_focused() const {
    const Item* terminal = items_.find(terminal_path);
    return text_focus_ && terminal && terminal->id == text_focus_;
}

// Whoever types a command before clicking into the terminal means the terminal, unless the letter is a shortcut. The browser
// gives a letter as a key alone while no text is being edited, so the first one is put in here.
void Interface::take_stray_typing(const Areas& areas) {
    ImGuiIO& io = ImGui::GetIO();
    if (const char first = std::exchange(stray_, '\0'); first && terminal_focused()) {
        if (io.InputQueueCharacters.empty() || io.InputQueueCharacters[0] != static_cast<ImWchar>(first)) io.InputQueueCharacters.insert(io.InputQueueCharacters.begin(), static_cast<ImWchar>(first));
        return;
    }
    // What is clicked in the lesson does not take the keyboard from the terminal: reading and typing go together.
    if (std::exchange(give_back_, false) && !text_focus_ && state_.dialog == app::Dialog::none) state_.wanted_focus = terminal_path;
    const bool in_lesson = state_.settings.mode == app::Mode::learn && !layout_.compact() && areas.left.Contains(io.MousePos);
    give_back_ = in_lesson && ImGui::IsMouseClicked(ImGuiMouseButton_Left) && terminal_focused();
    if (text_focus_ || state_.dialog != app::Dialog::none || io.KeyCtrl || io.KeyAlt || io.KeySuper || io.KeyShift) return;
    if (!areas.bottom_open || state_.bottom != app::BottomTab::terminal) return;
    if (ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel)) return;
    constexpr std::string_view free_letters = "acdfghijkmoqruvwxyz";
    for (char letter : free_letters)
        if (ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_A + (letter - 'a')), false)) {
            stray_ = letter;
            state_.wanted_focus = terminal_path;
            return;
        }
}

// Where the inspector is folded for want of room, it opens for what was chosen: an object, a request, a text to write.
void Interface::reveal_inspector() {
    const app::Inspected& inspected = state_.model.inspected;
    if (layout_.compact() && !state_.address.embed) {
        const bool chosen = !inspected.object.name.empty() || !inspected.component.empty();
        const std::string what = cat(inspected.object.resource, "/", inspected.object.namespace_name, "/", inspected.object.name, "/", inspected.component);
        if (what != revealed_) {
            layout_.show_choice(chosen);
            // There is no room to write here: what it is and how it fares comes before its manifest.
            if (chosen && !inspector_chosen_ && state_.inspector == app::InspectorTab::manifest) state_.inspector = app::InspectorTab::describe;
        }
        revealed_ = what;
        return;
    }
    if (!layout_.narrow()) {
        revealed_.clear();  // a window that becomes narrow keeps in sight what there is to inspect
        return;
    }
    const Dock* pointed = dock_of(std::string_view(state_.model.lesson.highlight).substr(state_.model.lesson.highlight.rfind('/') + 1));
    const bool shown_by_lesson = pointed && *pointed == Dock::inspector;
    const bool writes = state_.wanted_focus.starts_with("inspector/") || state_.model.editing.has_value();
    const bool something = !inspected.object.name.empty() || !inspected.component.empty() || !state_.model.requests.empty() || shown_by_lesson || writes;
    const std::string about = cat(inspected.object.resource, "/", inspected.object.namespace_name, "/", inspected.object.name, "/", inspected.component, "/",
                                  state_.model.requests.size(), "/", writes ? 1 : 0, "/", shown_by_lesson ? state_.model.lesson.highlight : std::string());
    if (something && about != revealed_) layout_.reveal_inspector();
    revealed_ = about;
}

// A lesson's step brings its own view to the front, once.
void Interface::follow_lesson() {
    const app::LessonView& lesson = state_.model.lesson;
    std::string step = lesson.open() ? lesson.slug + "/" + std::to_string(lesson.step) : std::string();
    if (state_.settings.mode != app::Mode::learn) began_ = true;
    if (step == lesson_step_) return;
    lesson_step_ = step;
    // What the address asks for goes before what the step that it begins with would show.
    const bool asked = !std::exchange(began_, true) && state_.address.view;
    if (lesson.canvas.empty() || asked) return;
    for (const Slot& slot : slots_)
        if (slot.entry->dock == Dock::canvas && lesson.canvas == slot.entry->id)
            state_.settings.view = static_cast<app::View>(slot.entry->value);
}

bool Interface::animating() const {
    return animating_ || state_.busy();
}

Ui Interface::make_ui() {
    Ui ui{state_, fonts_, items_, text_focus_, last_key_};
    ui.theme_now = applied_theme_;
    ui.now = state_.platform().now();
    ui.frame_s = ImGui::GetIO().DeltaTime;
    ui.reduced_motion = state_.platform().reduced_motion();
    return ui;
}

bool Interface::drags(Vec at) const {
    bool found = false;
    for (const Item& item : items_.items()) {
        if (!item.visible || !item.box.Contains(at)) continue;
        std::string_view path = item.path;
        // The topmost counts: items come in the order they are drawn.
        if (path.starts_with("panel/"))
            found = path == "panel/cluster" || path == "panel/architecture" || path == "panel/traffic" || path == "panel/dns";
        else if (path.starts_with("layout/divide") || path == "time/scrubber" || path.ends_with("/mini-map"))
            found = true;
    }
    return found;
}

void Interface::press_item(std::string_view path) {
    const Item* item = items_.find(path);
    if (!item) return;
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(item->box.GetCenter().x, item->box.GetCenter().y);
    io.AddMouseButtonEvent(0, true);
    io.AddMouseButtonEvent(0, false);
}

void Interface::prepare_print() {
    Ui ui = make_ui();
    state_.platform().mirror(app::MirrorPart::print, Mirror::lesson_for_print(ui));
}

// Fingers scroll by as much as they move; over a canvas two of them are its wheel and its hand.
void Interface::take_touch() {
    Touch done = std::exchange(touch, Touch());
    state_.touch_pan.reset();
    if (done.pan.x == 0 && done.pan.y == 0 && done.pinch == 1) return;
    ImGuiContext& context = *ImGui::GetCurrentContext();
    ImGuiIO& io = ImGui::GetIO();
    if (drags(io.MousePos)) {
        io.MouseWheel += std::log(done.pinch) / std::log(1.14f);
        io.MouseDelta = done.pan;
        state_.touch_pan = done.pan.x != 0 || done.pan.y != 0 ? std::optional<std::pair<float, float>>({done.pan.x, done.pan.y}) : std::nullopt;
        return;
    }
    for (ImGuiWindow* window = context.HoveredWindow; window; window = window->ParentWindow) {
        if (window->ScrollMax.y <= 0 && window->ScrollMax.x <= 0) continue;
        ImGui::SetScrollY(window, ImClamp(window->Scroll.y - done.pan.y, 0.0f, window->ScrollMax.y));
        ImGui::SetScrollX(window, ImClamp(window->Scroll.x - done.pan.x, 0.0f, window->ScrollMax.x));
        return;
    }
}

// The canvas as it stands, named after what it shows.
void Interface::save_picture(app::Picture picture, const Rect& area, SvgRecorder& recorder) {
    std::string name = "kubewalk-" + std::string(app::view_name(state_.settings.view));
    if (picture == app::Picture::png)
        state_.platform().download_picture(name + ".png", {area.Min.x, area.Min.y, area.GetWidth(), area.GetHeight()});
    else
        state_.platform().download(name + ".svg", "image/svg+xml", recorder.end(area, applied_theme_->background));
}

void Interface::frame() {
    state_.tick();
    Ui ui = make_ui();
    items_.begin_frame();
    // What the menu asks for below is made by the next frame: prepare() has to know, and the menu has to be gone.
    const app::Picture picture = std::exchange(state_.wanted_picture, app::Picture::none);
    take_touch();
    note_writing();

    Vec display = ImGui::GetIO().DisplaySize;
    bool embedded = state_.address.embed;
    reveal_inspector();
    Areas areas = embedded ? layout_.compute_embedded(display) : layout_.compute(state_.settings.layout, display);
    ui.compact = layout_.compact();
    take_stray_typing(areas);
    take_shortcuts(ui);

    follow_lesson();
    if (highlight_ != ui.model().lesson.highlight) {
        highlight_ = ui.model().lesson.highlight;
        highlight_since_ = ui.now;
    }
    if (std::exchange(last_view_, state_.settings.view) != state_.settings.view) follow_view();

    ImGui::SetNextWindowPos(Vec(0, 0));
    ImGui::SetNextWindowSize(display);
    ImGui::Begin("KubeWalk", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse);
    // Under a dialog nothing answers.
    if (!embedded) draw_top_bar(ui, areas.top);
    if (areas.left_open) {
        begin_area(ui, areas.left, "left", ScrollAxis::none);
        draw_dock(ui, Dock::left, static_cast<int>(state_.settings.mode), areas.left);
        end_area(ui);
    }
    SvgRecorder recorder;
    if (picture == app::Picture::svg) recorder.begin();
    draw_canvas(ui, areas.canvas, areas.bottom_open || embedded || layout_.upright());
    if (picture != app::Picture::none) save_picture(picture, areas.canvas, recorder);
    if (areas.bottom_open) draw_bottom(ui, areas.bottom);
    if (areas.right_open) draw_inspector(ui, areas.right);
    draw_time_bar(ui, areas.time);
    // Above the panels, so that the grips at their edges take the mouse first.
    ImGui::SetCursorScreenPos(Vec(0, 0));
    // Nothing of that belongs into a picture of the canvas.
    if (picture == app::Picture::none) {
        if (!embedded) layout_.draw_dividers(ui, state_.settings.layout, areas);
        draw_highlight(ui);
        draw_toast(ui, areas.canvas);
        follow_pointer(ui);
    }
    dialogs_.draw(ui);
    if (state_.wanted_picture != app::Picture::none || picture != app::Picture::none) ui.animating = true;
    ImGui::End();

    if (!(ui.text_input == text_input_)) {
        text_input_ = ui.text_input;
        state_.platform().set_text_input(text_input_);
    }
    mirror_.update(ui);
    if (std::exchange(state_.wants_print, false)) {
        prepare_print();
        state_.platform().print();
    }
    if (state_.language_awaited()) ui.wake_in(0.3);
    animating_ = ui.animating;
    wake_in_s_ = ui.wake_in_s;
}

}  // namespace kubewalk::ui
