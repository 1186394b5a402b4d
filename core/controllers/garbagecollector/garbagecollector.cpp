#include "core/controllers/garbagecollector/garbagecollector.h"

#include <algorithm>

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/base/text.h"

namespace kubewalk::controllers {

using api::Value;

namespace {

constexpr std::string_view foreground = "foregroundDeletion";
constexpr std::string_view orphan = "orphan";

bool has_finalizer(const Value& object, std::string_view finalizer) {
    const auto items = object["metadata"]["finalizers"].items();
    return std::any_of(items.begin(), items.end(), [&](const Value& one) { return one.as_string() == finalizer; });
}

}  // namespace

GarbageCollector::GarbageCollector(client::Environment environment)
    : ControllerOf(environment, "garbage-collector-controller",
                   "system:serviceaccount:kube-system:generic-garbage-collector") {
    for (const auto& kind : api::kinds()) {
        if (&api::storage_kind(kind) == &api::kind::events)
            continue;  // ignored, as upstream's DefaultIgnoredResources
        if (!api::is_stored_form(kind))
            continue;  // the same objects once more
        kinds_.push_back(&kind);
        informer_of_[kind.group_resource()] = watch(kind);
    }
}

std::string GarbageCollector::key_of(std::size_t informer_index, const Value& object) const {
    return cat(kinds_[informer_index]->group_resource(), "|", api::key_of(object));
}

GarbageCollector::Found GarbageCollector::find(const std::string& key) const {
    const auto bar = key.find('|');
    const auto known = informer_of_.find(std::string_view(key).substr(0, bar));
    if (known == informer_of_.end())
        return {};
    return {kinds_[known->second], informer(known->second).get(std::string_view(key).substr(bar + 1))};
}

void GarbageCollector::index(const std::string& key, const Value& before, const Value& after) {
    if (before["metadata"]["ownerReferences"] == after["metadata"]["ownerReferences"])
        return;
    for (const auto& owner : before["metadata"]["ownerReferences"].items())
        if (const auto uid = owner["uid"].str(); dependents_.contains(uid)) {
            KeySet& keys = dependents_[uid];
            keys.erase(key);
            if (keys.empty())
                dependents_.erase(uid);
        }
    for (const auto& owner : after["metadata"]["ownerReferences"].items())
        dependents_[owner["uid"].str()].set(key, {});
}

void GarbageCollector::enqueue_dependents(std::string_view uid) {
    if (const auto* found = dependents_.find(uid))
        for (const auto& [key, nothing] : *found)
            enqueue(key);
}

std::vector<GarbageCollector::Found> GarbageCollector::dependents_of(std::string_view uid) const {
    std::vector<Found> result;
    if (const auto* found = dependents_.find(uid))
        for (const auto& [key, nothing] : *found)
            if (Found one = find(key); !one.object.is_null())
                result.push_back(std::move(one));
    return result;
}

// Monitors of kinds that the cluster learns of. Upstream looks for them every 30 s (resyncMonitors).
void GarbageCollector::learn(const Value& definition) {
    const auto versions = definition["spec"]["versions"].items();
    const auto served = std::find_if(versions.begin(), versions.end(), [](const Value& one) { return one["served"].as_bool(); });
    if (served == versions.end() || !api::is_established(definition))
        return;
    const auto& kind = api::custom_kind_of(definition, *served);
    if (informer_of_.contains(kind.group_resource()))
        return;
    kinds_.push_back(&kind);
    const auto index = watch_on_demand(kind);
    informer_of_[kind.group_resource()] = index;
    need(index);
}

void GarbageCollector::changed(std::size_t informer_index, const client::Change& change) {
    const Value& object = change.object;
    if (kinds_[informer_index] == &api::kind::custom_resource_definitions && change.type != client::WatchType::deleted) {
        const Value definition = object;  // learning makes more informers
        learn(definition);
    }
    const std::string key = key_of(informer_index, object);
    const std::string uid(api::uid_of(object));
    if (change.type == client::WatchType::deleted) {
        index(key, object, {});
        uids_.erase(uid);
        enqueue_dependents(uid);
        // Owners that wait in the foreground look again.
        for (const auto& owner : object["metadata"]["ownerReferences"].items())
            if (const auto* found = uids_.find(owner["uid"].as_string()))
                if (api::is_deleting(find(*found).object))
                    enqueue(std::string(*found));
        return;
    }
    const bool owners_changed = change.before["metadata"]["ownerReferences"] != object["metadata"]["ownerReferences"];
    index(key, change.before, object);
    if (const auto* known = uids_.find(uid); !known || *known != key)
        uids_.set(uid, key);
    const bool finalizing =
        api::is_deleting(object) && (has_finalizer(object, foreground) || has_finalizer(object, orphan));
    if (finalizing || (owners_changed && !object["metadata"]["ownerReferences"].empty()))
        enqueue(key);
}

client::Outcome GarbageCollector::reconcile(const std::string& key) {
    const Found found = find(key);
    if (found.object.is_null())
        return client::Outcome::done();
    Result<void> done;
    if (api::is_deleting(found.object)) {
        if (has_finalizer(found.object, orphan))
            done = orphan_dependents(found);
        else if (has_finalizer(found.object, foreground))
            done = hold_for_dependents(found);
    } else if (!found.object["metadata"]["ownerReferences"].empty()) {
        done = collect(found);
    }
    return done.ok() ? client::Outcome::done() : client::Outcome::failed(done.error());
}

Result<bool> GarbageCollector::exists(const Value& reference, std::string_view namespace_name) const {
    const auto uid = reference["uid"].as_string();
    if (uids_.contains(uid))
        return true;
    const api::Kind* kind = api::find_kind(reference["apiVersion"].as_string(), reference["kind"].as_string());
    for (const auto* known : kinds_)
        if (!kind && known->kind == reference["kind"].as_string() && known->api_version() == reference["apiVersion"].as_string())
            kind = known;
    if (!kind)
        return true;  // of a kind we cannot look at: leave it alone
    auto live =
        client().get(*kind, kind->namespaced() ? namespace_name : std::string_view(), reference["name"].as_string());
    if (live.ok())
        return api::uid_of(live.value()) == uid;
    if (live.error().reason == "NotFound")
        return false;
    return live.error();
}

// An object none of whose owners exists any more is deleted; one that has some left loses the others.
Result<void> GarbageCollector::collect(const Found& found) {
    const auto namespace_name = api::namespace_of(found.object);
    Value solid = Value::array();
    bool waiting = false;  // an owner that is deleted in the foreground
    const auto& references = found.object["metadata"]["ownerReferences"];
    for (const auto& reference : references.items()) {
        KUBEWALK_TRY(there, exists(reference, namespace_name));
        if (!there)
            continue;
        const auto* owner = uids_.find(reference["uid"].as_string());
        const Found one = owner ? find(*owner) : Found{};
        if (owner && api::is_deleting(one.object) && has_finalizer(one.object, foreground))
            waiting = true;
        else
            solid.push_back(reference);
    }
    if (!solid.empty()) {
        if (solid.size() == references.size())
            return {};
        // Neither those that are gone nor those that wait: they would wait for ever.
        Value fixed = found.object;
        fixed.edit("metadata").set("ownerReferences", solid);
        auto updated = client().update(*found.kind, fixed);
        return updated.ok() || updated.error().reason == "NotFound" ? Result<void>() : Result<void>(updated.error());
    }
    const auto dependents = dependents_of(api::uid_of(found.object));
    // A circle: its owner waits for it, and a dependent of its own for what it is to wait for. It stops being in the way.
    if (waiting && std::any_of(dependents.begin(), dependents.end(), [](const Found& one) {
            return api::is_deleting(one.object) && has_finalizer(one.object, foreground);
        })) {
        Value freed = found.object;
        for (std::size_t i = 0; i < references.size(); ++i)
            if (references[i]["blockOwnerDeletion"].as_bool())
                freed.edit("metadata").edit("ownerReferences").edit_at(i).set("blockOwnerDeletion", false);
        if (auto updated = client().update(*found.kind, freed); !updated.ok() && updated.error().reason != "NotFound")
            return updated.error();
    }
    client::DeleteOptions options;
    options.uid = std::string(api::uid_of(found.object));
    // Dependents of a foreground deletion that have dependents themselves go the same way.
    options.propagation_policy = waiting && !dependents.empty() ? "Foreground" : "Background";
    auto removed = client().remove(*found.kind, namespace_name, api::name_of(found.object), options);
    if (!removed.ok() && removed.error().reason != "NotFound" && removed.error().reason != "Conflict")
        return removed.error();
    return {};
}

Result<void> GarbageCollector::hold_for_dependents(const Found& found) {
    const auto uid = api::uid_of(found.object);
    bool blocked = false;
    for (const auto& dependent : dependents_of(uid)) {
        for (const auto& owner : dependent.object["metadata"]["ownerReferences"].items())
            blocked = blocked || (owner["uid"].as_string() == uid && owner["blockOwnerDeletion"].as_bool());
        if (!api::is_deleting(dependent.object))
            if (auto collected = collect(dependent); !collected.ok())
                return collected;
    }
    return blocked ? Result<void>() : remove_finalizer(found, foreground);
}

Result<void> GarbageCollector::orphan_dependents(const Found& found) {
    for (const auto& dependent : dependents_of(api::uid_of(found.object))) {
        Value kept = Value::array();
        for (const auto& owner : dependent.object["metadata"]["ownerReferences"].items())
            if (owner["uid"].as_string() != api::uid_of(found.object))
                kept.push_back(owner);
        Value fixed = dependent.object;
        if (kept.empty())
            fixed.edit("metadata").erase("ownerReferences");
        else
            fixed.edit("metadata").set("ownerReferences", kept);
        auto updated = client().update(*dependent.kind, fixed);
        if (!updated.ok() && updated.error().reason != "NotFound")
            return updated.error();
    }
    return remove_finalizer(found, orphan);
}

Result<void> GarbageCollector::remove_finalizer(const Found& found, std::string_view finalizer) {
    Value kept = Value::array();
    for (const auto& one : found.object["metadata"]["finalizers"].items())
        if (one.as_string() != finalizer)
            kept.push_back(one);
    Value fixed = found.object;
    if (kept.empty())
        fixed.edit("metadata").erase("finalizers");
    else
        fixed.edit("metadata").set("finalizers", kept);
    auto updated = client().update(*found.kind, fixed);
    return updated.ok() || updated.error().reason == "NotFound" ? Result<void>() : Result<void>(updated.error());
}

}  // namespace kubewalk::controllers
