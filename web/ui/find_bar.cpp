#include "web/ui/find_bar.h"

#include <utility>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

void FindBar::toggle() {
    open_ = !open_;
    if (open_) find_.focus_next_frame();
}

float FindBar::draw_replace(Ui& ui, CodeEditor& editor, const Rect& area, float y) {
    FieldOptions options;
    options.placeholder = ui.t("editor.replace_with");
    options.face = Face::code;
    options.size = 12;
    std::string one(ui.t("editor.replace")), all(ui.t("editor.replace_all"));
    float one_width = button_width(ui, one, 12, 10), all_width = button_width(ui, all, 12, 10);
    float right = area.Max.x - 16;
    FieldEvent event = replace_.draw(ui, Rect(area.Min.x + 15, y, right - one_width - all_width - 14, y + 30), "replace-text", ui.t("editor.replace_with"), options);
    ButtonOptions small;
    small.size = 12;
    small.enabled = editor.matches() > 0;
    bool next = button(ui, rect(right - one_width - all_width - 6, y + 1, one_width, 28), "replace-next", one, small);
    if ((next || event == FieldEvent::submitted) && small.enabled) editor.replace_next(replace_.buffer.text());
    if (button(ui, rect(right - all_width, y + 1, all_width, 28), "replace-all", all, small) && small.enabled) {
        std::size_t count = editor.replace_all(replace_.buffer.text());
        ui.state.notify(ui.state.words.format("editor.replaced", {std::to_string(count)}));
    }
    return y + 38;
}

float FindBar::draw(Ui& ui, CodeEditor& editor, const Rect& area, float y) {
    const bool inside = open_ && (find_.focused() || replace_.focused());
    bool replace = editor.wants_replace() || (inside && command_key() && ImGui::IsKeyPressed(ImGuiKey_H, false));
    // Out of the bar, and back to the text.
    if (std::exchange(back_, false)) ui.state.wanted_focus = "inspector/manifest/editor";
    if (inside && ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
        open_ = false;
        back_ = true;  // in the next frame: Escape takes the keyboard from whatever has it in this one
        ui.animating = true;
    }
    if (editor.wants_find() || replace) {
        open_ = true;
        replacing_ = replacing_ || replace;
        find_.focus_next_frame();
        if (std::string_view selected = editor.buffer.selected(); !selected.empty() && selected.find('\n') == std::string_view::npos)
            find_.buffer.reset(std::string(selected));
    }
    if (!open_) {
        editor.find({});
        return y;
    }
    FieldOptions options;
    options.placeholder = ui.t("editor.find");
    options.face = Face::code;
    options.size = 12;
    constexpr float tool = 30, tools = 4 * tool;
    const float right = area.Max.x - 16, end = right - tools - 4;
    FieldEvent event = find_.draw(ui, Rect(area.Min.x + 15, y, end, y + 30), "find-text", ui.t("editor.find"), options);
    editor.find(find_.buffer.text());
    if (event == FieldEvent::changed) editor.find_next(Toward::forward);
    if (event == FieldEvent::submitted) editor.find_next(ImGui::GetIO().KeyShift ? Toward::back : Toward::forward);
    if (!find_.buffer.text().empty()) {
        std::string count = ui.state.words.format("editor.matches", {std::to_string(editor.match_number()), std::to_string(editor.matches())});
        const float width = ui.fonts.width(count, ui.dim(11.5f));
        const bool room = area.Min.x + 30 + ui.fonts.width(find_.buffer.text(), {Face::code, options.size, 0}) + width + 20 < end;
        if (room) draw_text(ui.list(), ui.fonts, Vec(end - 10 - width, y), 30, ui.dim(11.5f), count);
    }
    float x = end + 4;
    auto take = [&] {
        x += tool;
        return rect(x - tool, y, tool - 1, 30);
    };
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 11;
    quiet.enabled = editor.matches() > 0;
    if (icon_button(ui, take(), "find-previous", Icon::chevron_up, ui.t("editor.find_previous"), quiet)) editor.find_next(Toward::back);
    if (icon_button(ui, take(), "find-next", Icon::chevron_down, ui.t("editor.find_next"), quiet)) editor.find_next(Toward::forward);
    quiet.enabled = true;
    quiet.selected = replacing_;
    quiet.size = 14;
    if (icon_button(ui, take(), "replace-mode", Icon::replace, ui.t("editor.replace"), quiet)) replacing_ = !replacing_;
    quiet.selected = false;
    quiet.size = 11;
    if (icon_button(ui, take(), "close-find", Icon::cross, ui.t("editor.close"), quiet)) open_ = false;
    y += 38;
    return replacing_ ? draw_replace(ui, editor, area, y) : y;
}

}  // namespace kubewalk::ui
