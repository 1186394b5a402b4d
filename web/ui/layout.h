#pragma once
// Where everything stands: bars above and below, lesson left, canvas and terminal in the middle,
// inspector right. Dividers drag, panels fold; on a small screen one side panel is open at a time, and on a phone held
// upright lesson, terminal and inspector share one sheet below the canvas.

#include "web/app/settings.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

// Less is a phone held upright: one column.
constexpr float upright_below = 600;

struct Areas {
    Rect top;
    Rect left;       // empty when folded
    Rect canvas;
    Rect bottom;
    Rect right;
    Rect time;
    bool left_open = false;
    bool right_open = false;
    bool bottom_open = false;
};

class LayoutState {
public:
    // `display`: the window in CSS pixels.
    Areas compute(const app::Layout& wanted, Vec display);
    // Only the canvas and the time bar, for pages that show this one inside.
    Areas compute_embedded(Vec display);
    // Dividers and fold handles; changes `wanted`.
    void draw_dividers(Ui& ui, app::Layout& wanted, const Areas& areas);
    bool compact() const { return compact_; }
    bool narrow() const { return narrow_; }
    bool upright() const { return upright_; }
    // Opens the inspector where a narrow window has folded it by itself.
    void reveal_inspector() { narrow_right_open_ = true; }
    // On a small screen the inspector comes in the lesson's place while something is chosen, and goes with the choice.
    void show_choice(bool something);

private:
    enum class Side : unsigned char { left, right, bottom };
    void handle(Ui& ui, app::Layout& wanted, const Areas& areas, Side side);
    bool open(const app::Layout& wanted, Side side) const;
    void toggle(app::Layout& wanted, Side side);
    Areas compute_upright(const app::Layout& wanted, Vec display);
    void draw_sheet_tabs(Ui& ui, app::Layout& wanted, const Areas& areas);

    bool compact_ = false;
    bool upright_ = false;
    float sheet_ = 0;  // what it was dragged to; 0: the usual share
    // Too narrow for three columns at ease: the inspector waits until there is something to look at. Not remembered.
    bool narrow_ = false;
    bool narrow_right_open_ = false;
    // What is open on a small screen; not remembered.
    bool compact_open_[3] = {true, false, false};
    bool left_before_choice_ = false;
    bool opened_for_choice_ = false;
    Areas shown_;
};

}  // namespace kubewalk::ui
