#pragma once
// What helps while a manifest is typed: a list of what could stand at the caret, and a card about the
// field that the mouse rests on. Drawn above everything else; the keys go to the list while it is open.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "core/cluster/manifest_help.h"
#include "web/ui/text_buffer.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

class CodeAssist {
public:
    std::function<cluster::Completion(std::string_view text, std::size_t caret)> complete;
    std::function<cluster::FieldHelp(std::string_view text, std::size_t offset)> explain;

    // Before the editor looks at the keys and at the mouse. True when these were for the list.
    bool take_input(Ui& ui, TextBuffer& buffer);
    // After the editor's own turn: opens the list for what was typed, follows the caret, or closes it.
    void follow(Ui& ui, const TextBuffer& buffer, std::uint64_t version_before, bool focused);
    // `caret`: top left of the caret; the list stands below it or, at the lower end of the screen, above.
    void draw(Ui& ui, Vec caret, float line_height);
    // The mouse is over this byte of the text, or over none (npos).
    void hover(Ui& ui, const TextBuffer& buffer, std::size_t offset, Vec below);
    bool open() const { return !completion_.suggestions.empty(); }
    void close() { completion_.suggestions.clear(); }

private:
    void ask(const TextBuffer& buffer);
    void accept(TextBuffer& buffer);
    Rect row_box(int row) const;

    cluster::Completion completion_;
    std::size_t asked_at_ = 0;  // the caret for which the list was made
    int selected_ = 0;
    int first_ = 0;             // the topmost row shown
    Rect list_;                 // where it was drawn last
    std::size_t hovered_ = std::string_view::npos;
    double hovered_since_ = 0;
    bool pointed_ = false;  // by the mouse, and nothing was typed since
    std::uint64_t explained_version_ = ~std::uint64_t{0};
    std::size_t explained_at_ = std::string_view::npos;
    cluster::FieldHelp help_;
};

}  // namespace kubewalk::ui
