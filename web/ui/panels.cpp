#include "web/ui/panels.h"

#include <algorithm>
#include <iterator>

#include "core/lesson/widgets.h"

namespace kubewalk::ui {

namespace {

using app::BottomTab;
using app::InspectorTab;
using app::Mode;
using app::State;
using app::View;

template <typename Enum>
constexpr int v(Enum value) {
    return static_cast<int>(value);
}

bool has_object(const State& state) {
    return !state.model.inspected.object.name.empty();
}

bool has_hops(const State& state) {
    return state.settings.view == View::traffic || state.settings.view == View::dns;
}

bool has_iptables(const State& state) {
    return state.settings.view == View::traffic || !state.model.inspected.node.empty();
}

bool has_cause(const State& state) {
    return state.settings.view != View::traffic || has_object(state);
}

bool has_requests(const State& state) {
    return has_object(state) || state.model.inspected.call != 0;
}

bool is_pod(const State& state) {
    return has_object(state) && state.model.inspected.object.resource == "pods";
}

// Pods, and whatever runs containers.
bool has_runtime(const State& state) {
    const app::Inspected& inspected = state.model.inspected;
    return is_pod(state) || inspected.object.resource == "nodes" || inspected.component.starts_with("kubelet/") ||
           inspected.component.starts_with("runtime/");
}

constexpr PanelEntry table[] = {
    {Dock::left, v(Mode::learn), "lesson", "panel.lesson", make_lesson_panel, nullptr},
    {Dock::left, v(Mode::sandbox), "objects", "panel.objects", make_objects_panel, nullptr},

    {Dock::canvas, v(View::architecture), "architecture", "view.architecture", make_architecture_view, nullptr},
    {Dock::canvas, v(View::cluster), "cluster", "view.cluster", make_cluster_view, nullptr},
    {Dock::canvas, v(View::traffic), "traffic", "view.traffic", make_traffic_view, nullptr},
    {Dock::canvas, v(View::dns), "dns", "view.dns", make_dns_view, nullptr},

    {Dock::inspector, v(InspectorTab::hops), "hops", "inspector.hops", make_hops_panel, has_hops},
    {Dock::inspector, v(InspectorTab::cause), "cause", "inspector.cause", make_cause_panel, has_cause},
    {Dock::inspector, v(InspectorTab::manifest), "manifest", "inspector.manifest", make_manifest_panel, nullptr},
    {Dock::inspector, v(InspectorTab::describe), "describe", "inspector.describe", make_describe_panel, nullptr},
    {Dock::inspector, v(InspectorTab::related), "related", "inspector.related", make_related_panel, has_object},
    {Dock::inspector, v(InspectorTab::events), "object-events", "inspector.events", make_object_events_panel, has_object},
    {Dock::inspector, v(InspectorTab::scheduling), "scheduling", "inspector.scheduling", make_scheduling_panel, is_pod},
    {Dock::inspector, v(InspectorTab::runtime), "runtime", "inspector.runtime", make_runtime_panel, has_runtime},
    {Dock::inspector, v(InspectorTab::requests), "requests", "inspector.requests", make_requests_panel, has_requests},
    {Dock::inspector, v(InspectorTab::iptables), "iptables", "inspector.iptables", make_iptables_panel, has_iptables},
    {Dock::inspector, v(InspectorTab::conntrack), "conntrack", "inspector.conntrack", make_conntrack_panel, has_iptables},
    {Dock::inspector, v(InspectorTab::yaml), "yaml", "inspector.yaml", make_yaml_panel, has_object},

    {Dock::bottom, v(BottomTab::terminal), "terminal", "bottom.terminal", make_terminal_panel, nullptr},
    {Dock::bottom, v(BottomTab::events), "events", "bottom.events", make_events_panel, nullptr},
    {Dock::bottom, v(BottomTab::api_calls), "api-calls", "bottom.api_calls", make_api_calls_panel, nullptr},
};

constexpr std::string_view dock_name(Dock dock) {
    switch (dock) {
    case Dock::left: return "left";
    case Dock::canvas: return "view";
    case Dock::inspector: return "inspector";
    case Dock::bottom: return "bottom";
    }
    return {};
}

// Lessons point at panels by these names.
static_assert(std::all_of(std::begin(table), std::end(table), [](const PanelEntry& entry) { return lesson::is_widget_panel(dock_name(entry.dock), entry.id); }),
              "a panel that core/lesson/widgets.h does not know");
static_assert(std::size(table) == std::size(lesson::widget_panels), "core/lesson/widgets.h knows a panel that is none");

}  // namespace

std::span<const PanelEntry> panel_table() {
    return table;
}

}  // namespace kubewalk::ui
