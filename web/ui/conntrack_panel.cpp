// The inspector's conntrack: who talks to whom through a node, and how NAT rewrote it. Answers find
// their way back by these entries, not by rules.

#include "core/base/text.h"
#include "web/ui/dropdown.h"
#include "web/ui/inspector_rows.h"
#include "web/ui/panels.h"
#include "web/ui/text_input.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float row_height = 66;

class ConntrackPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    static void draw_flow(Ui& ui, const view::TrackedFlow& flow, std::size_t index, const Rect& row);
    TextField filter_;
    std::string for_;  // the object whose address was put into the filter
};

void ConntrackPanel::draw_flow(Ui& ui, const view::TrackedFlow& flow, std::size_t index, const Rect& row) {
    const Theme& theme = ui.theme();
    Press state = press(ui, row, cat("flow-", index), flow.line, 8);
    box_with_line(ui.list(), row, theme.raised, state.hovered ? theme.selected_line : theme.line, 8);
    float x = row.Min.x + 10, y = row.Min.y + 5, right = row.Max.x - 10;
    TextStyle code{Face::code, 11.5f, theme.text}, small{Face::code, 11, theme.dim};
    std::string head = flow.state.empty() ? flow.protocol : cat(flow.protocol, " ", flow.state);
    draw_text(ui.list(), ui.fonts, Vec(x, y), 18, {Face::code, 11, theme.violet_text}, head);
    float tag = x + ui.fonts.width(head, {Face::code, 11, 0}) + 8;
    if (flow.dnat) tag += draw_tag(ui, Vec(tag, y + 1), 16, "DNAT", theme.teal_text, theme.teal_tint) + 5;
    if (flow.snat) tag += draw_tag(ui, Vec(tag, y + 1), 16, "SNAT", theme.blue_text, theme.blue_tint) + 5;
    if (!flow.answered_yet) draw_tag(ui, Vec(tag, y + 1), 16, "UNREPLIED", theme.amber_text, theme.amber_tint);
    std::string left = cat(flow.expires_s, " s");
    draw_text_in(ui.list(), ui.fonts, rect(right - 70, y, 70, 18), small, left, Align::right);
    auto line = [&](float top, std::string_view from, std::string_view to, Color color) {
        TextStyle style = code;
        style.color = color;
        std::string text = cat(from, " → ", to);
        draw_text_in(ui.list(), ui.fonts, rect(x, top, right - x, 17), style, text);
    };
    line(y + 20, flow.client, flow.dialled, theme.text);
    line(y + 37, flow.answering, flow.answered, flow.dnat || flow.snat ? theme.teal_text : theme.dim);
    if (state.hovered) tooltip(ui, flow.line);
}

void ConntrackPanel::draw(Ui& ui, const Rect& area) {
    const app::Model& model = ui.model();
    float x = area.Min.x + 15, right = area.Max.x - 16, y = area.Min.y;
    std::vector<DropdownItem> nodes;
    int selected = -1;
    for (const view::NodeBox& node : model.architecture.nodes) {
        if (node.name == model.inspected.node) selected = static_cast<int>(nodes.size());
        nodes.push_back({node.name, node.name});
    }
    float half = (right - x - 8) * 0.42f;
    int chosen = dropdown(ui, rect(x, y, half, 32), "node", ui.t("iptables.choose"), model.inspected.node, nodes, selected);
    if (chosen >= 0) ui.state.queue(ActionKind::select_node, nodes[static_cast<std::size_t>(chosen)].id);
    // A Pod that was selected brings its address along.
    if (for_ != model.inspected.object.name) {
        for_ = model.inspected.object.name;
        filter_.buffer.reset(model.inspected.address);
    }
    FieldOptions options;
    options.placeholder = ui.t("conntrack.find");
    filter_.draw(ui, Rect(x + half + 8, y, right, y + 32), "filter", ui.t("conntrack.find"), options);
    const std::string wanted = filter_.buffer.text();
    std::vector<const view::TrackedFlow*> flows;
    for (const view::TrackedFlow& flow : model.inspected.flows)
        if (wanted.empty() || flow.line.find(wanted) != std::string::npos) flows.push_back(&flow);

    begin_area(ui, Rect(area.Min.x, y + 42, area.Max.x, area.Max.y - 8), ".list");
    Vec start = ImGui::GetCursorScreenPos();
    Vec at = start + Vec(15, 0);
    float width = right - x;
    at.y += draw_remark(ui, at, width, ui.t(flows.empty() ? "conntrack.none" : "conntrack.intro")) + 10;
    // Only what is in sight.
    for (std::size_t i = 0; i < flows.size(); ++i) {
        Rect row = rect(at.x, at.y, width, row_height - 6);
        if (row.Max.y > area.Min.y && row.Min.y < area.Max.y) draw_flow(ui, *flows[i], i, row);
        at.y += row_height;
    }
    content_size(Vec(1, at.y - start.y + 12));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_conntrack_panel() {
    return std::make_unique<ConntrackPanel>();
}

}  // namespace kubewalk::ui
