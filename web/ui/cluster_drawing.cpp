// The Cluster view's board: lines, cards with their Pods, workloads and Services. What is too small to read is left out.

#include <algorithm>
#include <cmath>

#include "core/base/text.h"
#include "web/ui/cluster_overview.h"
#include "web/ui/cluster_view.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float small_chip = 4;  // smaller Pods are only counted
constexpr std::size_t most_faint_lines = 500;
constexpr std::size_t most_kept_chips = 6000;  // of a large cluster
constexpr std::size_t most_bright_lines = 80;  // more say nothing: the lit Pods do
constexpr std::size_t most_fresh_chips = 600;  // placed in one frame; the rest follows in the next ones

}  // namespace

std::string cluster_key(std::string_view resource, std::string_view space, std::string_view name) {
    return cat(resource, "/", space, "/", name);
}

// --- drawing -----------------------------------------------------------------------------------------

Press ClusterView::item(Ui& ui, const Rect& box, std::string_view resource, const std::string& space, const std::string& name,
                        std::string_view words, float rounding) {
    std::string key = cluster_key(resource, space, name);
    Press state = canvas_item(ui, board_, box, key, cat(name, ", ", words), rounding);
    if (state.hovered) now_hovered_ = key;
    if (state.clicked) {
        app::Action action;
        action.kind = ActionKind::select_object;
        action.object = {std::string(resource), space, name};
        ui.state.queue(std::move(action));
    }
    return state;
}

void ClusterView::draw_columns(Ui& ui) {
    const Theme& theme = ui.theme();
    if (!letters(12)) return;
    auto title = [&](const Rect& column, std::string_view text) {
        draw_label(ui, board_, column.Min, 22, {Face::strong, 12.5f, theme.dim}, text, column.GetWidth());
    };
    if (!layout_.workloads.empty()) title(layout_.workload_column, ui.t("cluster.workloads"));
    if (!layout_.services.empty()) title(layout_.service_column, ui.t("cluster.services"));
    if (!layout_.servers.empty()) {
        const Rect& first = layout_.servers.front().box;
        title(Rect(first.Min.x, 0, first.Max.x, 22), ui.t("objects.nodes"));
    }
    for (const PlacedHeading& heading : layout_.headings) {
        if (!visible(heading.box)) continue;
        Vec mark = board_.at(heading.box.Min.x + 4, heading.box.GetCenter().y + 2);
        float r = 3.2f * board_.scale;
        ui.list()->AddRectFilled(mark - Vec(r, r), mark + Vec(r, r), namespace_color(ui, *heading.namespace_name), 1.5f * board_.scale);
        draw_label(ui, board_, heading.box.Min + Vec(14, 2), heading.box.GetHeight(), {Face::text, 11, theme.dim}, *heading.namespace_name,
                   heading.box.GetWidth() - 14);
    }
}

ClusterView::Lines ClusterView::gather_lines(const Ui& ui) const {
    const Theme& theme = ui.theme();
    Lines lines;
    Color quiet = mix(theme.background, theme.line, theme.dark ? 0.9f : 1.0f);
    auto add = [&](const Rect& from, const Rect& to, bool strong, Color color, bool dashed) {
        if (strong)
            lines.bright.push_back({from, to, color, dashed});
        else if (lines.faint.size() < most_faint_lines && board_.scale > 0.25f)
            lines.faint.push_back({from, to, quiet, dashed});
    };
    for (const PlacedChip& chip : layout_.chips) {
        if (chip.workload < 0) continue;
        const PlacedWorkload& row = layout_.workloads[static_cast<std::size_t>(chip.workload)];
        bool both = lit("pods", chip.pod->namespace_name, chip.pod->name) &&
                    lit(resource_of_kind(row.workload->kind), row.workload->namespace_name, row.workload->name);
        add(row.box, chip.box, both, theme.violet, false);
    }
    for (const PlacedService& placed : layout_.services) {
        const view::ServiceBox& service = *placed.service;
        bool on = lit("services", service.namespace_name, service.name);
        for (const auto* list : {&service.pods, &service.waiting})
            for (const std::string& pod : *list) {
                auto found = layout_.chip_of.find(pod);
                if (found == layout_.chip_of.end()) continue;
                bool both = on && related_.count("pods/" + pod) > 0;
                bool waits = list == &service.waiting;
                add(layout_.chips[found->second].box, placed.box, both, waits ? theme.amber : theme.teal, waits);
            }
    }
    return lines;
}

void ClusterView::draw_lines(Ui& ui, const std::vector<Line>& lines, float thickness) {
    for (const Line& line : lines) {
        Wire wire = Wire::curve(Vec(line.from.Max.x, line.from.GetCenter().y), Vec(line.to.Min.x, line.to.GetCenter().y));
        if (line.dashed)
            wire.draw_dashed(ui, board_, line.color, thickness);
        else
            wire.draw(ui, board_, line.color, thickness);
    }
}

// Too small for single Pods: how many of them are well.
void ClusterView::draw_summary(Ui& ui, const PlacedServer& server) {
    const Theme& theme = ui.theme();
    if (server.pods == 0) return;
    const std::size_t counts[] = {server.pods - server.waiting - server.failed - server.completed, server.completed, server.waiting, server.failed};
    Rect bar = Rect(server.box.Min + Vec(14, 40), server.box.Max - Vec(14, 14));
    const Color colors[] = {theme.green, theme.faint, theme.amber, theme.rose};
    float x = bar.Min.x;
    for (std::size_t i = 0; i < std::size(counts); ++i) {
        float width = bar.GetWidth() * static_cast<float>(counts[i]) / static_cast<float>(server.pods);
        Rect part = board_.at(Rect(x, bar.Min.y, x + width, bar.Max.y));
        if (counts[i] > 0) ui.list()->AddRectFilled(part.Min, part.Max, with_alpha(colors[i], 0.7f));
        x += width;
    }
}

void ClusterView::draw_server(Ui& ui, const PlacedServer& server) {
    const Theme& theme = ui.theme();
    const Rect& box = server.box;
    if (!server.node) {
        draw_box(ui, board_, box, {0, theme.amber, 16, 1, true});
        if (letters(12)) draw_label(ui, board_, box.Min + Vec(16, 8), 22, {Face::strong, 12.5f, theme.amber_text}, ui.t(server.kind == ServerKind::waiting ? "architecture.unscheduled" : "architecture.orphaned"), box.GetWidth() - 32);
        return;
    }
    const view::NodeBox& node = *server.node;
    Press state = item(ui, rect(box.Min.x, box.Min.y, box.GetWidth(), 34), "nodes", "", node.name, health_word(ui, node.health), 16);
    bool chosen = focus_ == cluster_key("nodes", "", node.name) && hovered_ != focus_;
    Color line = chosen ? theme.teal : state.hovered ? theme.selected_line : theme.box_line;
    draw_box(ui, board_, box, {theme.box, line, 16, chosen ? 1.6f : 1.0f, !node.schedulable});
}

// After the lines, on a patch of the card's colour: no line crosses a name.
void ClusterView::draw_server_title(Ui& ui, const PlacedServer& server) {
    if (!server.node || !letters(12)) return;
    const Theme& theme = ui.theme();
    const view::NodeBox& node = *server.node;
    const Rect& box = server.box;
    float room = box.GetWidth() - 50, name_room = room * 0.62f;
    TextStyle strong{Face::strong, 12.5f, theme.text};
    TextStyle code{Face::code, 10.5f, node.schedulable ? theme.dim : theme.amber_text};
    auto width = [&](TextStyle style, std::string_view text) {
        style.size *= board_.scale;
        return ui.fonts.width(text, style) / board_.scale;
    };
    std::string detail = node.schedulable ? node.ip : std::string(ui.t("architecture.cordoned"));
    float name_width = std::min(name_room, width(strong, node.name)) + 10;
    float detail_width = letters(10.5f) ? std::min(room - name_width, width(code, detail)) : 0;
    draw_box(ui, board_, rect(box.Min.x + 11, box.Min.y + 9, 19 + name_width + detail_width + 6, 20), {theme.box, 0, 6});
    draw_health(ui, board_.at(box.Min.x + 19, box.Min.y + 19), 4 * board_.scale, node.health);
    draw_label(ui, board_, box.Min + Vec(30, 8), 22, strong, node.name, name_room);
    if (detail_width > 0) draw_label(ui, board_, box.Min + Vec(30 + name_width, 8), 22, code, detail, room - name_width);
}

void ClusterView::draw_chip(Ui& ui, const PlacedChip& chip) {
    const Theme& theme = ui.theme();
    const view::PodChip& pod = *chip.pod;
    const Rect& box = chip.box;
    bool on = lit("pods", pod.namespace_name, pod.name);
    float alpha = on ? 1 : strength(pod.namespace_name, pod.name);
    bool failed = pod.health == view::Health::failed;
    bool pending = pod.health == view::Health::pending || pod.health == view::Health::terminating;
    Color space = namespace_color(ui, pod.namespace_name);
    bool over = pod.health == view::Health::completed;
    Color fill = failed ? theme.rose_tint : on ? theme.teal_tint : pending || over ? theme.box : theme.raised;
    if (!letters(11)) {
        Rect screen = board_.at(box);
        Color color = failed ? theme.rose : pending ? theme.amber : on ? theme.teal : over ? theme.line : mix(theme.raised, space, 0.5f);
        ui.list()->AddRectFilled(screen.Min, screen.Max, with_alpha(color, alpha), 6 * board_.scale);
        return;
    }
    Press state = item(ui, box, "pods", pod.namespace_name, pod.name, pod.phase, 8);
    const sim::ObjectRef& object = ui.model().inspected.object;
    bool chosen = object.resource == "pods" && object.name == pod.name && object.namespace_name == pod.namespace_name;
    Color line = chosen || on ? theme.teal : pending ? theme.amber : failed ? theme.rose : state.hovered ? theme.selected_line : theme.line;
    draw_box(ui, board_, box, {with_alpha(fill, alpha), with_alpha(line, alpha), 8, chosen ? 1.8f : 1.0f, pending && !on});
    // The namespace as a small bar at the left.
    Rect bar = board_.at(rect(box.Min.x + 5, box.Min.y + 7, 3, box.GetHeight() - 14));
    ui.list()->AddRectFilled(bar.Min, bar.Max, with_alpha(space, alpha), 1.5f * board_.scale);
    draw_health(ui, board_.at(box.Min.x + 17, box.GetCenter().y), 3.4f * board_.scale, pod.health);
    Vec text = box.Min + Vec(26, 0);
    float width = box.GetWidth() - 31;
    // Well or not: what is not well says so in words.
    bool word = pod.health != view::Health::healthy && letters(9);
    Color color = failed ? theme.rose_text : pending ? theme.amber_text : over ? theme.dim : theme.text;
    draw_label(ui, board_, text + Vec(0, word ? 1.0f : 0.0f), word ? 15 : box.GetHeight(), {Face::text, 11, with_alpha(word && !over ? theme.text : color, alpha)}, pod.app, width);
    if (word) draw_label(ui, board_, text + Vec(0, 14), 12, {Face::text, 9, with_alpha(color, alpha)}, pod.phase, width);
    if (state.hovered) tooltip(ui, pod_words(ui, pod));
}

namespace {

// As kubectl abbreviates them: pkg/registry/*/storage, ShortNames.
std::string short_kind(std::string_view kind) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"Deployment", "deploy"}, {"ReplicaSet", "rs"}, {"ReplicationController", "rc"}, {"DaemonSet", "ds"}, {"StatefulSet", "sts"}, {"CronJob", "cj"}};
    for (const auto& [name, abbreviated] : known)
        if (kind == name) return std::string(abbreviated);
    return to_lower(kind);
}

}  // namespace

void ClusterView::draw_workload(Ui& ui, const PlacedWorkload& placed) {
    const Theme& theme = ui.theme();
    const view::WorkloadBox& load = *placed.workload;
    const Rect& box = placed.box;
    if (placed.owner >= 0) {
        // An elbow from the owner down to what it owns.
        float x = box.Min.x - 7, top = layout_.workloads[static_cast<std::size_t>(placed.owner)].box.Max.y;
        if (top < box.Min.y)
            Wire::bent({Vec(x, top), Vec(x, box.GetCenter().y), Vec(box.Min.x, box.GetCenter().y)}, 5).draw(ui, board_, theme.violet, 1.2f);
    }
    if (!letters(11)) {
        Rect screen = board_.at(box);
        ui.list()->AddRectFilled(screen.Min, screen.Max, theme.line, 6 * board_.scale);
        return;
    }
    std::string resource = resource_of_kind(load.kind);
    bool on = lit(resource, load.namespace_name, load.name);
    float alpha = on ? 1 : strength(load.namespace_name, load.name);
    std::string ready = workload_tag(ui, load);
    Press state = item(ui, box, resource, load.namespace_name, load.name, workload_words(ui, load), 8);
    bool well = load.health == view::Health::healthy;
    Color line = on ? theme.violet : state.hovered ? theme.selected_line : theme.line;
    draw_box(ui, board_, box, {with_alpha(on ? theme.violet_tint : theme.raised, alpha), with_alpha(line, alpha), 8, on ? 1.6f : 1.0f});
    // The kind in a few letters: a word beside the colour.
    std::string tag = short_kind(load.kind);
    TextStyle small{Face::code, 10, with_alpha(theme.violet_text, alpha)};
    TextStyle scaled = small;
    scaled.size *= board_.scale;
    float tag_width = ui.fonts.width(tag, scaled) / board_.scale, ready_width = ui.fonts.width(ready, scaled) / board_.scale;
    if (letters(9.5f)) {
        draw_label(ui, board_, box.Min + Vec(9, 0), box.GetHeight(), small, tag, tag_width + 3);
        small.color = with_alpha(load.health == view::Health::failed ? theme.rose_text : load.health == view::Health::pending ? theme.amber_text : theme.dim, alpha);
        draw_label(ui, board_, Vec(box.Max.x - ready_width - 10, box.Min.y), box.GetHeight(), small, ready, ready_width + 3);
        if (!well) draw_health(ui, board_.at(box.Max.x - ready_width - 19, box.GetCenter().y), 3.2f * board_.scale, load.health);
    } else {
        tag_width = ready_width = 0;
    }
    float left = tag_width + 16, right = ready_width + (well ? 16 : 28);
    draw_label(ui, board_, box.Min + Vec(left, 0), box.GetHeight(), {Face::text, 12, with_alpha(theme.text, alpha)}, load.name, box.GetWidth() - left - right);
    if (state.hovered) tooltip(ui, cat(load.kind, " ", load.namespace_name, "/", load.name, "  ·  ", workload_words(ui, load)));
}

void ClusterView::draw_service(Ui& ui, const PlacedService& placed) {
    const Theme& theme = ui.theme();
    const view::ServiceBox& service = *placed.service;
    const Rect& box = placed.box;
    if (!letters(11)) {
        Rect screen = board_.at(box);
        ui.list()->AddRectFilled(screen.Min, screen.Max, theme.line, 6 * board_.scale);
        return;
    }
    bool on = lit("services", service.namespace_name, service.name);
    float alpha = on ? 1 : strength(service.namespace_name, service.name);
    Press state = item(ui, box, "services", service.namespace_name, service.name, cat(service.type, " ", service.cluster_ip), 8);
    Color line = on ? theme.teal : state.hovered ? theme.selected_line : theme.line;
    draw_box(ui, board_, box, {with_alpha(on ? theme.teal_tint : theme.raised, alpha), with_alpha(line, alpha), 8, on ? 1.6f : 1.0f});
    // The ring of what waits: nobody behind the Service is ready.
    bool idle = !service.waiting.empty() && service.pods.empty();
    if (idle) draw_health(ui, board_.at(box.Min.x + 14, box.GetCenter().y), 3.4f * board_.scale, view::Health::pending);
    float indent = idle ? 12.0f : 0.0f;
    constexpr float name_width = 86, type_width = 60;
    draw_label(ui, board_, box.Min + Vec(10 + indent, 0), box.GetHeight(), {Face::text, 12, with_alpha(theme.text, alpha)}, service.name, name_width - indent);
    if (letters(9.5f)) {
        // A door to the outside is told apart from what only the inside can reach.
        bool door = service.type == "NodePort" || service.type == "LoadBalancer";
        Color type = door ? theme.blue_text : theme.dim;
        draw_label(ui, board_, box.Min + Vec(14 + name_width, 0), box.GetHeight(), {Face::text, 10.5f, with_alpha(type, alpha)}, service.type, type_width);
        float left = 14 + name_width + type_width;
        draw_label(ui, board_, box.Min + Vec(left, 0), box.GetHeight(), {Face::code, 10.5f, with_alpha(theme.dim, alpha)}, service.cluster_ip, box.GetWidth() - left - 6);
    }
    if (!state.hovered) return;
    std::string text = cat(service.namespace_name, "/", service.name, "  ·  ", service.type, "  ", service.cluster_ip, "  ", service.ports);
    if (!service.external.empty() && service.external != "<none>") text += cat("  ·  ", service.external);
    tooltip(ui, text);
}

// From far away nodes are cells; nearer they are cards, and nearer still their Pods have names.
void ClusterView::draw_cards(Ui& ui) {
    bool far = !layout_.servers.empty() && layout_.servers.front().box.GetWidth() * board_.scale < cell_width;
    if (far) {
        draw_columns(ui);
        draw_cells(ui, board_, clip_, layout_, hit_cards_, ui.model().inspected.object);
        return;
    }
    bool names = 28 * board_.scale >= small_chip;
    if (layout_.lazy && names) {
        // What was looked at is kept until it becomes too much.
        if (layout_.chips.size() > most_kept_chips) {
            for (PlacedServer& server : layout_.servers) server.chips = 0;
            layout_.chips.clear();
            layout_.chip_of.clear();
        }
        const std::size_t most = layout_.chips.size() + most_fresh_chips;
        for (std::size_t i = 0; i < layout_.servers.size(); ++i) {
            if (!visible(layout_.servers[i].box)) continue;
            if (layout_.chips.size() < most)
                place_chips(layout_, i, choice_);
            else
                ui.wake_in(0.01);
        }
    }
    // Faint lines end at the cards; those of the thing looked at go on to the Pods themselves.
    Lines lines = gather_lines(ui);
    draw_lines(ui, lines.faint, 1.3f);
    for (const PlacedServer& server : layout_.servers)
        if (visible(server.box)) draw_server(ui, server);
    draw_columns(ui);
    if (lines.bright.size() <= most_bright_lines) draw_lines(ui, lines.bright, std::max(2.0f, 1.2f / board_.scale));
    for (const PlacedServer& server : layout_.servers) {
        if (!visible(server.box)) continue;
        draw_server_title(ui, server);
        if (!names || server.chips == 0) draw_summary(ui, server);
        for (std::size_t i = 0; i < server.chips && names; ++i)
            if (visible(layout_.chips[server.first_chip + i].box)) draw_chip(ui, layout_.chips[server.first_chip + i]);
    }
}

}  // namespace kubewalk::ui
