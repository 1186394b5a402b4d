#include "web/ui/code_lines.h"

#include <algorithm>

#include "core/base/text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float text_size = 12;
constexpr float line_height = 19;

}  // namespace

void CodeLines::set(const std::string& text, std::string_view keep) {
    if (text == text_ && keep == keep_) return;
    text_ = text;
    keep_ = std::string(keep);
    lines_.clear();
    longest_ = 0;
    std::string wanted = to_lower(keep_);
    for (std::string_view line : split(text_, '\n')) {
        if (!wanted.empty() && to_lower(line).find(wanted) == std::string::npos) continue;
        lines_.push_back(line);
        longest_ = std::max(longest_, line.size());
    }
}

void CodeLines::draw(Ui& ui, const Rect& area, std::string_view id, Paint paint) {
    const Theme& theme = ui.theme();
    box_with_line(ui.list(), area, theme.well, theme.line, 10);
    begin_area(ui, inset(area, 2), id, ScrollAxis::both);
    Vec origin = ImGui::GetCursorScreenPos() + Vec(10, 10);
    float cell = ui.fonts.cell(text_size);
    auto first = static_cast<std::size_t>(std::max(0.0f, (area.Min.y - origin.y) / line_height));
    auto last = std::min(lines_.size(), first + static_cast<std::size_t>(area.GetHeight() / line_height) + 2);
    std::vector<CodeSpan> spans;
    for (std::size_t i = first; i < last; ++i) {
        spans.clear();
        if (paint) paint(theme, lines_[i], spans);
        std::size_t at = 0;
        float y = origin.y + static_cast<float>(i) * line_height;
        auto piece = [&](std::size_t end, Color color) {
            if (end <= at) return;
            draw_text(ui.list(), ui.fonts, Vec(origin.x + static_cast<float>(at) * cell, y), line_height, {Face::code, text_size, color},
                      lines_[i].substr(at, end - at));
            at = end;
        };
        for (const CodeSpan& span : spans) {
            piece(span.begin, theme.text);
            piece(span.end, span.color);
        }
        piece(lines_[i].size(), theme.text);
    }
    content_size(Vec(static_cast<float>(longest_) * cell + 24, static_cast<float>(lines_.size()) * line_height + 20));
    end_area(ui);
}

}  // namespace kubewalk::ui
