#include "web/ui/layout.h"

#include <algorithm>
#include <cmath>

#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

constexpr float canvas_min_width = 420;
constexpr float canvas_min_height = 240;
constexpr float left_min = 250;
constexpr float right_min = 270;
constexpr float bottom_min = 96;
constexpr float narrow_below = 1120, narrow_left = 310;
constexpr float low_below = 760, low_bottom = 172;
constexpr float grip = 9;  // how much of a divider takes the mouse

bool divider(Ui& ui, const Rect& box, std::string_view id, std::string_view label, ImGuiAxis axis, float* value, float sign,
             float low, float high) {
    begin_area(ui, box, std::string(".") + std::string(id), ScrollAxis::none);
    bool moved = splitter(ui, box, id, label, axis, value, sign, low, high);
    end_area(ui);
    return moved;
}

}  // namespace

bool LayoutState::open(const app::Layout& wanted, Side side) const {
    if (compact_) return compact_open_[static_cast<int>(side)];
    switch (side) {
    case Side::left: return !wanted.left_folded;
    case Side::right: return !wanted.right_folded && (!narrow_ || narrow_right_open_);
    case Side::bottom: return !wanted.bottom_folded;
    }
    return true;
}

void LayoutState::toggle(app::Layout& wanted, Side side) {
    if (compact_) {
        bool now_open = !compact_open_[static_cast<int>(side)];
        if (now_open && side != Side::bottom) compact_open_[0] = compact_open_[1] = false;
        compact_open_[static_cast<int>(side)] = now_open;
        return;
    }
    if (narrow_ && side == Side::right && !wanted.right_folded) {
        narrow_right_open_ = !narrow_right_open_;
        return;
    }
    if (side == Side::right) narrow_right_open_ = true;
    bool& folded = side == Side::left    ? wanted.left_folded
                   : side == Side::right ? wanted.right_folded
                                         : wanted.bottom_folded;
    folded = !folded;
}

Areas LayoutState::compute(const app::Layout& wanted, Vec display) {
    compact_ = display.x < 900 || display.y < 520;
    narrow_ = !compact_ && display.x < narrow_below;
    if (!narrow_) narrow_right_open_ = false;
    Areas areas;
    float top = compact_ ? 40.0f : 48.0f;
    float time = compact_ ? 48.0f : 64.0f;
    areas.left_open = open(wanted, Side::left);
    areas.right_open = open(wanted, Side::right);
    areas.bottom_open = open(wanted, Side::bottom);

    const app::Layout usual{};
    float left = areas.left_open ? wanted.left : 0;
    // What nobody has dragged gives way where there is little.
    if (narrow_ && wanted.left == usual.left) left = std::min(left, narrow_left);
    float right = areas.right_open ? wanted.right : 0;
    if (compact_) {
        left = std::min(left, std::floor(display.x * 0.42f));
        right = std::min(right, std::floor(display.x * 0.46f));
    } else {
        float over = left + right + canvas_min_width - display.x;
        if (over > 0 && areas.right_open) {
            float give = std::min(over, std::max(0.0f, right - right_min));
            right -= give;
            over -= give;
        }
        if (over > 0 && areas.left_open) left -= std::min(over, std::max(0.0f, left - left_min));
    }
    left = std::round(left);
    right = std::round(right);

    areas.top = Rect(0, 0, display.x, top);
    areas.time = Rect(0, display.y - time, display.x, display.y);
    float middle_height = display.y - top - time;
    float bottom = 0;
    if (areas.bottom_open) {
        float most = compact_ ? middle_height * 0.6f : middle_height - canvas_min_height;
        if (!compact_ && display.y < low_below && wanted.bottom == usual.bottom) most = std::min(most, low_bottom);
        bottom = std::round(std::clamp(wanted.bottom, bottom_min, std::max(bottom_min, most)));
    }
    areas.left = Rect(0, top, left, areas.time.Min.y);
    areas.right = Rect(display.x - right, top, display.x, areas.time.Min.y);
    areas.canvas = Rect(left, top, display.x - right, areas.time.Min.y - bottom);
    areas.bottom = Rect(left, areas.canvas.Max.y, display.x - right, areas.time.Min.y);
    shown_ = areas;
    return areas;
}

Areas LayoutState::compute_embedded(Vec display) {
    compact_ = true;
    constexpr float time = 48;
    Areas areas;
    areas.time = Rect(0, display.y - time, display.x, display.y);
    areas.canvas = Rect(0, 0, display.x, display.y - time);
    shown_ = areas;
    return areas;
}

void LayoutState::handle(Ui& ui, app::Layout& wanted, const Areas& areas, Side side) {
    const Theme& theme = ui.theme();
    bool is_open = open(wanted, side);
    Rect box;
    Icon icon = Icon::chevron_left;
    const char* id = "fold-left";
    constexpr float width = 14, length = 44;
    float middle = (areas.top.Max.y + areas.time.Min.y) * 0.5f;
    switch (side) {
    case Side::left:
        box = rect(is_open ? areas.left.Max.x - width * 0.5f : 0, middle - length * 0.5f, width, length);
        icon = is_open ? Icon::chevron_left : Icon::chevron_right;
        break;
    case Side::right:
        box = rect(areas.right.Min.x - (is_open ? width * 0.5f : width), middle - length * 0.5f, width, length);
        icon = is_open ? Icon::chevron_right : Icon::chevron_left;
        id = "fold-right";
        break;
    case Side::bottom:
        box = rect(areas.bottom.GetCenter().x - length * 0.5f, areas.bottom.Min.y - (is_open ? width * 0.5f : width), length, width);
        icon = is_open ? Icon::chevron_down : Icon::chevron_up;
        id = "fold-bottom";
        break;
    }
    // A window of its own: it lies above the panels at its sides, which are windows too.
    begin_area(ui, box, std::string(".") + id, ScrollAxis::none);
    std::string label(ui.t(id));
    Press state = press(ui, box, id, label, 6);
    // On the divider it covers least of what lies at its sides; where a panel is folded it hangs at the edge.
    ImDrawFlags corners = is_open ? ImDrawFlags_RoundCornersAll : side == Side::left    ? ImDrawFlags_RoundCornersRight
                          : side == Side::right ? ImDrawFlags_RoundCornersLeft
                                                : ImDrawFlags_RoundCornersTop;
    ui.list()->AddRectFilled(box.Min, box.Max, state.hovered ? theme.raised : theme.panel, 6, corners);
    ui.list()->AddRect(box.Min, box.Max, theme.line, 6, corners);
    draw_icon(ui.list(), icon, box.GetCenter(), 8, state.hovered ? theme.text : theme.faint);
    if (state.hovered) tooltip(ui, label);
    end_area(ui);
    if (state.clicked) toggle(wanted, side);
}

void LayoutState::draw_dividers(Ui& ui, app::Layout& wanted, const Areas& areas) {
    Scope scope(ui, "layout");
    // A divider starts from what is shown, which a small window may have made less than what is wanted.
    Vec display = ImGui::GetIO().DisplaySize;
    if (areas.left_open) {
        float value = areas.left.GetWidth();
        Rect box(areas.left.Max.x - grip * 0.5f, areas.left.Min.y, areas.left.Max.x + grip * 0.5f, areas.left.Max.y);
        float most = display.x - areas.right.GetWidth() - (compact_ ? 200.0f : canvas_min_width);
        if (divider(ui, box, "divide-left", ui.t("divide-left"), ImGuiAxis_X, &value, 1, left_min, most)) wanted.left = value;
    }
    if (areas.right_open) {
        float value = areas.right.GetWidth();
        Rect box(areas.right.Min.x - grip * 0.5f, areas.right.Min.y, areas.right.Min.x + grip * 0.5f, areas.right.Max.y);
        float most = display.x - areas.left.GetWidth() - (compact_ ? 200.0f : canvas_min_width);
        if (divider(ui, box, "divide-right", ui.t("divide-right"), ImGuiAxis_X, &value, -1, right_min, most))
            wanted.right = value;
    }
    if (areas.bottom_open) {
        float value = areas.bottom.GetHeight();
        Rect box(areas.bottom.Min.x, areas.bottom.Min.y - grip * 0.5f, areas.bottom.Max.x, areas.bottom.Min.y + grip * 0.5f);
        float most = areas.bottom.Max.y - areas.top.Max.y - (compact_ ? 80.0f : canvas_min_height);
        if (divider(ui, box, "divide-bottom", ui.t("divide-bottom"), ImGuiAxis_Y, &value, -1, bottom_min, most))
            wanted.bottom = value;
    }
    // After the dividers, so that they lie above them.
    handle(ui, wanted, areas, Side::left);
    handle(ui, wanted, areas, Side::right);
    handle(ui, wanted, areas, Side::bottom);
}

}  // namespace kubewalk::ui
