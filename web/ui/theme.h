#pragma once
// Colours by meaning, in a dark and a light set. No panel names a colour itself.

#include "web/ui/imgui.h"

namespace kubewalk::ui {

struct Theme {
    bool dark = true;

    // Surfaces
    Color background;
    Color panel;
    Color raised;
    Color well;        // terminal, editor: deeper than the background
    Color box;         // machines on the canvas
    Color box_line;
    Color sunken;      // the runtime inside a node: between box and raised
    Color line;
    Color line_soft;   // between table rows
    Color grid;        // the canvas' dots
    Color hover;       // laid over a surface under the pointer

    // Text
    Color text;
    Color dim;
    Color faint;
    Color on_accent;   // on primary and selected surfaces

    // Meanings
    Color blue;        // client, API writes
    Color violet;      // controllers
    Color amber;       // etcd, pending, attention
    Color green;       // healthy
    Color teal;        // packets, the followed thing
    Color rose;        // errors, drops

    // Tints: a meaning as a surface, and as text upon it
    Color blue_tint;
    Color blue_text;
    Color violet_tint;
    Color violet_text;
    Color amber_tint;
    Color amber_text;
    Color green_tint;
    Color teal_tint;
    Color teal_text;
    Color rose_tint;
    Color rose_text;

    // Controls
    Color primary;
    Color primary_hover;
    Color selected;      // chosen tab or button
    Color selected_line;
    Color selected_row;
    Color badge;         // numbers of hops
    Color code;          // inline code
    Color code_text;
    Color card;          // the floating header card
    Color select_text;   // selection in editor and terminal
    Color shadow;
};

const Theme& theme_dark();
const Theme& theme_light();

// `amount` 0: a, 1: b.
Color mix(Color a, Color b, float amount);
Color with_alpha(Color color, float alpha);

// What Dear ImGui itself draws: scroll bars, navigation cursor, popups.
void apply_style(const Theme& theme);

}  // namespace kubewalk::ui
