#pragma once
// The terminal's input line as readline has it: history, reverse search, word and line killing,
// here-documents over several lines. Knows nothing of how it is drawn.

#include <string>
#include <string_view>
#include <vector>

#include "web/ui/text_buffer.h"

namespace kubewalk::ui {

// The word that ends an open here-document in `text`, "" when none is open.
std::string open_here_document(std::string_view text);

class TerminalInput {
public:
    TextBuffer buffer;

    // Lines of a here-document that were entered before the one being typed.
    const std::string& pending() const { return pending_; }
    bool searching() const { return searching_; }
    const std::string& search_text() const { return search_; }

    // Enter: the command when it is complete, "" when more lines are needed (or nothing was typed).
    std::string enter();
    void cancel();  // Ctrl+C

    void history_up();
    void history_down();
    void set_history(std::vector<std::string> history) { history_ = std::move(history); }
    const std::vector<std::string>& history() const { return history_; }

    void kill_to_start();
    void kill_to_end();
    void kill_word();
    void yank() { buffer.insert(killed_); }

    void begin_search();
    void search_type(std::string_view text);
    void search_erase();
    void search_older();
    void end_search(bool keep);

private:
    void show_history(std::size_t index);
    void find_from(std::size_t index);

    std::string pending_;
    std::vector<std::string> history_;
    std::size_t position_ = 0;  // 0: the line being typed; n: n-th newest
    std::string draft_;
    std::string killed_;
    bool searching_ = false;
    std::string search_;
    std::size_t found_ = 0;
};

}  // namespace kubewalk::ui
