#include "web/ui/rich_text.h"

#include <algorithm>
#include <cmath>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float code_ratio = 12.5f / 13.5f;
constexpr float code_padding = 6;

// A piece that is never broken: a word, one Chinese character with its punctuation, inline code, a number.
struct Piece {
    const Run* run = nullptr;
    std::string_view text;
    float space = 0;        // before it, unless it begins a line
    float width = 0;
    bool may_begin = true;  // a line
    float whole = 0;        // of what it is the first part of: rather goes to a line of its own than be cut here
    float x = 0;
    int line = 0;
};

TextStyle style_of(const Ui& ui, const Run& run, const ParagraphStyle& paragraph) {
    const Theme& theme = ui.theme();
    if (run.kind == RunKind::code)
        return {Face::code, paragraph.size * code_ratio, run.color ? run.color : theme.code_text};
    Color color = run.color ? run.color : paragraph.color ? paragraph.color : theme.text;
    if (!run.link.empty() && !run.color) color = theme.blue_text;
    return {run.face, paragraph.size, color};
}

// --- where a line may end ------------------------------------------------------------------------------

// Punctuation that no line begins with, and that none ends with: Chinese rules; the ASCII ones beside Chinese and code.
bool closes(unsigned c) {
    return std::u32string_view(U"、。，：；！？）」』”’》】〉〕…—·％)]},.:;!?%/").find(static_cast<char32_t>(c)) != std::u32string_view::npos;
}
bool opens(unsigned c) {
    return std::u32string_view(U"（「『“‘《【〈〔([{").find(static_cast<char32_t>(c)) != std::u32string_view::npos;
}

bool may_break(unsigned left, unsigned right) {
    return (is_cjk(left) || is_cjk(right)) && !opens(left) && !closes(right);
}

unsigned last_character(std::string_view text) {
    std::size_t at = text.size();
    while (at > 0 && (static_cast<unsigned char>(text[--at]) & 0xc0) == 0x80) {}
    return decode_character(text.substr(at));
}

bool may_break(const Piece& left, const Piece& right) {
    if (left.run->kind == RunKind::line_break || right.run->kind == RunKind::line_break) return true;
    constexpr unsigned ideograph = 0x4e00;  // circled numbers behave like one
    const unsigned a = left.run->kind == RunKind::number ? ideograph : last_character(left.text);
    const unsigned b = right.run->kind == RunKind::number ? ideograph : decode_character(right.text);
    if (right.space > 0) return !(a > 0x7f && opens(a)) && !(b > 0x7f && closes(b));
    return may_break(a, b);
}

std::size_t piece_end(std::string_view text, std::size_t from) {
    std::size_t at = from + character_length(text.substr(from));
    for (unsigned before = decode_character(text.substr(from)); at < text.size() && text[at] != ' ';) {
        const unsigned next = decode_character(text.substr(at));
        if (may_break(before, next)) break;
        before = next;
        at += character_length(text.substr(at));
    }
    return at;
}

// --- pieces --------------------------------------------------------------------------------------------

// `space`: what the run before it ended with, and what this one ends with.
void add_pieces(const Ui& ui, const Run& run, const ParagraphStyle& paragraph, float& space, std::vector<Piece>& out) {
    const std::string_view text = run.text;
    const auto add = [&](std::string_view part, float width) {
        out.push_back({&run, part, space, width});
        if (out.size() > 1) out.back().may_begin = may_break(out[out.size() - 2], out.back());
        space = 0;
    };
    if (run.kind == RunKind::line_break) return add({}, 0);
    if (run.kind == RunKind::number) return add(text, paragraph.size * 1.25f);
    const TextStyle style = style_of(ui, run, paragraph);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ') {
            space = ui.fonts.width(" ", style);
            ++at;
            continue;
        }
        const std::size_t end = run.kind == RunKind::code ? text.size() : piece_end(text, at);
        add(text.substr(at, end - at), ui.fonts.width(text.substr(at, end - at), style));
        at = end;
    }
}

// One past the last piece that sticks to `from`.
std::size_t group_end(const std::vector<Piece>& pieces, std::size_t from) {
    std::size_t to = from + 1;
    while (to < pieces.size() && !pieces[to].may_begin) ++to;
    return to;
}

bool begins_run(const std::vector<Piece>& pieces, std::size_t i) { return i == 0 || pieces[i - 1].run != pieces[i].run; }
bool ends_run(const std::vector<Piece>& pieces, std::size_t i) { return i + 1 == pieces.size() || pieces[i + 1].run != pieces[i].run; }

float extent(const std::vector<Piece>& pieces, std::size_t from, std::size_t to) {
    float out = 0;
    for (std::size_t i = from; i < to; ++i) {
        out += pieces[i].width + (i > from ? pieces[i].space : 0);
        if (pieces[i].run->kind != RunKind::code) continue;
        out += begins_run(pieces, i) ? code_padding : 0;
        out += i + 1 == to || ends_run(pieces, i) ? code_padding : 0;
    }
    return out;
}

enum class Cut : unsigned char { at_blanks, between_characters };

void add_parts(const Ui& ui, const ParagraphStyle& paragraph, const Piece& piece, Cut cut, std::vector<Piece>& out) {
    const TextStyle style = style_of(ui, *piece.run, paragraph);
    const std::string_view text = piece.text;
    for (std::size_t at = 0; at < text.size();) {
        Piece part = piece;
        if (at > 0) part.space = part.whole = 0;
        if (cut == Cut::at_blanks) {
            const std::size_t begin = text.find_first_not_of(' ', at);
            if (begin == std::string_view::npos) break;
            if (at > 0) part.space = ui.fonts.width(" ", style);
            const std::size_t end = std::min(text.find(' ', begin), text.size());
            part.text = text.substr(begin, end - begin);
            part.may_begin = at > 0 || piece.may_begin;
            at = end;
        } else {
            part.text = text.substr(at, character_length(text.substr(at)));
            if (at == 0) part.whole = piece.width;
            part.may_begin = at == 0 ? piece.may_begin : !opens(last_character(text.substr(0, at))) && !closes(decode_character(part.text));
            at += part.text.size();
        }
        part.width = ui.fonts.width(part.text, style);
        out.push_back(part);
    }
}

// What sticks together and is wider than a line.
void cut_wide(const Ui& ui, const ParagraphStyle& paragraph, float width, Cut cut, std::vector<Piece>& pieces) {
    std::vector<Piece> out;
    for (std::size_t from = 0, to; from < pieces.size(); from = to) {
        to = group_end(pieces, from);
        const bool tail = pieces[from].run->kind == RunKind::code && !begins_run(pieces, from);  // has its own edge where it begins a line
        const bool wide = extent(pieces, from, to) + (tail ? code_padding : 0) > width;
        for (std::size_t i = from; i < to; ++i) {
            const RunKind kind = pieces[i].run->kind;
            if (wide && (kind == RunKind::code || (kind == RunKind::text && cut == Cut::between_characters)))
                add_parts(ui, paragraph, pieces[i], cut, out);
            else
                out.push_back(pieces[i]);
        }
    }
    pieces.swap(out);
}

// Neighbours that were cut apart and came to stand on one line again.
void join_parts(std::vector<Piece>& pieces) {
    std::size_t kept = 0;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        Piece& last = pieces[kept];
        const Piece& next = pieces[i];
        if (next.run == last.run && next.line == last.line && next.space == 0 && last.text.data() + last.text.size() == next.text.data()) {
            last.text = {last.text.data(), last.text.size() + next.text.size()};
            last.width += next.width;
        } else {
            pieces[++kept] = next;
        }
    }
    if (!pieces.empty()) pieces.resize(kept + 1);
}

struct Wrapped {
    std::vector<Piece> pieces;
    int lines = 1;
};

Wrapped wrap(const Ui& ui, const RichText& text, const ParagraphStyle& paragraph, float width) {
    Wrapped result;
    std::vector<Piece>& pieces = result.pieces;
    float space = 0;
    for (const Run& run : text) add_pieces(ui, run, paragraph, space, pieces);
    cut_wide(ui, paragraph, width, Cut::at_blanks, pieces);
    cut_wide(ui, paragraph, width, Cut::between_characters, pieces);

    float x = 0;
    int line = 0;
    for (std::size_t from = 0, to; from < pieces.size(); from = to) {
        to = group_end(pieces, from);
        if (pieces[from].run->kind == RunKind::line_break) {
            pieces[from].line = line++;
            x = 0;
            continue;
        }
        float needed = extent(pieces, from, to);
        for (std::size_t i = from; i < to; ++i) needed = std::max(needed, std::min(width, pieces[i].whole));
        if (x > 0 && x + pieces[from].space + needed > width) {
            ++line;
            x = 0;
        }
        for (std::size_t i = from; i < to; ++i) {
            Piece& piece = pieces[i];
            const bool code = piece.run->kind == RunKind::code;
            if (x > 0) x += piece.space;
            piece.x = x + (code && (x == 0 || begins_run(pieces, i)) ? code_padding : 0);
            piece.line = line;
            x = piece.x + piece.width + (code && ends_run(pieces, i) ? code_padding : 0);
        }
    }
    result.lines = line + 1;
    join_parts(pieces);
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

std::vector<std::string> lines_of(const Ui& ui, const RichText& text, const ParagraphStyle& style, float width) {
    Wrapped wrapped = wrap(ui, text, style, width);
    std::vector<std::string> lines(static_cast<std::size_t>(wrapped.lines));
    for (const Piece& piece : wrapped.pieces) {
        std::string& line = lines[static_cast<std::size_t>(piece.line)];
        if (piece.space > 0 && !line.empty()) line += ' ';
        line += piece.text;
    }
    return lines;
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
