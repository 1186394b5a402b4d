#include "web/ui/rich_text.h"

#include <algorithm>
#include <cmath>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float code_ratio = 12.5f / 13.5f;
constexpr float code_padding = 6;

// A piece that is never broken: a word with the blanks before it, one Chinese character, a number.
struct Piece {
    const Run* run = nullptr;
    std::string_view text;
    float x = 0;
    float width = 0;
    int line = 0;
    bool space_before = false;
    bool first_of_run = false;
    bool last_of_run = false;
};

TextStyle style_of(const Ui& ui, const Run& run, const ParagraphStyle& paragraph) {
    const Theme& theme = ui.theme();
    if (run.kind == RunKind::code)
        return {Face::code, paragraph.size * code_ratio, run.color ? run.color : theme.code_text};
    Color color = run.color ? run.color : paragraph.color ? paragraph.color : theme.text;
    if (!run.link.empty() && !run.color) color = theme.blue_text;
    return {run.face, paragraph.size, color};
}

// Punctuation that may not begin a line in Chinese.
bool closes(unsigned c) {
    switch (c) {
    case 0x3001: case 0x3002: case 0xff0c: case 0xff1a: case 0xff1b: case 0xff01: case 0xff1f:
    case 0xff09: case 0x300d: case 0x300f: case 0x201d: case 0x2019: case 0x300b: case 0x3011: return true;
    default: return false;
    }
}

// Punctuation that may not end a line in Chinese.
bool opens(unsigned c) {
    switch (c) {
    case 0xff08: case 0x300c: case 0x300e: case 0x201c: case 0x2018: case 0x300a: case 0x3010: return true;
    default: return false;
    }
}

bool all_close(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += character_length(text.substr(at)))
        if (!closes(decode_character(text.substr(at)))) return false;
    return true;
}

std::size_t piece_end(std::string_view text, std::size_t from) {
    std::size_t at = from;
    while (at < text.size() && opens(decode_character(text.substr(at)))) at += character_length(text.substr(at));
    const std::size_t begin = at;
    while (at < text.size()) {
        std::size_t length = character_length(text.substr(at));
        unsigned c = decode_character(text.substr(at));
        if (c == ' ' || (at > begin && opens(c))) break;
        if (is_cjk(c)) {
            if (at > begin && !closes(c)) break;
            at += length;
            std::size_t next = at;
            while (next < text.size() && closes(decode_character(text.substr(next))))
                next += character_length(text.substr(next));
            return next;
        }
        at += length;
    }
    return at;
}

void add_pieces(const Ui& ui, const Run& run, const ParagraphStyle& paragraph, std::vector<Piece>& out) {
    std::string_view text = run.text;
    if (run.kind == RunKind::number) {
        Piece piece;
        piece.run = &run;
        piece.text = text;
        piece.width = paragraph.size * 1.25f;
        piece.first_of_run = piece.last_of_run = true;
        out.push_back(piece);
        return;
    }
    TextStyle style = style_of(ui, run, paragraph);
    std::size_t at = 0;
    bool first = true;
    while (at < text.size()) {
        Piece piece;
        piece.run = &run;
        while (at < text.size() && text[at] == ' ') {
            piece.space_before = true;
            ++at;
        }
        std::size_t end = piece_end(text, at);
        piece.text = text.substr(at, end - at);
        piece.width = ui.fonts.width(piece.text, style);
        piece.first_of_run = first;
        first = false;
        at = end;
        out.push_back(piece);
    }
    if (!out.empty() && out.back().run == &run) out.back().last_of_run = true;
}

struct Wrapped {
    std::vector<Piece> pieces;
    int lines = 1;
};

// A piece wider than the line is cut between characters.
void split_long(const Ui& ui, const ParagraphStyle& paragraph, float width, std::vector<Piece>& pieces) {
    std::vector<Piece> out;
    for (const Piece& piece : pieces) {
        float room = width - (piece.run->kind == RunKind::code ? 2 * code_padding : 0);
        if (piece.width <= room || piece.run->kind == RunKind::number) {
            out.push_back(piece);
            continue;
        }
        TextStyle style = style_of(ui, *piece.run, paragraph);
        Piece part = piece;
        std::size_t start = 0, at = 0;
        float used = 0;
        bool first = true;
        while (at < piece.text.size()) {
            std::size_t length = character_length(piece.text.substr(at));
            float advance = ui.fonts.width(piece.text.substr(at, length), style);
            if (used + advance > room && at > start) {
                part.text = piece.text.substr(start, at - start);
                part.width = used;
                part.last_of_run = false;
                out.push_back(part);
                part = piece;
                part.space_before = false;
                part.first_of_run = false;
                start = at;
                used = 0;
                first = false;
            }
            used += advance;
            at += length;
        }
        part.text = piece.text.substr(start);
        part.width = used;
        if (!first) part.space_before = false;
        out.push_back(part);
    }
    pieces.swap(out);
}

bool ends_open(std::string_view text) {
    std::size_t last = text.size();
    while (last > 0 && (static_cast<unsigned char>(text[--last]) & 0xc0) == 0x80) {}
    return !text.empty() && (text[last] == '(' || text[last] == '[' || opens(decode_character(text.substr(last))));
}

// Whether no line may end between the two: a full stop stays at the code before it, code at the bracket before it.
bool sticks(const Piece& left, const Piece& right) {
    if (right.space_before || left.run == right.run || left.run->kind == RunKind::line_break || right.run->kind == RunKind::line_break)
        return false;
    if (ends_open(left.text)) return true;
    if (right.run->kind != RunKind::text) return false;
    return all_close(right.text) || (right.text.size() <= 3 && !is_cjk(decode_character(right.text)));
}

Wrapped wrap(const Ui& ui, const RichText& text, const ParagraphStyle& paragraph, float width) {
    Wrapped result;
    for (const Run& run : text) {
        if (run.kind == RunKind::line_break) {
            Piece piece;
            piece.run = &run;
            result.pieces.push_back(piece);
        } else {
            add_pieces(ui, run, paragraph, result.pieces);
        }
    }
    split_long(ui, paragraph, width, result.pieces);

    const auto left_of = [](const Piece& piece) { return piece.run->kind == RunKind::code && piece.first_of_run ? code_padding : 0; };
    const auto right_of = [](const Piece& piece) { return piece.run->kind == RunKind::code && piece.last_of_run ? code_padding : 0; };
    float x = 0;
    int line = 0;
    for (std::size_t i = 0; i < result.pieces.size(); ++i) {
        Piece& piece = result.pieces[i];
        if (piece.run->kind == RunKind::line_break) {
            piece.line = line;
            x = 0;
            ++line;
            continue;
        }
        float pad_left = left_of(piece);
        float space = piece.space_before && x > 0 ? ui.fonts.width(" ", style_of(ui, *piece.run, paragraph)) : 0;
        // What sticks together goes to the next line together, unless it is wider than a line.
        const float own = pad_left + piece.width + right_of(piece);
        float needed = own;
        for (std::size_t n = i + 1; n < result.pieces.size() && sticks(result.pieces[n - 1], result.pieces[n]); ++n)
            needed += left_of(result.pieces[n]) + result.pieces[n].width + right_of(result.pieces[n]);
        if (needed > width || (i > 0 && sticks(result.pieces[i - 1], piece))) needed = own;
        if (x > 0 && x + space + needed > width) {
            ++line;
            x = 0;
            space = 0;
            if (piece.run->kind == RunKind::code) pad_left = code_padding;
        }
        piece.x = x + space + pad_left;
        piece.line = line;
        x = piece.x + piece.width + right_of(piece);
    }
    result.lines = line + 1;
    return result;
}

ImDrawList* list_of(const Ui& ui, const ParagraphStyle& style) {
    return style.list ? style.list : ui.list();
}

// The tint behind inline code: one box per line that the run covers.
void draw_code_tint(Ui& ui, const Wrapped& wrapped, const ParagraphStyle& style, Vec at) {
    float height = std::ceil(style.size * 1.42f);
    for (std::size_t i = 0; i < wrapped.pieces.size();) {
        const Piece& first = wrapped.pieces[i];
        if (first.run->kind != RunKind::code) {
            ++i;
            continue;
        }
        std::size_t last = i;
        while (last + 1 < wrapped.pieces.size() && wrapped.pieces[last + 1].run == first.run &&
               wrapped.pieces[last + 1].line == first.line)
            ++last;
        float top = at.y + static_cast<float>(first.line) * style.line_height + (style.line_height - height) * 0.5f;
        Rect box(at.x + first.x - code_padding, top, at.x + wrapped.pieces[last].x + wrapped.pieces[last].width + code_padding,
                 top + height);
        list_of(ui, style)->AddRectFilled(box.Min, box.Max, ui.theme().code, 5);
        i = last + 1;
    }
}

void draw_number(Ui& ui, const Piece& piece, const ParagraphStyle& style, Vec line_at) {
    Color color = style.color ? style.color : ui.theme().text;
    Vec center(line_at.x + piece.x + piece.width * 0.5f, line_at.y + style.line_height * 0.5f);
    float radius = style.size * 0.56f;
    list_of(ui, style)->AddCircle(center, radius, color, 0, 1.1f);
    draw_text_in(list_of(ui, style), ui.fonts, Rect(center - Vec(radius, radius), center + Vec(radius, radius)),
                 {Face::text, style.size * 0.74f, color}, piece.text, Align::center);
}

}  // namespace

float measure_rich(const Ui& ui, const RichText& text, const ParagraphStyle& style, float width) {
    return static_cast<float>(wrap(ui, text, style, width).lines) * style.line_height;
}

float draw_rich(Ui& ui, Vec at, const RichText& text, const ParagraphStyle& style, float width) {
    Wrapped wrapped = wrap(ui, text, style, width);
    draw_code_tint(ui, wrapped, style, at);
    ImDrawList* list = list_of(ui, style);
    int links = 0;
    for (const Piece& piece : wrapped.pieces) {
        if (piece.run->kind == RunKind::line_break) continue;
        Vec line_at(at.x, at.y + static_cast<float>(piece.line) * style.line_height);
        if (piece.run->kind == RunKind::number) {
            draw_number(ui, piece, style, line_at);
            continue;
        }
        TextStyle text_style = style_of(ui, *piece.run, style);
        draw_text(list, ui.fonts, line_at + Vec(piece.x, 0), style.line_height, text_style, piece.text);
        if (piece.run->link.empty()) continue;
        Rect box = rect(line_at.x + piece.x, line_at.y, piece.width, style.line_height);
        std::string id = "link" + std::to_string(links++);
        Press state = press(ui, box, id, piece.text, 4);
        float y = box.Max.y - 3;
        list->AddLine(Vec(box.Min.x, y), Vec(box.Max.x, y), with_alpha(text_style.color, state.hovered ? 1.0f : 0.45f), 1);
        if (state.clicked) ui.state.platform().open_link(piece.run->link);
    }
    return static_cast<float>(wrapped.lines) * style.line_height;
}

RichText rich(std::string_view text) {
    RichText out;
    Run run;
    auto flush = [&](RunKind kind) {
        if (!run.text.empty()) {
            run.kind = kind;
            out.push_back(run);
        }
        run = Run{};
    };
    bool code = false;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t length = character_length(text.substr(at));
        unsigned c = decode_character(text.substr(at));
        if (c == '`') {
            flush(code ? RunKind::code : RunKind::text);
            code = !code;
        } else if (!code && c >= 0x2460 && c <= 0x2473) {
            flush(RunKind::text);
            run.text = std::to_string(c - 0x2460 + 1);
            flush(RunKind::number);
        } else if (!code && c == '\n') {
            flush(RunKind::text);
            run.kind = RunKind::line_break;
            out.push_back(run);
            run = Run{};
        } else {
            run.text.append(text.substr(at, length));
        }
        at += length;
    }
    flush(code ? RunKind::code : RunKind::text);
    return out;
}

RichText words(std::string_view text, Face face) {
    RichText out;
    for (std::size_t at = 0; at <= text.size();) {
        std::size_t end = std::min(text.find('\n', at), text.size());
        if (at > 0) out.push_back({RunKind::line_break, {}, face, 0, {}});
        if (end > at) out.push_back({RunKind::text, std::string(text.substr(at, end - at)), face, 0, {}});
        at = end + 1;
    }
    return out;
}

std::string plain(const RichText& text) {
    std::string out;
    for (const Run& run : text) out += run.kind == RunKind::line_break ? std::string("\n") : run.text;
    return out;
}

}  // namespace kubewalk::ui
