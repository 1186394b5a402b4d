#include "web/ui/layout.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "web/ui/panel.h"
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
constexpr float wide_from = 1900, wide_left = 400, wide_right = 460, wide_bottom = 260;
constexpr float grip = 9;  // how much of a divider takes the mouse
constexpr float upright_time = 84;
constexpr float sheet_tabs = 42, sheet_min = 150, sheet_share = 0.56f, above_sheet_min = 130;

bool divider(Ui& ui, const Rect& box, std::string_view id, std::string_view label, ImGuiAxis axis, float* value, float sign,
             float low, float high) {
    begin_area(ui, box, std::string(".") + std::string(id), ScrollAxis::none);
    bool moved = splitter(ui, box, id, label, axis, value, sign, low, high);
    end_area(ui);
    return moved;
}

}  // namespace

bool LayoutState::open(const app::Layout& wanted, Side side) const {
    if (compact_) {
        const bool right = compact_open_[static_cast<int>(Side::right)], bottom = compact_open_[static_cast<int>(Side::bottom)];
        // One sheet: what was chosen lies above what is written, and that above what is read.
        if (upright_ && side != Side::right && right) return false;
        if (upright_ && side == Side::left && bottom) return false;
        return compact_open_[static_cast<int>(side)];
    }
    switch (side) {
    case Side::left: return !wanted.left_folded;
    case Side::right: return !wanted.right_folded && (!narrow_ || narrow_right_open_);
    case Side::bottom: return !wanted.bottom_folded;
    }
    return true;
}

void LayoutState::toggle(app::Layout& wanted, Side side) {
    if (compact_) {
        bool now_open = !open(wanted, side);
        if (upright_) std::fill(std::begin(compact_open_), std::end(compact_open_), false);
        if (now_open && side != Side::bottom) compact_open_[0] = compact_open_[1] = false;
        opened_for_choice_ = false;
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

void LayoutState::show_choice(bool something) {
    bool& left = compact_open_[static_cast<int>(Side::left)];
    bool& right = compact_open_[static_cast<int>(Side::right)];
    if (something && !right) {
        left_before_choice_ = std::exchange(left, false);
        opened_for_choice_ = right = true;
    } else if (!something && std::exchange(opened_for_choice_, false) && right) {
        right = false;
        left = left_before_choice_;
    }
}

Areas LayoutState::compute(const app::Layout& wanted, Vec display) {
    compact_ = display.x < 900 || display.y < 520;
    upright_ = display.x < upright_below;
    narrow_ = !compact_ && display.x < narrow_below;
    if (!narrow_) narrow_right_open_ = false;
    if (upright_) return shown_ = compute_upright(wanted, display);
    Areas areas;
    float top = compact_ ? 40.0f : 48.0f;
    float time = compact_ ? 48.0f : 64.0f;
    areas.left_open = open(wanted, Side::left);
    areas.right_open = open(wanted, Side::right);
    areas.bottom_open = open(wanted, Side::bottom);

    const app::Layout usual{};
    float left = areas.left_open ? wanted.left : 0;
    // What nobody has dragged gives way where there is little, and takes its share where there is much.
    const bool wide = display.x >= wide_from;
    if (narrow_ && wanted.left == usual.left) left = std::min(left, narrow_left);
    if (wide && areas.left_open && wanted.left == usual.left) left = wide_left;
    float right = areas.right_open ? wanted.right : 0;
    if (wide && areas.right_open && wanted.right == usual.right) right = wide_right;
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
        const float asked = wide && display.y >= 1000 && wanted.bottom == usual.bottom ? wide_bottom : wanted.bottom;
        bottom = std::round(std::clamp(asked, bottom_min, std::max(bottom_min, most)));
    }
    areas.left = Rect(0, top, left, areas.time.Min.y);
    areas.right = Rect(display.x - right, top, display.x, areas.time.Min.y);
    areas.canvas = Rect(left, top, display.x - right, areas.time.Min.y - bottom);
    areas.bottom = Rect(left, areas.canvas.Max.y, display.x - right, areas.time.Min.y);
    shown_ = areas;
    return areas;
}

// The canvas above, below it the names of the panels and the one that is open.
Areas LayoutState::compute_upright(const app::Layout& wanted, Vec display) {
    Areas areas;
    areas.top = Rect(0, 0, display.x, 40);
    areas.time = Rect(0, display.y - upright_time, display.x, display.y);
    areas.left_open = open(wanted, Side::left);
    areas.right_open = open(wanted, Side::right);
    areas.bottom_open = open(wanted, Side::bottom);
    const float end = areas.time.Min.y, middle = end - areas.top.Max.y - sheet_tabs;
    float sheet = 0;
    if (areas.left_open || areas.right_open || areas.bottom_open)
        sheet = std::round(std::clamp(sheet_ > 0 ? sheet_ : middle * sheet_share, sheet_min, std::max(sheet_min, middle - above_sheet_min)));
    const Rect below(0, end - sheet, display.x, end);
    areas.canvas = Rect(0, areas.top.Max.y, display.x, below.Min.y - sheet_tabs);
    areas.left = areas.left_open ? below : Rect(below.Min, Vec(0, end));
    areas.right = areas.right_open ? below : Rect(Vec(display.x, below.Min.y), below.Max);
    areas.bottom = areas.bottom_open ? below : Rect(Vec(0, end), below.Max);
    return areas;
}

Areas LayoutState::compute_embedded(Vec display) {
    compact_ = true;
    upright_ = display.x < upright_below;
    const float time = upright_ ? upright_time : 48;
    Areas areas;
    areas.time = Rect(0, display.y - time, display.x, display.y);
    areas.canvas = Rect(0, 0, display.x, display.y - time);
    shown_ = areas;
    return areas;
}

namespace {

// The name of the panel that a dock shows now.
std::string_view title_of(const Ui& ui, Dock dock, int value) {
    for (const PanelEntry& entry : panel_table())
        if (entry.dock == dock && entry.value == value) return ui.t(entry.title);
    return {};
}

}  // namespace

void LayoutState::draw_sheet_tabs(Ui& ui, app::Layout& wanted, const Areas& areas) {
    const float width = areas.top.GetWidth(), sheet = areas.time.Min.y - areas.canvas.Max.y - sheet_tabs;
    const Rect row = rect(0, areas.canvas.Max.y, width, sheet_tabs);
    begin_area(ui, row, ".sheet", ScrollAxis::none);
    ui.list()->AddRectFilled(row.Min, row.Max, ui.theme().panel);
    ui.list()->AddLine(row.Min + Vec(0, 0.5f), Vec(row.Max.x, row.Min.y + 0.5f), ui.theme().line);
    struct SheetTab {
        Side side;
        const char* id;
        std::string_view word;
    };
    const SheetTab tabs[] = {{Side::left, "fold-left", title_of(ui, Dock::left, static_cast<int>(ui.state.settings.mode))},
                             {Side::bottom, "fold-bottom", title_of(ui, Dock::bottom, static_cast<int>(ui.state.bottom))},
                             {Side::right, "fold-right", ui.t("inspector")}};
    constexpr float gap = 8, side_margin = 12;
    const float each = std::floor((width - 2 * side_margin - 2 * gap) / 3);
    float x = side_margin;
    for (const SheetTab& tab : tabs) {
        ButtonOptions options;
        options.selected = open(wanted, tab.side);
        if (button(ui, rect(x, row.Min.y + 6, each, 30), tab.id, std::string(tab.word), options)) toggle(wanted, tab.side);
        x += each + gap;
    }
    end_area(ui);
    float value = sheet;
    const float most = areas.time.Min.y - areas.top.Max.y - sheet_tabs - above_sheet_min;
    if (sheet > 0 && divider(ui, rect(0, row.Min.y - grip, width, grip + 4), "divide-bottom", ui.t("divide-bottom"), ImGuiAxis_Y, &value, -1, sheet_min, std::max(sheet_min, most)))
        sheet_ = value;
}

void LayoutState::handle(Ui& ui, app::Layout& wanted, const Areas& areas, Side side) {
    const Theme& theme = ui.theme();
    bool is_open = open(wanted, side);
    Rect box;
    Icon icon = Icon::chevron_left;
    const char* id = "fold-left";
    constexpr float width = 14, length = 44;
    float middle = (areas.top.Max.y + areas.time.Min.y) * 0.5f;
    std::string_view word;
    const TextStyle word_style{Face::text, 12, theme.dim};
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
        // Folded, it says what is below it.
        if (!is_open) {
            word = title_of(ui, Dock::bottom, static_cast<int>(ui.state.bottom));
            const float wide = ui.fonts.width(word, word_style) + 44;
            box = rect(areas.bottom.GetCenter().x - wide * 0.5f, areas.bottom.Min.y - 22, wide, 22);
        }
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
    draw_icon(ui.list(), icon, word.empty() ? box.GetCenter() : Vec(box.Min.x + 16, box.GetCenter().y), 8, state.hovered ? theme.text : theme.faint);
    if (!word.empty()) draw_text(ui.list(), ui.fonts, box.Min + Vec(28, 0), box.GetHeight(), word_style, word);
    if (state.hovered) tooltip(ui, label);
    end_area(ui);
    if (state.clicked) toggle(wanted, side);
}

void LayoutState::draw_dividers(Ui& ui, app::Layout& wanted, const Areas& areas) {
    Scope scope(ui, "layout");
    if (upright_) return draw_sheet_tabs(ui, wanted, areas);
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
