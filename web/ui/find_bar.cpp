#include "web/ui/find_bar.h"

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
    bool replace = editor.wants_replace();
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
    FieldEvent event = find_.draw(ui, Rect(area.Min.x + 15, y, area.Max.x - 168, y + 30), "find-text", ui.t("editor.find"), options);
    editor.find(find_.buffer.text());
    if (event == FieldEvent::changed) editor.find_next(Toward::forward);
    if (event == FieldEvent::submitted) editor.find_next(ImGui::GetIO().KeyShift ? Toward::back : Toward::forward);
    std::string count = ui.state.words.format("editor.matches", {std::to_string(editor.match_number()), std::to_string(editor.matches())});
    draw_text_in(ui.list(), ui.fonts, Rect(area.Max.x - 162, y, area.Max.x - 84, y + 30), ui.dim(12), count);
    ButtonOptions quiet;
    quiet.kind = ButtonKind::quiet;
    quiet.size = 11;
    quiet.selected = replacing_;
    if (icon_button(ui, rect(area.Max.x - 80, y, 30, 30), "replace-mode", Icon::chevron_down, ui.t("editor.replace"), quiet)) replacing_ = !replacing_;
    quiet.selected = false;
    if (icon_button(ui, rect(area.Max.x - 46, y, 30, 30), "close-find", Icon::cross, ui.t("editor.find"), quiet)) open_ = false;
    y += 38;
    return replacing_ ? draw_replace(ui, editor, area, y) : y;
}

}  // namespace kubewalk::ui
