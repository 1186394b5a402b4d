#pragma once
// The house's own controls. Each is given its rectangle: panels place, controls draw. Ids are words of
// ours, never translated; labels are what the learner reads.

#include <span>
#include <string>
#include <string_view>

#include "web/ui/icons.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

struct Press {
    bool clicked = false;
    bool hovered = false;
    bool held = false;
    bool focused = false;  // by keyboard
};

// The behaviour of a button without its looks; everything that can be clicked is made of it.
// `rounding` is the focus ring's.
Press press(Ui& ui, const Rect& box, std::string_view id, std::string_view label, float rounding = 8);

enum class ButtonKind : unsigned char {
    primary,  // the one thing to do next
    normal,   // raised with a line
    quiet,    // no box until hovered
};
struct ButtonOptions {
    ButtonKind kind = ButtonKind::normal;
    bool selected = false;
    bool enabled = true;
    float size = 13;
    float rounding = 8;
};
// `spoken`: what a reader hears where it is not the label.
bool button(Ui& ui, const Rect& box, std::string_view id, std::string_view label, const ButtonOptions& options = {},
            std::string_view spoken = {});
bool icon_button(Ui& ui, const Rect& box, std::string_view id, Icon icon, std::string_view label,
                 const ButtonOptions& options = {});
// How wide a button with this label wants to be.
float button_width(const Ui& ui, std::string_view label, float size = 13, float padding = 12);

struct Tab {
    std::string_view id;
    std::string_view label;
};
// A row of pills; returns the index clicked, or -1. Draws from the left, within `box`.
int pill_tabs(Ui& ui, const Rect& box, std::span<const Tab> tabs, int selected);
// One box that holds its choices (the canvas' views). Returns the index clicked, or -1.
int segmented(Ui& ui, Vec top_left, std::span<const Tab> tabs, int selected, Rect* covered = nullptr);

// A thin line that drags. Moves *value by the mouse's way times `sign`; true while dragged.
bool splitter(Ui& ui, const Rect& box, std::string_view id, std::string_view label, ImGuiAxis axis, float* value,
              float sign, float low, float high);

// Shown after a short rest over the item that was drawn last; `above` that height, where what is below must stay in sight.
void tooltip(Ui& ui, std::string_view text, float above = 0);

void focus_ring(Ui& ui, const Rect& box, float rounding);
void box_with_line(ImDrawList* list, const Rect& box, Color fill, Color line, float rounding, float thickness = 1);
// Soft shadow under floating cards.
void shadow(ImDrawList* list, const Rect& box, float rounding, Color color, float spread = 14);
void dashed_box(ImDrawList* list, const Rect& box, Color color, float rounding, float thickness = 1);

// A child window that scrolls vertically (and horizontally where wanted); content is placed with the
// cursor as always in Dear ImGui. `id` names it in item paths too, unless it begins with a dot.
enum class ScrollAxis : unsigned char { vertical, both, none };
bool begin_area(Ui& ui, const Rect& box, std::string_view id, ScrollAxis axis = ScrollAxis::vertical);
void end_area(Ui& ui);

// Says how large the content of the area was, relative to its top left.
void content_size(Vec size);

// A number in a disc.
void number_badge(Ui& ui, ImDrawList* list, Vec center, float radius, int number, Color fill, Color text);

}  // namespace kubewalk::ui
