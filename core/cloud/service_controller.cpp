#include "core/cloud/service_controller.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/cloud/provider.h"

namespace kubewalk::cloud {

namespace {

using api::Value;
using client::EventType;
using client::Outcome;

enum Watched : std::size_t { services, nodes };

constexpr std::string_view finalizer = "service.kubernetes.io/load-balancer-cleanup";
constexpr std::string_view exclude_label = "node.kubernetes.io/exclude-from-external-load-balancers";
constexpr std::string_view to_be_deleted_taint = "ToBeDeletedByClusterAutoscaler";
constexpr Duration min_retry_delay = seconds(5);
constexpr Duration max_retry_delay = seconds(300);
constexpr int hopeless_after = 3;  // more tries do not keep the cluster from being settled

// loadBalancerClass names somebody else who is to build it.
bool wants_balancer(const Value& service) {
    return service["spec"]["type"].as_string() == "LoadBalancer" && service["spec"]["loadBalancerClass"].is_null();
}

bool has_finalizer(const Value& service) {
    const auto finalizers = service["metadata"]["finalizers"].items();
    return std::any_of(finalizers.begin(), finalizers.end(), [](const Value& one) { return one.as_string() == finalizer; });
}

bool needs_cleanup(const Value& service) {
    return has_finalizer(service) && (api::is_deleting(service) || service["spec"]["type"].as_string() != "LoadBalancer");
}

// -- nodes ----------------------------------------------------------------------------------------------

bool is_excluded(const Value& node) { return node["metadata"]["labels"].contains(exclude_label); }

// The set does not follow readiness: the balancer's own checks do.
bool is_eligible(const Value& node) {
    const auto taints = node["spec"]["taints"].items();
    const bool leaving = std::any_of(taints.begin(), taints.end(),
                                     [](const Value& taint) { return taint["key"].as_string() == to_be_deleted_taint; });
    return !api::is_deleting(node) && !is_excluded(node) && !leaving;
}

std::set<std::string> distil(const std::vector<Value>& list) {
    std::set<std::string> out;
    for (const Value& node : list)
        out.insert(cat(api::name_of(node), " ", node["spec"]["providerID"].as_string()));
    return out;
}

// -- Go's %v of what changed ------------------------------------------------------------------------------

std::string go_list(const Value& list) {
    std::vector<std::string> items;
    for (const Value& item : list.items())
        items.push_back(item.str());
    return cat("[", join(items, " "), "]");
}

std::string go_text(const Value& value) { return value.is_int() ? cat(value.as_int()) : value.is_null() ? "" : value.str(); }

}  // namespace

ServiceController::ServiceController(client::Environment environment, Cloud& cloud, const ControllerOptions&)
    : ControllerOf(environment, "service-controller", std::string(controller_user)), cloud_(&cloud) {
    watch(api::kind::services);
    watch(api::kind::nodes);
}

void ServiceController::event(const Value& service, EventType type, std::string_view reason, std::string_view message) {
    recorder().record(simulation(), service, type, reason, message);
}

void ServiceController::changed(std::size_t index, const client::Change& change) {
    if (index == services) {
        const bool news = change.type == client::WatchType::added      ? wants_balancer(change.object)
                          : change.type == client::WatchType::modified ? needs_update(change.before, change.object)
                                                                       : known_.contains(api::key_of(change.object));
        if (news || needs_cleanup(change.object))
            enqueue(api::key_of(change.object));
        return;
    }
    const bool same = change.type == client::WatchType::modified && is_excluded(change.before) == is_excluded(change.object) &&
                      change.before["spec"]["providerID"] == change.object["spec"]["providerID"];
    if (same || nodes_pending_)
        return;
    nodes_pending_ = true;
    schedule_own(milliseconds(2), sync_nodes_due);
}

// What of a Service concerns its balancer; some changes are said in an Event.
bool ServiceController::needs_update(const Value& before, const Value& after) {
    const Value& old_spec = before["spec"];
    const Value& spec = after["spec"];
    const bool wanted = wants_balancer(before), wants = wants_balancer(after);
    if (!wanted && !wants)
        return false;
    if (wanted != wants) {
        event(after, EventType::normal, "Type", cat(old_spec["type"].as_string(), " -> ", spec["type"].as_string()));
        return true;
    }
    if (old_spec["loadBalancerSourceRanges"] != spec["loadBalancerSourceRanges"]) {
        event(after, EventType::normal, "LoadBalancerSourceRanges",
              cat(go_list(old_spec["loadBalancerSourceRanges"]), " -> ", go_list(spec["loadBalancerSourceRanges"])));
        return true;
    }
    for (const std::string_view field : {"ports", "sessionAffinity", "sessionAffinityConfig"})
        if (old_spec[field] != spec[field])
            return true;
    if (old_spec["loadBalancerIP"] != spec["loadBalancerIP"]) {
        event(after, EventType::normal, "LoadbalancerIP", cat(go_text(old_spec["loadBalancerIP"]), " -> ", go_text(spec["loadBalancerIP"])));
        return true;
    }
    if (old_spec["externalIPs"].size() != spec["externalIPs"].size()) {
        event(after, EventType::normal, "ExternalIP", cat("Count: ", old_spec["externalIPs"].size(), " -> ", spec["externalIPs"].size()));
        return true;
    }
    for (std::size_t i = 0; i < spec["externalIPs"].size(); ++i)
        if (old_spec["externalIPs"][i] != spec["externalIPs"][i]) {
            event(after, EventType::normal, "ExternalIP", cat("Added: ", spec["externalIPs"][i].as_string()));
            return true;
        }
    if (before["metadata"]["annotations"] != after["metadata"]["annotations"])
        return true;
    if (api::uid_of(before) != api::uid_of(after)) {
        event(after, EventType::normal, "UID", cat(api::uid_of(before), " -> ", api::uid_of(after)));
        return true;
    }
    struct Said {
        std::string_view field;
        std::string_view reason;
        std::string_view absent;
    };
    constexpr Said said[] = {{"externalTrafficPolicy", "ExternalTrafficPolicy", ""}, {"healthCheckNodePort", "HealthCheckNodePort", "0"}};
    for (const Said& one : said)
        if (old_spec[one.field] != spec[one.field]) {
            const auto text = [&one](const Value& value) { return value.is_null() ? std::string(one.absent) : go_text(value); };
            event(after, EventType::normal, one.reason, cat(text(old_spec[one.field]), " -> ", text(spec[one.field])));
            return true;
        }
    return false;
}

Outcome ServiceController::reconcile(const std::string& key) {
    const Value service = informer(services).get(key);
    if (!service.is_null())
        return sync(key, service);
    // Gone without its finalizer having been asked: clean up by what was known.
    const auto known = known_.find(key);
    if (known == known_.end())
        return Outcome::done();
    if (wants_balancer(known->second.service)) {
        event(known->second.service, EventType::normal, "DeletingLoadBalancer", "Deleting load balancer");
        cloud_->delete_balancer(balancer_name(known->second.service));
        event(known->second.service, EventType::normal, "DeletedLoadBalancer", "Deleted load balancer");
    }
    known_.erase(known);
    return Outcome::done();
}

Outcome ServiceController::sync(const std::string& key, const Value& service) {
    Known& known = known_[key];
    if (!known.service.is_null() && api::uid_of(known.service) != api::uid_of(service)) {
        cloud_->delete_balancer(balancer_name(known.service));
        known = {};
    }
    known.service = service;
    if (!wants_balancer(service) || needs_cleanup(service)) {
        if (auto cleaned = clean_up(service); !cleaned.ok())
            return retry(known, service, cleaned.error().message);
        known_.erase(key);
        return Outcome::done();
    }
    auto balancer = ensure(known, service);
    if (!balancer.ok())
        return retry(known, service, balancer.error().message);
    if (!balancer.value()) {
        const Duration rest = cloud_->balancer(balancer_name(service))->ready_at - now();
        return Outcome::again_after(rest);
    }
    event(service, EventType::normal, "EnsuredLoadBalancer", "Ensured load balancer");
    if (auto written = write_ingress(service, balancer_ingress(*balancer.value())); !written.ok())
        return retry(known, service, cat("failed to update load balancer status: ", written.error().message));
    known.failures = 0;
    return Outcome::done();
}

Outcome ServiceController::retry(Known& known, const Value& service, const std::string& error) {
    event(service, EventType::warning, "SyncLoadBalancerFailed", cat("Error syncing load balancer: ", error));
    known.building = false;
    const Duration delay = std::min(max_retry_delay, min_retry_delay * (std::int64_t{1} << std::min(known.failures, 10)));
    ++known.failures;
    return Outcome::again_after(delay, known.failures > hopeless_after ? sim::Urgency::background : sim::Urgency::work);
}

Result<void> ServiceController::clean_up(const Value& service) {
    const std::string name = balancer_name(service);
    if (cloud_->balancer(name)) {
        event(service, EventType::normal, "DeletingLoadBalancer", "Deleting load balancer");
        cloud_->delete_balancer(name);
    }
    if (has_finalizer(service)) {
        Value rest = Value::array();
        for (const Value& one : service["metadata"]["finalizers"].items())
            if (one.as_string() != finalizer)
                rest.push_back(one);
        if (auto removed = set_finalizers(service, rest); !removed.ok())
            return Error{removed.error().reason, cat("failed to remove load balancer cleanup finalizer: ", removed.error().message), {}, 0, 0};
    }
    event(service, EventType::normal, "DeletedLoadBalancer", "Deleted load balancer");
    auto written = write_ingress(service, Value());
    if (!written.ok() && written.error().reason != "NotFound")
        return Error{written.error().reason, cat("failed to update load balancer status: ", written.error().message), {}, 0, 0};
    return {};
}

Result<std::optional<Balancer>> ServiceController::ensure(Known& known, const Value& service) {
    if (!known.building) {
        event(service, EventType::normal, "EnsuringLoadBalancer", "Ensuring load balancer");
        if (!has_finalizer(service)) {
            Value all = service["metadata"]["finalizers"].is_null() ? Value::array() : service["metadata"]["finalizers"];
            all.push_back(finalizer);
            if (auto added = set_finalizers(service, all); !added.ok())
                return Error{added.error().reason, cat("failed to add load balancer cleanup finalizer: ", added.error().message), {}, 0, 0};
        }
    }
    const auto hosts = eligible_nodes();
    known.nodes = distil(hosts);
    if (hosts.empty() && !known.building)
        event(service, EventType::warning, "UnAvailableLoadBalancer", "There are no available nodes for LoadBalancer");
    const auto failed = [](const Error& error) { return Error{error.reason, cat("failed to ensure load balancer: ", error.message), {}, 0, 0}; };
    const auto request = balancer_request(service);
    if (!request.ok())
        return failed(request.error());
    auto balancer = cloud_->ensure_balancer(request.value(), instance_ids(*cloud_, hosts));
    if (!balancer.ok())
        return failed(balancer.error());
    known.building = balancer.value().ready_at > now();
    if (known.building)
        return std::optional<Balancer>();
    return std::optional<Balancer>(balancer.take());
}

Result<void> ServiceController::set_finalizers(const Value& service, const Value& finalizers) {
    const Value patch = Value::object({{"metadata", Value::object({{"finalizers", finalizers.empty() ? Value() : finalizers}})}});
    const auto written = client().patch(api::kind::services, api::namespace_of(service), api::name_of(service),
                                        client::PatchType::merge, patch);
    return written.ok() ? Result<void>() : written.error();
}

Result<void> ServiceController::write_ingress(const Value& service, const Value& ingress) {
    if (service.path("status", "loadBalancer", "ingress") == ingress)
        return {};
    const Value patch = Value::object({{"status", Value::object({{"loadBalancer", Value::object({{"ingress", ingress}})}})}});
    const auto written = client().patch(api::kind::services, api::namespace_of(service), api::name_of(service),
                                        client::PatchType::merge, patch, "status");
    return written.ok() ? Result<void>() : written.error();
}

// -- nodes behind balancers ---------------------------------------------------------------------------------

std::vector<Value> ServiceController::eligible_nodes() const {
    std::vector<Value> out;
    for (const auto& [name, node] : cache(nodes))
        if (is_eligible(node))
            out.push_back(node);
    return out;
}

void ServiceController::own_event(std::uint32_t code, const sim::Event&) {
    if (code != sync_nodes_due)
        return;
    nodes_pending_ = false;
    sync_nodes();
}

void ServiceController::sync_nodes() {
    const auto hosts = eligible_nodes();
    for (auto& [key, known] : known_)
        if (wants_balancer(known.service) && !needs_cleanup(known.service))
            update_hosts(key, known, hosts);
}

void ServiceController::update_hosts(const std::string& key, Known& known, const std::vector<Value>& hosts) {
    const auto fingerprint = distil(hosts);
    if (fingerprint == known.nodes)
        return;
    const Balancer* balancer = cloud_->balancer(balancer_name(known.service));
    if (!balancer)
        return;  // not built yet: ensure() will see these nodes
    known.nodes = fingerprint;
    const auto updated = cloud_->ensure_balancer(BalancerRequest(balancer->request), instance_ids(*cloud_, hosts));
    if (!updated.ok()) {
        std::vector<std::string> names;
        for (const Value& node : hosts)
            names.emplace_back(api::name_of(node));
        event(known.service, EventType::warning, "UpdateLoadBalancerFailed",
              cat("Error updating load balancer with new hosts [", join(names, " "),
                  "] [node names limited, total number of nodes: ", names.size(), "], error: ", updated.error().message));
        enqueue(key);
    } else if (hosts.empty()) {
        event(known.service, EventType::warning, "UnAvailableLoadBalancer", "There are no available nodes for LoadBalancer");
    } else {
        event(known.service, EventType::normal, "UpdatedLoadBalancer", "Updated load balancer with new hosts");
    }
}

}  // namespace kubewalk::cloud
