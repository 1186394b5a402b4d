#pragma once
// Makers of the plugins, one file each. Upstream: pkg/scheduler/framework/plugins/*.

#include <memory>

#include "core/scheduler/plugins.h"

namespace kubewalk::scheduler {

std::unique_ptr<Plugin> node_unschedulable(const PluginArgs& args);
std::unique_ptr<Plugin> node_name(const PluginArgs& args);
std::unique_ptr<Plugin> taint_toleration(const PluginArgs& args);
std::unique_ptr<Plugin> node_affinity(const PluginArgs& args);
std::unique_ptr<Plugin> node_ports(const PluginArgs& args);
std::unique_ptr<Plugin> node_resources_fit(const PluginArgs& args);
std::unique_ptr<Plugin> volume_restrictions(const PluginArgs& args);
std::unique_ptr<Plugin> volume_binding(const PluginArgs& args);
std::unique_ptr<Plugin> volume_zone(const PluginArgs& args);
std::unique_ptr<Plugin> pod_topology_spread(const PluginArgs& args);
std::unique_ptr<Plugin> inter_pod_affinity(const PluginArgs& args);
std::unique_ptr<Plugin> balanced_allocation(const PluginArgs& args);
std::unique_ptr<Plugin> image_locality(const PluginArgs& args);

}  // namespace kubewalk::scheduler
