#pragma once
// Small drawings made of lines: sharp at every scale, no font needed.

#include "web/ui/imgui.h"

#include <initializer_list>

namespace kubewalk::ui {

enum class Icon : unsigned char {
    logo,
    play,
    pause,
    to_start,
    step_back,
    step_forward,
    chevron_left,
    chevron_right,
    chevron_up,
    chevron_down,
    check,
    cross,
    theme,
    share,
    warning,
    lock,
    search,
    undo,
    redo,
    copy,
    restart,
    pointer,
    bulb,
    plus,
    folder,
    save,
    menu,
    filter,
    next_change,  // a dot, and an arrow to the next
    power,
    plug,         // a cable
    target,       // choose on the canvas
    pin,
    replace,      // one line becomes another
    away,         // opens somewhere else
    branch,       // a line that parts
};

// `size` is the side of the square that the icon fills around `center`.
void draw_icon(ImDrawList* list, Icon icon, Vec center, float size, Color color);
// The word "Chinese" in Chinese, for a reader whose browser has not fetched the Chinese font yet. Twice as
// wide as high; `center` is between the two characters.
void draw_zhongwen(ImDrawList* list, Vec center, float size, Color color);
// The coloured hexagon of the brand.
void draw_logo(ImDrawList* list, Vec center, float size);

}  // namespace kubewalk::ui
