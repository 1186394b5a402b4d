#include "web/ui/dropdown.h"

#include <algorithm>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float choice_height = 30;
constexpr float most_rows = 11;

}  // namespace

int dropdown(Ui& ui, const Rect& box, std::string_view id, std::string_view label, std::string_view shown,
             std::span<const DropdownItem> items, int selected, Face face) {
    const Theme& theme = ui.theme();
    Scope scope(ui, id);
    Press state = press(ui, box, "open", label);
    box_with_line(ui.list(), box, theme.raised, state.hovered ? theme.selected_line : theme.line, 8);
    TextStyle style{face, face == Face::code ? 12.0f : 13.0f, theme.text};
    // Where there is no room for a word, the sign alone says that there is more.
    const bool narrow = shown.empty() || box.GetWidth() < 48;
    if (!narrow) draw_text_in(ui.list(), ui.fonts, Rect(box.Min + Vec(11, 0), box.Max - Vec(24, 0)), style, shown);
    draw_icon(ui.list(), Icon::chevron_down, Vec(narrow ? box.GetCenter().x : box.Max.x - 14, box.GetCenter().y), 9, theme.dim);
    if (state.clicked) ImGui::OpenPopup("list");

    int chosen = -1;
    float width = box.GetWidth();
    const float bar = static_cast<float>(items.size()) > most_rows ? 10 : 0;
    for (const DropdownItem& item : items) width = std::max(width, ui.fonts.width(item.label, style) + 52 + bar);
    width = std::min(width, ImGui::GetIO().DisplaySize.x - 24);
    float height = std::min(static_cast<float>(items.size()), most_rows) * choice_height + 12;
    bool above = box.Max.y + height + 8 > ImGui::GetIO().DisplaySize.y;
    const float left = std::max(12.0f, std::min(box.Min.x, ImGui::GetIO().DisplaySize.x - 12 - width));
    ImGui::SetNextWindowPos(Vec(left, above ? box.Min.y - height - 4 : box.Max.y + 4));
    ImGui::SetNextWindowSize(Vec(width, height));
    if (!ImGui::BeginPopup("list", ImGuiWindowFlags_NoMove)) return -1;
    Vec at = ImGui::GetCursorScreenPos() + Vec(6, 6);
    float inner = width - 12 - bar;
    for (std::size_t i = 0; i < items.size(); ++i) {
        Rect row = rect(at.x, at.y + static_cast<float>(i) * choice_height, inner, choice_height);
        Press over = press(ui, row, items[i].id, items[i].label, 6);
        bool current = static_cast<int>(i) == selected;
        if (current || over.hovered) ui.list()->AddRectFilled(row.Min, row.Max, current ? theme.selected_row : theme.hover, 6);
        draw_text_in(ui.list(), ui.fonts, Rect(row.Min + Vec(10, 0), row.Max - Vec(26, 0)), style, items[i].label);
        if (current) draw_icon(ui.list(), Icon::check, Vec(row.Max.x - 14, row.GetCenter().y), 10, theme.blue_text);
        if (over.clicked) {
            chosen = static_cast<int>(i);
            ImGui::CloseCurrentPopup();
        }
    }
    content_size(Vec(1, static_cast<float>(items.size()) * choice_height + 11));
    ImGui::EndPopup();
    return chosen;
}

}  // namespace kubewalk::ui
