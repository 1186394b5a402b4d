// The inspector's Scheduling: why the Pod stands on its node, plugin by plugin and node by node.

#include <algorithm>

#include "core/base/text.h"
#include "web/ui/canvas.h"
#include "web/ui/inspector_rows.h"
#include "web/ui/panels.h"
#include "web/ui/rich_text.h"
#include "web/ui/selection_header.h"

namespace kubewalk::ui {

namespace {

class SchedulingPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    float draw_node(Ui& ui, const view::SchedulingRow& row, std::int64_t best, Vec at, float width);
    static float draw_scores(Ui& ui, const view::SchedulingRow& row, Vec at, float width);

    std::string opened_;  // the node whose scores are shown; "": the chosen one's
};

// Plugins have a colour and stand in the same order everywhere; the table below names them.
Color plugin_color(const Theme& theme, std::size_t index) {
    const Color palette[] = {theme.blue, theme.violet, theme.teal, theme.amber, theme.green, theme.rose, theme.faint};
    return palette[index % std::size(palette)];
}

float SchedulingPanel::draw_scores(Ui& ui, const view::SchedulingRow& row, Vec at, float width) {
    const Theme& theme = ui.theme();
    constexpr float height = 22;
    TextStyle head{Face::code, 10.5f, theme.faint}, code{Face::code, 11, theme.text}, dim{Face::code, 11, theme.dim};
    float columns[] = {44, 44, 52};
    float name_width = width - columns[0] - columns[1] - columns[2];
    float y = at.y;
    auto cells = [&](std::string_view name, std::string_view a, std::string_view b, std::string_view c, bool header, Color mark) {
        float x = at.x;
        if (mark) ui.list()->AddRectFilled(Vec(x, y + 7), Vec(x + 8, y + 15), mark, 2);
        draw_text_in(ui.list(), ui.fonts, rect(x + 14, y, name_width - 14, height), header ? head : TextStyle{Face::text, 11.5f, theme.text}, name);
        x += name_width;
        int i = 0;
        for (std::string_view text : {a, b, c}) {
            draw_text_in(ui.list(), ui.fonts, rect(x, y, columns[i] - 2, height), header ? head : i == 2 ? code : dim, text, Align::right);
            x += columns[i++];
        }
        y += height;
    };
    cells(ui.t("scheduling.plugin"), "0–100", ui.t("scheduling.weight"), "=", true, 0);
    for (std::size_t i = 0; i < row.scores.size(); ++i) {
        const view::SchedulingScore& score = row.scores[i];
        cells(score.plugin, cat(score.normalized), cat("×", score.weight), cat(score.normalized * score.weight), false, plugin_color(theme, i));
    }
    return y - at.y + 6;
}

float SchedulingPanel::draw_node(Ui& ui, const view::SchedulingRow& row, std::int64_t best, Vec at, float width) {
    const Theme& theme = ui.theme();
    bool open = row.fits && !row.scores.empty() && (opened_.empty() ? row.chosen : opened_ == row.node);
    RichText refusal;
    if (!row.fits) {
        refusal = {{RunKind::code, row.plugin.empty() ? std::string("Filter") : row.plugin, Face::code, 0, {}}, {RunKind::text, cat("  ", row.reason), Face::text, 0, {}}};
    }
    ParagraphStyle said{12, 19, theme.dim};
    float inner = width - 28;
    float below = !row.fits ? measure_rich(ui, refusal, said, inner) + 8
                  : row.scores.empty() ? 0 : 20 + (open ? static_cast<float>(row.scores.size() + 1) * 22 + 6 : 0);
    Rect box = rect(at.x, at.y, width, 36 + below);
    Press state = press(ui, rect(at.x, at.y, width, 36), row.node, cat(row.node, ", ", row.fits ? cat(row.total) : row.reason), 9);
    Color line = row.chosen ? theme.teal : state.hovered ? theme.selected_line : theme.line;
    box_with_line(ui.list(), box, row.chosen ? theme.box : theme.raised, line, 9, row.chosen ? 1.6f : 1.0f);
    float x = box.Min.x + 12;
    if (row.fits)
        draw_icon(ui.list(), Icon::check, Vec(x + 5, box.Min.y + 18), 10, row.chosen ? theme.teal : theme.green);
    else
        draw_icon(ui.list(), Icon::cross, Vec(x + 5, box.Min.y + 18), 10, theme.rose);
    draw_text_in(ui.list(), ui.fonts, rect(x + 18, box.Min.y, width * 0.55f, 36), {Face::strong, 13, theme.text}, row.node);
    std::string right = row.chosen ? std::string(ui.t("scheduling.chosen")) : row.fits ? std::string(ui.t("scheduling.fits")) : std::string(ui.t("scheduling.refused"));
    if (row.fits && !row.scores.empty()) right += cat("  ", row.total);
    TextStyle verdict{Face::text, 12, row.chosen ? theme.teal_text : row.fits ? theme.dim : theme.rose_text};
    draw_text_in(ui.list(), ui.fonts, rect(box.Max.x - 140, box.Min.y, 128, 36), verdict, right, Align::right);
    Vec pen(x, box.Min.y + 34);
    if (!row.fits) {
        draw_rich(ui, pen + Vec(0, 2), refusal, said, inner);
    } else if (!row.scores.empty()) {
        // The total as pieces: which plugin brought how much.
        float bar = pen.x, full = inner;
        for (std::size_t i = 0; i < row.scores.size(); ++i) {
            float piece = full * static_cast<float>(row.scores[i].normalized * row.scores[i].weight) / static_cast<float>(std::max<std::int64_t>(1, best));
            if (piece >= 1) ui.list()->AddRectFilled(Vec(bar, pen.y), Vec(bar + piece - 1, pen.y + 7), plugin_color(theme, i), 2);
            bar += piece;
        }
        if (open) draw_scores(ui, row, pen + Vec(0, 14), inner);
    }
    if (state.clicked && row.fits) opened_ = row.node;
    return box.GetHeight() + 8;
}

void SchedulingPanel::draw(Ui& ui, const Rect& area) {
    float y = draw_selection_header(ui, area);
    if (!has_selected_object(ui)) return;
    const app::Inspected& inspected = ui.model().inspected;
    begin_area(ui, Rect(area.Min.x, y, area.Max.x, area.Max.y - 8), ".list");
    Vec start = ImGui::GetCursorScreenPos();
    Vec at = start + Vec(16, 0);
    float width = area.GetWidth() - 34;
    if (!inspected.scheduling) {
        at.y += draw_remark(ui, at, width, ui.t("scheduling.none"));
    } else {
        const view::Scheduling& scheduling = *inspected.scheduling;
        std::string said = scheduling.node.empty() ? scheduling.message : ui.state.words.format("scheduling.intro", {std::to_string(scheduling.evaluated), scheduling.node});
        at.y += draw_rich(ui, at, rich(said), {13, 20, scheduling.node.empty() ? ui.theme().amber_text : ui.theme().dim}, width) + 12;
        std::int64_t best = 1;
        for (const view::SchedulingRow& row : scheduling.rows) best = std::max(best, row.total);
        if (std::none_of(scheduling.rows.begin(), scheduling.rows.end(), [&](const auto& row) { return row.node == opened_; })) opened_.clear();
        for (const view::SchedulingRow& row : scheduling.rows) at.y += draw_node(ui, row, best, at, width);
    }
    content_size(Vec(1, at.y - start.y + 12));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_scheduling_panel() {
    return std::make_unique<SchedulingPanel>();
}

}  // namespace kubewalk::ui
