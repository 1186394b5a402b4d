#include "core/controllers/deployment/deployment_controller.h"

#include "core/base/text.h"

namespace kubewalk::controllers {

using namespace deployment;

namespace {
enum Watched : std::size_t { deployments, replica_sets, pods };
}

DeploymentController::DeploymentController(client::Environment environment)
    : ControllerOf(environment, "deployment-controller", "system:serviceaccount:kube-system:deployment-controller") {
    watch(api::kind::deployments);
    watch(api::kind::replica_sets);
    watch(api::kind::pods);
}

Objects DeploymentController::Sync::all() const {
    Objects every = olds;
    if (!new_rs.is_null())
        every.push_back(new_rs);
    return every;
}

void DeploymentController::changed(std::size_t index, const client::Change& change) {
    switch (index) {
        case deployments:
            enqueue(api::key_of(change.object));
            break;
        case replica_sets:
            enqueue_owner(change.object);
            if (!change.before.is_null())
                enqueue_owner(change.before);
            break;
        case pods:
            // Recreate waits for the last Pod of the old ReplicaSets to go.
            if (change.type == client::WatchType::deleted) {
                const auto& owner = api::controller_of(change.object);
                const auto& replica_set = informer(replica_sets).get(
                    cat(api::namespace_of(change.object), "/", owner["name"].as_string()));
                if (replica_set.is_null())
                    break;
                const auto& deployment = informer(deployments).get(
                    cat(api::namespace_of(replica_set), "/", api::controller_of(replica_set)["name"].as_string()));
                if (deployment["spec"]["strategy"]["type"].as_string() == "Recreate")
                    enqueue(api::key_of(deployment));
            }
            break;
        default:
            break;
    }
}

void DeploymentController::enqueue_owner(const Value& replica_set) {
    const auto& owner = api::controller_of(replica_set);
    if (!owner.is_null()) {
        if (owner["kind"].as_string() == "Deployment")
            enqueue(cat(api::namespace_of(replica_set), "/", owner["name"].as_string()));
        return;
    }
    for (const auto& deployment : informer(deployments).in_namespace(api::namespace_of(replica_set))) {
        const auto selector = api::LabelSelector::from_object(deployment["spec"]["selector"]);
        if (selector.ok() && selector.value().matches(replica_set["metadata"]["labels"]))
            enqueue(api::key_of(deployment));
    }
}

Result<Objects> DeploymentController::claim_replica_sets(const Value& deployment) {
    KUBEWALK_TRY(selector, api::LabelSelector::from_object(deployment["spec"]["selector"]));
    const auto candidates = informer(replica_sets).in_namespace(api::namespace_of(deployment));
    return settle_claim(client(), api::kind::replica_sets, deployment, claim(deployment, selector, candidates));
}

client::Outcome DeploymentController::reconcile(const std::string& key) {
    Sync sync;
    sync.deployment = informer(deployments).get(key);
    if (sync.deployment.is_null())
        return client::Outcome::done();
    const auto& selector = sync.deployment["spec"]["selector"];
    if (selector["matchLabels"].empty() && selector["matchExpressions"].empty()) {
        recorder().record(simulation(), sync.deployment, client::EventType::warning, "SelectingAll",
                          "This deployment is selecting all pods. A non-empty selector is required.");
        return client::Outcome::done();
    }
    auto claimed = claim_replica_sets(sync.deployment);
    if (!claimed.ok())
        return client::Outcome::failed(claimed.error());
    sync.replica_sets = claimed.take();
    auto outcome = dispatch(sync);
    if (outcome.ok())
        return outcome.take();
    // A namespace that is going away takes no new objects; nothing is left to do.
    if (outcome.error().message.find("because it is being terminated") != std::string::npos)
        return client::Outcome::done();
    return client::Outcome::failed(outcome.error());
}

Result<client::Outcome> DeploymentController::dispatch(Sync& sync) {
    if (api::is_deleting(sync.deployment)) {
        auto loaded = load_replica_sets(sync, CreateNew::no);
        return loaded.ok() ? sync_status(sync) : loaded.error();
    }
    if (auto checked = check_paused(sync); !checked.ok())
        return checked.error();
    if (sync.deployment["spec"]["paused"].as_bool())
        return scale_only(sync);
    if (auto loaded = load_replica_sets(sync, CreateNew::no); !loaded.ok())
        return loaded.error();
    if (is_scaling_event(sync))
        return scale_only(sync);
    if (sync.deployment["spec"]["strategy"]["type"].as_string() == "Recreate")
        return recreate(sync);
    return roll(sync);
}

bool DeploymentController::is_scaling_event(const Sync& sync) const {
    for (const auto& one : filter_active(sync.all())) {
        const auto desired = desired_replicas_of(one);
        if (desired && *desired != replicas(sync.deployment))
            return true;
    }
    return false;
}

Result<client::Outcome> DeploymentController::roll(Sync& sync) {
    if (auto loaded = load_replica_sets(sync, CreateNew::yes); !loaded.ok())
        return loaded.error();
    Writes writes;
    KUBEWALK_TRY(grown, reconcile_new_replica_set(sync.all(), sync.new_rs, sync.deployment, writes));
    const bool scaled =
        grown || reconcile_old_replica_sets(sync.all(), filter_active(sync.olds), sync.new_rs, sync.deployment, writes);
    if (auto sent = send(writes, sync.deployment); !sent.ok())
        return sent.error();
    if (!scaled && is_complete(sync.deployment, sync.deployment["status"]))
        if (auto cleaned = cleanup(sync); !cleaned.ok())
            return cleaned.error();
    return sync_status(sync);
}

bool DeploymentController::old_pods_running(const Sync& sync) const {
    if (actual_replica_count(sync.olds) > 0)
        return true;
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(sync.deployment))) {
        if (is_pod_terminal(pod))
            continue;
        for (const auto& old : sync.olds)
            if (is_controlled_by(pod, old))
                return true;
    }
    return false;
}

Result<client::Outcome> DeploymentController::recreate(Sync& sync) {
    Writes writes;
    const bool scaled_down = scale_down_for_recreate(filter_active(sync.olds), sync.deployment, writes);
    if (auto sent = send(writes, sync.deployment); !sent.ok())
        return sent.error();
    if (scaled_down || old_pods_running(sync))
        return sync_status(sync);
    if (sync.new_rs.is_null())
        if (auto loaded = load_replica_sets(sync, CreateNew::yes); !loaded.ok())
            return loaded.error();
    writes.clear();
    scale_if_needed(sync.new_rs, replicas(sync.deployment), sync.deployment, writes);
    if (auto sent = send(writes, sync.deployment); !sent.ok())
        return sent.error();
    if (is_complete(sync.deployment, sync.deployment["status"]))
        if (auto cleaned = cleanup(sync); !cleaned.ok())
            return cleaned.error();
    return sync_status(sync);
}

Result<client::Outcome> DeploymentController::scale_only(Sync& sync) {
    if (auto loaded = load_replica_sets(sync, CreateNew::no); !loaded.ok())
        return loaded.error();
    Writes writes;
    scale(sync.deployment, sync.new_rs, sync.olds, writes);
    if (auto sent = send(writes, sync.deployment); !sent.ok())
        return sent.error();
    if (sync.deployment["spec"]["paused"].as_bool())
        if (auto cleaned = cleanup(sync); !cleaned.ok())
            return cleaned.error();
    const Value status = calculate_status(sync.all(), sync.new_rs, sync.deployment, now());
    if (status != sync.deployment["status"]) {
        sync.deployment.set("status", status);
        if (auto written = write_status(sync); !written.ok())
            return written.error();
    }
    return client::Outcome::done();
}

Result<void> DeploymentController::cleanup(Sync& sync) {
    Writes writes;
    cleanup_deployment(sync.olds, sync.deployment, writes);
    return send(writes, sync.deployment);
}

Result<client::Outcome> DeploymentController::sync_status(Sync& sync) {
    const Value status = api::is_deleting(sync.deployment)
                             ? calculate_status(sync.all(), sync.new_rs, sync.deployment, now())
                             : rollout_status(sync.all(), sync.new_rs, sync.deployment, now());
    if (status == sync.deployment["status"]) {
        const auto again = check_progress_in(sync.deployment, status, now());
        return again ? client::Outcome::again_after(*again, sim::Urgency::background) : client::Outcome::done();
    }
    sync.deployment.set("status", status);
    if (auto written = write_status(sync); !written.ok())
        return written.error();
    return client::Outcome::done();
}

}  // namespace kubewalk::controllers
