#include "web/ui/widgets.h"

#include <algorithm>
#include <cmath>

#include "web/ui/dropdown.h"
#include "web/ui/rich_text.h"

namespace kubewalk::ui {

Press press(Ui& ui, const Rect& box, std::string_view id, std::string_view label, float rounding) {
    Press result;
    ImGuiID item = ImGui::GetCurrentWindow()->GetID(id.data(), id.data() + id.size());
    ui.items.announce(item, id, label);
    if (!ImGui::ItemAdd(box, item)) return result;
    result.clicked = ImGui::ButtonBehavior(box, item, &result.hovered, &result.held);
    ImGuiContext& context = *ImGui::GetCurrentContext();
    result.focused = context.NavId == item && context.NavCursorVisible;
    if (result.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    if (result.focused) focus_ring(ui, box, rounding);
    return result;
}

void focus_ring(Ui& ui, const Rect& box, float rounding) {
    Rect ring = inset(box, -3);
    ui.items.note("focus-ring", {}, box);
    ImGui::GetForegroundDrawList()->AddRect(ring.Min, ring.Max, ui.theme().blue, rounding + 3, 0, 2);
}

void box_with_line(ImDrawList* list, const Rect& box, Color fill, Color line, float rounding, float thickness) {
    list->AddRectFilled(box.Min, box.Max, fill, rounding);
    if (line & IM_COL32_A_MASK) {
        Rect edge = inset(box, thickness * 0.5f);
        list->AddRect(edge.Min, edge.Max, line, rounding - thickness * 0.5f, 0, thickness);
    }
}

void shadow(ImDrawList* list, const Rect& box, float rounding, Color color, float spread) {
    constexpr int layers = 6;
    for (int i = layers; i >= 1; --i) {
        float grow = spread * static_cast<float>(i) / layers;
        Rect layer = inset(box, -grow);
        layer.Translate(Vec(0, spread * 0.25f));
        list->AddRectFilled(layer.Min, layer.Max, with_alpha(color, 0.16f), rounding + grow);
    }
}

namespace {

// A polyline as dashes of equal length.
void dash(ImDrawList* list, const ImVector<Vec>& points, Color color, float thickness, float on, float off) {
    float left = on;
    bool drawing = true;
    for (int i = 0; i + 1 < points.Size; ++i) {
        Vec from = points[i];
        Vec way = points[i + 1] - from;
        float length = std::sqrt(ImLengthSqr(way));
        float done = 0;
        while (length - done > 0.01f) {
            float piece = ImMin(left, length - done);
            if (drawing)
                list->AddLine(from + way * (done / length), from + way * ((done + piece) / length), color, thickness);
            done += piece;
            left -= piece;
            if (left <= 0.001f) {
                drawing = !drawing;
                left = drawing ? on : off;
            }
        }
    }
}

}  // namespace

void dashed_box(ImDrawList* list, const Rect& box, Color color, float rounding, float thickness) {
    list->PathRect(box.Min, box.Max, rounding);
    ImVector<Vec> points = list->_Path;
    Vec first = points[0];  // push_back may move what its argument points to
    points.push_back(first);
    list->PathClear();
    dash(list, points, color, thickness, 4, 3);
}

float button_width(const Ui& ui, std::string_view label, float size, float padding) {
    return std::ceil(ui.fonts.width(label, {Face::text, size, 0})) + padding * 2;
}

namespace {

struct ButtonLook {
    Color fill;
    Color line;
    Color text;
    Face face;
};

ButtonLook look_of(const Theme& theme, const ButtonOptions& options, const Press& state) {
    if (options.selected) return {theme.selected, theme.selected_line, theme.on_accent, Face::text};
    switch (options.kind) {
    case ButtonKind::primary:
        return {state.hovered && options.enabled ? theme.primary_hover : theme.primary, 0, theme.on_accent, Face::strong};
    case ButtonKind::normal: return {theme.raised, theme.line, theme.text, Face::text};
    case ButtonKind::quiet: return {0, 0, theme.dim, Face::text};
    }
    return {};
}

void draw_button_box(Ui& ui, const Rect& box, const ButtonOptions& options, const Press& state, const ButtonLook& look) {
    ImDrawList* list = ui.list();
    float alpha = options.enabled ? 1.0f : 0.45f;
    if (look.fill & IM_COL32_A_MASK)
        box_with_line(list, box, with_alpha(look.fill, alpha), with_alpha(look.line, alpha), options.rounding);
    if (state.hovered && options.enabled && options.kind != ButtonKind::primary && !options.selected)
        list->AddRectFilled(box.Min, box.Max, ui.theme().hover, options.rounding);
    if (state.held && options.enabled) list->AddRectFilled(box.Min, box.Max, ui.theme().hover, options.rounding);
}

Press press_button(Ui& ui, const Rect& box, std::string_view id, std::string_view label, const ButtonOptions& options) {
    if (!options.enabled) ImGui::PushItemFlag(ImGuiItemFlags_Disabled, true);
    Press state = press(ui, box, id, label, options.rounding);
    if (!options.enabled) {
        ImGui::PopItemFlag();
        state = Press{};
    }
    return state;
}

}  // namespace

bool button(Ui& ui, const Rect& box, std::string_view id, std::string_view label, const ButtonOptions& options,
            std::string_view spoken) {
    Press state = press_button(ui, box, id, spoken.empty() ? label : spoken, options);
    ButtonLook look = look_of(ui.theme(), options, state);
    draw_button_box(ui, box, options, state, look);
    TextStyle style{look.face, options.size, with_alpha(look.text, options.enabled ? 1.0f : 0.6f)};
    draw_text_in(ui.list(), ui.fonts, Rect(box.Min + Vec(4, 0), box.Max - Vec(4, 0)), style, label, Align::center);
    return state.clicked;
}

bool icon_button(Ui& ui, const Rect& box, std::string_view id, Icon icon, std::string_view label,
                 const ButtonOptions& options) {
    Press state = press_button(ui, box, id, label, options);
    ButtonLook look = look_of(ui.theme(), options, state);
    draw_button_box(ui, box, options, state, look);
    Color color = options.kind == ButtonKind::quiet && state.hovered ? ui.theme().text : look.text;
    draw_icon(ui.list(), icon, box.GetCenter(), options.size, with_alpha(color, options.enabled ? 1.0f : 0.5f));
    // Who points at what does not answer wants to know all the more what it is.
    if (state.hovered || (!options.enabled && ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled))) tooltip(ui, label);
    return state.clicked;
}

namespace {

// The tabs that fit, the selected one always among them; the others go behind "more".
std::vector<std::size_t> fitting(const std::vector<float>& widths, float room, int selected) {
    constexpr float gap = 6, more = 34;
    float wanted = -gap;
    for (float width : widths) wanted += width + gap;
    std::vector<std::size_t> shown;
    float used = wanted > room ? more : -gap;
    if (selected >= 0 && wanted > room) used += widths[static_cast<std::size_t>(selected)] + gap;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        bool is_selected = static_cast<int>(i) == selected;
        if (wanted > room && !is_selected && used + widths[i] + gap > room) continue;
        if (wanted > room && !is_selected) used += widths[i] + gap;
        shown.push_back(i);
    }
    return shown;
}

}  // namespace

int pill_tabs(Ui& ui, const Rect& box, std::span<const Tab> tabs, int selected) {
    int clicked = -1;
    // Where they do not fit they first stand closer.
    float padding = 12, wanted = 0;
    for (const Tab& tab : tabs) wanted += button_width(ui, tab.label) + 6;
    if (wanted - 6 > box.GetWidth()) padding = 8;
    std::vector<float> widths;
    for (const Tab& tab : tabs) widths.push_back(button_width(ui, tab.label, 13, padding));
    std::vector<std::size_t> shown = fitting(widths, box.GetWidth(), selected);
    float x = box.Min.x;
    std::vector<DropdownItem> rest;
    std::vector<int> rest_index;
    for (std::size_t i = 0; i < tabs.size(); ++i) {
        if (std::find(shown.begin(), shown.end(), i) == shown.end()) {
            rest.push_back({std::string(tabs[i].id), std::string(tabs[i].label)});
            rest_index.push_back(static_cast<int>(i));
            continue;
        }
        ButtonOptions options;
        options.selected = static_cast<int>(i) == selected;
        if (button(ui, rect(x, box.Min.y, widths[i], box.GetHeight()), tabs[i].id, tabs[i].label, options))
            clicked = static_cast<int>(i);
        x += widths[i] + 6;
    }
    if (!rest.empty()) {
        int chosen = dropdown(ui, rect(x, box.Min.y, 28, box.GetHeight()), "more", ui.t("tabs.more"), {}, rest, -1);
        if (chosen >= 0) clicked = rest_index[static_cast<std::size_t>(chosen)];
    }
    return clicked;
}

int segmented(Ui& ui, Vec top_left, std::span<const Tab> tabs, int selected, Rect* covered) {
    const Theme& theme = ui.theme();
    constexpr float height = 38;
    float width = 6;
    for (const Tab& tab : tabs) width += button_width(ui, tab.label, 13, 14) + 4;
    Rect box = rect(top_left.x, top_left.y, width - 2, height);
    if (covered) *covered = box;
    box_with_line(ui.list(), box, theme.panel, theme.line, 10);
    int clicked = -1;
    float x = box.Min.x + 4;
    for (std::size_t i = 0; i < tabs.size(); ++i) {
        Rect cell = rect(x, box.Min.y + 4, button_width(ui, tabs[i].label, 13, 14), height - 8);
        ButtonOptions options;
        options.kind = ButtonKind::quiet;
        options.selected = static_cast<int>(i) == selected;
        if (button(ui, cell, tabs[i].id, tabs[i].label, options)) clicked = static_cast<int>(i);
        x = cell.Max.x + 4;
    }
    return clicked;
}

bool splitter(Ui& ui, const Rect& box, std::string_view id, std::string_view label, ImGuiAxis axis, float* value,
              float sign, float low, float high) {
    ImGuiID item = ImGui::GetCurrentWindow()->GetID(id.data(), id.data() + id.size());
    ui.items.announce(item, id, label);
    if (!ImGui::ItemAdd(box, item, nullptr, ImGuiItemFlags_NoNav)) return false;
    bool hovered = false, held = false;
    ImGui::ButtonBehavior(box, item, &hovered, &held, ImGuiButtonFlags_NoNavFocus);
    if (hovered || held) {
        ImGui::SetMouseCursor(axis == ImGuiAxis_X ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
        Vec mid = box.GetCenter();
        Rect line = axis == ImGuiAxis_X ? Rect(mid.x - 1, box.Min.y, mid.x + 1, box.Max.y)
                                        : Rect(box.Min.x, mid.y - 1, box.Max.x, mid.y + 1);
        ImGui::GetForegroundDrawList()->AddRectFilled(line.Min, line.Max, with_alpha(ui.theme().blue, held ? 1.0f : 0.6f));
    }
    if (!held) return false;
    float way = axis == ImGuiAxis_X ? ImGui::GetIO().MouseDelta.x : ImGui::GetIO().MouseDelta.y;
    *value = ImClamp(*value + way * sign, low, ImMax(low, high));
    return true;
}

void tooltip(Ui& ui, std::string_view text, float above) {
    if (!ImGui::IsItemHovered(ImGuiHoveredFlags_DelayNormal | ImGuiHoveredFlags_Stationary | ImGuiHoveredFlags_AllowWhenDisabled)) {
        if (ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) ui.wake_in(0.1);
        return;
    }
    const Theme& theme = ui.theme();
    TextStyle style{Face::text, 12.5f, theme.text};
    float width = ui.fonts.width(text, style);
    Vec mouse = ImGui::GetMousePos();
    Vec display = ImGui::GetIO().DisplaySize;
    ImDrawList* list = ImGui::GetForegroundDrawList();
    // A sentence that is longer than a line goes on in the next.
    const float most = ImMin(520.0f, display.x - 48);
    const ParagraphStyle paragraph{12.5f, 19, theme.text, list};
    RichText lines;
    float height = 28;
    if (width > most) {
        lines = words(text);
        width = most;
        height = measure_rich(ui, lines, paragraph, width) + 12;
    }
    Rect box = rect(ImClamp(mouse.x + 12, 4.0f, ImMax(4.0f, display.x - width - 24)), mouse.y + 18, width + 20, height);
    if (above > 0) box.TranslateY(above - 4 - box.Max.y);
    if (box.Max.y > display.y - 4) box.Translate(Vec(0, -height - 26));
    ui.items.note("tooltip", text, box);
    shadow(list, box, 8, theme.shadow, 8);
    box_with_line(list, box, theme.raised, theme.line, 8);
    if (lines.empty())
        draw_text_in(list, ui.fonts, inset(box, 4), style, text, Align::center);
    else
        draw_rich(ui, box.Min + Vec(10, 6), lines, paragraph, width);
}

bool begin_area(Ui& ui, const Rect& box, std::string_view id, ScrollAxis axis) {
    ImGui::SetCursorScreenPos(box.Min);
    ImGuiWindowFlags flags = ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings;
    if (axis == ScrollAxis::none) flags |= ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
    if (axis == ScrollAxis::both) flags |= ImGuiWindowFlags_HorizontalScrollbar;
    std::string name(id);
    bool open = ImGui::BeginChild(name.c_str(), ImMax(box.GetSize(), Vec(1, 1)), ImGuiChildFlags_NavFlattened, flags);
    ui.items.push_scope(id[0] == '.' ? std::string_view() : id);
    return open;
}

void end_area(Ui& ui) {
    ui.items.pop_scope();
    ImGui::EndChild();
}

void content_size(Vec size) {
    ImGui::SetCursorPos(Vec(0, 0));
    ImGui::Dummy(size);
}

void number_badge(Ui& ui, ImDrawList* list, Vec center, float radius, int number, Color fill, Color text) {
    list->AddCircleFilled(center, radius, fill);
    std::string digits = std::to_string(number);
    float size = radius * (digits.size() > 1 ? 1.0f : 1.15f);
    draw_text_in(list, ui.fonts, Rect(center - Vec(radius + 4, radius), center + Vec(radius + 4, radius)),
                 {Face::strong, size, text}, digits, Align::center);
}

}  // namespace kubewalk::ui
