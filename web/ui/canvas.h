#pragma once
// What the canvas views share: a scaled drawing board, boxes with a title, wires that bend softly, and
// the dots that travel along them.

#include <string>
#include <string_view>
#include <vector>

#include "web/ui/ui.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

// Maps the board's own units to the screen. Views lay out in units; one unit is one CSS pixel at scale 1.
struct Board {
    Vec origin;
    float scale = 1;

    Vec at(float x, float y) const { return {origin.x + x * scale, origin.y + y * scale}; }
    Vec at(Vec p) const { return at(p.x, p.y); }
    Rect at(const Rect& r) const { return {at(r.Min), at(r.Max)}; }
};

struct BoxLook {
    Color fill = 0;
    Color line = 0;
    float rounding = 11;
    float thickness = 1;
    bool dashed = false;
};
void draw_box(Ui& ui, const Board& board, const Rect& box, const BoxLook& look);
// A line of text whose box begins at `at` (units); cut at `max_width` units.
void draw_label(Ui& ui, const Board& board, Vec at, float height, TextStyle style, std::string_view text, float max_width,
                Align align = Align::left);

// Straight pieces with rounded corners, or one smooth curve; in units.
class Wire {
public:
    static Wire bent(std::vector<Vec> corners, float radius = 10);
    static Wire curve(Vec from, Vec to);  // leaves and arrives horizontally
    static Wire curve_down(Vec from, Vec to);  // leaves and arrives vertically

    bool empty() const { return points_.size() < 2; }
    // 0: the beginning, 1: the end.
    Vec point(float share) const;
    float length() const { return length_; }
    Wire joined(const Wire& next) const;
    Wire reversed() const;
    void draw(Ui& ui, const Board& board, Color color, float thickness, float from = 0, float to = 1) const;
    void draw_dashed(Ui& ui, const Board& board, Color color, float thickness) const;

private:
    void measure();
    std::vector<Vec> points_;
    std::vector<float> at_;  // way from the beginning to each point
    float length_ = 0;
};

// Where a view's tools (30 high) begin that stand beside the views' names, which end above `area`.
float tools_top(const Ui& ui, const Rect& area);
// A bright dot with a glow.
void draw_dot(Ui& ui, Vec at, float radius, Color color);

// A clickable region of the canvas; registered under `id` for tests and lessons.
Press canvas_item(Ui& ui, const Board& board, const Rect& box, std::string_view id, std::string_view label, float rounding);

// In the middle of an empty canvas: what could be here and how to get it.
void draw_empty(Ui& ui, const Rect& area, std::string_view title, std::string_view hint);

// Health as a small shape: the colour alone would not do.
void draw_health(Ui& ui, Vec center, float radius, view::Health health);
std::string_view health_word(const Ui& ui, view::Health health);
// What there is to say of a Pod in one line: name, state, address, the Services that lead to it.
std::string pod_words(const Ui& ui, const view::PodChip& pod);
// How a workload is: "2/3", "1 active"; and in words.
std::string workload_tag(const Ui& ui, const view::WorkloadBox& load);
std::string workload_words(const Ui& ui, const view::WorkloadBox& load);
// A component as upstream names it; what is no program of upstream's has a word.
std::string_view component_title(const Ui& ui, const view::ComponentBox& component);

}  // namespace kubewalk::ui
