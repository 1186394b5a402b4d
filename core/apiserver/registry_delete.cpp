// The registry's DELETE: grace periods, finalizers, propagation.
// Upstream: k8s.io/apiserver/pkg/registry/generic/registry/store.go (Delete,
// deletionFinalizersForGarbageCollection), pkg/registry/rest/delete.go (BeforeDelete),
// pkg/registry/core/namespace/storage/storage.go.

#include "core/api/custom_kinds.h"
#include "core/apiserver/registry.h"
#include "core/apiserver/strategy.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr api::Kind delete_options_kind{"meta.k8s.io", "v1", "DeleteOptions", "deleteoptions", "", "",
                                        api::Scope::cluster, api::StatusSubresource::no, "", ""};
constexpr std::string_view orphan = "orphan";
constexpr std::string_view foreground = "foregroundDeletion";

bool has_finalizer(const Value& object, std::string_view finalizer) {
    for (const auto& entry : object["metadata"]["finalizers"].items())
        if (entry.as_string() == finalizer)
            return true;
    return false;
}

// The garbage collector's two finalizers, as the propagation policy wants them.
void set_propagation(Value& object, std::string_view policy) {
    const bool orphans = policy.empty() ? has_finalizer(object, orphan) : policy == "Orphan";
    const bool waits = policy.empty() ? has_finalizer(object, foreground) : policy == "Foreground";
    if (orphans == has_finalizer(object, orphan) && waits == has_finalizer(object, foreground))
        return;
    Value finalizers = Value::array();
    for (const auto& entry : object["metadata"]["finalizers"].items())
        if (entry.as_string() != orphan && entry.as_string() != foreground)
            finalizers.push_back(entry);
    if (orphans)
        finalizers.push_back(orphan);
    if (waits)
        finalizers.push_back(foreground);
    if (finalizers.empty())
        object.edit("metadata").erase("finalizers");
    else
        object.edit("metadata").set("finalizers", std::move(finalizers));
}

void mark_deleting(Value& object, Time when, std::int64_t grace) {
    auto& metadata = object.edit("metadata");
    if (metadata["generation"].as_int() > 0 && metadata["deletionTimestamp"].is_null())
        metadata.set("generation", metadata["generation"].as_int() + 1);
    metadata.set("deletionTimestamp", to_rfc3339(when));
    metadata.set("deletionGracePeriodSeconds", grace);
}

std::optional<std::int64_t> asked_grace(const Call& call, const Value& options) {
    if (!options["gracePeriodSeconds"].is_null())
        return options["gracePeriodSeconds"].as_int();
    return parse_int(call.query("gracePeriodSeconds"));
}

std::string asked_policy(const Call& call, const Value& options) {
    if (!options["propagationPolicy"].is_null())
        return options["propagationPolicy"].str();
    if (options["orphanDependents"].is_bool())
        return options["orphanDependents"].as_bool() ? "Orphan" : "Background";
    return call.query("propagationPolicy");
}

// A definition first ends its objects, and says so. Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/etcd.go.
void await_objects(Value& definition, Time now) {
    constexpr std::string_view clean_up = "customresourcecleanup.apiextensions.k8s.io";
    if (!has_finalizer(definition, clean_up))
        definition.edit_path("metadata", "finalizers").push_back(clean_up);
    definition.edit_path("status", "conditions")
        .push_back(Value::object({{"type", "Terminating"},
                                  {"status", "True"},
                                  {"lastTransitionTime", to_rfc3339(now)},
                                  {"reason", "InstanceDeletionPending"},
                                  {"message", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"}}));
}

Value deleted_status(const api::Kind& kind, const Value& object) {
    Value status = status::success();
    Value details = Value::object(
        {{"name", api::name_of(object)}, {"kind", kind.resource}, {"uid", api::uid_of(object)}});
    if (!kind.group.empty())
        details.set("group", kind.group);
    status.set("details", std::move(details));
    return status;
}

}  // namespace

Answer<Value> Registry::remove(Call& call) {
    return remove_named(call, *call.route.kind, call.route.namespace_name, call.route.name, call.request.body);
}

Answer<Value> Registry::remove_named(Call& call, const api::Kind& kind, std::string_view namespace_name, std::string_view name,
                                     const Value& options) {
    const Value old = core_.get(kind, namespace_name, name);
    if (old.is_null())
        return status::not_found(kind, name);
    return remove_one(call, kind, old, options);
}

Answer<Value> Registry::remove_collection(Call& call) {
    auto found = list(call);
    if (!found.ok())
        return found;
    for (const auto& object : found.value()["items"].items()) {
        auto removed = remove_one(call, *call.route.kind, object, call.request.body);
        if (!removed.ok() && removed.failure().reason != "NotFound")
            return removed;
    }
    return found;
}

Answer<Value> Registry::remove_one(Call& call, const api::Kind& kind, const Value& old, const Value& options) {
    const auto name = api::name_of(old);
    const auto& strategy = strategy_of(kind);
    auto policy = asked_policy(call, options);
    if (!policy.empty() && policy != "Background" && policy != "Foreground" && policy != "Orphan")
        return status::invalid(delete_options_kind, {},
                               {{"FieldValueInvalid",
                                 cat("Invalid value: ", quoted(policy),
                                     ": valid values are \"Foreground\", \"Background\", \"Orphan\", nil"),
                                 "propagationPolicy"}});
    // Some old kinds leave their dependents alone unless told otherwise.
    if (policy.empty() && strategy.orphans_by_default && !has_finalizer(old, orphan) && !has_finalizer(old, foreground)) {
        policy = "Orphan";
        if (kind.kind == "Job")
            call.warnings.emplace_back("child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove "
                                       "them or set propagationPolicy=Orphan to suppress this warning");
    }
    const auto& wanted = options["preconditions"];
    if (!wanted["uid"].is_null() && wanted["uid"] != old["metadata"]["uid"])
        return status::conflict(kind, name, cat("Precondition failed: UID in precondition: ", wanted["uid"].as_string(),
                                                ", UID in object meta: ", api::uid_of(old)));
    if (!wanted["resourceVersion"].is_null() && wanted["resourceVersion"] != old["metadata"]["resourceVersion"])
        return status::conflict(
            kind, name, cat("Precondition failed: ResourceVersion in precondition: ", wanted["resourceVersion"].as_string(),
                            ", ResourceVersion in object meta: ", api::resource_version_of(old)));
    Value none;
    if (auto admitted = admit(call, kind, Operation::remove, none, old); !admitted.ok())
        return admitted.failure();
    if (auto admitted = admit_finally(call, kind, Operation::remove, none, old); !admitted.ok())
        return admitted.failure();

    const Time now = core_.simulation.now();
    Value object = old;
    // A Namespace first ends its contents; the namespace controller takes the finalizer away.
    if (kind.kind == "Namespace" && kind.group.empty()) {
        if (!api::is_deleting(old)) {
            object.edit("metadata").set("deletionTimestamp", to_rfc3339(now));
            object.edit("status").set("phase", "Terminating");
            return core_.write(call, kind, std::move(object), old);
        }
        if (!old["spec"]["finalizers"].empty())
            return old;
    }

    if (&kind == &api::kind::custom_resource_definitions && !api::is_deleting(old))
        await_objects(object, now);

    bool graceful = false;
    std::int64_t period = 0;
    if (strategy.grace_period) {
        const auto asked = asked_grace(call, options);
        const auto current = old["metadata"]["deletionGracePeriodSeconds"].as_int();
        if (!api::is_deleting(old)) {
            period = strategy.grace_period(old, asked);
            mark_deleting(object, now + seconds(period), period);
            graceful = true;
        } else if (current > 0) {
            // Under way: it may only become shorter.
            if (!asked || *asked >= current)
                return old;
            period = *asked < 0 ? 1 : *asked;
            const auto due = parse_rfc3339(old["metadata"]["deletionTimestamp"].as_string()).value_or(now);
            mark_deleting(object, due - seconds(current) + seconds(period), period);
            graceful = true;
        }
    }
    set_propagation(object, policy);
    const bool held = !object["metadata"]["finalizers"].empty();
    if (!graceful && held && !api::is_deleting(object))
        mark_deleting(object, now, 0);
    if (graceful || held) {
        if (!(object == old)) {
            auto marked = core_.write(call, kind, object, old);
            if (!marked.ok())
                return marked;
            object = marked.take();
        }
        if (held || period > 0 || call.dry_run)
            return object;
    }
    auto erased = core_.erase(call, kind, graceful ? object : old);
    if (!erased.ok())
        return erased;
    return strategy.returns_deleted ? erased : Answer<Value>(deleted_status(kind, old));
}

}  // namespace kubewalk::apiserver
