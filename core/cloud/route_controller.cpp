#include "core/cloud/route_controller.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/cloud/provider.h"

namespace kubewalk::cloud {

namespace {

using api::Value;

std::vector<std::string> pod_cidrs(const Value& node) {
    std::vector<std::string> out;
    for (const Value& cidr : node["spec"]["podCIDRs"].items())
        out.push_back(cidr.str());
    return out;
}

bool has_address(const Value& node, const net::Ip& ip) {
    const std::string text = ip.text();
    const auto addresses = node["status"]["addresses"].items();
    return std::any_of(addresses.begin(), addresses.end(), [&](const Value& one) { return one["address"].as_string() == text; });
}

}  // namespace

RouteController::RouteController(client::Environment environment, Cloud& cloud, const ControllerOptions& options)
    : ControllerOf(environment, "route_controller", std::string(controller_user)),
      cloud_(&cloud),
      cluster_cidr_(net::Prefix::parse(options.cluster_cidr)),
      period_(options.route_reconciliation_period) {
    watch(api::kind::nodes);
}

void RouteController::synced() { schedule_own(Duration{}, 0); }

void RouteController::own_event(std::uint32_t, const sim::Event&) {
    std::vector<Value> nodes;
    for (const auto& [name, node] : cache(0))
        nodes.push_back(node);
    remove_stale(nodes);
    for (const Value& node : nodes) {
        const bool created = ensure_routes(node);
        // Without a CIDR nothing is known about it yet.
        if (!pod_cidrs(node).empty())
            update_condition(node, created);
    }
    schedule_own(period_, 0, sim::Urgency::background);
}

bool RouteController::responsible_for(const Route& route) const {
    return cluster_cidr_ && cluster_cidr_->contains(route.destination.network());
}

void RouteController::remove_stale(const std::vector<Value>& nodes) {
    for (const Route& route : cloud_->routes()) {
        if (!responsible_for(route))
            continue;
        const bool wanted = std::any_of(nodes.begin(), nodes.end(), [&route](const Value& node) {
            const auto cidrs = pod_cidrs(node);
            return api::name_of(node) == route.node && has_address(node, route.gateway) &&
                   std::find(cidrs.begin(), cidrs.end(), route.destination.text()) != cidrs.end();
        });
        if (!wanted)
            cloud_->delete_route(route.name);
    }
}

// True when all of the node's CIDRs have their route.
bool RouteController::ensure_routes(const Value& node) {
    const std::string name(api::name_of(node));
    bool all = true;
    const auto known = cloud_->routes();
    for (const auto& cidr : pod_cidrs(node)) {
        const auto destination = net::Prefix::parse(cidr);
        const bool there = destination && std::any_of(known.begin(), known.end(), [&](const Route& route) {
            return route.node == name && route.destination == *destination;
        });
        if (there)
            continue;
        const Instance* instance = instance_of(*cloud_, node);
        const std::string hint(api::uid_of(node));
        Result<void> created = Error{"InvalidParameter", "instance not found", {}, 0, 0};
        if (destination && instance)
            created = cloud_->create_route({cat(hint, "-", cidr), name, *destination, instance->ip});
        if (created.ok())
            continue;
        all = false;
        const Value reference = Value::object({{"kind", "Node"}, {"metadata", Value::object({{"name", name}, {"uid", name}})}});
        recorder().record(simulation(), reference, client::EventType::warning, "FailedToCreateRoute",
                          cat("Could not create route ", hint, " ", cidr, " for node ", name, " after 0s: ", created.error().message));
    }
    return all;
}

void RouteController::update_condition(const Value& node, bool created) {
    const std::string_view wanted = created ? "False" : "True";
    for (const Value& condition : node["status"]["conditions"].items())
        if (condition["type"].as_string() == "NetworkUnavailable" && condition["status"].as_string() == wanted)
            return;
    const std::string moment = to_rfc3339(now());
    const Value condition = Value::object({{"type", "NetworkUnavailable"},
                                           {"status", wanted},
                                           {"reason", created ? "RouteCreated" : "NoRouteCreated"},
                                           {"message", created ? "RouteController created a route" : "RouteController failed to create a route"},
                                           {"lastTransitionTime", moment},
                                           {"lastHeartbeatTime", moment}});
    (void)client().patch(api::kind::nodes, {}, api::name_of(node), client::PatchType::strategic,
                         Value::object({{"status", Value::object({{"conditions", Value::array({condition})}})}}), "status");
}

}  // namespace kubewalk::cloud
