// The inspector's Related: who owns the object, what it owns, what selects it, what it needs.

#include "core/base/text.h"
#include "web/ui/canvas.h"
#include "web/ui/inspector_rows.h"
#include "web/ui/panels.h"
#include "web/ui/selection_header.h"

namespace kubewalk::ui {

namespace {

constexpr float relative_height = 30;
constexpr float indent = 18;

class RelatedPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    static void draw_row(Ui& ui, const view::Relative& relative, std::string_view group, std::size_t index, Vec at, float width, int depth, bool self);
    float draw_group(Ui& ui, std::string_view title, std::string_view group, const std::vector<view::Relative>& list, Vec at, float width);
};

void RelatedPanel::draw_row(Ui& ui, const view::Relative& relative, std::string_view group, std::size_t index, Vec at, float width, int depth, bool self) {
    const Theme& theme = ui.theme();
    Rect box = rect(at.x + indent * static_cast<float>(depth), at.y, width - indent * static_cast<float>(depth), relative_height - 2);
    if (depth > 0) {
        // An elbow from the one above that it belongs to.
        Vec corner(box.Min.x - 9, box.GetCenter().y);
        ui.list()->AddLine(corner - Vec(0, relative_height - 8), corner, theme.line, 1.4f);
        ui.list()->AddLine(corner, corner + Vec(8, 0), theme.line, 1.4f);
    }
    Press state = press(ui, box, cat(group, "-", index), cat(relative.kind, " ", relative.object.name), 7);
    if (self)
        box_with_line(ui.list(), box, theme.selected_row, theme.selected_line, 7);
    else if (state.hovered)
        ui.list()->AddRectFilled(box.Min, box.Max, theme.hover, 7);
    float x = box.Min.x + 9;
    draw_health(ui, Vec(x + 4, box.GetCenter().y), 4, relative.health);
    x += 16;
    TextStyle kind{Face::code, 11, theme.violet_text};
    float kind_width = std::min(ui.fonts.width(relative.kind, kind), box.GetWidth() * 0.42f);
    draw_text_in(ui.list(), ui.fonts, rect(x, box.Min.y, kind_width + 1, box.GetHeight()), kind, relative.kind);
    x += kind_width + 9;
    TextStyle detail{Face::text, 11.5f, relative.health == view::Health::healthy || relative.health == view::Health::completed ? theme.dim : theme.amber_text};
    float detail_width = std::min(ui.fonts.width(relative.detail, detail) + 4, box.GetWidth() * 0.4f);
    TextStyle name = ui.text(13);
    float room = std::max(20.0f, box.Max.x - 10 - detail_width - x);
    draw_text_in(ui.list(), ui.fonts, rect(x, box.Min.y, room, box.GetHeight()), name, elide_middle(ui.fonts, relative.object.name, name, room - 4));
    draw_text_in(ui.list(), ui.fonts, rect(box.Max.x - detail_width - 8, box.Min.y, detail_width, box.GetHeight()), detail, relative.detail, Align::right);
    if (state.hovered) tooltip(ui, cat(relative.kind, " ", relative.object.namespace_name, relative.object.namespace_name.empty() ? "" : "/", relative.object.name));
    if (state.clicked && !self) select_object(ui, relative.object);
}

float RelatedPanel::draw_group(Ui& ui, std::string_view title, std::string_view group, const std::vector<view::Relative>& list, Vec at, float width) {
    if (list.empty()) return 0;
    float y = at.y + draw_heading(ui, at, width, title);
    for (std::size_t i = 0; i < list.size(); ++i) {
        draw_row(ui, list[i], group, i, Vec(at.x, y), width, 0, false);
        y += relative_height;
    }
    return y - at.y + 12;
}

void RelatedPanel::draw(Ui& ui, const Rect& area) {
    float y = draw_selection_header(ui, area);
    if (!has_selected_object(ui)) return;
    const app::Inspected& inspected = ui.model().inspected;
    const view::Family& family = inspected.family;
    begin_area(ui, Rect(area.Min.x, y, area.Max.x, area.Max.y - 8), ".list");
    Vec start = ImGui::GetCursorScreenPos();
    Vec at = start + Vec(16, 0);
    float width = area.GetWidth() - 34;
    bool lineage = !family.owners.empty() || !family.owned.empty();
    if (lineage) {
        at.y += draw_heading(ui, at, width, ui.t("related.lineage"));
        int depth = 0;
        for (std::size_t i = family.owners.size(); i-- > 0;) {
            draw_row(ui, family.owners[i], "owner", i, at, width, depth++, false);
            at.y += relative_height;
        }
        view::Relative self;
        self.object = inspected.object;
        self.kind = inspected.kind;
        draw_row(ui, self, "self", 0, at, width, depth, true);
        at.y += relative_height;
        for (std::size_t i = 0; i < family.owned.size(); ++i) {
            draw_row(ui, family.owned[i], "owned", i, at, width, std::min(depth + family.owned[i].depth, 6), false);
            at.y += relative_height;
        }
        if (family.cut) at.y += draw_remark(ui, at, width, ui.t("related.cut"));
        at.y += 12;
    }
    bool node = inspected.object.resource == "nodes", service = inspected.object.resource == "services";
    at.y += draw_group(ui, ui.t("related.selected_by"), "selector", family.selected_by, at, width);
    at.y += draw_group(ui, ui.t(node ? "related.runs" : service ? "related.selects" : "related.uses"), "used", family.uses, at, width);
    if (!lineage && family.selected_by.empty() && family.uses.empty()) at.y += draw_remark(ui, at, width, ui.t(inspected.exists ? "related.none" : "nothing.exists"));
    content_size(Vec(1, at.y - start.y + 12));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_related_panel() {
    return std::make_unique<RelatedPanel>();
}

}  // namespace kubewalk::ui
