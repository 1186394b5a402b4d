// What the sandbox can begin with, and the clusters that were kept.

#include <cmath>
#include <string>

#include "web/app/scenarios.h"
#include "web/ui/dialogs.h"
#include "web/ui/rich_text.h"
#include "web/ui/text_input.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

class ScenarioDialog : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        begin_area(ui, area, "list");
        Vec start = ImGui::GetCursorScreenPos();
        bool wide = area.GetWidth() > 560;
        float gap = 14, inner = area.GetWidth() - 48 - 10;
        float width = wide ? std::floor((inner - gap) * 0.5f) : inner;
        float heights[2] = {0, 0};
        int index = 0;
        for (const app::Scenario& scenario : app::scenarios()) {
            int column = wide ? index++ % 2 : 0;
            Vec at = start + Vec(24 + static_cast<float>(column) * (width + gap), heights[column]);
            heights[column] += draw_scenario(ui, scenario, at, width) + gap;
        }
        content_size(Vec(1, std::max(heights[0], heights[1]) + 8));
        end_area(ui);
    }

private:
    static float draw_scenario(Ui& ui, const app::Scenario& scenario, Vec at, float width) {
        const Theme& theme = ui.theme();
        std::string name = "scenario." + std::string(scenario.id);
        RichText about = rich(ui.t(name + ".about"));
        ParagraphStyle style{13, 19.5f, theme.dim};
        float height = std::max(112.0f, measure_rich(ui, about, style, width - 36) + 62);
        Rect box = rect(at.x, at.y, width, height);
        bool current = ui.model().scenario == scenario.id;
        Press state = press(ui, box, scenario.id, ui.t(name), 12);
        box_with_line(ui.list(), box, current ? theme.selected_row : theme.raised, state.hovered || current ? theme.selected_line : theme.line, 12);
        draw_text(ui.list(), ui.fonts, at + Vec(18, 14), 24, ui.strong(15), ui.t(name));
        draw_rich(ui, at + Vec(18, 44), about, style, width - 36);
        if (state.clicked) {
            ui.state.settings.mode = app::Mode::sandbox;
            ui.state.queue(app::ActionKind::start_scenario, std::string(scenario.id));
            ui.state.dialog = app::Dialog::none;
        }
        return height;
    }
};

class ClustersDialog : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override {
        const Theme& theme = ui.theme();
        float y = area.Min.y;
        std::string label(ui.t("clusters.keep"));
        float action = button_width(ui, label, 13, 16);
        FieldOptions options;
        options.placeholder = ui.t("clusters.name");
        FieldEvent event = name_.draw(ui, Rect(area.Min.x + 24, y, area.Max.x - 24 - action - 10, y + 36), "name", ui.t("clusters.name"), options);
        ButtonOptions primary;
        primary.kind = ButtonKind::primary;
        primary.enabled = !name_.buffer.text().empty();
        bool keep = button(ui, rect(area.Max.x - 24 - action, y, action, 36), "keep", label, primary);
        if ((keep || event == FieldEvent::submitted) && primary.enabled) {
            ui.state.keep_cluster(name_.buffer.text());
            name_.buffer.reset({});
        }
        y += 52;
        std::vector<std::string> names = ui.state.shelf.clusters();
        begin_area(ui, Rect(area.Min.x, y, area.Max.x, area.Max.y), "list");
        Vec at = ImGui::GetCursorScreenPos() + Vec(24, 0);
        Vec start = at;
        float width = area.GetWidth() - 58;
        if (names.empty()) draw_rich(ui, at, rich(ui.t("clusters.empty")), {13.5f, 20.5f, theme.dim}, width);
        for (const std::string& name : names) {
            Scope scope(ui, name);
            Rect box = rect(at.x, at.y, width - 44, 44);
            Press state = press(ui, box, "open", name, 9);
            box_with_line(ui.list(), box, theme.raised, state.hovered ? theme.selected_line : theme.line, 9);
            draw_text_in(ui.list(), ui.fonts, inset(box, 14), ui.strong(14), name);
            if (state.clicked) {
                ui.state.settings.mode = app::Mode::sandbox;
                ui.state.queue(app::ActionKind::open_cluster, name);
                ui.state.dialog = app::Dialog::none;
            }
            ButtonOptions quiet;
            quiet.kind = ButtonKind::quiet;
            quiet.size = 11;
            if (icon_button(ui, rect(box.Max.x + 8, at.y + 6, 32, 32), "forget", Icon::cross, ui.t("clusters.forget"), quiet))
                ui.state.shelf.forget(name);
            at.y += 52;
        }
        content_size(Vec(1, std::max(60.0f, at.y - start.y)));
        end_area(ui);
    }

private:
    TextField name_;
};

}  // namespace

std::unique_ptr<Panel> make_scenario_dialog() {
    return std::make_unique<ScenarioDialog>();
}

std::unique_ptr<Panel> make_clusters_dialog() {
    return std::make_unique<ClustersDialog>();
}

}  // namespace kubewalk::ui
