#pragma once
// The text editor: line numbers, colours, squiggles with their messages right below the line, find,
// undo, clipboard, input methods. Knows YAML only through the painter it is given.

#include <cstdint>
#include <utility>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/code_assist.h"
#include "web/ui/code_lines.h"
#include "web/ui/text_input.h"

namespace kubewalk::ui {

enum class Severity : unsigned char {
    error,    // it will be refused
    warning,  // the server accepts it and says something
    hint,     // nobody complains, and it will not do what was meant
    missing,  // what the text still lacks: said, not marked
};

struct CodeProblem {
    int line = 0;    // from 1; 0: the whole text
    int column = 0;  // from 1; 0: the whole line
    std::string message;
    Severity severity = Severity::error;
};

class CodeEditor {
public:
    TextBuffer buffer;
    CodeAssist assist;  // without questions to ask it stays silent

    void draw(Ui& ui, const Rect& area, std::string_view id, std::string_view label, CodeLines::Paint paint,
              const std::vector<CodeProblem>& problems);

    // Marks every place; the caret goes to the next one after it.
    void find(std::string_view text);
    void find_next(Toward toward);
    std::size_t matches() const { return found_.size(); }
    std::size_t match_number() const;  // of the selected one, from 1; 0: none is
    // Every match at once, one step for undo; how many there were.
    std::size_t replace_all(std::string_view with);
    // The selected match, then on to the next one.
    void replace_next(std::string_view with);
    bool wants_find() { return std::exchange(wants_find_, false); }        // Ctrl+F was pressed
    bool wants_replace() { return std::exchange(wants_replace_, false); }  // Ctrl+H
    bool wants_apply() { return std::exchange(wants_apply_, false); }      // Ctrl+S
    // A piece of several lines was pasted since the last question.
    bool pasted() { return std::exchange(pasted_, false); }
    // The next problem after the caret (F8).
    void next_problem(const std::vector<CodeProblem>& problems);
    void reveal(int line) { reveal_line_ = line; }
    // The search field took over: the text lost the keys.
    bool focused() const { return focused_; }

private:
    // A drawn row: a line of the text, or a row of a problem's message below it.
    struct Row {
        int line = 0;     // from 0
        int problem = -1;
        std::string_view text;
    };
    void lay_out(const Ui& ui, float width, const std::vector<CodeProblem>& problems);
    void keys(Ui& ui);
    bool command_keys();
    void toggle_comment();
    void mouse(Ui& ui, const TextFocus& focus, Vec origin);
    void hover(Ui& ui, const TextFocus& focus, Vec origin);
    void draw_row(Ui& ui, const Row& row, float y, CodeLines::Paint paint, const std::vector<CodeProblem>& problems);
    void draw_marks(Ui& ui, const Row& row, Vec at);
    std::size_t offset_at(const Ui& ui, Vec origin) const;
    int row_of(int line) const;
    float x_of(const Ui& ui, std::string_view line, std::size_t bytes) const;

    std::vector<std::size_t> starts_;  // of each line
    std::vector<Row> rows_;
    std::vector<std::string> wrapped_;  // the messages' rows; rows_ point into it
    std::uint64_t laid_out_ = ~std::uint64_t{0};
    std::string laid_out_key_;
    float gutter_ = 0;
    float widest_ = 0;
    std::string needle_;
    std::vector<std::size_t> found_;
    std::uint64_t found_version_ = ~std::uint64_t{0};
    bool wants_find_ = false;
    bool wants_replace_ = false;
    bool wants_apply_ = false;
    bool wants_problem_ = false;
    bool pasted_ = false;
    bool scroll_to_caret_ = false;
    bool focused_ = false;
    int reveal_line_ = -1;
    float origin_x_ = 0;
};

}  // namespace kubewalk::ui
