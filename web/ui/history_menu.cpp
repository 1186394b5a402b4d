#include "web/ui/history_menu.h"

#include <algorithm>

#include "core/base/text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float row_height = 44, heading = 34;

// What was done first after the histories parted, and when that was.
void draw_row(Ui& ui, const Rect& row, std::string_view title, std::string_view detail, bool current, bool hovered) {
    const Theme& theme = ui.theme();
    if (current || hovered) ui.list()->AddRectFilled(row.Min, row.Max, current ? theme.selected_row : theme.hover, 7);
    const TextStyle style = current ? ui.text(13) : TextStyle{Face::code, 12, theme.text};
    const float room = row.GetWidth() - 44;
    draw_text_in(ui.list(), ui.fonts, rect(row.Min.x + 12, row.Min.y + 4, room, 18), style, elide(ui.fonts, title, style, room));
    draw_text_in(ui.list(), ui.fonts, rect(row.Min.x + 12, row.Min.y + 22, room, 18), {Face::text, 11.5f, theme.dim}, detail);
    if (current) draw_icon(ui.list(), Icon::check, Vec(row.Max.x - 16, row.GetCenter().y), 10, theme.blue_text);
}

}  // namespace

void draw_history_menu(Ui& ui, const Rect& box) {
    const auto& branches = ui.model().branches;
    if (branches.empty()) return;
    const Theme& theme = ui.theme();
    Scope scope(ui, "histories");
    const Press state = press(ui, box, "open", ui.t("time.branches"));
    box_with_line(ui.list(), box, theme.raised, state.hovered ? theme.selected_line : theme.line, 8);
    draw_icon(ui.list(), Icon::branch, Vec(box.Min.x + 17, box.GetCenter().y), 14, theme.text);
    draw_text_in(ui.list(), ui.fonts, Rect(box.Min + Vec(26, 0), box.Max - Vec(6, 0)), ui.text(13), std::to_string(branches.size() + 1), Align::center);
    if (state.hovered) tooltip(ui, ui.t("time.branches"));
    if (state.clicked) {
        ImGui::OpenPopup("list");
        ui.state.toast.clear();  // it told of this button, and would lie over the list
    }

    constexpr std::size_t most_rows = 6;
    const Vec display = ImGui::GetIO().DisplaySize;
    const float width = std::min(380.0f, display.x - 24);
    const float content = heading + row_height * static_cast<float>(branches.size() + 1) + 12;
    const float height = heading + row_height * static_cast<float>(std::min(branches.size() + 1, most_rows)) + 12;
    ImGui::SetNextWindowPos(Vec(std::min(box.Min.x, display.x - width - 12), box.Min.y - height - 8));
    ImGui::SetNextWindowSize(Vec(width, height));
    if (!ImGui::BeginPopup("list", ImGuiWindowFlags_NoMove)) return;
    Vec at = ImGui::GetCursorScreenPos() + Vec(6, 6);
    const float inner = width - (content > height ? 24.0f : 12.0f);
    draw_text(ui.list(), ui.fonts, at + Vec(12, 0), 24, {Face::strong, 12, theme.dim}, ui.t("time.branches"));
    at.y += heading - 6;
    draw_row(ui, rect(at.x, at.y, inner, row_height), ui.t("time.branch.current"), to_clock(ui.model().now), true, false);
    // The one that was left last comes first.
    for (auto branch = branches.rbegin(); branch != branches.rend(); ++branch) {
        at.y += row_height;
        const Rect row = rect(at.x, at.y, inner, row_height);
        const std::string title = branch->first.empty() ? std::string(ui.t("time.branch.nothing")) : branch->first;
        const std::string detail = ui.state.words.format("time.branch.span", {to_clock(branch->parted_at), to_clock(branch->known_until)});
        const Press over = press(ui, row, std::to_string(branch->id), cat(title, ", ", detail), 7);
        draw_row(ui, row, title, detail, false, over.hovered);
        if (!over.clicked) continue;
        ui.state.queue(app::ActionKind::return_to, static_cast<double>(branch->id));
        ImGui::CloseCurrentPopup();
    }
    content_size(Vec(1, content - 2));
    ImGui::EndPopup();
}

}  // namespace kubewalk::ui
