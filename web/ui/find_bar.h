#pragma once
// Find and replace above an editor.

#include "web/ui/code_editor.h"
#include "web/ui/text_input.h"

namespace kubewalk::ui {

class FindBar {
public:
    // Opens by the editor's own keys too. Returns where the editor begins.
    float draw(Ui& ui, CodeEditor& editor, const Rect& area, float y);
    void toggle();
    bool open() const { return open_; }

private:
    float draw_replace(Ui& ui, CodeEditor& editor, const Rect& area, float y);
    TextField find_;
    TextField replace_;
    bool open_ = false;
    bool replacing_ = false;
    bool back_ = false;
};

}  // namespace kubewalk::ui
