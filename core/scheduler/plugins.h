#pragma once
// The table of plugins: one line each, in the order upstream runs them.
// Upstream: pkg/scheduler/apis/config/v1/default_plugins.go.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/scheduler/framework.h"

namespace kubewalk::scheduler {

struct ResourceWeight {
    std::string name;
    std::int64_t weight = 1;
};

// KubeSchedulerConfiguration's pluginConfig, as defaulted.
struct PluginArgs {
    enum class Scoring : unsigned char { least_allocated, most_allocated, requested_to_capacity_ratio };
    struct ShapePoint {
        std::int64_t utilization = 0;
        std::int64_t score = 0;  // 0..10
    };
    Scoring fit_scoring = Scoring::least_allocated;
    std::vector<ResourceWeight> fit_resources = {{"cpu", 1}, {"memory", 1}};
    std::vector<ShapePoint> fit_shape;
    std::vector<std::string> ignored_resources;
    std::vector<std::string> ignored_resource_groups;
    std::vector<ResourceWeight> balanced_resources = {{"cpu", 1}, {"memory", 1}};
    std::int64_t hard_pod_affinity_weight = 1;
    bool ignore_preferred_terms_of_existing_pods = false;
    Value added_affinity;  // a nodeAffinity that holds for every Pod besides its own
    // Constraints for Pods that state none; with `spread_system_defaulted` Nodes may lack the labels.
    Value spread_default_constraints;
    bool spread_system_defaulted = true;

    PluginArgs();
};

// What happens in the cluster that may make a rejected Pod fit (EventsToRegister).
enum ClusterEvent : unsigned {
    node_added = 1u << 0,
    node_allocatable = 1u << 1,
    node_labels = 1u << 2,
    node_taints = 1u << 3,
    pod_added = 1u << 4,    // an assigned Pod, likewise below
    pod_updated = 1u << 5,
    pod_deleted = 1u << 6,
    node_removed = 1u << 7,
    volume_changed = 1u << 8,  // a claim, a PersistentVolume or a StorageClass
    any_event = ~0u,
};

struct PluginEntry {
    std::string_view name;
    bool filters = false;
    std::int64_t weight = 0;  // of its score; 0: does not score
    unsigned wakes = 0;       // ClusterEvents after which a Pod it rejected is tried again
    std::unique_ptr<Plugin> (*create)(const PluginArgs& args);
};

std::span<const PluginEntry> plugins();
const PluginEntry* find_plugin(std::string_view name);

}  // namespace kubewalk::scheduler
