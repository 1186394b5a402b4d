#pragma once
// Text being edited: caret, selection, undo. UTF-8; positions are byte offsets at character borders.
// Knows nothing of how it is drawn.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kubewalk::ui {

enum class Unit : unsigned char { character, word, line_edge, line, document };
enum class Toward : unsigned char { back, forward };
enum class Selecting : unsigned char { no, yes };

class TextBuffer {
public:
    const std::string& text() const { return text_; }
    std::size_t caret() const { return caret_; }
    std::size_t anchor() const { return anchor_; }
    std::uint64_t version() const { return version_; }

    // Replaces everything and forgets the history.
    void reset(std::string text);
    // One undoable step.
    void replace_all(std::string text, std::size_t caret);

    bool has_selection() const { return caret_ != anchor_; }
    std::pair<std::size_t, std::size_t> selection() const;
    std::string_view selected() const;
    void select(std::size_t anchor, std::size_t caret);
    void select_all() { select(0, text_.size()); }
    void select_word_at(std::size_t at);

    void move(Unit unit, Toward toward, Selecting selecting);
    void move_to(std::size_t at, Selecting selecting);
    // Up or down by lines, keeping the column.
    void move_lines(int lines, Selecting selecting);

    // Replace the selection.
    void insert(std::string_view piece);
    // The selection, or one unit beside the caret. Returns what was taken.
    std::string erase(Unit unit, Toward toward);
    // Every place, as one undoable step; how many there were.
    std::size_t replace_each(const std::vector<std::size_t>& places, std::size_t length, std::string_view piece);
    // Spaces at the beginning of each selected line; a negative amount takes them away.
    void indent(int amount);

    bool undo();
    bool redo();
    bool can_undo() const { return !undo_.empty(); }
    bool can_redo() const { return !redo_.empty(); }

    // Lines count from 0.
    int line_of(std::size_t at) const;
    std::size_t line_start(std::size_t at) const;
    std::size_t line_end(std::size_t at) const;

private:
    // One piece of text that another one took the place of. Undo has no end: only what changed is kept.
    struct Change {
        std::size_t at = 0;
        std::string before;
        std::string after;
    };
    // What one undo takes back.
    struct Step {
        std::vector<Change> changes;
        std::size_t caret = 0;   // as it stood before
        std::size_t anchor = 0;
        std::size_t caret_after = 0;
        std::size_t anchor_after = 0;
    };
    enum class Edit : unsigned char { none, typing, erasing, other };

    void remember(Edit edit);
    // All changes of the text go through here, between remember() and done().
    void change(std::size_t at, std::size_t length, std::string_view piece);
    void done();
    std::size_t step(std::size_t from, Unit unit, Toward toward) const;

    std::string text_;
    std::size_t caret_ = 0;
    std::size_t anchor_ = 0;
    std::size_t wanted_column_ = std::string::npos;
    std::uint64_t version_ = 0;
    std::vector<Step> undo_;
    std::vector<Step> redo_;
    Edit last_ = Edit::none;
};

}  // namespace kubewalk::ui
