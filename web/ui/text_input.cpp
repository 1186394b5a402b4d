#include "web/ui/text_input.h"

#include <cmath>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

TextFocus text_focus(Ui& ui, const Rect& box, std::string_view id, std::string_view label, float rounding) {
    TextFocus focus;
    focus.id = ImGui::GetCurrentWindow()->GetID(id.data(), id.data() + id.size());
    ui.items.announce(focus.id, id, label);
    if (!ImGui::ItemAdd(box, focus.id)) return focus;
    bool hovered = false, held = false;
    bool activated = ImGui::ButtonBehavior(box, focus.id, &hovered, &held);
    ImGuiContext& context = *ImGui::GetCurrentContext();
    if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_TextInput);
    focus.hovered = hovered;
    focus.pressed = hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
    focus.dragging = held;
    // A shortcut leads here.
    if (!ui.state.wanted_focus.empty() && ui.items.path_of(focus.id) == ui.state.wanted_focus) {
        ui.state.wanted_focus.clear();
        ui.text_focus = focus.id;
        focus.gained = true;
    }
    bool by_keyboard = activated && context.NavId == focus.id && context.NavInputSource == ImGuiInputSource_Keyboard;
    if ((focus.pressed || by_keyboard) && ui.text_focus != focus.id) {
        ui.text_focus = focus.id;
        focus.gained = true;
    }
    bool elsewhere = ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !hovered;
    if (ui.text_focus == focus.id && (elsewhere || ImGui::IsKeyPressed(ImGuiKey_Escape))) ui.text_focus = 0;
    focus.focused = ui.text_focus == focus.id;
    if (!focus.focused && context.NavId == focus.id && context.NavCursorVisible) focus_ring(ui, box, rounding);
    return focus;
}

void take_text_focus(Ui& ui, ImGuiID id) {
    ui.text_focus = id;
}

void drop_text_focus(Ui& ui) {
    ui.text_focus = 0;
}

void place_caret(Ui& ui, Vec at, float line_height) {
    ui.text_input = {true, at.x, at.y, line_height};
    ImGuiPlatformImeData& ime = ImGui::GetCurrentContext()->PlatformImeData;
    ime.WantVisible = true;
    ime.WantTextInput = true;
    ime.InputPos = at;
    ime.InputLineHeight = line_height;
    ime.ViewportId = ImGui::GetMainViewport()->ID;
    ImGui::GetCurrentContext()->WantTextInputNextFrame = 1;
}

bool caret_visible(Ui& ui) {
    // After a while without typing it stays on: a page nobody touches draws nothing.
    constexpr double half_s = 0.53, rest_s = 12;
    double since = ui.now - ui.last_key;
    if (ui.reduced_motion || since > rest_s) return true;
    ui.wake_in(half_s - std::fmod(since, half_s) + 0.005);
    return std::fmod(since, 2 * half_s) < half_s;
}

bool command_key() {
    return ImGui::GetIO().KeyCtrl;  // Dear ImGui swaps the two on a Mac
}

std::string typed_text() {
    std::string out;
    const ImGuiIO& io = ImGui::GetIO();
    for (ImWchar c : io.InputQueueCharacters) {
        if (c < 32 || c == 127) continue;
        char piece[5];
        int length = ImTextCharToUtf8(piece, c);
        out.append(piece, static_cast<std::size_t>(length));
    }
    return out;
}

namespace {

bool pressed(ImGuiKey key) {
    return ImGui::IsKeyPressed(key, true);
}

bool move_keys(TextBuffer& buffer, Lines lines) {
    const ImGuiIO& io = ImGui::GetIO();
    Selecting selecting = io.KeyShift ? Selecting::yes : Selecting::no;
    bool word = command_key() || io.KeyAlt;
    struct Move {
        ImGuiKey key;
        Unit plain;
        Unit with_word;
        Toward toward;
    };
    constexpr Move moves[] = {
        {ImGuiKey_LeftArrow, Unit::character, Unit::word, Toward::back},
        {ImGuiKey_RightArrow, Unit::character, Unit::word, Toward::forward},
        {ImGuiKey_Home, Unit::line_edge, Unit::document, Toward::back},
        {ImGuiKey_End, Unit::line_edge, Unit::document, Toward::forward},
    };
    for (const Move& move : moves) {
        if (!pressed(move.key)) continue;
        buffer.move(word ? move.with_word : move.plain, move.toward, selecting);
        return true;
    }
    if (lines == Lines::one) return false;
    constexpr int page = 16;
    if (pressed(ImGuiKey_UpArrow)) return buffer.move_lines(-1, selecting), true;
    if (pressed(ImGuiKey_DownArrow)) return buffer.move_lines(1, selecting), true;
    if (pressed(ImGuiKey_PageUp)) return buffer.move_lines(-page, selecting), true;
    if (pressed(ImGuiKey_PageDown)) return buffer.move_lines(page, selecting), true;
    return false;
}

std::string one_line(std::string text) {
    for (char& c : text)
        if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    return text;
}

bool clipboard_keys(Ui& ui, TextBuffer& buffer, Lines lines) {
    app::Platform& platform = ui.state.platform();
    if (!command_key()) return false;
    if (pressed(ImGuiKey_A)) return buffer.select_all(), true;
    if (pressed(ImGuiKey_Z)) return ImGui::GetIO().KeyShift ? buffer.redo() : buffer.undo();
    if (pressed(ImGuiKey_Y)) return buffer.redo();
    if (pressed(ImGuiKey_C) && buffer.has_selection()) {
        platform.set_clipboard(buffer.selected());
        return true;
    }
    if (pressed(ImGuiKey_X) && buffer.has_selection()) {
        platform.set_clipboard(buffer.selected());
        buffer.erase(Unit::character, Toward::back);
        return true;
    }
    if (pressed(ImGuiKey_V)) {
        std::string text = platform.clipboard();
        if (text.empty()) return false;
        buffer.insert(lines == Lines::one ? one_line(std::move(text)) : text);
        return true;
    }
    return false;
}

}  // namespace

bool edit_by_keys(Ui& ui, TextBuffer& buffer, Lines lines) {
    const ImGuiIO& io = ImGui::GetIO();
    bool done = move_keys(buffer, lines) || clipboard_keys(ui, buffer, lines);
    Unit unit = command_key() || io.KeyAlt ? Unit::word : Unit::character;
    if (pressed(ImGuiKey_Backspace)) {
        buffer.erase(unit, Toward::back);
        done = true;
    }
    if (pressed(ImGuiKey_Delete)) {
        buffer.erase(unit, Toward::forward);
        done = true;
    }
    std::string text = io.KeyCtrl && !io.KeyAlt ? std::string() : typed_text();
    if (!text.empty()) {
        buffer.insert(text);
        done = true;
    }
    if (done) ui.last_key = ui.now;
    return done;
}

std::size_t TextField::offset_at(const Ui& ui, const TextStyle& style, float x) const {
    std::string_view text = buffer.text();
    std::size_t at = 0;
    float used = 0;
    while (at < text.size()) {
        std::size_t length = character_length(text.substr(at));
        float advance = ui.fonts.width(text.substr(at, length), style);
        if (used + advance * 0.5f > x) break;
        used += advance;
        at += length;
    }
    return at;
}

FieldEvent TextField::draw(Ui& ui, const Rect& box, std::string_view id, std::string_view label, const FieldOptions& options) {
    const Theme& theme = ui.theme();
    TextFocus focus = text_focus(ui, box, id, label, 8);
    if (wants_focus_ && focus.id) {
        take_text_focus(ui, focus.id);
        focus.focused = focus.gained = true;
        wants_focus_ = false;
    }
    if (focus.gained && !focus.pressed) buffer.select_all();
    focused_ = focus.focused;
    TextStyle style{options.face, options.size, theme.text};
    Rect inner(box.Min + Vec(11, 0), box.Max - Vec(11, 0));

    if (focus.pressed || focus.dragging) {
        std::size_t at = offset_at(ui, style, ImGui::GetMousePos().x - inner.Min.x + scroll_);
        if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left))
            buffer.select_word_at(at);
        else if (focus.pressed || ImGui::IsMouseDragging(ImGuiMouseButton_Left, 2))
            buffer.move_to(at, focus.pressed ? Selecting::no : Selecting::yes);
    }
    FieldEvent event = FieldEvent::none;
    if (focus.focused) {
        std::uint64_t before = buffer.version();
        edit_by_keys(ui, buffer, Lines::one);
        if (buffer.version() != before) event = FieldEvent::changed;
        if (ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false))
            event = FieldEvent::submitted;
        if (ImGui::IsKeyPressed(ImGuiKey_Tab, false)) drop_text_focus(ui);
    }

    Color line = options.error ? theme.rose : focus.focused ? theme.blue : focus.hovered ? theme.selected_line : theme.line;
    box_with_line(ui.list(), box, theme.well, line, 8, focus.focused ? 1.5f : 1);
    std::string_view text = buffer.text();
    float caret_x = ui.fonts.width(text.substr(0, buffer.caret()), style);
    scroll_ = ImClamp(scroll_, caret_x - inner.GetWidth() + 2, caret_x);
    // No further than the text goes; its beginning is what says most of it to somebody who only looks.
    scroll_ = focus.focused ? ImClamp(scroll_, 0.0f, ImMax(0.0f, ui.fonts.width(text, style) - inner.GetWidth() + 2)) : 0.0f;
    ui.list()->PushClipRect(inner.Min - Vec(1, 0), inner.Max + Vec(1, 0), true);
    if (text.empty() && !focus.focused)
        draw_text(ui.list(), ui.fonts, inner.Min, inner.GetHeight(), {options.face, options.size, theme.faint}, options.placeholder);
    if (buffer.has_selection() && focus.focused) {
        auto [from, to] = buffer.selection();
        float left = inner.Min.x - scroll_ + ui.fonts.width(text.substr(0, from), style);
        float right = inner.Min.x - scroll_ + ui.fonts.width(text.substr(0, to), style);
        ui.list()->AddRectFilled(Vec(left, box.Min.y + 5), Vec(right, box.Max.y - 5), theme.select_text, 3);
    }
    draw_text(ui.list(), ui.fonts, inner.Min - Vec(scroll_, 0), inner.GetHeight(), style, text);
    if (focus.focused) {
        Vec caret(std::round(inner.Min.x - scroll_ + caret_x), box.GetCenter().y - options.size * 0.65f);
        if (caret_visible(ui)) ui.list()->AddRectFilled(caret, caret + Vec(1.5f, options.size * 1.3f), theme.blue);
        place_caret(ui, caret, options.size * 1.3f);
    }
    ui.list()->PopClipRect();
    return event;
}

}  // namespace kubewalk::ui
