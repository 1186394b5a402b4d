#pragma once
// Where everything stands: bars above and below, lesson left, canvas and terminal in the middle,
// inspector right. Dividers drag, panels fold; on a small screen one side panel is open at a time.

#include "web/app/settings.h"
#include "web/ui/ui.h"

namespace kubewalk::ui {

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
    // Opens the inspector where a narrow window has folded it by itself.
    void reveal_inspector() { narrow_right_open_ = true; }

private:
    enum class Side : unsigned char { left, right, bottom };
    void handle(Ui& ui, app::Layout& wanted, const Areas& areas, Side side);
    bool open(const app::Layout& wanted, Side side) const;
    void toggle(app::Layout& wanted, Side side);

    bool compact_ = false;
    // Too narrow for three columns at ease: the inspector waits until there is something to look at. Not remembered.
    bool narrow_ = false;
    bool narrow_right_open_ = false;
    // What is open on a small screen; not remembered.
    bool compact_open_[3] = {true, false, false};
    Areas shown_;
};

}  // namespace kubewalk::ui
