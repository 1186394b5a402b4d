// The inspector's plain texts: kubectl describe, the object as the API server holds it, a node's iptables-save.

#include "web/ui/code_lines.h"
#include "web/ui/dropdown.h"
#include "web/ui/panels.h"
#include "web/ui/selection_header.h"
#include "web/ui/text_input.h"
#include "web/ui/widgets.h"
#include "web/ui/yaml_paint.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

// "Name:   value": the key stands out of the value.
void paint_describe(const Theme& theme, std::string_view line, std::vector<CodeSpan>& spans) {
    std::size_t colon = line.find(':');
    std::size_t first = line.find_first_not_of(' ');
    if (colon == std::string_view::npos || first == std::string_view::npos) return;
    bool key = colon + 1 == line.size() || line[colon + 1] == ' ';
    if (key && colon - first < 32) spans.push_back({first, colon, theme.blue_text});
    if (std::size_t warning = line.find("Warning"); warning != std::string_view::npos && warning > colon)
        spans.push_back({warning, warning + 7, theme.amber_text});
}

void paint_iptables(const Theme& theme, std::string_view line, std::vector<CodeSpan>& spans) {
    if (line.empty()) return;
    if (line[0] == '#') return spans.push_back({0, line.size(), theme.faint});
    if (line[0] == '*' || line == "COMMIT") return spans.push_back({0, line.size(), theme.amber_text});
    if (line[0] == ':') {
        std::size_t end = std::min(line.find(' '), line.size());
        return spans.push_back({0, end, theme.violet_text});
    }
    // -A CHAIN ... --comment "..." ... -j TARGET
    if (line.substr(0, 3) == "-A ") spans.push_back({3, std::min(line.find(' ', 3), line.size()), theme.violet_text});
    if (std::size_t quote = line.find('"'); quote != std::string_view::npos)
        if (std::size_t end = line.find('"', quote + 1); end != std::string_view::npos) spans.push_back({quote, end + 1, theme.faint});
    if (std::size_t jump = line.rfind(" -j "); jump != std::string_view::npos && (spans.empty() || jump >= spans.back().end))
        spans.push_back({jump + 4, line.size(), theme.teal_text});
}

class DescribePanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        float y = draw_selection_header(ui, area);
        if (!has_selected_object(ui)) return;
        lines_.set(ui.model().inspected.describe);
        lines_.draw(ui, Rect(area.Min.x + 15, y, area.Max.x - 16, area.Max.y - 16), "text", paint_describe);
    }

private:
    CodeLines lines_;
};

class YamlPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        float y = draw_selection_header(ui, area);
        if (!has_selected_object(ui)) return;
        const std::string& text = ui.model().inspected.yaml;
        Rect copy = rect(area.Max.x - 16 - 30, area.Min.y + 4, 30, 30);
        if (icon_button(ui, copy, "copy", Icon::copy, ui.t("copy"))) {
            ui.state.platform().set_clipboard(text);
            ui.state.notify(std::string(ui.t("copied")));
        }
        lines_.set(text);
        lines_.draw(ui, Rect(area.Min.x + 15, y, area.Max.x - 16, area.Max.y - 16), "text", paint_yaml);
    }

private:
    CodeLines lines_;
};

class IptablesPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
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
        FieldOptions options;
        options.placeholder = ui.t("iptables.find");
        filter_.draw(ui, Rect(x + half + 8, y, right, y + 32), "filter", ui.t("iptables.find"), options);
        y += 42;
        lines_.set(model.inspected.iptables, filter_.buffer.text());
        lines_.draw(ui, Rect(x, y, right, area.Max.y - 16), "text", paint_iptables);
    }

private:
    TextField filter_;
    CodeLines lines_;
};

}  // namespace

std::unique_ptr<Panel> make_describe_panel() {
    return std::make_unique<DescribePanel>();
}

std::unique_ptr<Panel> make_yaml_panel() {
    return std::make_unique<YamlPanel>();
}

std::unique_ptr<Panel> make_iptables_panel() {
    return std::make_unique<IptablesPanel>();
}

}  // namespace kubewalk::ui
