#include "core/controllers/replicaset/replica_set.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/controllers/replicaset/replica_set_util.h"

namespace kubewalk::controllers {

namespace {
enum Watched : std::size_t { replica_sets, pods };
constexpr int burst_replicas = 500;
}  // namespace

ReplicaSetController::ReplicaSetController(client::Environment environment)
    : ReplicaSetController(environment, api::kind::replica_sets, "replicaset-controller",
                           "system:serviceaccount:kube-system:replicaset-controller") {}

ReplicaSetController::ReplicaSetController(client::Environment environment, const api::Kind& kind, std::string name,
                                           std::string user)
    : ControllerOf(environment, std::move(name), std::move(user)), kind_(&kind), owned_(kind.kind) {
    watch(kind);
    watch_on_demand(api::kind::pods);
}

std::unique_ptr<sim::Component> ReplicaSetController::create_replication_manager(client::Environment environment) {
    return std::unique_ptr<sim::Component>(
        new ReplicaSetController(environment, api::kind::replication_controllers, "replication-controller",
                                 "system:serviceaccount:kube-system:replication-controller"));
}

// A ReplicationController's is a plain map.
Result<api::LabelSelector> ReplicaSetController::selector_of(const Value& replica_set) const {
    const auto& selector = replica_set["spec"]["selector"];
    if (kind_ == &api::kind::replication_controllers)
        return api::LabelSelector::from_map(selector);
    return api::LabelSelector::from_object(selector);
}

void ReplicaSetController::changed(std::size_t index, const client::Change& change) {
    if (index == pods) {
        pod_changed(change);
        return;
    }
    need(pods);
    const std::string key = api::key_of(change.object);
    if (change.type == client::WatchType::deleted)
        expectations_.forget(key);
    enqueue(key);
}

std::string ReplicaSetController::owner_key(const Value& pod) const {
    const auto& owner = api::controller_of(pod);
    if (owner["kind"].as_string() != kind_->kind)
        return {};
    std::string key = cat(api::namespace_of(pod), "/", owner["name"].as_string());
    const auto& found = informer(replica_sets).get(key);
    return api::uid_of(found) == owner["uid"].as_string() ? key : std::string();
}

void ReplicaSetController::enqueue_for_orphan(const Value& pod) {
    for (const auto& one : informer(replica_sets).in_namespace(api::namespace_of(pod))) {
        const auto selector = selector_of(one);
        if (selector.ok() && selector.value().matches(pod["metadata"]["labels"]))
            enqueue(api::key_of(one));
    }
}

void ReplicaSetController::pod_changed(const client::Change& change) {
    const Value& pod = change.object;
    owned_.change(change.before, change.type == client::WatchType::deleted ? api::null_value() : pod);
    const std::string key = owner_key(pod);
    // A Pod that is being deleted counts as deleted: its replacement is due now, not when it is gone.
    const bool gone = change.type == client::WatchType::deleted || api::is_deleting(pod);
    if (!key.empty()) {
        if (change.type == client::WatchType::added)
            expectations_.creation_observed(key);
        if (gone)
            expectations_.deletion_observed(key, api::key_of(pod));
        enqueue(key);
        const auto min_ready = informer(replica_sets).get(key)["spec"]["minReadySeconds"].as_int();
        if (!gone && min_ready > 0 && is_pod_ready(pod) && !is_pod_ready(change.before))
            enqueue_after(key, seconds(min_ready) + seconds(1));
    } else if (api::controller_of(pod).is_null() && !gone) {
        enqueue_for_orphan(pod);
    }
    if (!change.before.is_null()) {
        const std::string old_key = owner_key(change.before);
        if (!old_key.empty() && old_key != key)
            enqueue(old_key);
    }
}

client::Outcome ReplicaSetController::reconcile(const std::string& key) {
    const Value replica_set = informer(replica_sets).get(key);
    if (replica_set.is_null()) {
        expectations_.forget(key);
        return client::Outcome::done();
    }
    const auto selector = selector_of(replica_set);
    if (!selector.ok())
        return client::Outcome::done();

    Looked looked;
    const auto counted = tally_of(replica_set, selector.value());
    if (counted) {
        looked.tally = *counted;
    } else {
        auto seen = look_at_pods(replica_set, selector.value());
        if (!seen.ok())
            return client::Outcome::failed(seen.error());
        looked = seen.take();
    }
    std::optional<std::string> manage_error;
    if (expectations_.satisfied(key, now()) && !api::is_deleting(replica_set)) {
        const bool too_many = looked.tally.active > replica_set["spec"]["replicas"].as_int();
        if (counted && too_many)
            looked.active = active_pods(replica_set);
        if (auto managed = manage_replicas(replica_set, looked.tally.active, looked.active); !managed.ok())
            manage_error = managed.error().message;
    }
    Value status = replicaset::calculate_status(replica_set, looked.tally, manage_error, now());
    if (kind_ == &api::kind::replication_controllers)
        status.erase("terminatingReplicas");
    if (auto written = write_status(replica_set, status); !written.ok())
        return client::Outcome::failed(written.error());
    if (manage_error)
        return client::Outcome::failed(*manage_error);

    std::optional<Duration> next;
    if (!counted)
        for (const auto& pod : looked.active)
            if (const auto left = pod_available_in(pod, replica_set["spec"]["minReadySeconds"].as_int(), now()))
                next = next ? std::min(*next, *left) : *left;
    return next ? client::Outcome::again_after(*next) : client::Outcome::done();
}

std::optional<replicaset::Tally> ReplicaSetController::tally_of(const Value& replica_set, const api::LabelSelector& selector) const {
    if (replica_set["spec"]["minReadySeconds"].as_int() > 0 || owned_.has_orphan(api::namespace_of(replica_set), selector))
        return std::nullopt;
    replicaset::Tally tally;
    const auto* owned = owned_.of(api::uid_of(replica_set));
    if (!owned)
        return tally;
    for (const auto& group : owned->groups) {
        if (!selector.matches(group.labels))
            return std::nullopt;  // to be released
        tally.active += group.active;
        tally.ready += group.ready;
        tally.terminating += group.terminating;
        if (replicaset::has_labels(group.labels, replica_set["spec"]["template"]["metadata"]["labels"]))
            tally.labeled += group.active;
    }
    tally.available = tally.ready;
    return tally;
}

Objects ReplicaSetController::active_pods(const Value& replica_set) const {
    Objects active;
    if (const auto* owned = owned_.of(api::uid_of(replica_set)))
        for (const auto& [key, nothing] : owned->keys)
            if (const auto& pod = informer(pods).get(key); is_pod_active(pod))
                active.push_back(pod);
    return active;
}

Result<ReplicaSetController::Looked> ReplicaSetController::look_at_pods(const Value& replica_set, const api::LabelSelector& selector) {
    Looked looked;
    Objects running;
    std::size_t terminating = 0;
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(replica_set))) {
        if (is_pod_active(pod))
            running.push_back(pod);
        else if (is_pod_terminating(pod) && is_controlled_by(pod, replica_set))
            ++terminating;
    }
    KUBEWALK_TRY(active, settle_claim(client(), api::kind::pods, replica_set, claim(replica_set, selector, running)));
    looked.active = std::move(active);
    looked.tally = replicaset::tally(replica_set, looked.active, terminating, now());
    return looked;
}

Result<void> ReplicaSetController::manage_replicas(const Value& replica_set, std::int64_t active, const Objects& looked_at) {
    const auto diff = active - replica_set["spec"]["replicas"].as_int();
    if (diff < 0)
        return create_pods(replica_set, static_cast<int>(std::min<std::int64_t>(-diff, burst_replicas)));
    if (diff > 0)
        return delete_pods(replica_set, looked_at, static_cast<std::size_t>(std::min<std::int64_t>(diff, burst_replicas)));
    return {};
}

Result<void> ReplicaSetController::create_pods(const Value& replica_set, int count) {
    const std::string key = api::key_of(replica_set);
    expectations_.expect_creations(key, count, now());
    const Value pod = pod_from_template(replica_set["spec"]["template"], replica_set);
    PodControl control(client(), recorder(), simulation());
    const Batch batch = slow_start_batch(count, [&]() -> Result<void> {
        auto created = control.create(pod, replica_set);
        return created.ok() ? Result<void>() : Result<void>(created.error());
    });
    for (int i = batch.succeeded; i < count; ++i)
        expectations_.creation_observed(key);
    return batch.error ? Result<void>(*batch.error) : Result<void>();
}

Objects ReplicaSetController::related_pods(const Value& replica_set) const {
    const auto& owner = api::controller_of(replica_set);
    Objects related;
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(replica_set))) {
        const std::string key = owner_key(pod);
        if (key.empty())
            continue;
        const auto& other = informer(replica_sets).get(key);
        const bool same = api::uid_of(other) == api::uid_of(replica_set) ||
                          (!owner.is_null() && api::controller_of(other)["uid"] == owner["uid"]);
        if (same)
            related.push_back(pod);
    }
    return related;
}

Result<void> ReplicaSetController::delete_pods(const Value& replica_set, const Objects& active, std::size_t count) {
    const std::string key = api::key_of(replica_set);
    const Objects chosen = replicaset::pods_to_delete(active, related_pods(replica_set), count, now());
    std::set<std::string> names;
    for (const auto& pod : chosen)
        names.insert(api::key_of(pod));
    expectations_.expect_deletions(key, names, now());
    PodControl control(client(), recorder(), simulation());
    Result<void> result;
    for (const auto& pod : chosen) {
        auto removed = control.remove(pod, replica_set);
        if (removed.ok())
            continue;
        expectations_.deletion_observed(key, api::key_of(pod));
        if (removed.error().reason != "NotFound" && result.ok())
            result = removed;
    }
    return result;
}

Result<Value> ReplicaSetController::write_status(const Value& replica_set, Value status) {
    Value same_generation = status;
    set_count(same_generation, "observedGeneration", replica_set["metadata"]["generation"].as_int());
    if (same_generation == replica_set["status"])
        return replica_set;
    Value updated = replica_set;
    updated.set("status", same_generation);
    auto written = client().update_status(*kind_, updated);
    if (written.ok() || written.error().reason != "Conflict")
        return written;
    // The Deployment may have written in between: once more on the latest version.
    KUBEWALK_TRY(fresh, client().get(*kind_, api::namespace_of(replica_set), api::name_of(replica_set)));
    fresh.set("status", same_generation);
    return client().update_status(*kind_, fresh);
}

}  // namespace kubewalk::controllers
