// The inspector's Cause: the chain from the learner's action down to what touched the object last, then
// everything that happened to it.

#include <algorithm>

#include "web/ui/architecture_light.h"
#include "web/ui/panels.h"
#include "web/ui/rich_text.h"
#include "web/ui/selection_header.h"
#include "web/ui/widgets.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

Color color_of(const Theme& theme, sim::EntryKind kind) {
    switch (kind) {
    case sim::EntryKind::action: return theme.blue;
    case sim::EntryKind::api_call:
    case sim::EntryKind::watch: return theme.amber;
    case sim::EntryKind::reconcile:
    case sim::EntryKind::schedule: return theme.violet;
    case sim::EntryKind::kubelet:
    case sim::EntryKind::cri: return theme.green;
    case sim::EntryKind::network:
    case sim::EntryKind::traffic: return theme.teal;
    case sim::EntryKind::component: return theme.faint;
    }
    return theme.faint;
}

class CausePanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    // `number`: as on the canvas; 0: none.
    static float draw_entry(Ui& ui, const sim::Entry& entry, std::string_view id, bool linked, int number, Vec at, float width);
};

float CausePanel::draw_entry(Ui& ui, const sim::Entry& entry, std::string_view id, bool linked, int number, Vec at, float width) {
    const Theme& theme = ui.theme();
    constexpr float text_left = 30;
    ParagraphStyle said{12.5f, 18.5f, theme.text};
    RichText text = rich(ui.state.words.fact(entry.fact));
    float text_height = measure_rich(ui, text, said, width - text_left - 8);
    float height = text_height + 26;
    Rect box = rect(at.x, at.y, width, height);
    Press state = press(ui, box, id, entry.component);
    if (state.hovered) ui.list()->AddRectFilled(box.Min, box.Max, theme.hover, 8);
    Vec dot(at.x + 13, at.y + 13);
    if (linked) ui.list()->AddLine(dot, Vec(dot.x, at.y + height + 13), theme.line, 1.5f);
    Color color = color_of(theme, entry.kind);
    ui.list()->AddCircleFilled(dot, 5, theme.panel);
    ui.list()->AddCircle(dot, 4.5f, color, 0, 2);
    if (number > 0) number_badge(ui, ui.list(), dot, 9, number, theme.primary, theme.on_accent);
    draw_text_in(ui.list(), ui.fonts, rect(at.x + text_left, at.y + 4, width - text_left - 100, 18), {Face::strong, 12.5f, theme.text}, entry.component);
    draw_text_in(ui.list(), ui.fonts, rect(at.x + width - 96, at.y + 4, 90, 18), {Face::code, 11, theme.faint}, to_clock(entry.at), Align::right);
    draw_rich(ui, at + Vec(text_left, 22), text, {12.5f, 18.5f, theme.dim}, width - text_left - 8);
    // Time goes to that very moment.
    if (state.clicked) ui.state.queue(ActionKind::seek, static_cast<double>(entry.at.ns) / 1e9);
    return height;
}

void CausePanel::draw(Ui& ui, const Rect& area) {
    float y = draw_selection_header(ui, area);
    if (!has_selected_object(ui)) return;
    const app::Inspected& inspected = ui.model().inspected;
    begin_area(ui, Rect(area.Min.x, y, area.Max.x, area.Max.y - 8), ".list");
    Vec start = ImGui::GetCursorScreenPos();
    Vec at = start + Vec(12, 0);
    float width = area.GetWidth() - 26;
    if (inspected.entries.empty() && inspected.causes.empty())
        at.y += draw_rich(ui, at + Vec(4, 0), rich(ui.t("cause.empty")), {13, 20, ui.theme().dim}, width);
    if (!inspected.causes.empty()) {
        draw_text(ui.list(), ui.fonts, at + Vec(4, 0), 22, ui.dim(12.5f), ui.t("cause.title"));
        at.y += 26;
        // The last entry of each link bears the link's number.
        std::vector<int> numbers(inspected.causes.size(), 0);
        auto links = links_of(ui.model().story);
        for (std::size_t i = 0; i < links.size(); ++i)
            if (links[i].entry < numbers.size()) numbers[links[i].entry] = static_cast<int>(i) + 1;
        for (std::size_t i = 0; i < inspected.causes.size(); ++i)
            at.y += draw_entry(ui, inspected.causes[i], "chain-" + std::to_string(i), i + 1 < inspected.causes.size(), numbers[i], at, width);
        at.y += 14;
    }
    if (!inspected.entries.empty()) {
        draw_text(ui.list(), ui.fonts, at + Vec(4, 0), 22, ui.dim(12.5f), ui.t("cause.entries"));
        at.y += 26;
        // Newest first: that is what one looks for.
        for (std::size_t i = inspected.entries.size(); i-- > 0;)
            at.y += draw_entry(ui, inspected.entries[i], "entry-" + std::to_string(i), false, 0, at, width);
    }
    content_size(Vec(1, at.y - start.y + 12));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_cause_panel() {
    return std::make_unique<CausePanel>();
}

}  // namespace kubewalk::ui
