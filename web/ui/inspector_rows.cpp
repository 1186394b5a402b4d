#include "web/ui/inspector_rows.h"

#include "web/ui/rich_text.h"

namespace kubewalk::ui {

float draw_heading(Ui& ui, Vec at, float width, std::string_view text) {
    draw_text_in(ui.list(), ui.fonts, rect(at.x, at.y, width, 22), {Face::strong, 12, ui.theme().dim}, text);
    return 28;
}

float draw_remark(Ui& ui, Vec at, float width, std::string_view text) {
    return draw_rich(ui, at, rich(text), {13, 20, ui.theme().dim}, width);
}

float draw_tag(Ui& ui, Vec at, float height, std::string_view text, Color color, Color tint) {
    TextStyle style{Face::text, 11, color};
    float width = ui.fonts.width(text, style) + 14;
    Rect box = rect(at.x, at.y, width, height);
    box_with_line(ui.list(), box, tint, with_alpha(color, 0.45f), 5);
    draw_text_in(ui.list(), ui.fonts, box, style, text, Align::center);
    return width;
}

void select_object(Ui& ui, const sim::ObjectRef& object) {
    app::Action action;
    action.kind = app::ActionKind::select_object;
    action.object = object;
    ui.state.queue(std::move(action));
}

void seek_to(Ui& ui, Time at) {
    ui.state.queue(app::ActionKind::seek, static_cast<double>(at.ns) / 1e9);
}

}  // namespace kubewalk::ui
