#include "web/ui/simplification_sign.h"

#include <algorithm>

#include "web/ui/rich_text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float card_width = 400;
constexpr ParagraphStyle body{13, 20, 0};

std::vector<const app::Simplification*> entries(const Ui& ui, std::string_view panel) {
    std::vector<const app::Simplification*> out;
    for (const app::Simplification& one : ui.state.simplifications)
        if (panel.empty() || one.belongs_to(panel)) out.push_back(&one);
    return out;
}

// Two waves: "about".
void draw_about(ImDrawList* list, Vec center, float size, Color color) {
    for (float row : {-0.2f, 0.2f}) {
        Vec left = center + Vec(-0.42f * size, row * size);
        Vec right = center + Vec(0.42f * size, row * size);
        list->AddBezierCubic(left, center + Vec(-0.14f * size, (row - 0.42f) * size), center + Vec(0.14f * size, (row + 0.42f) * size),
                             right, color, 1.6f);
    }
}

float draw_entry(Ui& ui, Vec at, float width, const app::Simplification& one) {
    const Theme& theme = ui.theme();
    draw_about(ui.list(), at + Vec(7, 10), 12, theme.amber);
    ParagraphStyle style = body;
    style.color = theme.text;
    float height = draw_rich(ui, at + Vec(24, 0), rich(one.words(ui.state.words.language())), style, width - 24);
    TextStyle source{Face::code, 11, theme.faint};
    draw_text_in(ui.list(), ui.fonts, rect(at.x + 24, at.y + height + 1, width - 24, 16), source,
                 elide(ui.fonts, one.upstream, source, width - 24));
    return height + 28;
}

float measure_entry(Ui& ui, float width, const app::Simplification& one) {
    return measure_rich(ui, rich(one.words(ui.state.words.language())), body, width - 24) + 28;
}

}  // namespace

bool draw_simplification_sign(Ui& ui, const Rect& box, std::string_view panel) {
    auto shown = entries(ui, panel);
    if (shown.empty()) return false;
    const Theme& theme = ui.theme();
    Scope scope(ui, "simplified");
    Press state = press(ui, box, "open", ui.t("simplified.sign"));
    box_with_line(ui.list(), box, theme.raised, state.hovered ? theme.selected_line : theme.line, 8);
    draw_about(ui.list(), box.GetCenter(), 14, state.hovered ? theme.amber : theme.dim);
    tooltip(ui, ui.t("simplified.sign"));
    if (state.clicked) ImGui::OpenPopup("card");

    Vec display = ImGui::GetIO().DisplaySize;
    float width = std::min(card_width, display.x - 24);
    float inner = width - 44;
    float content = 44;
    for (const auto* one : shown) content += measure_entry(ui, inner, *one);
    float height = std::min(content + 12, std::min(display.y - 40, 520.0f));
    bool above = box.Max.y + height + 8 > display.y;
    Vec at(std::clamp(box.Max.x - width, 12.0f, display.x - width - 12), above ? box.Min.y - height - 6 : box.Max.y + 6);
    ImGui::SetNextWindowPos(Vec(at.x, std::max(at.y, 12.0f)));
    ImGui::SetNextWindowSize(Vec(width, height));
    if (!ImGui::BeginPopup("card", ImGuiWindowFlags_NoMove)) return true;
    Vec pen = ImGui::GetCursorScreenPos() + Vec(16, 14);
    draw_text(ui.list(), ui.fonts, pen, 20, ui.strong(14), ui.t(panel.empty() ? "simplified.all" : "simplified.here"));
    pen.y += 32;
    for (const auto* one : shown) pen.y += draw_entry(ui, pen, inner, *one);
    content_size(Vec(1, content));
    ImGui::EndPopup();
    return true;
}

}  // namespace kubewalk::ui
