#include "web/ui/cluster_overview.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"

namespace kubewalk::ui {

namespace {

constexpr std::size_t most_hits = 1000;

bool contains(std::string_view text, const std::string& wanted) {
    return to_lower(text).find(wanted) != std::string::npos;
}

// How a node and its Pods are: a shape goes with the colour where there is room for one.
void draw_cell(Ui& ui, const PlacedServer& server, const Rect& cell) {
    const Theme& theme = ui.theme();
    ImDrawList* list = ui.list();
    bool failed = server.node && server.node->health == view::Health::failed;
    list->AddRectFilled(cell.Min, cell.Max, failed ? theme.rose_tint : theme.box);
    float height = cell.GetHeight(), width = cell.GetWidth();
    if (server.pods > 0) {
        // As full as it is, from below; what is not well stands on top.
        float full = std::min(1.0f, static_cast<float>(server.pods) / 40.0f) * (height - 2);
        float bad = full * static_cast<float>(server.failed) / static_cast<float>(server.pods);
        float waits = full * static_cast<float>(server.waiting) / static_cast<float>(server.pods);
        if (server.failed > 0) bad = std::max(bad, 1.5f);
        if (server.waiting > 0) waits = std::max(waits, 1.5f);
        float y = cell.Max.y - 1;
        auto part = [&](float tall, Color color) {
            if (tall <= 0) return;
            list->AddRectFilled(Vec(cell.Min.x + 1, y - tall), Vec(cell.Max.x - 1, y), color);
            y -= tall;
        };
        part(std::max(0.0f, full - bad - waits), with_alpha(theme.green, theme.dark ? 0.55f : 0.6f));
        part(waits, theme.amber);
        part(bad, theme.rose);
    }
    if (failed && std::min(width, height) >= 7) draw_health(ui, cell.GetCenter(), std::min(width, height) * 0.28f, view::Health::failed);
}

}  // namespace

void draw_cells(Ui& ui, const Board& board, const Rect& clip, const ClusterLayout& layout, const std::vector<std::size_t>& marked, const sim::ObjectRef& chosen) {
    const Theme& theme = ui.theme();
    std::size_t next = 0;
    for (std::size_t i = 0; i < layout.servers.size(); ++i) {
        while (next < marked.size() && marked[next] < i) ++next;
        const PlacedServer& server = layout.servers[i];
        Rect cell = board.at(server.box);
        if (!cell.Overlaps(clip)) continue;
        cell.Max.x = std::max(cell.Max.x, cell.Min.x + 1.5f);
        cell.Max.y = std::max(cell.Max.y, cell.Min.y + 1.5f);
        draw_cell(ui, server, cell);
        bool hit = next < marked.size() && marked[next] == i;
        bool picked = server.node && chosen.resource == "nodes" && chosen.name == server.node->name;
        if (hit || picked) ui.list()->AddRect(cell.Min - Vec(1, 1), cell.Max + Vec(1, 1), picked ? theme.teal : theme.blue, 0, 0, 2);
    }
}

int card_at(const ClusterLayout& layout, Vec point) {
    if (!layout.field.Contains(point)) return -1;
    for (std::size_t i = 0; i < layout.servers.size(); ++i)
        if (inset(layout.servers[i].box, -card_gap * 0.5f).Contains(point)) return static_cast<int>(i);
    return -1;
}

bool draw_minimap(Ui& ui, const Board& board, const Rect& stage, const ClusterLayout& layout, Vec* centre) {
    Rect content = board.at(Rect(0, 0, layout.size.x, layout.size.y));
    bool all = content.Min.x >= stage.Min.x - 1 && content.Min.y >= stage.Min.y - 1 && content.Max.x <= stage.Max.x + 1 && content.Max.y <= stage.Max.y + 1;
    if (all || stage.GetWidth() < 480 || stage.GetHeight() < 320 || layout.size.x <= 0) return false;  // it would cover too much
    const Theme& theme = ui.theme();
    const float most_width = std::min(168.0f, stage.GetWidth() * 0.24f), most_height = std::min(116.0f, stage.GetHeight() * 0.26f);
    float scale = std::min(most_width / layout.size.x, most_height / layout.size.y);
    Vec size = layout.size * scale;
    Rect map(stage.Max - Vec(16, 14) - size - Vec(12, 12), stage.Max - Vec(16, 14));
    Press state = press(ui, map, "minimap", ui.t("cluster.minimap"), 9);
    shadow(ui.list(), map, 9, theme.shadow, 8);
    box_with_line(ui.list(), map, with_alpha(theme.panel, 0.94f), state.hovered ? theme.selected_line : theme.line, 9);
    Board small{map.Min + Vec(6, 6), scale};
    // Cells that fall onto the same pixels are drawn once.
    Vec last(-9, -9);
    for (const PlacedServer& server : layout.servers) {
        Rect cell = small.at(server.box);
        if (cell.GetWidth() < 2 && std::abs(cell.Min.x - last.x) < 1 && std::abs(cell.Min.y - last.y) < 1 && server.failed == 0) continue;
        last = cell.Min;
        cell.Max = ImMax(cell.Max, cell.Min + Vec(1, 1));
        bool bad = server.failed > 0 || (server.node && server.node->health == view::Health::failed);
        ui.list()->AddRectFilled(cell.Min, cell.Max, bad ? theme.rose : server.waiting > 0 ? theme.amber : mix(theme.line, theme.green, 0.4f));
    }
    for (const Rect* column : {&layout.workload_column, &layout.service_column})
        if (column->GetWidth() > 0) {
            Rect box = small.at(*column);
            ui.list()->AddRectFilled(box.Min, box.Max, with_alpha(theme.violet, 0.25f), 1);
        }
    Rect seen((stage.Min - board.origin) * (1 / board.scale), (stage.Max - board.origin) * (1 / board.scale));
    Rect frame = small.at(seen);
    frame.ClipWith(inset(map, 2));
    if (frame.GetWidth() > 0 && frame.GetHeight() > 0) {
        ui.list()->AddRectFilled(frame.Min, frame.Max, with_alpha(theme.blue, 0.14f), 3);
        ui.list()->AddRect(frame.Min, frame.Max, theme.blue, 3, 0, 1.5f);
    }
    if (!state.held) return false;
    *centre = (ImGui::GetMousePos() - small.origin) * (1 / scale);
    return true;
}

std::vector<ClusterHit> find_in_cluster(const ClusterLayout& layout, const ClusterChoice& choice, const std::string& wanted) {
    std::vector<ClusterHit> hits;
    if (wanted.empty()) return hits;
    const std::size_t none = layout.servers.size();
    for (const PlacedWorkload& load : layout.workloads)
        if (contains(cat(load.workload->namespace_name, "/", load.workload->name), wanted))
            hits.push_back({{resource_of_kind(load.workload->kind), load.workload->namespace_name, load.workload->name}, load.box, none});
    for (const PlacedService& service : layout.services)
        if (contains(cat(service.service->namespace_name, "/", service.service->name), wanted))
            hits.push_back({{"services", service.service->namespace_name, service.service->name}, service.box, none});
    for (std::size_t i = 0; i < layout.servers.size() && hits.size() < most_hits; ++i) {
        const PlacedServer& server = layout.servers[i];
        if (server.node && contains(server.node->name, wanted)) hits.push_back({{"nodes", {}, server.node->name}, server.box, i});
        if (!layout.lazy) {
            for (std::size_t n = server.first_chip; n < server.first_chip + server.chips; ++n) {
                const PlacedChip& chip = layout.chips[n];
                if (contains(cat(chip.pod->namespace_name, "/", chip.pod->name), wanted)) hits.push_back({{"pods", chip.pod->namespace_name, chip.pod->name}, chip.box, i});
            }
            continue;
        }
        if (!server.node) continue;
        for (const view::PodChip& pod : server.node->pods) {
            if (!choice.namespace_name.empty() && pod.namespace_name != choice.namespace_name) continue;
            if (pod.name.find(wanted) != std::string::npos || pod.namespace_name.find(wanted) != std::string::npos)
                hits.push_back({{"pods", pod.namespace_name, pod.name}, server.box, i});
            if (hits.size() >= most_hits) break;
        }
    }
    return hits;
}

}  // namespace kubewalk::ui
