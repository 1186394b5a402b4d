#include "web/ui/architecture_layout.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace kubewalk::ui {

namespace {

constexpr float margin = 20;
constexpr float plane_left = 126;
constexpr float plane_height = 228;
constexpr float gutter = 24;        // between control plane and nodes: the trunk runs here
constexpr float node_gap = 20;
constexpr float node_min_width = 214;
constexpr float agents_column = 118;
constexpr float cloud_width = 76;

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

class Planner {
public:
    Planner(const Ui& ui, const view::Architecture& snapshot, Vec size) : ui_(ui), snapshot_(snapshot) { out_.size = size; }

    ArchitectureLayout run() {
        for (const view::NodeBox& node : snapshot_.nodes)
            if (node.role == "control-plane" && !out_.control_node) out_.control_node = &node;
        for (const view::ComponentBox& component : snapshot_.components)
            if (!component.pod.empty()) out_.addons[component.pod] = component.id;
        place_control_plane();
        place_waiting();
        place_workers();
        wire_control_plane();
        for (const PlacedNode& node : out_.workers) wire_node(node);
        return std::move(out_);
    }

private:
    bool has(std::string_view id) const {
        for (const auto& component : snapshot_.components)
            if (component.id == id) return true;
        return false;
    }
    void put(std::string_view id, const Rect& box) {
        if (has(id)) out_.boxes[std::string(id)] = box;
    }
    const Rect* box(std::string_view id) const {
        auto found = out_.boxes.find(id);
        return found == out_.boxes.end() ? nullptr : &found->second;
    }

    // The add-on that a Pod is, or "".
    std::string addon(const view::PodChip& pod) const {
        auto found = out_.addons.find(pod.namespace_name + "/" + pod.name);
        return found == out_.addons.end() ? std::string() : found->second;
    }

    void place_control_plane() {
        float right = std::max(out_.size.x - margin, plane_left + 420);
        // The cloud is nobody's machine: it stands beside the control plane.
        if (has("cloud")) {
            put("cloud", rect(right - cloud_width, 4 + 42, cloud_width, 58));
            right -= cloud_width + 18;
        }
        Rect plane(plane_left, 4, right, 4 + plane_height);
        out_.control_plane = plane;
        float x = plane.Min.x, y = plane.Min.y;
        // The columns breathe with the width; where there is little, the gaps give way before the names do.
        float spare = std::max(0.0f, plane.GetWidth() - 574);
        float tight = std::clamp((574 - plane.GetWidth()) / 80, 0.0f, 1.0f);
        float api_x = x + 30 - 12 * tight + spare * 0.15f;
        float middle_x = api_x + 190 - 42 * tight + spare * 0.3f;
        // Left of the lines that rise to the agents and, further out, to the cloud-controller-manager.
        const bool cloud = has("cloud-controller-manager");
        float agents_width = agents_column - (cloud ? 12 * tight : 0);
        float risers = cloud ? agents_column + 36 : agents_width + 22;
        float middle_width = std::min(176.0f, plane.Max.x - 18 - risers - middle_x) + spare * 0.2f;
        // Where Pods stand below, all above them moves together a little: the workers' Pods need the height.
        const bool below = place_control_pods(Vec(api_x + 44, y), middle_x - 6, plane.Max.x - 18 - risers - 20);
        const float bottom = out_.control_plane.Max.y, close = below ? 1 : 0;
        const float api_y = y + 76 - 12 * close;
        put("kube-apiserver", rect(api_x, api_y, 134 - 16 * tight, 88));
        put("etcd", rect(middle_x, y + 38 - 2 * close, std::min(middle_width, 124.0f), 48 - 4 * close));
        put("kube-controller-manager", rect(middle_x, y + 98 - 9 * close, middle_width, 54 - 6 * close));
        put("kube-scheduler", rect(middle_x, y + 164 - 17 * close, middle_width, 46 - 2 * close));
        put("kubectl", rect(margin, api_y + 16, 86, 56));

        float agents_x = plane.Max.x - 18 - agents_width;
        float at = y + 38;
        if (cloud) {
            put("cloud-controller-manager", rect(plane.Max.x - 18 - agents_column - 14, at, agents_column + 14, 34));
            at += 40;
        }
        if (!out_.control_node) return;
        const std::string& node = out_.control_node->name;
        const std::string agents[] = {"kubelet/" + node, "runtime/" + node, "kube-proxy/" + node, "flannel/" + node, "kube-router/" + node};
        int count = static_cast<int>(std::count_if(std::begin(agents), std::end(agents), [&](const auto& id) { return has(id); }));
        float height = std::min(38.0f, (bottom - 22 - at - 7 * static_cast<float>(count - 1)) / static_cast<float>(std::max(1, count)));
        for (const std::string& id : agents) {
            if (!has(id)) continue;
            put(id, rect(agents_x, at, agents_width, height));
            at += height + 7;
        }
    }

    // What runs beside the control plane stands below the API server: in one row left of the scheduler, else in rows below both,
    // which move the floor of the box. True: below. `origin`: where they begin, at the box's upper edge.
    bool place_control_pods(Vec origin, float beside_end, float below_end) {
        constexpr float high = 26, apart = 6, row_step = 34;
        std::vector<const view::PodChip*> pods;
        float wanted = -apart;
        if (!out_.control_node) return false;
        for (const view::PodChip& pod : out_.control_node->pods) {
            if (pod.boxed) continue;
            pods.push_back(&pod);
            wanted += chip_width(pod, 10.5f) + apart;
        }
        const bool below = wanted > beside_end - origin.x;
        Vec at = origin + Vec(0, below ? 198.0f : 176.0f);
        for (const view::PodChip* pod : pods) {
            const float width = chip_width(*pod, 10.5f);
            if (at.x + width > (below ? below_end : beside_end) && at.x > origin.x) at = Vec(origin.x, at.y + row_step);
            out_.control_pods.push_back({pod, rect(at.x, at.y, width, high)});
            at.x += width + apart;
        }
        // Room for the last row's wire and for the agents' along the floor.
        if (below) out_.control_plane.Max.y = at.y + high + 26;
        return below;
    }

    float chip_width(const view::PodChip& pod, float size) const {
        return std::clamp(ui_.fonts.width(pod.app, {Face::text, size, 0}) + 30, 58.0f, 150.0f);
    }

    void place_waiting() {
        const Rect* client = box("kubectl");
        float y = client ? client->Max.y + 34 : 160;
        auto place = [&](const std::vector<view::PodChip>& pods, std::vector<PlacedPod>& out) {
            for (const view::PodChip& pod : pods) {
                if (out.size() >= 4) break;
                out.push_back({&pod, rect(margin, y, 92, 30)});
                y += 36;
            }
            if (!out.empty()) y += 28;
        };
        place(snapshot_.unscheduled, out_.waiting);
        place(snapshot_.orphaned, out_.orphaned);
    }

    void place_workers() {
        std::vector<const view::NodeBox*> nodes;
        for (const view::NodeBox& node : snapshot_.nodes)
            if (&node != out_.control_node) nodes.push_back(&node);
        if (nodes.empty()) return;
        float left = plane_left, width = std::max(out_.size.x - margin, out_.control_plane.Max.x) - plane_left;
        int fit = std::max(1, static_cast<int>((width + node_gap) / (node_min_width + node_gap)));
        int columns = std::min(fit, static_cast<int>(nodes.size()));
        int rows = (static_cast<int>(nodes.size()) + columns - 1) / columns;
        float top = out_.control_plane.Max.y + gutter;
        float node_width = (width - node_gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
        float room = out_.size.y - top - 14 - gutter * static_cast<float>(rows - 1);
        // Two rows of readable Pods, or three of small ones, below the agents.
        const bool router = std::any_of(nodes.begin(), nodes.end(), [&](const auto* node) { return has("kube-router/" + node->name); });
        float node_height = std::max(router ? 228.0f : 210.0f, room / static_cast<float>(rows));
        node_height = std::min(node_height, 420.0f);
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            auto column = static_cast<float>(i % static_cast<std::size_t>(columns));
            auto row = static_cast<float>(i / static_cast<std::size_t>(columns));
            PlacedNode placed;
            placed.node = nodes[i];
            placed.box = rect(left + column * (node_width + node_gap), top + row * (node_height + gutter), node_width, node_height);
            place_agents(placed);
            place_pods(placed);
            out_.size.y = std::max(out_.size.y, placed.box.Max.y + 14);
            out_.workers.push_back(std::move(placed));
        }
    }

    void place_agents(const PlacedNode& placed) {
        const std::string& name = placed.node->name;
        float cell = (placed.box.GetWidth() - 36 - 14) / 2;
        float x = placed.box.Min.x + 18, y = placed.box.Min.y;
        float right = x + cell + 14;
        if (!has("kube-router/" + name)) {
            put("kubelet/" + name, rect(x, y + 42, cell, 40));
            put("kube-proxy/" + name, rect(right, y + 42, cell, 40));
            put("runtime/" + name, rect(x, y + 92, cell, 32));
            put("flannel/" + name, rect(right, y + 92, cell, 32));
            return;
        }
        put("kubelet/" + name, rect(x, y + 42, cell, 40));
        put("runtime/" + name, rect(x, y + 94, cell, 50));
        put("kube-proxy/" + name, rect(right, y + 42, cell, 30));
        put("flannel/" + name, rect(right, y + 78, cell, 30));
        put("kube-router/" + name, rect(right, y + 114, cell, 30));
    }

    // As large as they all fit; the rest is counted.
    void place_pods(PlacedNode& placed) const {
        std::vector<const view::PodChip*> pods;
        for (const view::PodChip& pod : placed.node->pods)
            if (!pod.boxed) pods.push_back(&pod);
        struct Size {
            float text, height, gap;
        };
        constexpr Size sizes[] = {{11, 34, 7}, {10.5f, 26, 5}, {10, 21, 4}, {9.5f, 19, 3}, {8.5f, 17, 3}};
        for (const Size& size : sizes) {
            placed.pods.clear();
            placed.chip_size = size.text;
            float x = placed.box.Min.x + 18, y = placed.box.Min.y + (has("kube-router/" + placed.node->name) ? 154 : 136);
            // The last and smallest size leaves a line for how many more there are.
            float right = placed.box.Max.x - 22, bottom = placed.box.Max.y - (&size == std::end(sizes) - 1 ? 20.0f : 12.0f);
            placed.hidden = 0;
            for (const view::PodChip* pod : pods) {
                float width = chip_width(*pod, size.text);
                if (x + width > right && x > placed.box.Min.x + 18) {
                    x = placed.box.Min.x + 18;
                    y += size.height + size.gap;
                }
                if (y + size.height > bottom) {
                    placed.hidden = static_cast<int>(pods.size() - placed.pods.size());
                    break;
                }
                placed.pods.push_back({pod, rect(x, y, width, size.height)});
                x += width + size.gap;
            }
            if (placed.hidden == 0) return;
        }
    }

    float trunk_x() const { return box("kube-apiserver")->Min.x + 26; }
    float lane_y() const { return out_.control_plane.Max.y + gutter * 0.5f; }

    void wire_control_plane() {
        const Rect* api = box("kube-apiserver");
        if (!api) return;
        Vec right(api->Max.x, api->GetCenter().y);
        if (const Rect* client = box("kubectl"))
            out_.wires["kubectl"] = Wire::bent({Vec(api->Min.x, client->GetCenter().y), Vec(client->Max.x, client->GetCenter().y)});
        if (const Rect* b = box("etcd")) out_.wires["etcd"] = Wire::curve(right + Vec(0, -22), Vec(b->Min.x, b->GetCenter().y));
        if (const Rect* b = box("kube-controller-manager"))
            out_.wires["kube-controller-manager"] = Wire::curve(right + Vec(0, 7), Vec(b->Min.x, b->GetCenter().y));
        if (const Rect* b = box("kube-scheduler"))
            out_.wires["kube-scheduler"] = Wire::curve(right + Vec(0, 24), Vec(b->Min.x, b->GetCenter().y));

        const Rect* ccm = box("cloud-controller-manager");
        if (const Rect* cloud = box("cloud"); cloud && ccm)
            out_.wires["cloud"] = Wire::curve(Vec(ccm->Max.x, ccm->GetCenter().y), Vec(cloud->Min.x, cloud->GetCenter().y));

        // The control-plane node's own agents: along the floor of the box, then up beside them.
        float floor = out_.control_plane.Max.y - 10;
        for (const auto& [id, b] : out_.boxes) {
            bool agent = out_.control_node && id.size() > out_.control_node->name.size() &&
                         id.compare(id.size() - out_.control_node->name.size(), std::string::npos, out_.control_node->name) == 0 &&
                         id.find('/') != std::string::npos;
            if ((!agent && id != "cloud-controller-manager") || starts_with(id, "runtime/")) continue;
            float riser = b.Min.x - 14;
            out_.wires[id] = Wire::bent({Vec(trunk_x(), api->Max.y), Vec(trunk_x(), floor), Vec(riser, floor),
                                         Vec(riser, b.GetCenter().y), Vec(b.Min.x, b.GetCenter().y)}, 8);
        }
        for (const PlacedPod& placed : out_.control_pods) {
            std::string id = addon(*placed.pod);
            if (id.empty()) continue;
            out_.boxes[id] = placed.box;
            float y = placed.box.Max.y + 5;
            out_.wires[id] = Wire::bent({Vec(trunk_x(), api->Max.y), Vec(trunk_x(), y), Vec(placed.box.GetCenter().x, y),
                                         Vec(placed.box.GetCenter().x, placed.box.Max.y)}, 6);
        }
        if (out_.control_node) wire_runtime(out_.control_node->name, true);
    }

    void wire_runtime(const std::string& node, bool beside) {
        const Rect* kubelet = box("kubelet/" + node);
        const Rect* runtime = box("runtime/" + node);
        if (!kubelet || !runtime) return;
        float x = beside ? kubelet->GetCenter().x : kubelet->Min.x + 24;
        out_.wires["runtime/" + node] = Wire::bent({Vec(x, kubelet->Max.y), Vec(x, runtime->Min.y)});
    }

    void wire_node(const PlacedNode& placed) {
        if (!box("kube-apiserver")) return;
        const std::string& name = placed.node->name;
        const Rect* api = box("kube-apiserver");
        const Rect* proxy = box("kube-proxy/" + name);
        const Rect* kubelet = box("kubelet/" + name);
        const Rect* anchor = proxy ? proxy : kubelet;
        if (!anchor) return;
        float drop = anchor->GetCenter().x;
        float branch = placed.box.Min.y + 35;  // between the node's name and its agents
        // Nodes of lower rows are reached through the gutter above them.
        float above = placed.box.Min.y - gutter * 0.5f;
        std::vector<Vec> trunk = {Vec(trunk_x(), api->Max.y), Vec(trunk_x(), lane_y())};
        if (above > lane_y() + 1) {
            float side = plane_left - 10;
            trunk.push_back(Vec(side, lane_y()));
            trunk.push_back(Vec(side, above));
        }
        trunk.push_back(Vec(drop, above));
        auto with = [&](std::initializer_list<Vec> rest) {
            std::vector<Vec> corners = trunk;
            corners.insert(corners.end(), rest);
            return Wire::bent(std::move(corners), 8);
        };
        float margin_x = placed.box.Max.x - 9;
        if (proxy) out_.wires["kube-proxy/" + name] = with({Vec(drop, proxy->Min.y)});
        if (kubelet)
            out_.wires["kubelet/" + name] = with({Vec(drop, branch), Vec(kubelet->GetCenter().x, branch), Vec(kubelet->GetCenter().x, kubelet->Min.y)});
        const Rect* flannel = box("flannel/" + name);
        const Rect* router = box("kube-router/" + name);
        if (router)
            out_.wires["kube-router/" + name] =
                with({Vec(drop, branch), Vec(margin_x, branch), Vec(margin_x, router->GetCenter().y), Vec(router->Max.x, router->GetCenter().y)});
        if (flannel)
            out_.wires["flannel/" + name] =
                with({Vec(drop, branch), Vec(margin_x, branch), Vec(margin_x, flannel->GetCenter().y), Vec(flannel->Max.x, flannel->GetCenter().y)});
        for (const PlacedPod& pod : placed.pods) {
            std::string id = addon(*pod.pod);
            if (id.empty()) continue;
            out_.boxes[id] = pod.box;
            float y = pod.box.Min.y - 4;
            out_.wires[id] = with({Vec(drop, branch), Vec(margin_x, branch), Vec(margin_x, y), Vec(pod.box.GetCenter().x, y),
                                   Vec(pod.box.GetCenter().x, pod.box.Min.y)});
        }
        wire_runtime(name, false);
    }

    const Ui& ui_;
    const view::Architecture& snapshot_;
    ArchitectureLayout out_;
};

}  // namespace

bool is_addon(const ArchitectureLayout& layout, std::string_view component) {
    return std::any_of(layout.addons.begin(), layout.addons.end(), [&](const auto& addon) { return addon.second == component; });
}

ArchitectureLayout lay_out_architecture(const Ui& ui, const view::Architecture& snapshot, Vec size) {
    return Planner(ui, snapshot, size).run();
}

}  // namespace kubewalk::ui
