#pragma once
// What every place that takes text shares: focus, the caret for input methods, editing keys, and the
// one-line field.

#include <string>
#include <string_view>

#include "web/ui/text_buffer.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

struct TextFocus {
    bool focused = false;
    bool gained = false;   // in this frame
    bool pressed = false;  // the mouse went down inside in this frame
    bool dragging = false; // the mouse is held since
    bool hovered = false;
    ImGuiID id = 0;
};

// Registers `box` as an item that takes text. A click focuses it, a click elsewhere or Escape ends that.
TextFocus text_focus(Ui& ui, const Rect& box, std::string_view id, std::string_view label, float rounding);
void take_text_focus(Ui& ui, ImGuiID id);
void drop_text_focus(Ui& ui);
// Tells the platform where the caret is; once per frame by whoever has the focus.
void place_caret(Ui& ui, Vec at, float line_height);
// On for half a second, off for half a second; restarts when `version` changes.
bool caret_visible(Ui& ui);

enum class Lines : unsigned char { one, many };
// Typed characters and the editing keys that mean the same everywhere: moving, selecting, deleting,
// clipboard, undo. True when something was done.
bool edit_by_keys(Ui& ui, TextBuffer& buffer, Lines lines);
// Characters typed since the last frame, as UTF-8 (control characters left out).
std::string typed_text();
// Ctrl, or Cmd on a Mac.
bool command_key();

enum class FieldEvent : unsigned char { none, changed, submitted };
struct FieldOptions {
    std::string_view placeholder;
    Face face = Face::text;
    float size = 13;
    bool error = false;
};
class TextField {
public:
    TextBuffer buffer;
    FieldEvent draw(Ui& ui, const Rect& box, std::string_view id, std::string_view label, const FieldOptions& options = {});
    void focus_next_frame() { wants_focus_ = true; }
    bool focused() const { return focused_; }
    bool wants_focus() const { return wants_focus_; }

private:
    std::size_t offset_at(const Ui& ui, const TextStyle& style, float x) const;
    float scroll_ = 0;
    bool wants_focus_ = false;
    bool focused_ = false;
};

}  // namespace kubewalk::ui
