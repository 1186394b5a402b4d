#pragma once
// Where the Architecture view puts its boxes, and which way its wires go: a trunk leaves the API server,
// runs below the control plane and branches into each node, so that no wire crosses a label.

#include <map>
#include <string>
#include <vector>

#include "web/ui/canvas.h"

namespace kubewalk::ui {

struct PlacedPod {
    const view::PodChip* pod = nullptr;
    Rect box;
};

struct PlacedNode {
    const view::NodeBox* node = nullptr;
    Rect box;
    std::vector<PlacedPod> pods;
    int hidden = 0;  // Pods that did not fit
    float chip_size = 11;
};

struct ArchitectureLayout {
    Vec size;  // in units; taller than the area when there are many nodes
    Rect control_plane;
    const view::NodeBox* control_node = nullptr;
    std::map<std::string, Rect, std::less<>> boxes;  // by ComponentBox id
    std::map<std::string, std::string, std::less<>> addons;  // add-ons drawn as Pods: "namespace/name" -> ComponentBox id
    std::vector<PlacedNode> workers;
    std::vector<PlacedPod> control_pods;
    std::vector<PlacedPod> waiting;   // unscheduled Pods
    std::vector<PlacedPod> orphaned;  // Pods whose node is gone
    std::map<std::string, Wire, std::less<>> wires;  // API server -> component, by component id
};

bool is_addon(const ArchitectureLayout& layout, std::string_view component);

ArchitectureLayout lay_out_architecture(const Ui& ui, const view::Architecture& snapshot, Vec size);


}  // namespace kubewalk::ui
