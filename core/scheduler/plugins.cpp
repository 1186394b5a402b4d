#include "core/scheduler/plugins.h"

#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

PluginArgs::PluginArgs()
    : spread_default_constraints(Value::array(
          {Value::object(
               {{"maxSkew", 3}, {"topologyKey", "kubernetes.io/hostname"}, {"whenUnsatisfiable", "ScheduleAnyway"}}),
           Value::object({{"maxSkew", 5},
                          {"topologyKey", "topology.kubernetes.io/zone"},
                          {"whenUnsatisfiable", "ScheduleAnyway"}})})) {}

namespace {

constexpr unsigned any_pod = pod_added | pod_updated | pod_deleted;

constexpr PluginEntry table[] = {
    {"NodeUnschedulable", true, 0, node_added | node_taints, node_unschedulable},
    {"NodeName", true, 0, node_added, node_name},
    {"TaintToleration", true, 3, node_added | node_taints, taint_toleration},
    {"NodeAffinity", true, 2, node_added | node_labels, node_affinity},
    {"NodePorts", true, 0, node_added | pod_deleted, node_ports},
    {"NodeResourcesFit", true, 1, node_added | node_allocatable | pod_deleted, node_resources_fit},
    {"VolumeRestrictions", true, 0, node_added | pod_deleted | volume_changed, volume_restrictions},
    {"VolumeBinding", true, 0, node_added | node_labels | volume_changed, volume_binding},
    {"VolumeZone", true, 0, node_added | node_labels | volume_changed, volume_zone},
    {"PodTopologySpread", true, 2, any_pod | node_added | node_removed | node_labels | node_taints,
     pod_topology_spread},
    {"InterPodAffinity", true, 2, any_pod | node_added | node_labels, inter_pod_affinity},
    {"NodeResourcesBalancedAllocation", false, 1, 0, balanced_allocation},
    {"ImageLocality", false, 1, 0, image_locality},
};

}  // namespace

std::span<const PluginEntry> plugins() { return table; }

const PluginEntry* find_plugin(std::string_view name) {
    for (const auto& entry : table)
        if (entry.name == name)
            return &entry;
    return nullptr;
}

}  // namespace kubewalk::scheduler
