// One terminal of the learner's laptop: what was printed, and the line being typed.

#include "web/ui/terminal_view.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "web/ui/terminal_paint.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;
using LineKind = TerminalView::LineKind;
using Line = TerminalView::Line;

constexpr float font_size = 12.5f;
constexpr float line_height = 20;
constexpr double ends_hint_s = 3;

// Ctrl itself, on a Mac too: Dear ImGui calls that one Super there.
bool control_key() {
    const ImGuiIO& io = ImGui::GetIO();
    return io.ConfigMacOSXBehaviors ? io.KeySuper : io.KeyCtrl;
}

void add_lines(std::vector<Line>& out, std::string_view text, LineKind kind, LineKind next, std::string_view command = {}) {
    while (!text.empty()) {
        std::size_t end = text.find('\n');
        out.push_back({kind, text.substr(0, end), command});
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
        kind = next;
    }
}

}  // namespace

void TerminalView::collect(Ui& ui) {
    const app::Model& model = ui.model();
    const std::string& language = ui.state.words.language();
    if (collected_ == model.transcript_version && session_ == model.session && language_ == language) return;
    language_ = language;
    translated_.clear();
    collected_ = model.transcript_version;
    session_ = model.session;
    lines_.clear();
    link_ = {};
    screen_line_ = -1;
    float cell = ui.fonts.cell(font_size);
    while (!dropped_.empty() && dropped_.back().before > model.transcript.size()) dropped_.pop_back();  // time was turned back
    auto dropped = dropped_.begin();
    for (std::size_t i = 0; i <= model.transcript.size(); ++i) {
        for (; dropped != dropped_.end() && dropped->before == i; ++dropped) add_lines(lines_, dropped->text, LineKind::command, LineKind::more);
        if (i == model.transcript.size()) break;
        const cluster::TranscriptEntry& entry = model.transcript[i];
        add_lines(lines_, entry.command, LineKind::command, LineKind::more);
        if (!entry.finished && entry.command.starts_with("watch ")) screen_line_ = static_cast<int>(lines_.size());
        add_lines(lines_, entry.result.out, LineKind::out, LineKind::out, entry.command);
        const std::size_t errors = lines_.size();
        add_lines(lines_, entry.result.err, LineKind::error, LineKind::error, entry.command);
        for (std::size_t line = errors; line < lines_.size(); ++line)
            if (auto ours = ui.state.words.said(lines_[line].text)) lines_[line].text = translated_.emplace_back(std::move(*ours));
    }
    widest_ = 0;
    for (const Line& line : lines_) widest_ = std::max(widest_, static_cast<float>(line.text.size() + 3) * cell);
    if (model.transcript.size() != shown_entries_) {
        shown_entries_ = model.transcript.size();
        follow_ = true;
    }
    // Time travel shortens what was printed.
    int last = static_cast<int>(lines_.size()) - 1;
    if (from_.line > last || to_.line > last) from_ = to_ = {};
}

std::string TerminalView::selected_text() const {
    auto [a, b] = std::minmax(from_, to_);
    std::string out;
    for (int i = a.line; i <= b.line && i < static_cast<int>(lines_.size()); ++i) {
        std::string_view text = lines_[static_cast<std::size_t>(i)].text;
        auto begin = i == a.line ? std::min<std::size_t>(static_cast<std::size_t>(a.column), text.size()) : 0;
        auto end = i == b.line ? std::min<std::size_t>(static_cast<std::size_t>(b.column), text.size()) : text.size();
        if (i > a.line) out += '\n';
        if (end > begin) out.append(text.substr(begin, end - begin));
    }
    return out;
}

void TerminalView::submit(Ui& ui) {
    choices_.clear();
    std::string command = input_.enter();
    follow_ = true;
    if (!command.empty()) ui.state.queue({ActionKind::run_command, std::move(command), {}, static_cast<double>(ui.model().terminal), {}});
}

void TerminalView::paste(Ui& ui) {
    std::string text = ui.state.platform().clipboard();
    std::erase(text, '\r');
    std::size_t from = 0;
    // Every line but the last is entered as if Enter had been pressed.
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
        input_.buffer.insert(std::string_view(text).substr(from, end - from));
        submit(ui);
        from = end + 1;
    }
    input_.buffer.insert(std::string_view(text).substr(from));
}

void TerminalView::complete(Ui& ui) {
    if (!ui.state.backend()) return;
    TextBuffer& buffer = input_.buffer;
    std::string line = buffer.text().substr(0, buffer.caret());
    std::vector<std::string> found = ui.state.backend()->complete(line);
    if (found.empty()) return;
    std::size_t word = line.find_last_of(' ');
    word = word == std::string::npos ? 0 : word + 1;
    std::string common = found.front();
    for (const std::string& candidate : found) {
        std::size_t same = 0;
        while (same < common.size() && same < candidate.size() && common[same] == candidate[same]) ++same;
        common.resize(same);
    }
    choices_ = found.size() > 1 ? found : std::vector<std::string>();
    if (common.size() < line.size() - word) return;
    std::string rest = buffer.text().substr(buffer.caret());
    bool whole = found.size() == 1 && common.back() != '/' && common.back() != '=';
    std::string done = line.substr(0, word) + common + (whole ? " " : "");
    std::size_t caret = done.size();
    buffer.replace_all(done + rest, caret);
}

void TerminalView::search_keys(Ui& ui) {
    if (ImGui::IsKeyPressed(ImGuiKey_R) && control_key()) input_.search_older();
    if (ImGui::IsKeyPressed(ImGuiKey_Backspace)) input_.search_erase();
    if (std::string text = command_key() || control_key() ? std::string() : typed_text(); !text.empty()) input_.search_type(text);
    if (ImGui::IsKeyPressed(ImGuiKey_Enter, false)) {
        input_.end_search(true);
        submit(ui);
    } else if (ImGui::IsKeyPressed(ImGuiKey_RightArrow) || ImGui::IsKeyPressed(ImGuiKey_LeftArrow) || ImGui::IsKeyPressed(ImGuiKey_Tab)) {
        input_.end_search(true);
    } else if (control_key() && (ImGui::IsKeyPressed(ImGuiKey_C) || ImGui::IsKeyPressed(ImGuiKey_G))) {
        input_.end_search(false);
    }
    ui.last_key = ui.now;
}

// A terminal throws away what was typed and not read, and says so: "half a li^C". Nothing of that reaches the shell.
void TerminalView::interrupt(Ui& ui) {
    constexpr std::size_t most_dropped = 100;
    const app::Model& model = ui.model();
    const bool running = model.prompt || (ui.state.backend() && ui.state.backend()->command_running());
    std::string text = input_.pending();
    if (!text.empty()) text += '\n';
    text += input_.buffer.text();
    input_.cancel();
    choices_.clear();
    follow_ = true;
    if (running) return ui.state.queue(ActionKind::interrupt, std::move(text));
    if (dropped_.size() == most_dropped) dropped_.pop_front();
    dropped_.push_back({model.transcript.size(), std::move(text) + "^C"});
    collected_ = ~std::uint64_t{0};
    collect(ui);
}

// What the page binds to Ctrl, or to Cmd on a Mac, where Ctrl is the shell's alone.
bool TerminalView::command_keys(Ui& ui) {
    if (!command_key() || ImGui::GetIO().KeyAlt) return false;
    if (ImGui::IsKeyPressed(ImGuiKey_F, false)) return find_.open(), true;
    if (ImGui::IsKeyPressed(ImGuiKey_V)) return paste(ui), true;
    if (!ImGui::IsKeyPressed(ImGuiKey_C) || from_ == to_) return false;
    ui.state.platform().set_clipboard(selected_text());
    from_ = to_ = {};
    return true;
}

// What a shell binds to Ctrl. True when the key was one of them.
bool TerminalView::control_keys(Ui& ui) {
    if (!control_key() || ImGui::GetIO().KeyAlt) return false;
    TextBuffer& buffer = input_.buffer;
    auto key = [](ImGuiKey k) { return ImGui::IsKeyPressed(k, true); };
    if (key(ImGuiKey_R)) return input_.begin_search(), true;
    if (key(ImGuiKey_L)) return follow_ = true, cleared_before_ = lines_.size(), true;
    if (key(ImGuiKey_A)) return buffer.move(Unit::line, Toward::back, Selecting::no), true;
    if (key(ImGuiKey_E)) return buffer.move(Unit::line, Toward::forward, Selecting::no), true;
    if (key(ImGuiKey_U)) return input_.kill_to_start(), true;
    if (key(ImGuiKey_K)) return input_.kill_to_end(), true;
    if (key(ImGuiKey_W) || key(ImGuiKey_Backspace)) return input_.kill_word(), true;
    if (key(ImGuiKey_Y)) return input_.yank(), true;
    if (key(ImGuiKey_P)) return input_.history_up(), true;
    if (key(ImGuiKey_N)) return input_.history_down(), true;
    if (key(ImGuiKey_D) && buffer.text().empty()) {  // the end of what is typed to a program
        if (ui.model().prompt) ui.state.queue(ActionKind::end_input);
        return true;
    }
    if (key(ImGuiKey_C)) {
        // A selection is copied, else the command is interrupted.
        if (buffer.has_selection() && command_key())
            ui.state.platform().set_clipboard(buffer.selected());
        else
            interrupt(ui);
        return true;
    }
    return false;
}

void TerminalView::keys(Ui& ui) {
    if (input_.searching()) {
        search_keys(ui);
        return;
    }
    auto key = [](ImGuiKey k) { return ImGui::IsKeyPressed(k, true); };
    std::uint64_t before = input_.buffer.version();
    if (command_keys(ui) || control_keys(ui)) {
        ui.last_key = ui.now;
        return;
    }
    if (ImGui::GetIO().KeyAlt && key(ImGuiKey_Backspace)) {
        input_.kill_word();
    } else if (key(ImGuiKey_Enter) || key(ImGuiKey_KeypadEnter)) {
        submit(ui);
    } else if (ImGui::IsKeyPressed(ImGuiKey_Tab, false)) {
        complete(ui);
        follow_ = true;
        return;
    } else if (key(ImGuiKey_UpArrow)) {
        input_.history_up();
    } else if (key(ImGuiKey_DownArrow)) {
        input_.history_down();
    } else {
        edit_by_keys(ui, input_.buffer, Lines::one);
    }
    if (input_.buffer.version() == before) return;
    ui.last_key = ui.now;
    choices_.clear();
    follow_ = true;
}

TerminalView::Position TerminalView::position_at(const Ui& ui, Vec origin) const {
    Vec mouse = ImGui::GetMousePos() - origin;
    int line = std::clamp(static_cast<int>(mouse.y / line_height), 0, std::max(0, static_cast<int>(lines_.size()) - 1));
    if (lines_.empty()) return {};
    const Line& at = lines_[static_cast<std::size_t>(line)];
    float prompt = at.kind == LineKind::command || at.kind == LineKind::more ? 2 : 0;
    float cell = ui.fonts.cell(font_size);
    auto column = static_cast<int>(std::max(0.0f, mouse.x / cell - prompt + 0.5f));
    return {line, std::min(column, static_cast<int>(at.text.size()))};
}

void TerminalView::mouse(Ui& ui, const TextFocus& focus, Vec origin) {
    if (focus.pressed) {
        from_ = to_ = position_at(ui, origin);
        selecting_ = true;
    }
    if (!focus.dragging) selecting_ = false;
    if (selecting_ && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 3)) to_ = position_at(ui, origin);
    if (focus.pressed && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && !lines_.empty()) {
        // The word under the pointer: names may hold dots, dashes, slashes and colons.
        std::string_view text = lines_[static_cast<std::size_t>(from_.line)].text;
        auto left = static_cast<std::size_t>(from_.column), right = left;
        while (left > 0 && text[left - 1] != ' ') --left;
        while (right < text.size() && text[right] != ' ') ++right;
        from_.column = static_cast<int>(left);
        to_ = {from_.line, static_cast<int>(right)};
        selecting_ = false;
    }
}

// Names of objects are links: underlined under the mouse, opened in the inspector by a click.
void TerminalView::links(Ui& ui, const TextFocus& focus, Vec origin) {
    Vec mouse = ImGui::GetMousePos() - origin;
    float cell = ui.fonts.cell(font_size);
    int line = static_cast<int>(std::floor(mouse.y / line_height));
    auto column = static_cast<std::size_t>(std::max(0.0f, mouse.x / cell));
    if (!focus.hovered || line < 0 || line >= static_cast<int>(lines_.size()) || !ui.state.backend()) {
        link_ = {};
        return;
    }
    const Line& at = lines_[static_cast<std::size_t>(line)];
    bool printed = at.kind == LineKind::out || at.kind == LineKind::error;
    if (!printed || column >= at.text.size() || at.text[column] == ' ') {
        link_ = {};
        return;
    }
    std::size_t begin = column, end = column;
    while (begin > 0 && at.text[begin - 1] != ' ') --begin;
    while (end < at.text.size() && at.text[end] != ' ') ++end;
    if (link_.line != line || link_.begin != begin)
        link_ = {line, begin, end, ui.state.backend()->mentioned(at.text.substr(begin, end - begin), at.text, at.command)};
    if (link_.object.name.empty()) return;
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    ui.items.note("terminal/link", link_.object.name,
                  rect(origin.x + static_cast<float>(begin) * cell, origin.y + static_cast<float>(line) * line_height,
                       static_cast<float>(end - begin) * cell, line_height));
    bool dragged = from_ != to_ || ImGui::IsMouseDragging(ImGuiMouseButton_Left, 3);
    if (ImGui::IsMouseReleased(ImGuiMouseButton_Left) && !dragged) {
        app::Action select{ActionKind::select_object, {}, {}, 0, link_.object};
        ui.state.queue(std::move(select));
        ui.state.settings.layout.right_folded = false;
        if (ui.state.inspector != app::InspectorTab::manifest) ui.state.inspector = app::InspectorTab::describe;
    }
}

void TerminalView::draw_lines(Ui& ui, Vec origin, const Rect& area) {
    const Theme& theme = ui.theme();
    float cell = ui.fonts.cell(font_size);
    auto first = static_cast<std::size_t>(std::max(0.0f, (area.Min.y - origin.y) / line_height));
    auto last = std::min(lines_.size(), first + static_cast<std::size_t>(area.GetHeight() / line_height) + 2);
    // What Ctrl+L put out of sight does not look in at the upper edge.
    if (follow_ && cleared_before_ > 0) first = std::max(first, cleared_before_);
    auto [a, b] = std::minmax(from_, to_);
    for (std::size_t i = first; i < last; ++i) {
        const Line& line = lines_[i];
        Vec at(origin.x, origin.y + static_cast<float>(i) * line_height);
        bool command = line.kind == LineKind::command || line.kind == LineKind::more;
        float indent = command ? 2 * cell : 0;
        int number = static_cast<int>(i);
        if (a != b && number >= a.line && number <= b.line) {
            float left = number == a.line ? static_cast<float>(a.column) * cell : 0;
            float right = number == b.line ? static_cast<float>(b.column) * cell : static_cast<float>(line.text.size() + 1) * cell;
            ui.list()->AddRectFilled(at + Vec(indent + left, 1), at + Vec(indent + right, line_height - 1), theme.select_text, 2);
        }
        for (const TerminalFind::Match& match : find_.in_line(number)) {
            const auto begin = static_cast<std::size_t>(match.column);
            const float left = ui.fonts.width(line.text.substr(0, begin), {Face::code, font_size, 0}), wide = ui.fonts.width(line.text.substr(begin, find_.length()), {Face::code, font_size, 0});
            const Rect box(at + Vec(indent + left, 1), at + Vec(indent + left + wide, line_height - 1));
            // The text stays easy to read: the one that is stood on has a frame, not a stronger colour.
            box_with_line(ui.list(), box, with_alpha(theme.amber, 0.22f), find_.current(match) ? theme.amber : 0, 2, 1);
        }
        if (command)
            draw_text(ui.list(), ui.fonts, at, line_height, {Face::code, font_size, line.kind == LineKind::command ? theme.teal : theme.faint},
                      line.kind == LineKind::command ? "$" : ">");
        Color color = command ? theme.text : line.kind == LineKind::error ? theme.rose_text : theme.dim;
        spans_.clear();
        if (ui.state.settings.terminal_colours) {
            if (line.kind == LineKind::command) paint_command(theme, line.text, spans_);
            if (line.kind == LineKind::out) paint_output(theme, line.command, line.text, spans_);
        }
        std::size_t drawn = 0;
        auto piece = [&](std::size_t end, Color shade) {
            if (end <= drawn) return;
            std::string_view text = line.text.substr(drawn, end - drawn);
            draw_text(ui.list(), ui.fonts, at + Vec(indent + ui.fonts.width(line.text.substr(0, drawn), {Face::code, font_size, 0}), 0), line_height,
                      {Face::code, font_size, shade}, text);
            drawn = end;
        };
        for (const CodeSpan& span : spans_) {
            piece(span.begin, color);
            piece(span.end, span.color);
        }
        piece(line.text.size(), color);
        if (number == link_.line && !link_.object.name.empty()) {
            float left = static_cast<float>(link_.begin) * cell, right = static_cast<float>(link_.end) * cell;
            ui.list()->AddLine(at + Vec(left, line_height - 3), at + Vec(right, line_height - 3), theme.blue_text, 1);
            draw_text(ui.list(), ui.fonts, at + Vec(left, 0), line_height, {Face::code, font_size, theme.blue_text},
                      line.text.substr(link_.begin, link_.end - link_.begin));
        }
    }
}

// What was entered and waits: lines of a here-document, and what was typed while a command runs, as a terminal echoes it.
float TerminalView::draw_pending(Ui& ui, Vec at, bool running) {
    const Theme& theme = ui.theme();
    const Vec start = at;
    const float cell = ui.fonts.cell(font_size);
    const TextStyle text{Face::code, font_size, theme.text};
    std::vector<Line> pending;
    if (running)
        for (const std::string& line : ui.model().typed_ahead) add_lines(pending, line, LineKind::out, LineKind::out);
    add_lines(pending, input_.pending(), LineKind::command, LineKind::more);
    for (const Line& line : pending) {
        const bool echo = line.kind == LineKind::out;
        if (!echo) draw_text(ui.list(), ui.fonts, at, line_height, {Face::code, font_size, theme.teal}, line.kind == LineKind::command ? "$" : ">");
        draw_text(ui.list(), ui.fonts, at + Vec(echo ? 0 : 2 * cell, 0), line_height, text, line.text);
        at.y += line_height;
    }
    return at.y - start.y;
}

// A command that goes on is ended by a key that a newcomer does not know.
void TerminalView::draw_ends_hint(Ui& ui, Vec caret, float height, bool running) {
    if (!running || ui.model().prompt || !input_.buffer.text().empty()) running_since_ = ui.now;
    const double left = ends_hint_s - (ui.now - running_since_);
    if (left > 0) {
        if (running) ui.wake_in(left + 0.01);
        return;
    }
    const TextStyle style{Face::code, font_size, ui.theme().faint};
    const std::string_view hint = ui.t("terminal.ends");
    const float width = ui.fonts.width(hint, style) + 1;
    Rect box = rect(caret.x + 2 * ui.fonts.cell(font_size), caret.y, width, height);
    const Rect window(ImGui::GetWindowPos(), ImGui::GetWindowPos() + ImGui::GetWindowSize());
    if (!window.Contains(box)) {
        // The end of a long screen is out of sight: the hint stays in the corner.
        const Rect corner = rect(window.Max.x - width - 40, window.Max.y - height - 10, width + 20, height + 4);
        box_with_line(ui.list(), corner, ui.theme().raised, ui.theme().line, 7);
        box = Rect(corner.Min + Vec(10, 2), corner.Max - Vec(9, 2));
    }
    ui.items.note("bottom/terminal/ends", hint, box);
    draw_text_in(ui.list(), ui.fonts, box, style, hint);
}

// The line being typed, with what was entered before it; returns the height.
float TerminalView::draw_prompt(Ui& ui, Vec at, bool focused) {
    const Theme& theme = ui.theme();
    Vec start = at;
    float cell = ui.fonts.cell(font_size);
    TextStyle text{Face::code, font_size, theme.text};
    TextStyle sign{Face::code, font_size, theme.teal};
    bool running = ui.state.backend() && ui.state.backend()->command_running();
    at.y += draw_pending(ui, at, running);
    std::string prompt = ui.model().prompt ? *ui.model().prompt : running ? "" : input_.pending().empty() ? "$ " : "> ";
    if (input_.searching()) prompt = std::string(ui.t("terminal.search")) + "`" + input_.search_text() + "': ";
    draw_text(ui.list(), ui.fonts, at, line_height, input_.searching() ? TextStyle{Face::code, font_size, theme.amber_text} : sign, prompt);
    at.x += ui.fonts.width(prompt, sign);
    std::string_view typed = input_.buffer.text();
    if (input_.buffer.has_selection()) {
        auto [from, to] = input_.buffer.selection();
        ui.list()->AddRectFilled(at + Vec(ui.fonts.width(typed.substr(0, from), text), 1),
                                 at + Vec(ui.fonts.width(typed.substr(0, to), text), line_height - 1), theme.select_text, 2);
    }
    draw_text(ui.list(), ui.fonts, at, line_height, text, typed);
    float caret_x = ui.fonts.width(typed.substr(0, input_.buffer.caret()), text);
    Vec caret(std::round(at.x + caret_x), at.y + 2);
    widest_ = std::max(widest_, caret.x - start.x + 4 * cell);
    if (focused) {
        if (caret_visible(ui)) ui.list()->AddRectFilled(caret, caret + Vec(cell, line_height - 4), with_alpha(theme.text, 0.75f));
        place_caret(ui, caret, line_height);
    } else {
        ui.list()->AddRect(caret, caret + Vec(cell, line_height - 4), with_alpha(theme.text, 0.45f));
    }
    draw_ends_hint(ui, Vec(caret.x, at.y), line_height, running);
    at.y += line_height;
    // Several completions: below the line, in columns.
    if (!choices_.empty()) {
        std::size_t longest = 0;
        for (const std::string& choice : choices_) longest = std::max(longest, choice.size());
        float column = static_cast<float>(longest + 2) * cell;
        auto columns = static_cast<std::size_t>(std::max(1.0f, (ImGui::GetWindowWidth() - 40) / column));
        for (std::size_t i = 0; i < choices_.size() && i < 60; ++i)
            draw_text(ui.list(), ui.fonts, Vec(start.x + static_cast<float>(i % columns) * column, at.y + static_cast<float>(i / columns) * line_height),
                      line_height, {Face::code, font_size, theme.blue_text}, choices_[i]);
        at.y += static_cast<float>((std::min<std::size_t>(choices_.size(), 60) + columns - 1) / columns) * line_height;
    }
    return at.y - start.y;
}

void TerminalView::draw(Ui& ui, const Rect& area) {
    collect(ui);
    begin_area(ui, Rect(area.Min.x + 2, area.Min.y, area.Max.x, area.Max.y), ".scroll", ScrollAxis::both);
    TextFocus focus = text_focus(ui, Rect(area.Min + Vec(2, 0), area.Max - Vec(12, 0)), "input", ui.t("terminal.label"), 4);
    if (focus.focused) keys(ui);
    if (find_.is_open() || find_.length() > 0) {
        std::vector<std::string_view> printed;
        printed.reserve(lines_.size());
        for (const Line& line : lines_) printed.push_back(line.text);
        find_.search(printed, collected_ * 31 + lines_.size());
    }
    Vec start = ImGui::GetCursorScreenPos();
    Vec origin = start + Vec(14, 8);
    if (lines_.empty() && input_.pending().empty()) {
        const TextStyle style{Face::code, font_size, ui.theme().faint};
        std::string_view said = ui.t("terminal.welcome");
        if (ui.fonts.width(said, style) > area.GetWidth() - 28) said = ui.t("terminal.welcome.short");
        draw_text_in(ui.list(), ui.fonts, rect(origin.x, origin.y, area.GetWidth() - 28, line_height), style, said);
        origin.y += line_height;
    }
    // Ctrl+L: what was printed before scrolls out of sight.
    cleared_before_ = std::min(cleared_before_, lines_.size());
    float text_height = static_cast<float>(lines_.size()) * line_height;
    links(ui, focus, origin);
    draw_lines(ui, origin, area);
    mouse(ui, focus, origin);
    float prompt_height = draw_prompt(ui, origin + Vec(0, text_height), focus.focused);
    float total = origin.y - start.y + text_height + prompt_height + 10;
    float below_clear = static_cast<float>(lines_.size() - cleared_before_) * line_height + prompt_height + 10;
    if (cleared_before_ > 0) total += std::max(0.0f, area.GetHeight() - below_clear - 4);
    content_size(Vec(widest_ + 24, total));
    // Whoever scrolls back reads; at the end it follows again.
    if (ImGui::GetIO().MouseWheel > 0 && ImGui::IsWindowHovered()) follow_ = false;
    if (ImGui::GetIO().MouseWheel < 0 && ImGui::IsWindowHovered()) follow_ = screen_line_ < 0 && (follow_ || ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - 1);
    if (const int line = std::exchange(found_line_, -1); line >= 0) {
        follow_ = false;
        ImGui::SetScrollY(std::max(0.0f, origin.y - start.y + static_cast<float>(line) * line_height - area.GetHeight() * 0.5f));
    }
    if (follow_) {
        ImGui::SetScrollY(scroll_target(area, total));
        if (ImGui::GetScrollX() > 0 && !focus.focused) ImGui::SetScrollX(0);
    }
    end_area(ui);
    found_line_ = find_.draw(ui, area);
}

// The end of what was printed; a running `watch` has a screen, and that begins at the top.
float TerminalView::scroll_target(const Rect& area, float total) const {
    if (screen_line_ < 0) return total;
    constexpr float above = 4;
    const float top = 8 + static_cast<float>(screen_line_) * line_height - above;
    return std::min(total, total - top > area.GetHeight() ? top : total);
}

}  // namespace kubewalk::ui
