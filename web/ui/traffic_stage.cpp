#include "web/ui/traffic_stage.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/canvas.h"
#include "web/ui/inspector_rows.h"
#include "web/ui/traffic_layout.h"

namespace kubewalk::ui {

namespace {

constexpr float chip_height = 40, chip_width = 128, gap = 8;

// A thing that can be one of the ends.
bool draw_end(Ui& ui, const Rect& box, std::string_view id, std::string_view title, std::string_view subtitle, view::Health health, bool chosen, std::string_view service = {}) {
    const Theme& theme = ui.theme();
    Press state = press(ui, box, id, cat(title, " ", subtitle), 9);
    box_with_line(ui.list(), box, chosen ? theme.teal_tint : theme.raised, chosen ? theme.teal : state.hovered ? theme.selected_line : theme.line, 9, chosen ? 1.6f : 1.0f);
    draw_health(ui, Vec(box.Min.x + 13, box.Min.y + 13), 3.6f, health);
    float width = box.GetWidth() - 30;
    const TextStyle strong{Face::strong, 11.5f, theme.text};
    draw_text_in(ui.list(), ui.fonts, rect(box.Min.x + 23, box.Min.y + 3, width, 19), strong, title);
    const float used = ui.fonts.width(title, strong) + 8;
    if (!service.empty() && width - used > 30) draw_text_in(ui.list(), ui.fonts, rect(box.Min.x + 23 + used, box.Min.y + 3, width - used, 19), {Face::text, 10.5f, theme.dim}, service);
    draw_text_in(ui.list(), ui.fonts, rect(box.Min.x + 11, box.Min.y + 20, box.GetWidth() - 18, 17), {Face::code, 10.5f, theme.dim}, subtitle);
    return state.clicked;
}

// Cells that flow from left to right; knows how high they became.
class Flow {
public:
    explicit Flow(const Rect& box) : box_(box), x_(box.Min.x), y_(box.Min.y) {
        auto columns = std::max(1.0f, std::floor((box.GetWidth() + gap) / (chip_width + gap)));
        width_ = std::floor((box.GetWidth() - gap * (columns - 1)) / columns);
    }
    Rect take() {
        float width = width_;
        if (x_ + width > box_.Max.x + 0.5f && x_ > box_.Min.x) {
            x_ = box_.Min.x;
            y_ += chip_height + gap;
        }
        Rect cell = rect(x_, y_, std::min(width, box_.GetWidth()), chip_height);
        x_ += width + gap;
        return cell;
    }
    float bottom() const { return y_ + chip_height; }

private:
    Rect box_;
    float x_, y_, width_;
};

// How high a group of so many cells is.
float height_of(std::size_t cells, float width) {
    auto columns = std::max<std::size_t>(1, static_cast<std::size_t>((width + gap) / (chip_width + gap)));
    auto rows = std::max<std::size_t>(1, (cells + columns - 1) / columns);
    return static_cast<float>(rows) * (chip_height + gap) - gap;
}

float draw_machine(Ui& ui, const view::TrafficMachine& machine, Vec at, float width, TrafficBar& bar) {
    const Theme& theme = ui.theme();
    float inner = width - 28;
    Rect box = rect(at.x, at.y, width, machine.elements.empty() ? 42.0f : 42 + height_of(machine.elements.size(), inner) + 14);
    box_with_line(ui.list(), box, theme.box, theme.box_line, 14);
    std::string place = "node/" + machine.name;
    Rect title = rect(box.Min.x + 6, box.Min.y + 5, width - 12, 30);
    Press state = press(ui, title, place, machine.name, 9);
    bool chosen = bar.from() == place;
    if (state.hovered || chosen) ui.list()->AddRectFilled(title.Min, title.Max, chosen ? theme.teal_tint : theme.hover, 9);
    TextStyle strong{Face::strong, 12.5f, theme.text};
    draw_text_in(ui.list(), ui.fonts, rect(title.Min.x + 9, title.Min.y, width - 30, 30), strong, machine.name);
    float used = ui.fonts.width(machine.name, strong) + 12;
    draw_text_in(ui.list(), ui.fonts, rect(title.Min.x + 9 + used, title.Min.y, width - used - 34, 30), {Face::code, 10.5f, theme.dim}, cat(machine.ip, " · podCIDR ", machine.pod_cidr));
    if (state.clicked) bar.take(place, cat("http://", machine.ip, ":30001/"));
    Flow flow(Rect(box.Min.x + 14, box.Min.y + 42, box.Max.x - 14, box.Max.y));
    for (const view::TrafficElement& pod : machine.elements)
        if (draw_end(ui, flow.take(), pod.id, pod.title, pod.subtitle, pod.involved ? view::Health::healthy : view::Health::pending, bar.from() == pod.id, pod.service))
            bar.take(pod.id, cat("http://", pod.subtitle, "/"));
    return box.GetHeight() + 14;
}

}  // namespace

void draw_traffic_stage(Ui& ui, const Rect& area, TrafficBar& bar) {
    const Theme& theme = ui.theme();
    const view::TrafficScene& stage = ui.model().stage;
    begin_area(ui, area, "stage");
    Vec start = ImGui::GetCursorScreenPos();
    Vec at = start + Vec(20, 4);
    float width = area.GetWidth() - 46;
    Picking picking = bar.picking();
    std::string_view said = picking == Picking::source ? ui.t("traffic.picking_source") : picking == Picking::target ? ui.t("traffic.picking_target") : ui.t("traffic.stage.hint");
    TextStyle words{Face::text, 13, picking == Picking::nothing ? theme.dim : theme.teal_text};
    // A narrow bar has no cross-hairs to speak of.
    if (picking == Picking::nothing && (!TrafficBar::aims(area.GetWidth()) || ui.fonts.width(said, words) > width)) said = ui.t("traffic.stage.hint.short");
    draw_text_in(ui.list(), ui.fonts, rect(at.x, at.y, width, 22), words, said);
    at.y += 30;
    float left = at.x, top = at.y, client_width = client_width_of(ui, stage);
    for (const view::TrafficMachine& machine : stage.machines) {
        if (!machine.pod_cidr.empty()) continue;
        if (draw_end(ui, rect(left, at.y, client_width, chip_height + 6), machine.name, machine_title(ui, machine.name), machine.ip, view::Health::healthy, bar.from() == machine.name))
            bar.take(machine.name, machine.ip.empty() ? std::string() : cat("http://", machine.ip, "/"));
        at.y += chip_height + 20;
    }
    float nodes_x = left + client_width + 28, nodes_width = std::max(180.0f, width - client_width - 28), y = top;
    for (const view::TrafficMachine& machine : stage.machines)
        if (!machine.pod_cidr.empty()) y += draw_machine(ui, machine, Vec(nodes_x, y), nodes_width, bar);
    // Services are data, no place of their own; but a target one can name.
    const auto& services = ui.model().architecture.services;
    if (!services.empty() && picking != Picking::source) {
        draw_text(ui.list(), ui.fonts, Vec(nodes_x, y), 22, {Face::strong, 12, theme.dim}, ui.t("cluster.services"));
        Flow flow(Rect(nodes_x, y + 26, nodes_x + nodes_width, y + 27));
        for (const view::ServiceBox& service : services)
            if (draw_end(ui, flow.take(), cat("service/", service.namespace_name, "/", service.name), service.name, service.cluster_ip,
                         service.answered() ? view::Health::healthy : view::Health::pending, false)) {
                bar.pick(Picking::target);
                bar.take("service/", url_of_service(ui, service, bar.from()));
            }
        y = flow.bottom() + 14;
    }
    content_size(Vec(1, std::max(y, at.y) - start.y + 8));
    end_area(ui);
}

}  // namespace kubewalk::ui
