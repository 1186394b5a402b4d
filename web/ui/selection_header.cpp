#include "web/ui/selection_header.h"

#include "web/ui/canvas.h"
#include "web/ui/rich_text.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

using app::ActionKind;

bool has_selected_object(const Ui& ui) {
    return !ui.model().inspected.object.name.empty();
}

namespace {

// A component's process can be stopped and started here.
float draw_component(Ui& ui, const Rect& area, const std::string& id) {
    const Theme& theme = ui.theme();
    const view::ComponentBox* found = nullptr;
    for (const view::ComponentBox& component : ui.model().architecture.components)
        if (component.id == id) found = &component;
    float x = area.Min.x + 16, y = area.Min.y;
    draw_text_in(ui.list(), ui.fonts, rect(x, y, area.GetWidth() - 130, 24), ui.strong(14), found ? component_title(ui, *found) : std::string_view(id));
    std::string where = found && !found->node.empty() ? found->node : id;
    draw_text_in(ui.list(), ui.fonts, rect(x, y + 22, area.GetWidth() - 130, 20), {Face::code, 11.5f, theme.dim}, where);
    bool can_stop = found && id != "kubectl" && id != "cloud";
    if (can_stop) {
        bool stopped = found->health == view::Health::stopped;
        std::string label(ui.t(stopped ? "architecture.start" : "architecture.stop"));
        float width = button_width(ui, label) + 8;
        if (button(ui, rect(area.Max.x - 16 - width, y + 6, width, 30), "stop-start", label))
            ui.state.queue(stopped ? ActionKind::start_component : ActionKind::stop_component, id);
    }
    if (found && !found->detail.empty())
        y += draw_rich(ui, Vec(x, y + 50), rich(found->detail), {13, 20, theme.text}, area.GetWidth() - 32);
    return y + 60;
}

// A machine can lose its power or its cable; returns the width that the buttons take.
float draw_machine_switches(Ui& ui, const Rect& area, const sim::ObjectRef& object) {
    if (object.resource != "nodes") return 0;
    const view::NodeBox* found = nullptr;
    for (const view::NodeBox& node : ui.model().architecture.nodes)
        if (node.name == object.name) found = &node;
    if (!found) return 0;
    ButtonOptions options;
    options.size = 13;
    float x = area.Max.x - 16 - 34, y = area.Min.y + 2;
    options.selected = !found->powered;
    if (icon_button(ui, rect(x, y, 34, 30), "power", Icon::power, ui.t(found->powered ? "architecture.node_stop" : "architecture.node_start"), options))
        ui.state.queue(ActionKind::fault, (found->powered ? "node stop " : "node start ") + found->name);
    options.selected = !found->link_fault.empty();
    if (icon_button(ui, rect(x - 40, y, 34, 30), "link", Icon::plug, ui.t(found->link_fault.empty() ? "architecture.link_cut" : "architecture.link_restore"), options))
        ui.state.queue(ActionKind::fault, (found->link_fault.empty() ? "link cut " : "link restore ") + found->name);
    return 84;
}

}  // namespace

float draw_selection_header(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    const app::Inspected& inspected = ui.model().inspected;
    float x = area.Min.x + 16, y = area.Min.y;
    if (!inspected.component.empty()) return draw_component(ui, area, inspected.component);
    if (inspected.object.name.empty()) {
        draw_text(ui.list(), ui.fonts, Vec(x, y + 2), 24, ui.strong(14), ui.t("nothing.selected"));
        float height = draw_rich(ui, Vec(x, y + 30), rich(ui.t("nothing.selected.hint")), {13, 20, theme.dim}, area.GetWidth() - 32);
        return y + 40 + height;
    }
    const sim::ObjectRef& object = inspected.object;
    TextStyle kind{Face::code, 11.5f, theme.dim};
    float width = area.GetWidth() - 32 - draw_machine_switches(ui, area, object);
    std::string where = (inspected.kind.empty() ? object.resource : inspected.kind) + (object.namespace_name.empty() ? "" : " · " + object.namespace_name);
    draw_text_in(ui.list(), ui.fonts, rect(x, y - 2, width, 22), ui.strong(14), elide_middle(ui.fonts, object.name, ui.strong(14), width));
    draw_text_in(ui.list(), ui.fonts, rect(x, y + 19, width, 18), kind, where);
    return y + 46;
}

}  // namespace kubewalk::ui
