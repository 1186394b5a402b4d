#pragma once
// What is remembered between visits: looks and layout, never the cluster.

#include <string>
#include <string_view>

#include "web/app/action.h"

namespace kubewalk::app {

enum class ThemeChoice : unsigned char { system, dark, light };

// Sizes in CSS pixels of what the dividers move.
struct Layout {
    float left = 340;
    float right = 380;
    float bottom = 210;
    bool left_folded = false;
    bool right_folded = false;
    bool bottom_folded = false;
    friend bool operator==(const Layout&, const Layout&) = default;
};

struct Settings {
    ThemeChoice theme = ThemeChoice::system;
    std::string language = "en";
    Layout layout;
    Mode mode = Mode::learn;
    View view = View::architecture;
    double speed = 1;
    bool terminal_colours = true;
    friend bool operator==(const Settings&, const Settings&) = default;
};

std::string save_settings(const Settings& settings);
// Unknown or malformed parts keep what `settings` holds.
void load_settings(std::string_view text, Settings& settings);

}  // namespace kubewalk::app
