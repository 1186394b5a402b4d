#include "web/ui/text_buffer.h"

#include <algorithm>
#include <cctype>

namespace kubewalk::ui {

namespace {

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

bool word_character(char c) {
    auto u = static_cast<unsigned char>(c);
    return u >= 0x80 || std::isalnum(u) != 0 || c == '_';
}

}  // namespace

void TextBuffer::reset(std::string text) {
    text_ = std::move(text);
    caret_ = anchor_ = 0;
    undo_.clear();
    redo_.clear();
    last_ = Edit::none;
    ++version_;
}

void TextBuffer::replace_all(std::string text, std::size_t caret) {
    remember(Edit::other);
    // Only the middle that differs.
    std::size_t head = 0, tail = 0;
    while (head < text.size() && head < text_.size() && text[head] == text_[head]) ++head;
    while (tail < text.size() - head && tail < text_.size() - head && text[text.size() - 1 - tail] == text_[text_.size() - 1 - tail]) ++tail;
    change(head, text_.size() - head - tail, std::string_view(text).substr(head, text.size() - head - tail));
    caret_ = anchor_ = std::min(caret, text_.size());
    done();
}

std::pair<std::size_t, std::size_t> TextBuffer::selection() const {
    return std::minmax(caret_, anchor_);
}

std::string_view TextBuffer::selected() const {
    auto [from, to] = selection();
    return std::string_view(text_).substr(from, to - from);
}

void TextBuffer::select(std::size_t anchor, std::size_t caret) {
    anchor_ = std::min(anchor, text_.size());
    caret_ = std::min(caret, text_.size());
    wanted_column_ = std::string::npos;
    last_ = Edit::none;
}

void TextBuffer::select_word_at(std::size_t at) {
    std::size_t from = std::min(at, text_.size()), to = from;
    while (from > 0 && word_character(text_[from - 1])) --from;
    while (to < text_.size() && word_character(text_[to])) ++to;
    select(from, to);
}

std::size_t TextBuffer::step(std::size_t from, Unit unit, Toward toward) const {
    bool forward = toward == Toward::forward;
    switch (unit) {
    case Unit::character:
        if (forward) {
            if (from < text_.size()) ++from;
            while (from < text_.size() && continues(text_[from])) ++from;
        } else {
            if (from > 0) --from;
            while (from > 0 && continues(text_[from])) --from;
        }
        return from;
    case Unit::word:
        if (forward) {
            while (from < text_.size() && !word_character(text_[from])) ++from;
            while (from < text_.size() && word_character(text_[from])) ++from;
        } else {
            while (from > 0 && !word_character(text_[from - 1])) --from;
            while (from > 0 && word_character(text_[from - 1])) --from;
        }
        return from;
    case Unit::line_edge:
    case Unit::line: return forward ? line_end(from) : line_start(from);
    case Unit::document: return forward ? text_.size() : 0;
    }
    return from;
}

void TextBuffer::move(Unit unit, Toward toward, Selecting selecting) {
    std::size_t to = step(caret_, unit, toward);
    if (selecting == Selecting::no && has_selection() && unit == Unit::character)
        to = toward == Toward::forward ? selection().second : selection().first;
    // Home goes to the first character that is not blank, then to the very beginning.
    if (unit == Unit::line_edge && toward == Toward::back) {
        std::size_t first = to;
        while (first < text_.size() && text_[first] == ' ') ++first;
        if (first != caret_ && first <= line_end(caret_)) to = first;
    }
    move_to(to, selecting);
}

void TextBuffer::move_to(std::size_t at, Selecting selecting) {
    caret_ = std::min(at, text_.size());
    while (caret_ > 0 && caret_ < text_.size() && continues(text_[caret_])) --caret_;
    if (selecting == Selecting::no) anchor_ = caret_;
    wanted_column_ = std::string::npos;
    last_ = Edit::none;
}

void TextBuffer::move_lines(int lines, Selecting selecting) {
    std::size_t start = line_start(caret_);
    std::size_t column = wanted_column_ == std::string::npos ? caret_ - start : wanted_column_;
    std::size_t at = start;
    for (; lines < 0 && at > 0; ++lines) at = line_start(at - 1);
    for (; lines > 0 && line_end(at) < text_.size(); --lines) at = line_end(at) + 1;
    // Beyond the first or last line: to its end.
    if (lines < 0) column = 0;
    if (lines > 0) column = std::string::npos;
    std::size_t end = line_end(at);
    move_to(column > end - at ? end : at + column, selecting);
    wanted_column_ = column;
}

void TextBuffer::remember(Edit edit) {
    ++version_;
    redo_.clear();
    wanted_column_ = std::string::npos;
    // Letters typed one after the other are one step.
    bool same = edit == last_ && (edit == Edit::typing || edit == Edit::erasing) && !has_selection();
    last_ = edit;
    if (same && !undo_.empty()) return;
    undo_.push_back({{}, caret_, anchor_, caret_, anchor_});
}

void TextBuffer::change(std::size_t at, std::size_t length, std::string_view piece) {
    Step& now = undo_.back();
    Change* last = now.changes.empty() ? nullptr : &now.changes.back();
    // Typing goes on where it was, erasing goes back from there: one change grows.
    if (last && length == 0 && at == last->at + last->after.size()) {
        last->after.append(piece);
    } else if (last && piece.empty() && last->after.empty() && at + length == last->at) {
        last->before.insert(0, text_, at, length);
        last->at = at;
    } else {
        now.changes.push_back({at, text_.substr(at, length), std::string(piece)});
    }
    text_.replace(at, length, piece);
}

void TextBuffer::done() {
    undo_.back().caret_after = caret_;
    undo_.back().anchor_after = anchor_;
}

void TextBuffer::insert(std::string_view piece) {
    bool typing = piece.size() <= 4 && piece.find('\n') == std::string_view::npos && piece != " ";
    remember(typing ? Edit::typing : Edit::other);
    auto [from, to] = selection();
    change(from, to - from, piece);
    caret_ = anchor_ = from + piece.size();
    done();
}

std::string TextBuffer::erase(Unit unit, Toward toward) {
    auto [from, to] = selection();
    if (from == to) {
        std::size_t other = step(caret_, unit, toward);
        from = std::min(other, caret_);
        to = std::max(other, caret_);
    }
    if (from == to) return {};
    remember(unit == Unit::character && !has_selection() ? Edit::erasing : Edit::other);
    std::string taken = text_.substr(from, to - from);
    change(from, to - from, {});
    caret_ = anchor_ = from;
    done();
    return taken;
}

std::size_t TextBuffer::replace_each(const std::vector<std::size_t>& places, std::size_t length, std::string_view piece) {
    if (places.empty()) return 0;
    remember(Edit::other);
    // From the end, so that the places before stay where they are.
    for (std::size_t i = places.size(); i-- > 0;) change(places[i], length, piece);
    caret_ = anchor_ = places[0] + piece.size();
    done();
    return places.size();
}

void TextBuffer::indent(int amount) {
    remember(Edit::other);
    auto [from, to] = selection();
    std::size_t first = line_start(from);
    std::size_t last = to > from && to == line_start(to) ? to - 1 : to;
    for (std::size_t at = line_start(last);; at = line_start(at - 1)) {
        if (amount > 0) {
            change(at, 0, std::string(static_cast<std::size_t>(amount), ' '));
            if (caret_ >= at) caret_ += static_cast<std::size_t>(amount);
            if (anchor_ >= at) anchor_ += static_cast<std::size_t>(amount);
        } else {
            std::size_t spaces = 0;
            while (spaces < static_cast<std::size_t>(-amount) && at + spaces < text_.size() && text_[at + spaces] == ' ') ++spaces;
            if (spaces > 0) change(at, spaces, {});
            auto shift = [&](std::size_t& position) {
                if (position > at) position -= std::min(spaces, position - at);
            };
            shift(caret_);
            shift(anchor_);
        }
        if (at <= first) break;
    }
    done();
}

bool TextBuffer::undo() {
    if (undo_.empty()) return false;
    Step state = std::move(undo_.back());
    undo_.pop_back();
    for (auto change = state.changes.rbegin(); change != state.changes.rend(); ++change)
        text_.replace(change->at, change->after.size(), change->before);
    caret_ = std::min(state.caret, text_.size());
    anchor_ = std::min(state.anchor, text_.size());
    redo_.push_back(std::move(state));
    last_ = Edit::none;
    ++version_;
    return true;
}

bool TextBuffer::redo() {
    if (redo_.empty()) return false;
    Step state = std::move(redo_.back());
    redo_.pop_back();
    for (const Change& change : state.changes) text_.replace(change.at, change.before.size(), change.after);
    caret_ = std::min(state.caret_after, text_.size());
    anchor_ = std::min(state.anchor_after, text_.size());
    undo_.push_back(std::move(state));
    last_ = Edit::none;
    ++version_;
    return true;
}

int TextBuffer::line_of(std::size_t at) const {
    return static_cast<int>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at, text_.size())), '\n'));
}

std::size_t TextBuffer::line_start(std::size_t at) const {
    at = std::min(at, text_.size());
    std::size_t found = at == 0 ? std::string::npos : text_.rfind('\n', at - 1);
    return found == std::string::npos ? 0 : found + 1;
}

std::size_t TextBuffer::line_end(std::size_t at) const {
    std::size_t found = text_.find('\n', at);
    return found == std::string::npos ? text_.size() : found;
}

}  // namespace kubewalk::ui
