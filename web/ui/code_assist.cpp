#include "web/ui/code_assist.h"

#include <algorithm>
#include <cctype>

#include "web/ui/rich_text.h"
#include "web/ui/text_input.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float row_height = 24;
constexpr int most_rows = 8;
constexpr float text_size = 12.5f;
constexpr float doc_width = 300;
constexpr double rest_s = 0.45;

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '/' || c == '-';
}

// The first sentences of an official text: enough for a card.
std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    std::size_t end = text.rfind(". ", most);
    if (end == std::string_view::npos || end < most / 3) end = text.rfind(' ', most);
    return text.substr(0, end == std::string_view::npos ? most : end + 1);
}

void draw_card(Ui& ui, Rect box) {
    ImDrawList* list = ImGui::GetForegroundDrawList();
    shadow(list, box, 9, ui.theme().shadow, 12);
    box_with_line(list, box, ui.theme().raised, ui.theme().selected_line, 9);
}

}  // namespace

void CodeAssist::ask(const TextBuffer& buffer) {
    asked_at_ = buffer.caret();
    completion_ = complete ? complete(buffer.text(), buffer.caret()) : cluster::Completion{};
    selected_ = first_ = 0;
}

void CodeAssist::accept(TextBuffer& buffer) {
    const cluster::Suggestion chosen = completion_.suggestions[static_cast<std::size_t>(selected_)];
    // "replicas: " in front of a value that stands there already would double the colon.
    std::string insert = chosen.insert;
    const std::string& text = buffer.text();
    if (completion_.end < text.size() && text[completion_.end] == ':') insert = chosen.label;
    buffer.select(completion_.begin, completion_.end);
    buffer.insert(insert);
    close();
    // Behind a new key the values are offered at once.
    if (insert.size() > 2 && insert.ends_with(": ")) ask(buffer);
}

Rect CodeAssist::row_box(int row) const {
    return rect(list_.Min.x + 4, list_.Min.y + 4 + static_cast<float>(row - first_) * row_height, list_.GetWidth() - 8, row_height);
}

bool CodeAssist::take_input(Ui& ui, TextBuffer& buffer) {
    if (!complete) return false;
    if (command_key() && ImGui::IsKeyPressed(ImGuiKey_Space, false)) {
        ask(buffer);
        return true;
    }
    if (!open()) return false;
    int count = static_cast<int>(completion_.suggestions.size());
    Vec mouse = ImGui::GetMousePos();
    if (list_.Contains(mouse)) {
        for (int row = first_; row < std::min(count, first_ + most_rows); ++row)
            if (row_box(row).Contains(mouse)) {
                if (ImGui::GetIO().MouseDelta.x != 0 || ImGui::GetIO().MouseDelta.y != 0) selected_ = row;
                if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
                    selected_ = row;
                    accept(buffer);
                }
            }
        if (ImGui::GetIO().MouseWheel != 0)
            first_ = std::clamp(first_ - static_cast<int>(ImGui::GetIO().MouseWheel * 2), 0, std::max(0, count - most_rows));
        if (ImGui::IsMouseDown(ImGuiMouseButton_Left) || ImGui::IsMouseClicked(ImGuiMouseButton_Left)) return true;
    }
    if (ImGui::IsKeyPressed(ImGuiKey_DownArrow, true)) {
        selected_ = (selected_ + 1) % count;
    } else if (ImGui::IsKeyPressed(ImGuiKey_UpArrow, true)) {
        selected_ = (selected_ + count - 1) % count;
    } else if (ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_Tab, false)) {
        accept(buffer);
    } else if (ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
        close();
    } else {
        return false;
    }
    if (selected_ < first_) first_ = selected_;
    if (selected_ >= first_ + most_rows) first_ = selected_ - most_rows + 1;
    ui.last_key = ui.now;
    return true;
}

void CodeAssist::follow(Ui& ui, const TextBuffer& buffer, std::uint64_t version_before, bool focused) {
    if (!complete) return;
    if (!focused) {
        close();
        return;
    }
    bool edited = buffer.version() != version_before;
    std::size_t caret = buffer.caret();
    if (!edited) {
        if (open() && caret != asked_at_) close();
        return;
    }
    char before = caret > 0 ? buffer.text()[caret - 1] : '\n';
    bool typed_word = caret > asked_at_ || open() ? is_word(before) : is_word(before) && !typed_text().empty();
    bool typed_value = before == ' ' && caret > 1 && buffer.text()[caret - 2] == ':' && !typed_text().empty();
    if (typed_text().empty() && !open()) return;  // pasted, undone, erased
    if ((typed_word || typed_value) && !buffer.has_selection())
        ask(buffer);
    else
        close();
    ui.animating = true;
}

void CodeAssist::draw(Ui& ui, Vec caret, float line_height) {
    if (!open()) return;
    const Theme& theme = ui.theme();
    ImDrawList* list = ImGui::GetForegroundDrawList();
    Vec display = ImGui::GetIO().DisplaySize;
    int count = static_cast<int>(completion_.suggestions.size());
    int rows = std::min(count, most_rows);
    TextStyle name{Face::code, text_size, theme.text}, type{Face::code, 11.5f, theme.dim};
    float width = 180;
    for (const cluster::Suggestion& one : completion_.suggestions)
        width = std::max(width, ui.fonts.width(one.label, name) + ui.fonts.width(one.detail, type) + 52);
    width = std::min(width, 360.0f);
    float height = static_cast<float>(rows) * row_height + 8;
    float y = caret.y + line_height + 3;
    if (y + height > display.y - 8) y = caret.y - height - 3;
    list_ = rect(std::clamp(caret.x - 10, 8.0f, std::max(8.0f, display.x - width - 8)), y, width, height);
    draw_card(ui, list_);
    for (int row = first_; row < first_ + rows; ++row) {
        const cluster::Suggestion& one = completion_.suggestions[static_cast<std::size_t>(row)];
        Rect box = row_box(row);
        ui.items.note("editor/suggestion/" + one.label, one.label, box);
        if (row == selected_) list->AddRectFilled(box.Min, box.Max, theme.selected_row, 6);
        draw_text_in(list, ui.fonts, Rect(box.Min + Vec(8, 0), box.Max - Vec(8, 0)), name, one.label);
        float right = ui.fonts.width(one.detail, type);
        if (one.required) list->AddCircleFilled(Vec(box.Max.x - right - 18, box.GetCenter().y), 2.5f, theme.amber);
        draw_text(list, ui.fonts, Vec(box.Max.x - 8 - right, box.Min.y), row_height, type, one.detail);
    }
    if (count > rows) {
        float track = height - 12, part = track * static_cast<float>(rows) / static_cast<float>(count);
        float top = list_.Min.y + 6 + (track - part) * static_cast<float>(first_) / static_cast<float>(count - rows);
        list->AddRectFilled(Vec(list_.Max.x - 4, top), Vec(list_.Max.x - 2, top + part), theme.selected_line, 1);
    }
    const std::string& text = completion_.suggestions[static_cast<std::size_t>(selected_)].text;
    if (text.empty() || display.x < 900) return;
    // Beside the list, on the side that has room.
    const ParagraphStyle style{12.5f, 18, theme.dim, list};
    const RichText said = words(beginning(text, 420));
    float card = measure_rich(ui, said, style, doc_width - 24) + 20;
    float x = list_.Max.x + doc_width + 12 < display.x ? list_.Max.x + 6 : list_.Min.x - doc_width - 6;
    Rect box = rect(std::max(8.0f, x), std::min(list_.Min.y, display.y - card - 8), doc_width, card);
    draw_card(ui, box);
    draw_rich(ui, box.Min + Vec(12, 10), said, style, doc_width - 24);
}

void CodeAssist::hover(Ui& ui, const TextBuffer& buffer, std::size_t offset, Vec below) {
    if (!explain || open() || offset == std::string_view::npos) {
        hovered_ = std::string_view::npos;
        return;
    }
    // The whole word counts as one place.
    std::size_t begin = offset;
    while (begin > 0 && is_word(buffer.text()[begin - 1])) --begin;
    // The text may move below a mouse that rests while somebody types: only who points at a word asks about it.
    const ImGuiIO& io = ImGui::GetIO();
    const bool moved = io.MouseDelta.x != 0 || io.MouseDelta.y != 0;
    if (begin != hovered_ || (moved && !pointed_)) {
        hovered_ = begin;
        hovered_since_ = ui.now;
        pointed_ = moved;
    }
    if (ui.last_key > hovered_since_) pointed_ = false;
    if (!pointed_) return;
    if (ui.now - hovered_since_ < rest_s) {
        ui.wake_in(rest_s - (ui.now - hovered_since_) + 0.01);
        return;
    }
    if (explained_at_ != begin || explained_version_ != buffer.version()) {
        explained_at_ = begin;
        explained_version_ = buffer.version();
        help_ = explain(buffer.text(), offset);
    }
    if (help_.path.empty()) return;
    const Theme& theme = ui.theme();
    ImDrawList* list = ImGui::GetForegroundDrawList();
    Vec display = ImGui::GetIO().DisplaySize;
    const TextStyle path{Face::code, 12, theme.text}, type{Face::code, 11.5f, theme.dim};
    const ParagraphStyle style{12.5f, 18, theme.dim, list}, values_style{11.5f, 18, theme.teal_text, list};
    std::string kind = "<" + help_.type + ">" + (help_.required ? " " + std::string(ui.t("editor.required")) : std::string());
    std::string values;
    for (const std::string& value : help_.values) values += (values.empty() ? "" : ", ") + value;
    float width = std::min(380.0f, display.x - 16), inner = width - 24;
    const RichText said = words(beginning(help_.text, 600)), may_be = words(beginning(values, 200), Face::code);
    float text_height = said.empty() ? 0 : measure_rich(ui, said, style, inner) + 4;
    float values_height = may_be.empty() ? 0 : measure_rich(ui, may_be, values_style, inner) + 6;
    float height = 20 + 20 + 20 + text_height + values_height;
    float y = below.y + height + 8 > display.y ? below.y - height - 26 : below.y + 4;
    Rect box = rect(std::clamp(below.x, 8.0f, std::max(8.0f, display.x - width - 8)), std::max(8.0f, y), width, height);
    ui.items.note("editor/field-help", help_.path, box);
    draw_card(ui, box);
    Vec pen = box.Min + Vec(12, 10);
    draw_text(list, ui.fonts, pen, 20, path, elide_middle(ui.fonts, help_.path, path, inner));
    draw_text(list, ui.fonts, pen + Vec(0, 20), 18, type, kind);
    pen.y += 42;
    if (!may_be.empty()) pen.y += draw_rich(ui, pen, may_be, values_style, inner) + 6;
    draw_rich(ui, pen, said, style, inner);
}

}  // namespace kubewalk::ui
