#pragma once
// Where the Cluster view puts things, in units: workloads to the left, nodes with their Pods in the
// middle, Services to the right. Knows nothing of colours or of the camera.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/view/architecture.h"
#include "web/ui/imgui.h"

namespace kubewalk::ui {

struct PlacedChip {
    const view::PodChip* pod = nullptr;
    Rect box;
    int workload = -1;  // index of the row that owns it
};

struct PlacedServer {
    const view::NodeBox* node = nullptr;  // null: the Pods that wait for a node
    Rect box;
    std::size_t first_chip = 0;
    std::size_t chips = 0;
};

struct PlacedWorkload {
    const view::WorkloadBox* workload = nullptr;
    Rect box;
    int owner = -1;  // index of the row above that owns this one
};

struct PlacedService {
    const view::ServiceBox* service = nullptr;
    Rect box;
};

// A namespace's name over its rows.
struct PlacedHeading {
    const std::string* namespace_name = nullptr;
    Rect box;
};

struct ClusterLayout {
    std::vector<PlacedServer> servers;
    std::vector<PlacedChip> chips;
    std::vector<PlacedWorkload> workloads;
    std::vector<PlacedService> services;
    std::vector<PlacedHeading> headings;
    Rect workload_column;  // from its title down
    Rect service_column;
    Vec size;
    std::unordered_map<std::string, std::size_t> chip_of;  // "namespace/name" -> index
};

struct ClusterChoice {
    std::string namespace_name;  // "": all
    std::string opened;          // "namespace/name" of the Deployment whose ReplicaSets are shown
    float aspect = 1.4f;         // the canvas' width by its height
    friend bool operator==(const ClusterChoice&, const ClusterChoice&) = default;
};

ClusterLayout lay_out_cluster(const view::Architecture& snapshot, const ClusterChoice& choice);

// "Deployment" -> "deployments".
std::string resource_of_kind(std::string_view kind);
bool is_system_namespace(std::string_view name);

}  // namespace kubewalk::ui
