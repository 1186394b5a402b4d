#include "core/controllers/statefulset/stateful_set.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/controllers/history/controller_history.h"
#include "core/controllers/statefulset/stateful_set_control.h"

namespace kubewalk::controllers {

using namespace statefulset;

namespace {
enum Watched : std::size_t { sets, pods, claims, revisions_of_all };
}

StatefulSetController::StatefulSetController(client::Environment environment)
    : ControllerOf(environment, "statefulset-controller", "system:serviceaccount:kube-system:statefulset-controller") {
    watch(api::kind::stateful_sets);
    for (const auto* kind : {&api::kind::pods, &api::kind::persistent_volume_claims, &api::kind::controller_revisions})
        watch_on_demand(*kind);
}

void StatefulSetController::changed(std::size_t index, const client::Change& change) {
    if (index == sets) {
        for (const auto other : {pods, claims, revisions_of_all})
            need(other);
        enqueue(api::key_of(change.object));
    } else if (index == pods) {
        pod_changed(change);
    }
}

std::string StatefulSetController::owner_key(const Value& pod) const {
    const auto& owner = api::controller_of(pod);
    if (owner["kind"].as_string() != "StatefulSet")
        return {};
    std::string key = cat(api::namespace_of(pod), "/", owner["name"].as_string());
    return api::uid_of(informer(sets).get(key)) == owner["uid"].as_string() ? key : std::string();
}

void StatefulSetController::pod_changed(const client::Change& change) {
    if (const auto key = owner_key(change.object); !key.empty()) {
        enqueue(key);
        return;
    }
    if (!api::controller_of(change.object).is_null() || change.type == client::WatchType::deleted)
        return;
    for (const auto& set : informer(sets).in_namespace(api::namespace_of(change.object))) {
        const auto selector = api::LabelSelector::from_object(set["spec"]["selector"]);
        if (selector.ok() && selector.value().matches(change.object["metadata"]["labels"]))
            enqueue(api::key_of(set));
    }
}

Result<Objects> StatefulSetController::claim_pods(const Value& set) {
    KUBEWALK_TRY(selector, api::LabelSelector::from_object(set["spec"]["selector"]));
    Objects candidates;
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(set)))
        if (is_member_of(set, pod))  // a name of its own making, or it is nobody of ours
            candidates.push_back(pod);
    return settle_claim(client(), api::kind::pods, set, claim(set, selector, candidates));
}

Result<Objects> StatefulSetController::claim_revisions(const Value& set) {
    KUBEWALK_TRY(selector, api::LabelSelector::from_object(set["spec"]["selector"]));
    const auto candidates = informer(revisions_of_all).in_namespace(api::namespace_of(set));
    return settle_claim(client(), api::kind::controller_revisions, set, claim(set, selector, candidates));
}

Result<Value> StatefulSetController::create_revision(const Value& set, const Value& data, std::int64_t number,
                                                     std::int64_t& collisions) {
    for (;;) {
        const auto wanted = history::new_revision(set, data, number, history::hash_of(data, collisions));
        auto created = client().create(api::kind::controller_revisions, wanted);
        if (created.ok() || created.error().reason != "AlreadyExists")
            return created;
        auto there = client().get(api::kind::controller_revisions, api::namespace_of(set), api::name_of(wanted));
        if (!there.ok() || (history::same_data(there.value(), wanted) && is_controlled_by(there.value(), set)))
            return there;
        ++collisions;
    }
}

Result<StatefulSetController::History> StatefulSetController::load_history(const Value& set, Objects& revisions) {
    History history;
    history.collisions = set["status"]["collisionCount"].as_int();
    history::sort_revisions(revisions);
    const Value data = history::template_patch(set);
    const auto number = history::next_number(revisions);
    const auto equal = std::find_if(revisions.rbegin(), revisions.rend(),
                                    [&](const Value& one) { return one["data"] == data; });
    if (equal == revisions.rend()) {
        KUBEWALK_TRY(created, create_revision(set, data, number, history.collisions));
        history.revisions.update = created;
        if (std::none_of(revisions.begin(), revisions.end(),
                         [&](const Value& one) { return api::name_of(one) == api::name_of(created); }))
            revisions.push_back(created);
    } else if (equal == revisions.rbegin()) {
        history.revisions.update = *equal;
    } else {  // a roll-back: the old revision becomes the newest
        Value again = *equal;
        again.set("revision", number);
        KUBEWALK_TRY(updated, client().update(api::kind::controller_revisions, again));
        *equal = updated;
        history.revisions.update = updated;
    }
    const auto wanted = set["status"]["currentRevision"].as_string();
    history.revisions.current = history.revisions.update;
    for (const auto& one : revisions)
        if (api::name_of(one) == wanted)
            history.revisions.current = one;
    return history;
}

Result<void> StatefulSetController::truncate(const Value& set, const Objects& owned, const Objects& revisions,
                                             const History& history) {
    std::set<std::string, std::less<>> live{std::string(api::name_of(history.revisions.current)),
                                            std::string(api::name_of(history.revisions.update))};
    for (const auto& pod : owned)
        live.insert(std::string(revision_of(pod)));
    for (const auto& old : history::to_truncate(revisions, live, set["spec"]["revisionHistoryLimit"].as_int(10))) {
        const auto removed =
            client().remove(api::kind::controller_revisions, api::namespace_of(old), api::name_of(old));
        if (!removed.ok() && removed.error().reason != "NotFound")
            return removed.error();
    }
    return {};
}

Result<void> StatefulSetController::write_status(const Value& set, Value status) {
    complete_rolling_update(set, status);
    if (status == set["status"])
        return {};
    Value updated = set;
    updated.set("status", status);
    auto written = client().update_status(api::kind::stateful_sets, updated);
    if (!written.ok() && written.error().reason == "Conflict") {
        KUBEWALK_TRY(fresh, client().get(api::kind::stateful_sets, api::namespace_of(set), api::name_of(set)));
        fresh.set("status", status);
        written = client().update_status(api::kind::stateful_sets, fresh);
    }
    return written.ok() ? Result<void>() : Result<void>(written.error());
}

client::Outcome StatefulSetController::reconcile(const std::string& key) {
    const Value set = informer(sets).get(key);
    if (set.is_null())
        return client::Outcome::done();
    auto owned_revisions = claim_revisions(set);
    if (!owned_revisions.ok())
        return client::Outcome::failed(owned_revisions.error());
    auto owned = claim_pods(set);
    if (!owned.ok())
        return client::Outcome::failed(owned.error());
    Objects all_revisions = owned_revisions.take();
    auto history = load_history(set, all_revisions);
    if (!history.ok())
        return client::Outcome::failed(history.error());

    StatefulPodControl control(client(), informer(claims), recorder(), simulation());
    Round round(set, history.value().revisions, owned.value(), control, now());
    const Value status = round.run(history.value().collisions);
    if (auto written = write_status(set, status); !written.ok())
        return client::Outcome::failed(written.error());
    if (round.error())
        return client::Outcome::failed(*round.error());
    if (auto truncated = truncate(set, owned.value(), all_revisions, history.value()); !truncated.ok())
        return client::Outcome::failed(truncated.error());

    std::optional<Duration> next;
    for (const auto& pod : owned.value())
        if (const auto left = pod_available_in(pod, set["spec"]["minReadySeconds"].as_int(), now()))
            next = next ? std::min(*next, *left) : *left;
    return next ? client::Outcome::again_after(*next) : client::Outcome::done();
}

}  // namespace kubewalk::controllers
