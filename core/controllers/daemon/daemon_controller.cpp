#include "core/controllers/daemon/daemon_controller.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/controllers/history/controller_history.h"

namespace kubewalk::controllers {

using namespace daemon;

namespace {
enum Watched : std::size_t { daemon_sets, pods, nodes, revisions };
constexpr std::size_t burst_replicas = 250;
}  // namespace

DaemonSetsController::DaemonSetsController(client::Environment environment)
    : ControllerOf(environment, "daemonset-controller", "system:serviceaccount:kube-system:daemon-set-controller") {
    watch(api::kind::daemon_sets);
    watch(api::kind::pods);
    watch(api::kind::nodes);
    watch(api::kind::controller_revisions);
}

void DaemonSetsController::changed(std::size_t index, const client::Change& change) {
    if (index == pods) {
        pod_changed(change);
        return;
    }
    if (index == daemon_sets) {
        const std::string key = api::key_of(change.object);
        if (change.type == client::WatchType::deleted)
            expectations_.forget(key);
        enqueue(key);
        return;
    }
    if (index == revisions)
        return;
    // A Node matters where the verdict about it changes: never when its labels and taints stay.
    if (change.type == client::WatchType::modified && change.before["metadata"]["labels"] == change.object["metadata"]["labels"] &&
        change.before["spec"]["taints"] == change.object["spec"]["taints"])
        return;
    for (const auto& [key, daemon_set] : cache(daemon_sets)) {
        if (change.type == client::WatchType::modified) {
            const NodeVerdict before = node_should_run(change.before, daemon_set);
            const NodeVerdict after = node_should_run(change.object, daemon_set);
            if (before.should_run == after.should_run && before.should_continue == after.should_continue)
                continue;
        }
        enqueue(key);
    }
}

std::string DaemonSetsController::owner_key(const Value& pod) const {
    const auto& owner = api::controller_of(pod);
    if (owner["kind"].as_string() != "DaemonSet")
        return {};
    std::string key = cat(api::namespace_of(pod), "/", owner["name"].as_string());
    return api::uid_of(informer(daemon_sets).get(key)) == owner["uid"].as_string() ? key : std::string();
}

void DaemonSetsController::pod_changed(const client::Change& change) {
    const std::string key = owner_key(change.object);
    if (key.empty()) {
        if (!api::controller_of(change.object).is_null())
            return;
        for (const auto& one : informer(daemon_sets).in_namespace(api::namespace_of(change.object))) {
            const auto selector = api::LabelSelector::from_object(one["spec"]["selector"]);
            if (selector.ok() && selector.value().matches(change.object["metadata"]["labels"]))
                enqueue(api::key_of(one));
        }
        return;
    }
    if (change.type == client::WatchType::added)
        expectations_.creation_observed(key);
    if (change.type == client::WatchType::deleted || api::is_deleting(change.object))
        expectations_.deletion_observed(key, api::key_of(change.object));
    enqueue(key);
}

Result<PodsByNode> DaemonSetsController::pods_by_node(const Value& daemon_set) {
    KUBEWALK_TRY(selector, api::LabelSelector::from_object(daemon_set["spec"]["selector"]));
    const auto candidates = informer(pods).in_namespace(api::namespace_of(daemon_set));
    KUBEWALK_TRY(owned, settle_claim(client(), api::kind::pods, daemon_set, claim(daemon_set, selector, candidates)));
    PodsByNode result;
    for (const auto& pod : owned)
        if (std::string node = target_node(pod); !node.empty())
            result[std::move(node)].push_back(pod);
    return result;
}

client::Outcome DaemonSetsController::reconcile(const std::string& key) {
    const Value daemon_set = informer(daemon_sets).get(key);
    if (daemon_set.is_null()) {
        expectations_.forget(key);
        return client::Outcome::done();
    }
    const auto& selector = daemon_set["spec"]["selector"];
    if (selector["matchLabels"].empty() && selector["matchExpressions"].empty()) {
        recorder().record(simulation(), daemon_set, client::EventType::warning, "SelectingAll",
                          "This daemon set is selecting all pods. A non-empty selector is required.");
        return client::Outcome::done();
    }
    if (api::is_deleting(daemon_set))
        return client::Outcome::done();
    auto placed = pods_by_node(daemon_set);
    if (!placed.ok())
        return client::Outcome::failed(placed.error());
    Objects all_nodes;
    for (const auto& [name, node] : cache(nodes))
        all_nodes.push_back(node);
    const auto history = construct_history(daemon_set);
    if (!history.ok())
        return client::Outcome::failed(history.error());
    const std::string hash = history.value().current["metadata"]["labels"][revision_hash_label].str();

    std::optional<Error> failure;
    if (expectations_.satisfied(key, now())) {
        Plan plan = plan_pods(daemon_set, all_nodes, placed.value(), hash, now());
        hold_failed(daemon_set, plan);
        tell_failed(daemon_set, plan);
        auto done = carry_out(daemon_set, plan, hash);
        const bool rolling = daemon_set["spec"]["updateStrategy"]["type"].as_string() == "RollingUpdate";
        if (done.ok() && rolling && expectations_.satisfied(key, now()))
            done = carry_out(daemon_set, plan_update(daemon_set, all_nodes, placed.value(), hash, now()), hash);
        if (done.ok())
            done = clean_up_history(daemon_set, placed.value(), history.value().old);
        if (!done.ok())
            failure = done.error();
    }
    const Value status = calculate_status(daemon_set, all_nodes, placed.value(), hash, now());
    if (status != daemon_set["status"]) {
        Value updated = daemon_set;
        updated.set("status", status);
        if (auto written = client().update_status(api::kind::daemon_sets, updated); !written.ok() && !failure)
            failure = written.error();
    }
    if (failure)
        return client::Outcome::failed(*failure);
    std::optional<Duration> next;
    for (const auto& [node, here] : placed.value())
        for (const auto& pod : here)
            if (const auto left = pod_available_in(pod, daemon_set["spec"]["minReadySeconds"].as_int(), now()))
                next = next ? std::min(*next, *left) : *left;
    return next ? client::Outcome::again_after(*next) : client::Outcome::done();
}

Result<Value> DaemonSetsController::snapshot(const Value& daemon_set, const Value& data, std::int64_t number) {
    const auto& collisions = daemon_set["status"]["collisionCount"];
    const auto hash = compute_hash(daemon_set["spec"]["template"], collisions);
    const Value wanted = history::new_revision(daemon_set, data, number, hash);
    auto created = client().create(api::kind::controller_revisions, wanted);
    if (created.ok() || created.error().reason != "AlreadyExists")
        return created;
    auto there = client().get(api::kind::controller_revisions, api::namespace_of(wanted), api::name_of(wanted));
    if (!there.ok() || history::same_data(there.value(), wanted))
        return there;
    // Another template with the same hash: the next try counts one further.
    Value updated = daemon_set;
    updated.edit("status").set("collisionCount", collisions.as_int() + 1);
    if (auto written = client().update_status(api::kind::daemon_sets, updated); !written.ok())
        return written;
    return created;
}

Result<DaemonSetsController::History> DaemonSetsController::construct_history(const Value& daemon_set) {
    KUBEWALK_TRY(selector, api::LabelSelector::from_object(daemon_set["spec"]["selector"]));
    const auto candidates = informer(revisions).in_namespace(api::namespace_of(daemon_set));
    KUBEWALK_TRY(owned, settle_claim(client(), api::kind::controller_revisions, daemon_set,
                                     claim(daemon_set, selector, candidates)));
    history::sort_revisions(owned);
    const Value data = history::template_patch(daemon_set);
    History result;
    for (const auto& one : owned) {
        if (one["data"] == data)
            result.current = one;
        else
            result.old.push_back(one);
    }
    const auto number = history::next_number(result.old);
    if (result.current.is_null()) {
        KUBEWALK_TRY(created, snapshot(daemon_set, data, number));
        result.current = created;
    } else if (result.current["revision"].as_int() < number) {
        Value again = result.current;
        again.set("revision", number);
        KUBEWALK_TRY(updated, client().update(api::kind::controller_revisions, again));
        result.current = updated;
    }
    return result;
}

Result<void> DaemonSetsController::clean_up_history(const Value& daemon_set, const PodsByNode& placed,
                                                    const Objects& old) {
    std::set<std::string, std::less<>> hashes;
    for (const auto& [node, here] : placed)
        for (const auto& pod : here)
            hashes.insert(pod["metadata"]["labels"][revision_hash_label].str());
    std::set<std::string, std::less<>> live;
    for (const auto& one : old)
        if (hashes.contains(one["metadata"]["labels"][revision_hash_label].as_string()))
            live.insert(std::string(api::name_of(one)));
    for (const auto& one : history::to_truncate(old, live, daemon_set["spec"]["revisionHistoryLimit"].as_int(10))) {
        const auto removed =
            client().remove(api::kind::controller_revisions, api::namespace_of(one), api::name_of(one));
        if (!removed.ok() && removed.error().reason != "NotFound")
            return removed.error();
    }
    return {};
}

// 1 s after the first failure on a Node, doubling to 15 min.
void DaemonSetsController::hold_failed(const Value& daemon_set, Plan& plan) {
    constexpr Duration shortest = seconds(1);
    constexpr Duration longest = minutes(15);
    const auto same_pod = [](const Value& pod) {
        return [&pod](const Value& other) { return api::uid_of(other) == api::uid_of(pod); };
    };
    Objects due;
    for (const auto& pod : plan.failed) {
        if (pod["status"]["phase"].as_string() != "Failed") {
            due.push_back(pod);
            continue;
        }
        auto [found, first] = failed_back_off_.try_emplace(cat(api::uid_of(daemon_set), "/", target_node(pod)));
        BackOff& back_off = found->second;
        const Duration left = back_off.since + back_off.wait - now();
        if (!first && left > Duration{}) {
            plan.remove.erase(std::remove_if(plan.remove.begin(), plan.remove.end(), same_pod(pod)), plan.remove.end());
            enqueue_after(api::key_of(daemon_set), left);
            continue;
        }
        const bool forgotten = first || now() - back_off.since > longest * 2;
        back_off = {forgotten ? shortest : std::min(longest, back_off.wait * 2), now()};
        due.push_back(pod);
    }
    plan.failed = std::move(due);
}

void DaemonSetsController::tell_failed(const Value& daemon_set, const Plan& plan) {
    for (const auto& pod : plan.failed) {
        const bool failed = pod["status"]["phase"].as_string() == "Failed";
        recorder().record(simulation(), daemon_set, failed ? client::EventType::warning : client::EventType::normal,
                          failed ? "FailedDaemonPod" : "SucceededDaemonPod",
                          cat("Found ", failed ? "failed" : "succeeded", " daemon pod ", api::key_of(pod), " on node ",
                              target_node(pod), failed ? ", will try to kill it" : ", will try to delete it"));
    }
}

Result<void> DaemonSetsController::carry_out(const Value& daemon_set, const Plan& plan, std::string_view hash) {
    const std::string key = api::key_of(daemon_set);
    const std::size_t creations = std::min(plan.create.size(), burst_replicas);
    const std::size_t deletions = std::min(plan.remove.size(), burst_replicas);
    if (creations == 0 && deletions == 0)
        return {};
    std::set<std::string> names;
    for (std::size_t i = 0; i < deletions; ++i)
        names.insert(api::key_of(plan.remove[i]));
    expectations_.expect(key, static_cast<int>(creations), names, now());

    PodControl control(client(), recorder(), simulation());
    std::size_t next = 0;
    const Batch batch = slow_start_batch(static_cast<int>(creations), [&]() -> Result<void> {
        auto created = control.create(pod_for_node(daemon_set, plan.create[next++], hash), daemon_set);
        return created.ok() ? Result<void>() : Result<void>(created.error());
    });
    for (auto i = static_cast<std::size_t>(batch.succeeded); i < creations; ++i)
        expectations_.creation_observed(key);
    Result<void> result = batch.error ? Result<void>(*batch.error) : Result<void>();
    for (std::size_t i = 0; i < deletions; ++i) {
        auto removed = control.remove(plan.remove[i], daemon_set);
        if (removed.ok())
            continue;
        expectations_.deletion_observed(key, api::key_of(plan.remove[i]));
        if (removed.error().reason != "NotFound" && result.ok())
            result = removed;
    }
    return result;
}

}  // namespace kubewalk::controllers
