#pragma once
// What a lesson's step may point at ("highlight"): the widgets of the page by their paths. The page's panels have their
// names from here (web/ui/panels.cpp), and tests/ui finds every other widget of the table on the page.

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "core/lesson/lesson.h"

namespace kubewalk::lesson {

struct Widget {
    // {node}: a machine's name, {name}: any one name. A list entry of a panel is no widget of the table: it comes and goes.
    std::string_view path;
    // Only where the canvas shows that view; "" everywhere.
    std::string_view view = {};
    // Only where the machines are rented.
    bool cloud = false;
};

std::span<const Widget> widgets();

// A panel is "panel/ID"; "DOCK/ID" means the same (of the canvas: "view/ID"), and its tab where another one is in front.
struct WidgetPanel {
    std::string_view dock, id;
};

inline constexpr WidgetPanel widget_panels[] = {
    {"left", "lesson"},          {"left", "objects"},        {"view", "architecture"},  {"view", "cluster"},
    {"view", "traffic"},         {"view", "dns"},            {"inspector", "hops"},     {"inspector", "cause"},
    {"inspector", "manifest"},   {"inspector", "describe"},  {"inspector", "related"},  {"inspector", "object-events"},
    {"inspector", "scheduling"}, {"inspector", "runtime"},   {"inspector", "requests"}, {"inspector", "iptables"},
    {"inspector", "conntrack"},  {"inspector", "yaml"},      {"bottom", "terminal"},    {"bottom", "events"},
    {"bottom", "api-calls"},
};

// For the page's own table of panels, which names none that is not here.
constexpr bool is_widget_panel(std::string_view dock, std::string_view id) {
    return std::any_of(std::begin(widget_panels), std::end(widget_panels), [&](const WidgetPanel& panel) { return panel.dock == dock && panel.id == id; });
}

// "" when a step that shows `view` ("": unknown) may point at `highlight`; else what is wrong, and what may be meant.
std::string highlight_problem(std::string_view highlight, std::string_view view, const cluster::Options& start);

}  // namespace kubewalk::lesson
