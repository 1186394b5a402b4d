#include "core/cli/vectors/scheduler_fixture.h"

#include <memory>

namespace kubewalk::cli {

using api::Value;
using namespace scheduler;

namespace {

struct Named {
    std::string_view type;
    std::string_view plugin;
};
constexpr Named names[] = {
    {"*tainttoleration.TaintToleration", "TaintToleration"},
    {"*nodeaffinity.NodeAffinity", "NodeAffinity"},
    {"*nodename.NodeName", "NodeName"},
    {"*nodeports.NodePorts", "NodePorts"},
    {"*nodeunschedulable.NodeUnschedulable", "NodeUnschedulable"},
    {"*noderesources.Fit", "NodeResourcesFit"},
    {"*noderesources.BalancedAllocation", "NodeResourcesBalancedAllocation"},
    {"*podtopologyspread.PodTopologySpread", "PodTopologySpread"},
    {"*interpodaffinity.InterPodAffinity", "InterPodAffinity"},
    {"*imagelocality.ImageLocality", "ImageLocality"},
};

std::vector<ResourceWeight> weights(const Value& list) {
    std::vector<ResourceWeight> result;
    for (const auto& one : list.items())
        result.push_back({one["Name"].str(), one["Weight"].as_int()});
    return result;
}

std::vector<std::string> keys(const Value& object) {
    std::vector<std::string> result;
    for (const auto& member : object.members())
        result.push_back(member.key);
    return result;
}

}  // namespace

std::string_view plugin_name(std::string_view receiver_type) {
    for (const auto& one : names)
        if (one.type == receiver_type)
            return one.plugin;
    return {};
}

NodeInfoRef node_info(const Value& recorded) {
    auto info = std::make_shared<NodeInfo>();
    info->set_node(recorded["node"]);
    for (const auto& pod : recorded["pods"].items())
        info->add_pod(std::make_shared<const PodInfo>(pod));
    return info;
}

Snapshot snapshot_of(const Value& given) {
    Snapshot snapshot;
    for (const auto& node : given["nodes"].items()) {
        snapshot.nodes.push_back(node_info(node));
        for (const auto& [image, size] : snapshot.nodes.back()->images)
            ++snapshot.image_nodes[image];
    }
    for (const auto& space : given["namespaces"].items())
        snapshot.namespaces.set(std::string(api::name_of(space)), space);
    return snapshot;
}

// That there was one was recorded, not what it said: these are the ones in upstream's tests of those names.
static Value added_affinity(const Value& given, const Value& pod) {
    const Value& affinity = pod["spec"]["affinity"];
    if (given["hasAddedNodeSelector"].as_bool()) {
        const Value requirement =
            affinity.is_null()
                ? Value::object({{"key", "zone"}, {"operator", "In"}, {"values", Value::array({"bar"})}})
                : Value::object({{"key", "metadata.name"}, {"operator", "In"}, {"values", Value::array({"node2"})}});
        const Value term = Value::object({{affinity.is_null() ? "matchExpressions" : "matchFields", Value::array({requirement})}});
        return Value::object({{"requiredDuringSchedulingIgnoredDuringExecution",
                               Value::object({{"nodeSelectorTerms", Value::array({term})}})}});
    }
    if (!given["hasAddedPrefSchedTerms"].as_bool())
        return {};
    const bool own = !affinity.is_null();
    const Value requirement = Value::object(
        {{"key", own ? "key" : "foo"}, {"operator", "In"}, {"values", Value::array({own ? "value" : "bar"})}});
    const Value term = Value::object(
        {{"weight", own ? 3 : 2}, {"preference", Value::object({{"matchExpressions", Value::array({requirement})}})}});
    return Value::object({{"preferredDuringSchedulingIgnoredDuringExecution", Value::array({term})}});
}

PluginArgs plugin_args(const Value& one, std::string_view receiver_type) {
    const Value& given = one["given"];
    const auto test = one["test"].as_string();
    PluginArgs args;
    if (receiver_type == "*noderesources.Fit") {
        const auto strategy = given["strategy"].as_string();
        if (strategy == "MostAllocated")
            args.fit_scoring = PluginArgs::Scoring::most_allocated;
        else if (strategy == "RequestedToCapacityRatio")
            args.fit_scoring = PluginArgs::Scoring::requested_to_capacity_ratio;
        args.fit_resources = weights(given["resourceToWeightMap"]);
        args.ignored_resources = keys(given["ignoredResources"]);
        args.ignored_resource_groups = keys(given["ignoredResourceGroups"]);
        // The shape was not recorded; these are the ones in upstream's tests of those names.
        if (test.starts_with("TestResourceBinPacking"))
            args.fit_shape = {{0, 0}, {100, 1}};
        else
            args.fit_shape = {{0, 10}, {100, 0}};
    } else if (receiver_type == "*noderesources.BalancedAllocation") {
        args.balanced_resources = weights(given["resources"]);
    } else if (receiver_type == "*interpodaffinity.InterPodAffinity") {
        args.hard_pod_affinity_weight = given["args"]["HardPodAffinityWeight"].as_int();
        args.ignore_preferred_terms_of_existing_pods = given["args"]["IgnorePreferredTermsOfExistingPods"].as_bool();
    } else if (receiver_type == "*nodeaffinity.NodeAffinity") {
        args.added_affinity = added_affinity(given, one["args"]["pod"]);
    } else if (receiver_type == "*podtopologyspread.PodTopologySpread") {
        args.spread_system_defaulted = given["systemDefaulted"].as_bool();
        args.spread_default_constraints = given["defaultConstraints"];
    }
    return args;
}

}  // namespace kubewalk::cli
