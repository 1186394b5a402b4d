#include "web/ui/markdown.h"

#include <md4c.h>

#include <cmath>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

class Builder {
public:
    Document document;

    int enter_block(MD_BLOCKTYPE type, void* detail) {
        switch (type) {
        case MD_BLOCK_UL: lists_.push_back({false, 0}); break;
        case MD_BLOCK_OL: lists_.push_back({true, static_cast<int>(static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start)}); break;
        case MD_BLOCK_LI: open_item(); break;
        case MD_BLOCK_QUOTE: ++quotes_; break;
        case MD_BLOCK_H: open(BlockKind::heading); break;
        case MD_BLOCK_CODE: open(BlockKind::code); break;
        case MD_BLOCK_P:
            // An item's first paragraph is the item itself.
            if (!item_fresh_) open(quotes_ > 0 ? BlockKind::quote : lists_.empty() ? BlockKind::paragraph : BlockKind::item);
            item_fresh_ = false;
            break;
        default: break;
        }
        return 0;
    }

    int leave_block(MD_BLOCKTYPE type) {
        if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) lists_.pop_back();
        if (type == MD_BLOCK_QUOTE) --quotes_;
        if (type == MD_BLOCK_LI) item_fresh_ = false;
        return 0;
    }

    int enter_span(MD_SPANTYPE type, void* detail) {
        if (type == MD_SPAN_STRONG || type == MD_SPAN_EM) ++strong_;
        if (type == MD_SPAN_CODE) ++code_;
        if (type == MD_SPAN_A) {
            const MD_ATTRIBUTE& href = static_cast<MD_SPAN_A_DETAIL*>(detail)->href;
            link_.assign(href.text, href.size);
        }
        return 0;
    }

    int leave_span(MD_SPANTYPE type) {
        if (type == MD_SPAN_STRONG || type == MD_SPAN_EM) --strong_;
        if (type == MD_SPAN_CODE) --code_;
        if (type == MD_SPAN_A) link_.clear();
        return 0;
    }

    int text(MD_TEXTTYPE type, std::string_view piece) {
        if (document.blocks.empty()) open(BlockKind::paragraph);
        Block& block = document.blocks.back();
        if (type == MD_TEXT_BR) {
            block.text.push_back({RunKind::line_break, {}, Face::text, 0, {}});
            return 0;
        }
        if (type == MD_TEXT_SOFTBR) piece = " ";
        if (block.kind == BlockKind::code || code_ > 0) {
            add({block.kind == BlockKind::code ? RunKind::text : RunKind::code, std::string(piece), Face::code, 0, link_});
            return 0;
        }
        for (Run& run : rich_without_code(piece)) {
            run.face = strong_ > 0 ? Face::strong : Face::text;
            run.link = link_;
            add(std::move(run));
        }
        return 0;
    }

private:
    struct List {
        bool ordered;
        int next;
    };

    void open(BlockKind kind) {
        Block block;
        block.kind = kind;
        block.depth = static_cast<int>(lists_.size());
        document.blocks.push_back(std::move(block));
    }

    void open_item() {
        open(BlockKind::item);
        List& list = lists_.back();
        document.blocks.back().marker = list.ordered ? std::to_string(list.next++) + "." : "•";
        item_fresh_ = true;
    }

    // md4c hands words over in pieces; runs of one look become one run.
    void add(Run run) {
        RichText& text = document.blocks.back().text;
        if (!text.empty() && run.kind != RunKind::number && text.back().kind == run.kind && text.back().face == run.face &&
            text.back().link == run.link)
            text.back().text += run.text;
        else
            text.push_back(std::move(run));
    }

    static RichText rich_without_code(std::string_view piece) {
        std::string escaped(piece);
        for (char& c : escaped)
            if (c == '`') c = '\'';
        return rich(escaped);
    }

    std::vector<List> lists_;
    std::string link_;
    int strong_ = 0;
    int code_ = 0;
    int quotes_ = 0;
    bool item_fresh_ = false;
};

Builder& builder(void* data) {
    return *static_cast<Builder*>(data);
}

ParagraphStyle block_style(const Ui& ui, const Block& block, const MarkdownStyle& style) {
    ParagraphStyle paragraph = style.paragraph;
    if (block.kind == BlockKind::heading) {
        paragraph.size *= 1.12f;
        paragraph.color = ui.theme().text;
    }
    if (block.kind == BlockKind::code) {
        paragraph.size = 12.5f;
        paragraph.color = ui.theme().code_text;
    }
    return paragraph;
}

float indent_of(const Block& block) {
    switch (block.kind) {
    case BlockKind::item: return 20.0f * static_cast<float>(ImMax(1, block.depth));
    case BlockKind::quote: return 14;
    case BlockKind::code: return 12;
    default: return 0;
    }
}

float padding_of(const Block& block) {
    return block.kind == BlockKind::code ? 10.0f : 0.0f;
}

// Bold words stand out of dim prose by colour as well as by weight.
RichText coloured(const Ui& ui, const Block& block, const MarkdownStyle& style) {
    RichText text = block.text;
    for (Run& run : text) {
        if (block.kind == BlockKind::heading) run.face = Face::strong;
        if (run.face == Face::strong && run.link.empty()) run.color = style.strong ? style.strong : ui.theme().text;
    }
    return text;
}

float gap_before(const Document& document, std::size_t index, const MarkdownStyle& style) {
    if (index == 0) return 0;
    bool tight = document.blocks[index].kind == BlockKind::item && document.blocks[index - 1].kind == BlockKind::item;
    return tight ? 4 : style.gap;
}

}  // namespace

std::string Document::plain() const {
    std::string out;
    for (const Block& block : blocks) {
        if (!out.empty()) out += "\n\n";
        if (!block.marker.empty()) out += block.marker + " ";
        out += ui::plain(block.text);
    }
    return out;
}

Document parse_markdown(std::string_view text) {
    Builder state;
    MD_PARSER parser{};
    parser.flags = MD_FLAG_NOHTML | MD_FLAG_COLLAPSEWHITESPACE;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* data) { return builder(data).enter_block(type, detail); };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* data) { return builder(data).leave_block(type); };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* data) { return builder(data).enter_span(type, detail); };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* data) { return builder(data).leave_span(type); };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* piece, MD_SIZE size, void* data) {
        return builder(data).text(type, {piece, size});
    };
    md_parse(text.data(), static_cast<MD_SIZE>(text.size()), &parser, &state);
    // A code block ends with a line break that would draw an empty line.
    for (Block& block : state.document.blocks) {
        if (block.kind != BlockKind::code || block.text.empty()) continue;
        std::string& last = block.text.back().text;
        while (!last.empty() && last.back() == '\n') last.pop_back();
        RichText lines = rich(last);
        for (Run& run : lines)
            if (run.kind == RunKind::text) run.face = Face::code;
        block.text = std::move(lines);
    }
    return std::move(state.document);
}

float measure_markdown(const Ui& ui, const Document& document, const MarkdownStyle& style, float width) {
    float height = 0;
    for (std::size_t i = 0; i < document.blocks.size(); ++i) {
        const Block& block = document.blocks[i];
        height += gap_before(document, i, style) + 2 * padding_of(block) +
                  measure_rich(ui, coloured(ui, block, style), block_style(ui, block, style),
                               width - indent_of(block) - padding_of(block));
    }
    return height;
}

float draw_markdown(Ui& ui, Vec at, const Document& document, const MarkdownStyle& style, float width) {
    const Theme& theme = ui.theme();
    float y = at.y;
    for (std::size_t i = 0; i < document.blocks.size(); ++i) {
        const Block& block = document.blocks[i];
        Scope scope(ui, "b" + std::to_string(i));
        y += gap_before(document, i, style);
        ParagraphStyle paragraph = block_style(ui, block, style);
        RichText text = coloured(ui, block, style);
        float indent = indent_of(block);
        float padding = padding_of(block);
        float inner = width - indent - padding;
        if (block.kind == BlockKind::code) {
            float height = measure_rich(ui, text, paragraph, inner) + 2 * padding;
            box_with_line(ui.list(), rect(at.x, y, width, height), theme.well, theme.line, 8);
        }
        float height = draw_rich(ui, Vec(at.x + indent, y + padding), text, paragraph, inner);
        if (block.kind == BlockKind::quote)
            ui.list()->AddRectFilled(Vec(at.x, y), Vec(at.x + 3, y + height), theme.line, 1.5f);
        if (!block.marker.empty())
            draw_text(ui.list(), ui.fonts, Vec(at.x + indent - 16, y), paragraph.line_height,
                      {Face::text, paragraph.size, theme.faint}, block.marker);
        y += height + 2 * padding;
    }
    return y - at.y;
}

const Document& MarkdownCache::get(std::string_view text) {
    if (!filled_ || source_ != text) {
        source_ = std::string(text);
        document_ = parse_markdown(text);
        filled_ = true;
    }
    return document_;
}

}  // namespace kubewalk::ui
