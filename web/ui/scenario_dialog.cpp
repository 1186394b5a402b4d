// What the sandbox can begin with, and the clusters that were kept.

#include <algorithm>
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
        const auto& all = app::scenarios();
        const std::size_t columns = wide ? 2 : 1;
        float y = 0;
        // Cards beside each other are equally high.
        for (std::size_t first = 0; first < all.size(); first += columns) {
            const std::size_t end = std::min(all.size(), first + columns);
            float height = 0;
            for (std::size_t i = first; i < end; ++i) height = std::max(height, scenario_height(ui, all[i], width));
            for (std::size_t i = first; i < end; ++i)
                draw_scenario(ui, all[i], rect(start.x + 24 + static_cast<float>(i - first) * (width + gap), start.y + y, width, height));
            y += height + gap;
        }
        content_size(Vec(1, y + 8));
        end_area(ui);
    }

private:
    static constexpr ParagraphStyle style{13, 19.5f, 0};

    static std::string name_of(const app::Scenario& scenario) { return "scenario." + std::string(scenario.id); }
    static float scenario_height(Ui& ui, const app::Scenario& scenario, float width) {
        return std::max(84.0f, measure_rich(ui, rich(ui.t(name_of(scenario) + ".about")), style, width - 36) + 62);
    }

    static void draw_scenario(Ui& ui, const app::Scenario& scenario, const Rect& box) {
        const Theme& theme = ui.theme();
        const std::string name = name_of(scenario);
        ParagraphStyle about = style;
        about.color = theme.dim;
        bool current = ui.model().scenario == scenario.id;
        Press state = press(ui, box, scenario.id, ui.t(name), 12);
        box_with_line(ui.list(), box, current ? theme.selected_row : theme.raised, state.hovered || current ? theme.selected_line : theme.line, 12);
        draw_text(ui.list(), ui.fonts, box.Min + Vec(18, 14), 24, ui.strong(15), ui.t(name));
        draw_rich(ui, box.Min + Vec(18, 44), rich(ui.t(name + ".about")), about, box.GetWidth() - 36);
        if (!state.clicked) return;
        ui.state.settings.mode = app::Mode::sandbox;
        ui.state.queue(app::ActionKind::start_scenario, std::string(scenario.id));
        ui.state.dialog = app::Dialog::none;
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
