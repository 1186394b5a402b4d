#pragma once
// Paragraphs of mixed faces: words, inline code on a tint, links, circled numbers; wrapped as CSS would
// wrap them, Chinese text included.

#include <string>
#include <string_view>
#include <vector>

#include "web/ui/ui.h"

namespace kubewalk::ui {

enum class RunKind : unsigned char { text, code, number, line_break };

struct Run {
    RunKind kind = RunKind::text;
    std::string text;  // a number's digits for RunKind::number
    Face face = Face::text;
    Color color = 0;   // 0: the paragraph's
    std::string link;  // where a click goes, "" for none
};

using RichText = std::vector<Run>;

struct ParagraphStyle {
    float size = 13.5f;
    float line_height = 20;
    Color color = 0;
    ImDrawList* list = nullptr;  // where it is drawn: null for the window, else what lies above all windows
};

// Height of the text wrapped at `width`.
float measure_rich(const Ui& ui, const RichText& text, const ParagraphStyle& style, float width);
// The lines themselves, without mark-up: what tests look at.
std::vector<std::string> lines_of(const Ui& ui, const RichText& text, const ParagraphStyle& style, float width);
// Draws at `top_left`; returns the height. Links become items of the current scope.
float draw_rich(Ui& ui, Vec top_left, const RichText& text, const ParagraphStyle& style, float width);

// Plain text with `code` spans and ①…⑳ circled numbers as their own runs.
RichText rich(std::string_view text);
// Text without mark-up of any kind, in one face.
RichText words(std::string_view text, Face face = Face::text);
// The same without any mark-up, for labels and the page's twin.
std::string plain(const RichText& text);

}  // namespace kubewalk::ui
