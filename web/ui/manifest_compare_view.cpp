#include "web/ui/manifest_compare_view.h"

#include <algorithm>

#include "web/ui/rich_text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float line_height = 20;
constexpr float text_size = 12;
// Lines around a change that are shown with it.
constexpr std::size_t context = 3;

// Why there is nothing to compare; true when it was said.
bool draw_excuse(Ui& ui, const Rect& area, const cluster::ManifestComparison& comparison, bool empty) {
    std::string_view id;
    if (!comparison.refusal.empty())
        id = "compare.refused";
    else if (comparison.object.empty())
        id = "compare.unreadable";
    else if (empty)
        id = "compare.same";
    if (id.empty()) return false;
    float y = area.Min.y + 14, width = area.GetWidth() - 28;
    y += draw_rich(ui, Vec(area.Min.x + 14, y), rich(ui.t(id)), {13, 20, ui.theme().dim}, width) + 8;
    if (!comparison.refusal.empty()) draw_rich(ui, Vec(area.Min.x + 14, y), {{RunKind::text, comparison.refusal, Face::code, 0, {}}}, {12, 19, ui.theme().rose_text}, width);
    return true;
}

// Which lines are near a change.
std::vector<bool> shown_lines(const std::vector<cluster::DiffLine>& lines) {
    std::vector<bool> shown(lines.size(), false);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].sign == ' ') continue;
        std::size_t from = i < context ? 0 : i - context, to = std::min(lines.size(), i + context + 1);
        for (std::size_t k = from; k < to; ++k) shown[k] = true;
    }
    return shown;
}

Color effect_color(const Theme& theme, cluster::FieldEffect effect) {
    switch (effect) {
    case cluster::FieldEffect::set: return theme.green;
    case cluster::FieldEffect::removed: return theme.rose;
    case cluster::FieldEffect::restored: return theme.amber;
    case cluster::FieldEffect::theirs: return theme.faint;
    }
    return theme.faint;
}

constexpr const char* effect_words[] = {"compare.set", "compare.removed", "compare.restored", "compare.theirs"};

}  // namespace

void draw_diff(Ui& ui, const Rect& area, const cluster::ManifestComparison& comparison) {
    const Theme& theme = ui.theme();
    box_with_line(ui.list(), area, theme.well, theme.line, 10);
    bool changed = std::any_of(comparison.lines.begin(), comparison.lines.end(), [](const auto& line) { return line.sign != ' '; });
    if (draw_excuse(ui, area, comparison, !changed)) return;
    begin_area(ui, inset(area, 2), "diff", ScrollAxis::both);
    Vec start = ImGui::GetCursorScreenPos();
    float y = start.y + 8, widest = 0;
    float cell = ui.fonts.cell(text_size);
    std::vector<bool> shown = shown_lines(comparison.lines);
    bool gap = false;
    for (std::size_t i = 0; i < comparison.lines.size(); ++i) {
        const cluster::DiffLine& line = comparison.lines[i];
        if (!shown[i]) {
            gap = true;
            continue;
        }
        if (gap) {
            gap = false;
            draw_text(ui.list(), ui.fonts, Vec(start.x + 12, y), line_height, {Face::code, text_size, theme.faint}, "…");
            y += line_height;
        }
        Color tint = line.sign == '+' ? theme.green_tint : line.sign == '-' ? theme.rose_tint : 0;
        if (tint) ui.list()->AddRectFilled(Vec(start.x, y), Vec(start.x + std::max(area.GetWidth(), ImGui::GetScrollX() + area.GetWidth()), y + line_height), tint);
        Color color = line.sign == '+' ? theme.green : line.sign == '-' ? theme.rose_text : theme.dim;
        draw_text(ui.list(), ui.fonts, Vec(start.x + 12, y), line_height, {Face::code, text_size, color}, std::string(1, line.sign));
        draw_text(ui.list(), ui.fonts, Vec(start.x + 12 + 2 * cell, y), line_height, {Face::code, text_size, line.sign == ' ' ? theme.dim : theme.text}, line.text);
        widest = std::max(widest, static_cast<float>(line.text.size() + 4) * cell);
        y += line_height;
    }
    content_size(Vec(widest + 24, y - start.y + 10));
    end_area(ui);
}

void draw_three_ways(Ui& ui, const Rect& area, const cluster::ManifestComparison& comparison) {
    const Theme& theme = ui.theme();
    box_with_line(ui.list(), area, theme.well, theme.line, 10);
    if (draw_excuse(ui, area, comparison, comparison.fields.empty())) return;
    begin_area(ui, inset(area, 2), "three-ways", ScrollAxis::vertical);
    Vec start = ImGui::GetCursorScreenPos();
    float width = area.GetWidth() - 28, y = start.y + 10;
    TextStyle path{Face::code, text_size, theme.text}, head{Face::text, 11.5f, theme.faint};
    for (const cluster::FieldRow& row : comparison.fields) {
        Vec at(start.x + 12, y);
        bool theirs = row.effect == cluster::FieldEffect::theirs;
        std::string effect(ui.t(effect_words[static_cast<int>(row.effect)]));
        float room = ui.fonts.width(effect, head) + 20;
        path.color = theirs ? theme.dim : theme.text;
        draw_text(ui.list(), ui.fonts, at, line_height, path, elide_middle(ui.fonts, row.path, path, width - room));
        Color color = effect_color(theme, row.effect);
        ui.list()->AddCircleFilled(Vec(at.x + width - room + 8, at.y + 10), 3, color);
        draw_text(ui.list(), ui.fonts, Vec(at.x + width - room + 16, at.y), line_height, {Face::text, 11.5f, theirs ? theme.faint : theme.text}, effect);
        // What was applied, what lives, what the text says.
        float column = std::floor(width / 3);
        const std::pair<const char*, const std::string*> cells[] = {{"compare.applied", &row.applied}, {"compare.live", &row.live}, {"compare.mine", &row.mine}};
        for (int i = 0; i < 3; ++i) {
            float x = at.x + column * static_cast<float>(i);
            draw_text(ui.list(), ui.fonts, Vec(x, at.y + 20), 16, head, ui.t(cells[i].first));
            std::string value = cells[i].second->empty() ? "–" : *cells[i].second;
            TextStyle style{Face::code, text_size, cells[i].second->empty() ? theme.faint : i == 2 && !theirs ? color : theme.text};
            draw_text_in(ui.list(), ui.fonts, rect(x, at.y + 36, column - 10, 18), style, value);
        }
        y += 64;
        ui.list()->AddLine(Vec(at.x, y - 5), Vec(at.x + width, y - 5), theme.line_soft);
    }
    content_size(Vec(1, y - start.y + 8));
    end_area(ui);
}

}  // namespace kubewalk::ui
