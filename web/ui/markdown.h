#pragma once
// Markdown (md4c) as blocks of rich text: paragraphs, headings, lists, quotes, code blocks, links, bold,
// inline code, circled numbers. Lessons are written in it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/rich_text.h"

namespace kubewalk::ui {

enum class BlockKind : unsigned char { paragraph, heading, item, quote, code };

struct Block {
    BlockKind kind = BlockKind::paragraph;
    RichText text;
    int depth = 0;       // nesting of list items
    std::string marker;  // "•", "1."
};

struct Document {
    std::vector<Block> blocks;
    std::string plain() const;
};

Document parse_markdown(std::string_view text);

struct MarkdownStyle {
    ParagraphStyle paragraph;
    Color strong = 0;   // bold words; 0: the theme's text colour
    float gap = 12;     // between blocks
};

float measure_markdown(const Ui& ui, const Document& document, const MarkdownStyle& style, float width);
// Draws at `top_left`; returns the height.
float draw_markdown(Ui& ui, Vec top_left, const Document& document, const MarkdownStyle& style, float width);

// Parses once per text. Panels keep one for each piece of prose they show.
class MarkdownCache {
public:
    const Document& get(std::string_view text);

private:
    std::string source_;
    Document document_;
    bool filled_ = false;
};

}  // namespace kubewalk::ui
