#include "web/ui/code_editor.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float text_size = 12.5f;
constexpr float line_height = 21;

const TextStyle& measuring() {
    static const TextStyle style{Face::code, text_size, 0};
    return style;
}

Color color_of(const Theme& theme, Severity severity) {
    switch (severity) {
    case Severity::error: return theme.rose_text;
    case Severity::warning: return theme.amber_text;
    case Severity::hint: return theme.blue_text;
    case Severity::missing: break;
    }
    return theme.dim;
}

// Columns that a piece takes: Chinese characters are two wide.
std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (; !text.empty(); text.remove_prefix(character_length(text))) columns += is_cjk(decode_character(text)) ? 2 : 1;
    return columns;
}

// Words of a message in rows of at most `columns`; Chinese text breaks anywhere, and so do words that are too long.
void wrap_message(std::string_view message, std::size_t columns, std::vector<std::string>& out) {
    std::string row;
    std::size_t used = 0;
    auto end_row = [&] {
        if (!row.empty()) out.push_back(std::move(row));
        row.clear();
        used = 0;
    };
    // A message of several lines keeps them.
    if (const std::size_t end = message.find('\n'); end != std::string_view::npos) {
        wrap_message(message.substr(0, end), columns, out);
        return wrap_message(message.substr(end + 1), columns, out);
    }
    for (std::string_view word : split(message, ' ')) {
        bool chinese = columns_of(word) < word.size();  // characters of several bytes
        if (used > 0 && !chinese && used + 1 + columns_of(word) > columns) end_row();
        if (used > 0) row += ' ', ++used;
        while (!word.empty()) {
            std::size_t length = character_length(word), wide = columns_of(word.substr(0, length));
            if (used + wide > columns) end_row();
            row += word.substr(0, length);
            used += wide;
            word.remove_prefix(length);
        }
    }
    end_row();
}

}  // namespace

// -- layout -------------------------------------------------------------------------------------------

void CodeEditor::lay_out(const Ui& ui, float width, const std::vector<CodeProblem>& problems) {
    std::string key = std::to_string(static_cast<int>(width));
    for (const CodeProblem& problem : problems) key += "|" + std::to_string(problem.line) + problem.message;
    if (laid_out_ == buffer.version() && laid_out_key_ == key) return;
    laid_out_ = buffer.version();
    laid_out_key_ = std::move(key);

    const std::string& text = buffer.text();
    starts_.assign(1, 0);
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') starts_.push_back(i + 1);
    float cell = ui.fonts.cell(text_size);
    std::size_t digits = std::max<std::size_t>(2, std::to_string(starts_.size()).size());
    gutter_ = cell * static_cast<float>(digits + 2);
    auto columns = static_cast<std::size_t>(std::max(16.0f, (width - gutter_ - 30) / cell));

    // The messages first: rows point into them.
    wrapped_.clear();
    std::vector<std::pair<std::size_t, std::size_t>> ranges;
    for (const CodeProblem& problem : problems) {
        std::size_t before = wrapped_.size();
        wrap_message(problem.message, columns - 2, wrapped_);
        ranges.emplace_back(before, wrapped_.size());
    }
    rows_.clear();
    widest_ = 0;
    auto add_problems = [&](int line_number) {
        for (std::size_t p = 0; p < problems.size(); ++p) {
            int at = std::min(problems[p].line, static_cast<int>(starts_.size()));
            if (at != line_number) continue;
            for (std::size_t r = ranges[p].first; r < ranges[p].second; ++r)
                rows_.push_back({std::max(0, line_number - 1), static_cast<int>(p), wrapped_[r]});
        }
    };
    add_problems(0);
    for (std::size_t i = 0; i < starts_.size(); ++i) {
        std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] - 1 : text.size();
        rows_.push_back({static_cast<int>(i), -1, std::string_view(text).substr(starts_[i], end - starts_[i])});
        widest_ = std::max(widest_, static_cast<float>(end - starts_[i]) * cell);
        add_problems(static_cast<int>(i) + 1);
    }
}

float CodeEditor::x_of(const Ui& ui, std::string_view line, std::size_t bytes) const {
    return ui.fonts.width(line.substr(0, bytes), measuring());
}

int CodeEditor::row_of(int line) const {
    for (std::size_t i = 0; i < rows_.size(); ++i)
        if (rows_[i].line == line && rows_[i].problem < 0) return static_cast<int>(i);
    return 0;
}

std::size_t CodeEditor::offset_at(const Ui& ui, Vec origin) const {
    Vec mouse = ImGui::GetMousePos() - origin;
    int index = std::clamp(static_cast<int>(std::floor(mouse.y / line_height)), 0, static_cast<int>(rows_.size()) - 1);
    const Row* row = &rows_[static_cast<std::size_t>(index)];
    while (row->problem >= 0 && index > 0) row = &rows_[static_cast<std::size_t>(--index)];
    if (row->problem >= 0) return 0;
    float x = mouse.x - gutter_;
    std::size_t at = 0;
    float used = 0;
    while (at < row->text.size()) {
        std::size_t length = character_length(row->text.substr(at));
        float advance = ui.fonts.width(row->text.substr(at, length), measuring());
        if (used + advance * 0.5f > x) break;
        used += advance;
        at += length;
    }
    return starts_[static_cast<std::size_t>(row->line)] + at;
}

// -- input --------------------------------------------------------------------------------------------

bool CodeEditor::command_keys() {
    auto key = [](ImGuiKey k) { return ImGui::IsKeyPressed(k, false); };
    if (key(ImGuiKey_F8)) return wants_problem_ = true;
    if (!command_key()) return false;
    if (key(ImGuiKey_F)) return wants_find_ = true;
    if (key(ImGuiKey_H)) return wants_replace_ = true;
    if (key(ImGuiKey_S)) return wants_apply_ = true;
    if (key(ImGuiKey_Slash)) return toggle_comment(), true;
    return false;
}

// All lines of the selection become comments, or none of them is one any more.
void CodeEditor::toggle_comment() {
    auto [from, to] = buffer.selection();
    std::size_t first = buffer.line_start(from), last = buffer.line_end(to > from && to == buffer.line_start(to) ? to - 1 : to);
    std::string out;
    bool all = true;
    std::string block = buffer.text().substr(first, last - first);
    for (std::string_view line : split(block, '\n'))
        all = all && (trim(line).empty() || trim(line).front() == '#');
    for (std::string_view line : split(block, '\n')) {
        std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        out.append(line.substr(0, indent));
        std::string_view rest = line.substr(indent);
        if (all)
            out.append(rest.starts_with("# ") ? rest.substr(2) : rest.starts_with("#") ? rest.substr(1) : rest);
        else
            out.append(rest.empty() ? std::string() : cat("# ", rest));
        out += '\n';
    }
    out.pop_back();
    buffer.select(first, last);
    buffer.insert(out);
    buffer.select(first, first + out.size());
    if (from == to) buffer.move_to(first + out.size(), Selecting::no);
}

void CodeEditor::next_problem(const std::vector<CodeProblem>& problems) {
    int here = buffer.line_of(buffer.caret()) + 1, next = 0, first = 0;
    for (const CodeProblem& problem : problems) {
        if (first == 0 || problem.line < first) first = problem.line;
        if (problem.line > here && (next == 0 || problem.line < next)) next = problem.line;
    }
    int line = next != 0 ? next : first;
    if (line <= 0 || static_cast<std::size_t>(line) > starts_.size()) return;
    buffer.move_to(starts_[static_cast<std::size_t>(line - 1)], Selecting::no);
    reveal(line - 1);
}

void CodeEditor::keys(Ui& ui) {
    std::uint64_t version = buffer.version();
    std::size_t caret = buffer.caret();
    bool shift = ImGui::GetIO().KeyShift;
    if (command_keys()) {
    } else if (ImGui::IsKeyPressed(ImGuiKey_Enter, true) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, true)) {
        // The new line begins where this one does; after "key:" one step further.
        std::string_view line = std::string_view(buffer.text()).substr(buffer.line_start(caret), caret - buffer.line_start(caret));
        std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
        if (!trim(line).empty() && trim(line).back() == ':') indent += 2;
        buffer.insert("\n" + std::string(indent, ' '));
    } else if (ImGui::IsKeyPressed(ImGuiKey_Tab, true)) {
        bool lines = buffer.selected().find('\n') != std::string_view::npos;
        if (shift)
            buffer.indent(-2);
        else if (lines)
            buffer.indent(2);
        else
            buffer.insert("  ");
    } else {
        bool paste = command_key() && ImGui::IsKeyPressed(ImGuiKey_V, false);
        edit_by_keys(ui, buffer, Lines::many);
        pasted_ = pasted_ || (paste && buffer.version() != version);
    }
    if (buffer.version() != version || buffer.caret() != caret) {
        scroll_to_caret_ = true;
        ui.last_key = ui.now;
    }
}

void CodeEditor::mouse(Ui& ui, const TextFocus& focus, Vec origin) {
    if (!focus.pressed && !focus.dragging) return;
    std::size_t at = offset_at(ui, origin);
    if (focus.pressed && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left))
        buffer.select_word_at(at);
    else if (focus.pressed)
        buffer.move_to(at, ImGui::GetIO().KeyShift ? Selecting::yes : Selecting::no);
    else if (ImGui::IsMouseDragging(ImGuiMouseButton_Left, 2))
        buffer.move_to(at, Selecting::yes);
    ui.last_key = ui.now;
}

// Rests the mouse on a key or a value?
void CodeEditor::hover(Ui& ui, const TextFocus& focus, Vec origin) {
    std::size_t over = std::string_view::npos;
    Vec below;
    if (focus.hovered && !focus.dragging && !rows_.empty()) {
        Vec mouse = ImGui::GetMousePos() - origin;
        auto row = static_cast<std::size_t>(std::clamp(mouse.y / line_height, 0.0f, static_cast<float>(rows_.size() - 1)));
        if (rows_[row].problem < 0) {
            std::size_t at = offset_at(ui, origin);
            bool inside = at < buffer.line_end(at) && buffer.text()[at] != ' ' && mouse.x > gutter_;
            if (inside) over = at;
            below = Vec(ImGui::GetMousePos().x, origin.y + static_cast<float>(row + 1) * line_height);
        }
    }
    assist.hover(ui, buffer, over, below);
}

// -- find -----------------------------------------------------------------------------------------------

void CodeEditor::find(std::string_view text) {
    if (needle_ == text && found_version_ == buffer.version()) return;
    needle_ = std::string(text);
    found_version_ = buffer.version();
    found_.clear();
    if (needle_.empty()) return;
    std::string hay = to_lower(buffer.text()), wanted = to_lower(needle_);
    for (std::size_t at = hay.find(wanted); at != std::string::npos; at = hay.find(wanted, at + wanted.size())) found_.push_back(at);
}

void CodeEditor::find_next(Toward toward) {
    if (found_.empty()) return;
    std::size_t from = buffer.selection().first;
    bool on_match = match_number() != 0;
    std::size_t index = 0;
    if (toward == Toward::forward) {
        auto next = std::lower_bound(found_.begin(), found_.end(), on_match ? from + 1 : from);
        index = next == found_.end() ? 0 : static_cast<std::size_t>(next - found_.begin());
    } else {
        auto next = std::lower_bound(found_.begin(), found_.end(), from);
        index = next == found_.begin() ? found_.size() - 1 : static_cast<std::size_t>(next - found_.begin()) - 1;
    }
    buffer.select(found_[index], found_[index] + needle_.size());
    scroll_to_caret_ = true;
}

std::size_t CodeEditor::replace_all(std::string_view with) {
    std::size_t count = buffer.replace_each(found_, needle_.size(), with);
    find(std::string(needle_));
    scroll_to_caret_ = true;
    return count;
}

void CodeEditor::replace_next(std::string_view with) {
    if (match_number() == 0) return find_next(Toward::forward);
    buffer.insert(with);
    find(std::string(needle_));
    find_next(Toward::forward);
}

std::size_t CodeEditor::match_number() const {
    auto [from, to] = buffer.selection();
    for (std::size_t i = 0; i < found_.size(); ++i)
        if (found_[i] == from && to == from + needle_.size()) return i + 1;
    return 0;
}

// -- drawing ------------------------------------------------------------------------------------------

void CodeEditor::draw_marks(Ui& ui, const Row& row, Vec at) {
    const Theme& theme = ui.theme();
    std::size_t start = starts_[static_cast<std::size_t>(row.line)], end = start + row.text.size();
    auto band = [&](std::size_t from, std::size_t to, Color color, bool whole) {
        if (to < start || from > end) return;
        float left = from <= start ? 0 : x_of(ui, row.text, from - start);
        float right = to > end ? x_of(ui, row.text, row.text.size()) + (whole ? ui.fonts.cell(text_size) : 0) : x_of(ui, row.text, to - start);
        if (right > left) ui.list()->AddRectFilled(at + Vec(left, 1), at + Vec(right, line_height - 1), color, 3);
    };
    for (std::size_t match : found_) band(match, match + needle_.size(), with_alpha(theme.amber, 0.28f), false);
    if (buffer.has_selection()) {
        auto [from, to] = buffer.selection();
        band(from, to, theme.select_text, true);
    }
}

void CodeEditor::draw_row(Ui& ui, const Row& row, float y, CodeLines::Paint paint, const std::vector<CodeProblem>& problems) {
    const Theme& theme = ui.theme();
    float left = origin_x_ + gutter_;
    float cell = ui.fonts.cell(text_size);
    if (row.problem >= 0) {
        bool first = row.text.data() == nullptr || problems.empty();
        for (const Row& other : rows_)
            if (other.problem == row.problem) {
                first = other.text.data() == row.text.data();
                break;
            }
        Color color = color_of(theme, problems[static_cast<std::size_t>(row.problem)].severity);
        if (first) {
            ui.list()->AddLine(Vec(left + cell * 0.5f, y), Vec(left + cell * 0.5f, y + line_height * 0.5f), color, 1.4f);
            ui.list()->AddLine(Vec(left + cell * 0.5f, y + line_height * 0.5f), Vec(left + cell * 1.4f, y + line_height * 0.5f), color, 1.4f);
        }
        draw_text(ui.list(), ui.fonts, Vec(left + 2 * cell, y), line_height, {Face::code, text_size, color}, row.text);
        return;
    }
    std::string number = std::to_string(row.line + 1);
    TextStyle faint{Face::code, text_size, theme.faint};
    bool broken = false;
    for (const CodeProblem& problem : problems) {
        if (problem.line != row.line + 1 || broken || problem.severity == Severity::missing) continue;
        faint.color = color_of(theme, problem.severity);
        broken = problem.severity == Severity::error;
    }
    draw_text(ui.list(), ui.fonts, Vec(left - 1.5f * cell - ui.fonts.width(number, faint), y), line_height, faint, number);
    draw_marks(ui, row, Vec(left, y));

    std::vector<CodeSpan> spans;
    if (paint) paint(theme, row.text, spans);
    std::size_t at = 0;
    auto piece = [&](std::size_t end, Color color) {
        if (end <= at) return;
        draw_text(ui.list(), ui.fonts, Vec(left + x_of(ui, row.text, at), y), line_height, {Face::code, text_size, color}, row.text.substr(at, end - at));
        at = end;
    };
    for (const CodeSpan& span : spans) {
        piece(span.begin, theme.text);
        piece(span.end, span.color);
    }
    piece(row.text.size(), theme.text);

    for (const CodeProblem& problem : problems) {
        if (problem.line != row.line + 1 || problem.severity == Severity::missing) continue;
        // From the column to the end of the word or collection; the whole line when there is none.
        std::size_t from = problem.column > 0 ? std::min<std::size_t>(static_cast<std::size_t>(problem.column - 1), row.text.size())
                                              : std::min(row.text.find_first_not_of(' '), row.text.size());
        std::size_t to = std::max(row.text.size(), from + 1);
        float x0 = left + x_of(ui, row.text, from), x1 = left + std::max(x_of(ui, row.text, std::min(to, row.text.size())), x_of(ui, row.text, from) + cell);
        float base = y + line_height - 2;
        for (float x = x0; x < x1; x += 4) {
            ui.list()->PathLineTo(Vec(x, base));
            ui.list()->PathLineTo(Vec(std::min(x1, x + 2), base - 2));
        }
        ui.list()->PathStroke(color_of(theme, problem.severity), 0, 1.3f);
    }
}

void CodeEditor::draw(Ui& ui, const Rect& area, std::string_view id, std::string_view label, CodeLines::Paint paint,
                      const std::vector<CodeProblem>& problems) {
    const Theme& theme = ui.theme();
    box_with_line(ui.list(), area, theme.well, focused_ ? theme.selected_line : theme.line, 10);
    lay_out(ui, area.GetWidth(), problems);
    begin_area(ui, inset(area, 2), ".editor", ScrollAxis::both);
    Vec origin = ImGui::GetCursorScreenPos() + Vec(2, 10);
    origin_x_ = origin.x;
    TextFocus focus = text_focus(ui, Rect(area.Min + Vec(2, 2), area.Max - Vec(14, 14)), id, label, 10);
    std::uint64_t version = buffer.version();
    // The list of suggestions may reach out of this box, and Escape closes it first.
    bool was_focused = focused_;
    bool for_the_list = was_focused && assist.take_input(ui, buffer);
    if (for_the_list && !focus.focused) {
        take_text_focus(ui, focus.id);
        focus.focused = true;
    }
    focused_ = focus.focused;
    if (!for_the_list) mouse(ui, focus, origin);
    if (focus.focused) {
        if (for_the_list)
            scroll_to_caret_ = true;
        else
            keys(ui);
        if (std::exchange(wants_problem_, false)) next_problem(problems);
        lay_out(ui, area.GetWidth(), problems);
    }
    if (!for_the_list) assist.follow(ui, buffer, version, focus.focused);

    auto first = static_cast<std::size_t>(std::max(0.0f, (area.Min.y - origin.y) / line_height));
    auto last = std::min(rows_.size(), first + static_cast<std::size_t>(area.GetHeight() / line_height) + 2);
    for (std::size_t i = first; i < last; ++i) draw_row(ui, rows_[i], origin.y + static_cast<float>(i) * line_height, paint, problems);

    int line = buffer.line_of(buffer.caret());
    auto start = starts_[static_cast<std::size_t>(std::min<int>(line, static_cast<int>(starts_.size()) - 1))];
    int row = row_of(line);
    float caret_x = gutter_ + x_of(ui, std::string_view(buffer.text()).substr(start), buffer.caret() - start);
    Vec caret(std::round(origin.x + caret_x), origin.y + static_cast<float>(row) * line_height);
    if (focus.focused) {
        if (caret_visible(ui)) ui.list()->AddRectFilled(caret + Vec(0, 2), caret + Vec(1.5f, line_height - 2), theme.blue);
        place_caret(ui, caret, line_height);
        assist.draw(ui, caret, line_height);
    }
    hover(ui, focus, origin);
    content_size(Vec(gutter_ + widest_ + 40, static_cast<float>(rows_.size()) * line_height + 24));
    if (reveal_line_ >= 0) {
        ImGui::SetScrollY(std::max(0.0f, static_cast<float>(row_of(reveal_line_)) * line_height - area.GetHeight() * 0.3f));
        reveal_line_ = -1;
    }
    if (scroll_to_caret_) {
        scroll_to_caret_ = false;
        float top = static_cast<float>(row) * line_height, view = area.GetHeight() - 40;
        if (top < ImGui::GetScrollY()) ImGui::SetScrollY(top);
        if (top + line_height > ImGui::GetScrollY() + view) ImGui::SetScrollY(top + line_height - view);
        if (caret_x < ImGui::GetScrollX() + gutter_) ImGui::SetScrollX(std::max(0.0f, caret_x - gutter_ - 20));
        if (caret_x > ImGui::GetScrollX() + area.GetWidth() - 40) ImGui::SetScrollX(caret_x - area.GetWidth() + 80);
    }
    end_area(ui);
}

}  // namespace kubewalk::ui
