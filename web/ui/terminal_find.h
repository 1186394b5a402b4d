#pragma once
// Finding a word in what a terminal printed. The newest match comes first: that is where one looks from.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/text_input.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

class TerminalFind {
public:
    struct Match {
        int line = 0;
        int column = 0;  // bytes
    };

    void open();
    bool is_open() const { return open_; }
    // Looks the word up again when it or the text has changed.
    void search(const std::vector<std::string_view>& lines, std::uint64_t version);
    // The bar in the corner. Returns the line that is to be shown, or -1.
    int draw(Ui& ui, const Rect& area);

    // For the lines that are drawn.
    std::span<const Match> in_line(int line) const;
    bool current(const Match& match) const { return !found_.empty() && &match == &found_[at_]; }
    std::size_t length() const { return needle_.size(); }

private:
    int show(std::size_t match);

    TextField field_;
    bool open_ = false;
    std::string needle_;
    std::uint64_t version_ = 0;
    std::vector<Match> found_;  // from the top
    std::size_t at_ = 0;
    bool jump_ = false;  // another word: its newest match is to be shown
};

}  // namespace kubewalk::ui
