#pragma once
// One terminal: the lines that were printed, selecting and copying them, names that can be clicked, and the line
// being typed.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/code_lines.h"
#include "web/ui/terminal_find.h"
#include "web/ui/terminal_input.h"
#include "web/ui/text_input.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

class TerminalView {
public:
    enum class LineKind : unsigned char { command, more, out, error };

    struct Line {
        LineKind kind;
        std::string_view text;     // into the transcript, which the Model keeps
        std::string_view command;  // that printed it
    };

    void draw(Ui& ui, const Rect& area);
    // Ctrl+L.
    void clear() { follow_ = true, cleared_before_ = lines_.size(); }
    void find() { find_.open(); }

private:
    // A word that names an object.
    struct Link {
        int line = -1;
        std::size_t begin = 0;
        std::size_t end = 0;
        sim::ObjectRef object;  // an empty name: looked up, and it is none
    };

    struct Position {
        int line = 0;
        int column = 0;  // bytes
        auto operator<=>(const Position&) const = default;
    };

    // A line that Ctrl+C threw away before it was entered: a shell leaves it in sight.
    struct Dropped {
        std::size_t before = 0;  // entries of the transcript above it
        std::string text;
    };

    void collect(Ui& ui);
    void interrupt(Ui& ui);
    bool command_keys(Ui& ui);
    float scroll_target(const Rect& area, float total) const;
    void keys(Ui& ui);
    void search_keys(Ui& ui);
    bool control_keys(Ui& ui);
    void complete(Ui& ui);
    void submit(Ui& ui);
    void paste(Ui& ui);
    void mouse(Ui& ui, const TextFocus& focus, Vec origin);
    void links(Ui& ui, const TextFocus& focus, Vec origin);
    void draw_lines(Ui& ui, Vec origin, const Rect& area);
    float draw_pending(Ui& ui, Vec at, bool running);
    void draw_ends_hint(Ui& ui, Vec caret, float height, bool running);
    float draw_prompt(Ui& ui, Vec at, bool focused);
    Position position_at(const Ui& ui, Vec origin) const;
    std::string selected_text() const;

    std::vector<Line> lines_;
    std::deque<std::string> translated_;  // what lines of ours read in the learner's language
    std::string language_;
    std::uint64_t collected_ = ~std::uint64_t{0};
    std::uint64_t session_ = 0;
    std::vector<CodeSpan> spans_;
    float widest_ = 0;
    TerminalInput input_;
    std::deque<Dropped> dropped_;
    TerminalFind find_;
    int found_line_ = -1;               // to be shown in the next frame
    int screen_line_ = -1;              // where the screen of a running `watch` begins
    std::vector<std::string> choices_;  // Tab found several
    Position from_, to_;
    bool selecting_ = false;
    Link link_;  // under the mouse
    double running_since_ = 0;  // whatever runs in the foreground
    bool follow_ = true;   // stay at the end
    std::size_t shown_entries_ = 0;
    std::size_t cleared_before_ = 0;  // Ctrl+L
};

}  // namespace kubewalk::ui
