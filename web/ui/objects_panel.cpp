// The sandbox's left panel: every object by kind, to open with one click.

#include <algorithm>
#include <tuple>

#include "core/base/sort.h"
#include "core/base/text.h"
#include "web/ui/canvas.h"
#include "web/ui/cluster_layout.h"
#include "web/ui/panels.h"
#include "web/ui/text_input.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

struct Row {
    std::string resource;
    std::string_view kind;
    const std::string* space;
    const std::string* name;
    std::string detail;
    view::Health health = view::Health::healthy;
};

class ObjectsPanel : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    TextField search_;
};

std::vector<Row> rows_of(const Ui& ui, const view::Architecture& snapshot) {
    static const std::string none;
    std::vector<Row> rows;
    for (const view::NodeBox& node : snapshot.nodes) rows.push_back({"nodes", "Node", &none, &node.name, node.ip, node.health});
    for (const view::WorkloadBox& load : snapshot.workloads)
        if (load.kind != "ReplicaSet")
            rows.push_back({resource_of_kind(load.kind), load.kind, &load.namespace_name, &load.name, workload_tag(ui, load), load.health});
    for (const view::ServiceBox& service : snapshot.services)
        rows.push_back({"services", "Service", &service.namespace_name, &service.name, service.type,
                        service.pods.empty() && !service.waiting.empty() ? view::Health::pending : view::Health::healthy});
    auto pods = [&](const std::vector<view::PodChip>& list) {
        for (const view::PodChip& pod : list) rows.push_back({"pods", "Pod", &pod.namespace_name, &pod.name, pod.phase, pod.health});
    };
    pods(snapshot.unscheduled);
    pods(snapshot.orphaned);
    for (const view::NodeBox& node : snapshot.nodes) pods(node.pods);
    auto rank = [](const Row& row) { return row.kind == "Node" ? 0 : row.kind == "Service" ? 2 : row.kind == "Pod" ? 3 : 1; };
    // What the learner works with comes before what keeps the cluster running.
    auto system = [](const Row& row) { return row.space->rfind("kube-", 0) == 0; };
    sort_stably(rows, [&](const Row& a, const Row& b) {
        return std::make_tuple(rank(a), system(a), a.kind, *a.space, *a.name) < std::make_tuple(rank(b), system(b), b.kind, *b.space, *b.name);
    });
    return rows;
}

void ObjectsPanel::draw(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    ui.list()->AddRectFilled(area.Min, area.Max, theme.panel);
    ui.list()->AddLine(Vec(area.Max.x - 0.5f, area.Min.y), Vec(area.Max.x - 0.5f, area.Max.y), theme.line);
    FieldOptions options;
    options.placeholder = ui.t("objects.search");
    search_.draw(ui, rect(area.Min.x + 16, area.Min.y + 16, area.GetWidth() - 32, 32), "search", ui.t("objects.search"), options);
    begin_area(ui, Rect(area.Min.x, area.Min.y + 58, area.Max.x - 1, area.Max.y), ".list");
    Vec start = ImGui::GetCursorScreenPos();
    float y = start.y, x = start.x + 16, width = area.GetWidth() - 34;
    std::string wanted = to_lower(search_.buffer.text());
    std::string_view kind;
    bool any = false;
    const sim::ObjectRef& chosen = ui.model().inspected.object;
    for (const Row& row : rows_of(ui, ui.model().architecture)) {
        std::string path = cat(row.resource, "/", *row.space, "/", *row.name);
        if (!wanted.empty() && to_lower(path).find(wanted) == std::string::npos) continue;
        any = true;
        if (row.kind != kind) {
            kind = row.kind;
            draw_text(ui.list(), ui.fonts, Vec(x + 4, y + 8), 22, ui.dim(12), kind);
            y += 32;
        }
        Rect box = rect(x, y, width, 30);
        Press state = press(ui, box, path, path, 7);
        bool selected = chosen.resource == row.resource && chosen.name == *row.name && chosen.namespace_name == *row.space;
        if (selected || state.hovered) ui.list()->AddRectFilled(box.Min, box.Max, selected ? theme.selected_row : theme.hover, 7);
        draw_health(ui, Vec(box.Min.x + 14, box.GetCenter().y), 4, row.health);
        TextStyle detail{Face::text, 11.5f, theme.dim};
        float detail_width = std::min(ui.fonts.width(row.detail, detail) + 10, width * 0.45f);
        TextStyle name = ui.text(13);
        float room = width - 38 - detail_width;
        draw_text_in(ui.list(), ui.fonts, rect(box.Min.x + 26, y, room, 30), name, elide_middle(ui.fonts, *row.name, name, room));
        draw_text_in(ui.list(), ui.fonts, rect(box.Max.x - detail_width - 6, y, detail_width, 30), detail, row.detail, Align::right);
        if (state.hovered) tooltip(ui, path);
        if (state.clicked) {
            app::Action action;
            action.kind = ActionKind::select_object;
            action.object = {row.resource, *row.space, *row.name};
            ui.state.queue(std::move(action));
        }
        y += 31;
    }
    if (!any) draw_text(ui.list(), ui.fonts, Vec(x + 4, y + 8), 22, ui.dim(13), ui.t("objects.none"));
    content_size(Vec(1, y - start.y + 16));
    end_area(ui);
}

}  // namespace

std::unique_ptr<Panel> make_objects_panel() {
    return std::make_unique<ObjectsPanel>();
}

}  // namespace kubewalk::ui
