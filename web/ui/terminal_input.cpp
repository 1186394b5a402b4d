#include "web/ui/terminal_input.h"

#include <cctype>

namespace kubewalk::ui {

namespace {

constexpr std::size_t most_history = 500;

}  // namespace

std::string open_here_document(std::string_view text) {
    std::size_t line_begin = 0;
    std::string word;
    while (line_begin <= text.size()) {
        std::size_t end = text.find('\n', line_begin);
        std::string_view line = text.substr(line_begin, end == std::string_view::npos ? std::string_view::npos : end - line_begin);
        if (!word.empty()) {
            while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
            if (line == word) word.clear();
        } else if (std::size_t at = line.find("<<"); at != std::string_view::npos) {
            at += 2;
            while (at < line.size() && (line[at] == '-' || line[at] == ' ' || line[at] == '\'' || line[at] == '"')) ++at;
            while (at < line.size() && (std::isalnum(static_cast<unsigned char>(line[at])) != 0 || line[at] == '_')) word.push_back(line[at++]);
        }
        if (end == std::string_view::npos) break;
        line_begin = end + 1;
    }
    return word;
}

std::string TerminalInput::enter() {
    std::string line = buffer.text();
    buffer.reset({});
    position_ = 0;
    std::string whole = pending_.empty() ? line : pending_ + "\n" + line;
    bool continued = !line.empty() && line.back() == '\\' && open_here_document(whole).empty();
    if (continued) {
        // A backslash joins the next line to this one.
        whole.pop_back();
        pending_ = whole;
        return {};
    }
    if (!open_here_document(whole).empty()) {
        pending_ = whole;
        return {};
    }
    pending_.clear();
    if (whole.find_first_not_of(" \n") == std::string::npos) return {};
    if (history_.empty() || history_.back() != whole) history_.push_back(whole);
    if (history_.size() > most_history) history_.erase(history_.begin());
    return whole;
}

void TerminalInput::cancel() {
    buffer.reset({});
    pending_.clear();
    searching_ = false;
    position_ = 0;
}

void TerminalInput::show_history(std::size_t index) {
    position_ = index;
    std::string text = index == 0 ? draft_ : history_[history_.size() - index];
    std::size_t end = text.size();
    buffer.replace_all(std::move(text), end);
}

void TerminalInput::history_up() {
    if (position_ >= history_.size()) return;
    if (position_ == 0) draft_ = buffer.text();
    show_history(position_ + 1);
}

void TerminalInput::history_down() {
    if (position_ > 0) show_history(position_ - 1);
}

void TerminalInput::kill_to_start() {
    killed_ = buffer.text().substr(0, buffer.caret());
    buffer.replace_all(buffer.text().substr(buffer.caret()), 0);
}

void TerminalInput::kill_to_end() {
    killed_ = buffer.text().substr(buffer.caret());
    std::string rest = buffer.text().substr(0, buffer.caret());
    std::size_t end = rest.size();
    buffer.replace_all(std::move(rest), end);
}

void TerminalInput::kill_word() {
    // Up to the blank before, as a shell does.
    std::size_t from = buffer.caret();
    const std::string& text = buffer.text();
    while (from > 0 && text[from - 1] == ' ') --from;
    while (from > 0 && text[from - 1] != ' ') --from;
    killed_ = text.substr(from, buffer.caret() - from);
    buffer.replace_all(text.substr(0, from) + text.substr(buffer.caret()), from);
}

void TerminalInput::begin_search() {
    searching_ = true;
    search_.clear();
    found_ = 0;
    draft_ = buffer.text();
}

void TerminalInput::find_from(std::size_t index) {
    for (std::size_t i = index; i <= history_.size(); ++i) {
        const std::string& line = history_[history_.size() - i];
        std::size_t at = line.find(search_);
        if (at == std::string::npos) continue;
        found_ = i;
        buffer.replace_all(line, at);
        return;
    }
}

void TerminalInput::search_type(std::string_view text) {
    search_.append(text);
    find_from(found_ == 0 ? 1 : found_);
}

void TerminalInput::search_erase() {
    if (!search_.empty()) search_.pop_back();
    found_ = 0;
    if (!search_.empty()) find_from(1);
}

void TerminalInput::search_older() {
    if (!search_.empty()) find_from(found_ + 1);
}

void TerminalInput::end_search(bool keep) {
    searching_ = false;
    if (keep)
        buffer.move(Unit::document, Toward::forward, Selecting::no);
    else
        buffer.replace_all(draft_, draft_.size());
    position_ = 0;
}

}  // namespace kubewalk::ui
