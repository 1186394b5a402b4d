#pragma once
// Where the Cluster view puts things, in units: workloads to the left, nodes with their Pods in the
// middle, Services to the right. Knows nothing of colours or of the camera. Large clusters place a node's
// Pods only when they are looked at.

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/view/architecture.h"
#include "web/ui/imgui.h"

namespace kubewalk::ui {

constexpr float card_gap = 16;  // between the nodes' cards
constexpr float usual_width = 878;  // workloads, nodes with three Pods beside one another, Services

struct PlacedChip {
    const view::PodChip* pod = nullptr;
    Rect box;
    int workload = -1;  // index of the row that owns it
};

enum class ServerKind : unsigned char {
    node,
    waiting,   // for the Pods that no node was chosen for
    orphaned,  // for the Pods whose node is gone
};

struct PlacedServer {
    ServerKind kind = ServerKind::node;
    const view::NodeBox* node = nullptr;  // null unless it is one
    Rect box;
    std::size_t first_chip = 0;
    std::size_t chips = 0;     // placed ones
    // Of all its Pods that are shown.
    std::size_t pods = 0;
    std::size_t waiting = 0;   // pending or terminating
    std::size_t failed = 0;
    std::size_t completed = 0;
};

// Where things stood, so that they stay there when others come and go: each Pod keeps its place in its
// node's card, each card its height.
struct ClusterMemory {
    struct Card {
        std::map<std::string, std::size_t, std::less<>> slots;  // by "namespace/name"
        std::size_t rows = 0;
    };
    std::map<std::string, Card, std::less<>> cards;  // by node
    std::string namespace_name;                       // another choice begins anew
    std::size_t columns = 0;
    bool narrow = false;
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
    std::unordered_map<std::string, std::size_t> chip_of;  // "namespace/name" -> index, of what is placed
    bool lazy = false;            // chips are placed by place_chips()
    std::size_t chip_columns = 2;
    Rect field;                   // around all cards
    std::unordered_map<std::string, int> rows;              // "namespace/Kind/name" -> index into workloads
    std::unordered_map<std::string, std::string> owners;    // "namespace/ReplicaSet/name" -> "namespace/Deployment/name"
};

struct ClusterChoice {
    std::string namespace_name;  // "": all
    std::string opened;          // "namespace/name" of the Deployment whose ReplicaSets are shown
    float aspect = 1.4f;         // the canvas' width by its height
    bool narrow = false;         // what is usual would not fit beside one another
    friend bool operator==(const ClusterChoice&, const ClusterChoice&) = default;
};

ClusterLayout lay_out_cluster(const view::Architecture& snapshot, const ClusterChoice& choice, ClusterMemory& memory);
// In a lazy layout: the Pods of one card. Does nothing when they are there.
void place_chips(ClusterLayout& layout, std::size_t server, const ClusterChoice& choice);

// "Deployment" -> "deployments".
std::string resource_of_kind(std::string_view kind);
bool is_system_namespace(std::string_view name);

}  // namespace kubewalk::ui
