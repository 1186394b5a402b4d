#include "core/addons/network_policy/kube_router.h"

#include <utility>

#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

constexpr std::uint16_t health_port = 20244;
constexpr Duration programming_time = milliseconds(40);  // ipset restore, iptables-save, iptables-restore

}  // namespace

KubeRouter::KubeRouter(client::Environment environment, net::Network& network, KubeRouterConfig config)
    : environment_(environment),
      network_(&network),
      config_(std::move(config)),
      name_(cat("kube-router/", config_.node_name)),
      pods_({environment.transport, name_, config_.user}, api::kind::pods),
      namespaces_({environment.transport, name_, config_.user}, api::kind::namespaces),
      policies_({environment.transport, name_, config_.user}, api::kind::network_policies) {}

void KubeRouter::start() {
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!stack)
        return;
    (void)network_->listen(stack->root_id(), {net::Protocol::tcp, {}, health_port, id(), "kube-router"});
    ensure_policy_base(stack->root().edit_rules(), config_.policy);
    if (config_.policy.service_range_ipv6)
        ensure_policy_base(stack->root().edit_rules(net::Family::ipv6), config_.policy);
    take_namespaces(namespaces_.start(environment_.simulation, id(), namespaces_ready));
    take_pods(pods_.start(environment_.simulation, id(), pods_ready));
    take_policies(policies_.start(environment_.simulation, id(), policies_ready));
    environment_.simulation.schedule(id(), config_.sync_period, period_due, sim::Urgency::background);
}

void KubeRouter::on_event(const sim::Event& event) {
    sim::Simulation& simulation = environment_.simulation;
    switch (event.code) {
    case pods_ready:
        if (pods_.handles(event))
            take_pods(pods_.on_event(simulation, event));
        break;
    case namespaces_ready:
        if (namespaces_.handles(event))
            take_namespaces(namespaces_.on_event(simulation, event));
        break;
    case policies_ready:
        if (policies_.handles(event))
            take_policies(policies_.on_event(simulation, event));
        break;
    case sync_due:
        sync_pending_ = false;
        sync();
        break;
    case period_due:
        rules_due_ = true;
        touched_.reset();
        if (synced_once_)
            sync();
        simulation.schedule(id(), config_.sync_period, period_due, sim::Urgency::background);
        break;
    }
}

void KubeRouter::take_pods(const std::vector<client::Change>& changes) {
    bool changed = false;
    for (const client::Change& change : changes) {
        if (!concerns_us(change.object))
            continue;
        std::string key = api::key_of(change.object);
        const bool seen = change.type == client::WatchType::deleted ? objects_.delete_pod(key) : objects_.set_pod(change.object);
        changed |= seen;
        if (seen && touched_)
            touched_->push_back(std::move(key));
    }
    rules_due_ |= changed;
    if (changed || !synced_once_)
        request_sync();
}

bool KubeRouter::concerns_us(const api::Value& pod) const {
    return all_pods_ || pod["spec"]["nodeName"].as_string() == config_.node_name;
}

// The informer has all of them anyway: they are taken over when the first policy comes, and left when the last one goes.
void KubeRouter::choose_pods() {
    const bool all = objects_.policy_count() > 0;
    if (all == all_pods_)
        return;
    all_pods_ = all;
    touched_.reset();
    objects_.forget_pods();
    for (const auto& [key, pod] : pods_.cache())
        if (concerns_us(pod))
            objects_.set_pod(pod);
}

void KubeRouter::take_namespaces(const std::vector<client::Change>& changes) {
    bool changed = false;
    for (const client::Change& change : changes)
        changed |= change.type == client::WatchType::deleted ? objects_.delete_namespace(api::name_of(change.object))
                                                              : objects_.set_namespace(change.object);
    // Without a policy nothing looks at a Namespace's labels.
    rules_due_ |= changed && objects_.policy_count() > 0;
    if ((changed && objects_.policy_count() > 0) || !synced_once_)
        request_sync();
}

void KubeRouter::take_policies(const std::vector<client::Change>& changes) {
    rules_due_ |= !changes.empty();
    for (const client::Change& change : changes) {
        if (change.type == client::WatchType::deleted)
            objects_.delete_policy(api::key_of(change.object));
        else
            objects_.set_policy(change.object);
    }
    choose_pods();
    if (!changes.empty() || !synced_once_)
        request_sync();
}

void KubeRouter::request_sync() {
    if (sync_pending_ || !pods_.synced() || !namespaces_.synced() || !policies_.synced())
        return;
    sync_pending_ = true;
    environment_.simulation.schedule(id(), programming_time, sync_due);
}

void KubeRouter::sync() {
    net::NodeStack* stack = network_->stack(config_.node_name);
    if (!stack || !stack->up)
        return;
    if (std::exchange(rules_due_, false)) {
        sync_policy_rules(stack->root(), objects_, config_.policy, &written_, touched_);
        touched_.emplace();
    }
    synced_once_ = true;
    if (objects_.policy_count() > 0)
        environment_.simulation.record(sim::EntryKind::network, name_, {"nodes", "", config_.node_name},
                                       {"netpol.sync", {config_.node_name, cat(objects_.policy_count()), cat(objects_.pods().size())}});
}

net::HttpResponse KubeRouter::serve_http(const net::HttpRequest& request, const net::Peer&) {
    net::HttpResponse response;
    response.took = milliseconds(1);
    if (request.path == "/healthz") {
        response.status = synced_once_ ? 200 : 500;
        response.body = synced_once_ ? "OK\n" : "Unhealthy";
    } else {
        response.status = 404;
        response.body = "404 page not found\n";
    }
    return response;
}

}  // namespace kubewalk::addons
