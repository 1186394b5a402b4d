#include "core/apiserver/core.h"

#include "core/api/custom_kinds.h"
#include "core/apiserver/managed_fields.h"
#include "core/apiserver/service_ranges.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

// As kube-apiserver's --event-ttl and --etcd-compaction-interval by default.
constexpr Duration event_ttl = hours(1);
constexpr Duration compaction_interval = minutes(5);

store::Revision revision_of(const Value& object) {
    return parse_int(api::resource_version_of(object)).value_or(0);
}

std::string key_for(const api::Kind& kind, const Value& object) {
    return store_key(kind, api::namespace_of(object), api::name_of(object));
}

}  // namespace

const Value& Core::get(const api::Kind& kind, std::string_view namespace_name, std::string_view name) const {
    const auto* entry = store.get(store_key(kind, namespace_name, name));
    return entry ? entry->value : api::null_value();
}

Answer<Value> Core::write(Call& call, const api::Kind& kind, Value object, const Value& before) {
    if (!state.storage_answers)
        return status::write_timeout();
    object.edit("metadata").set("resourceVersion", cat(store.next_revision()));
    auto key = key_for(kind, object);
    call.managed = managed_after(*this, call, kind, key, before);
    if (call.dry_run) {
        object.edit("metadata").set("resourceVersion", before["metadata"]["resourceVersion"]);
        if (before.is_null())
            object.edit("metadata").erase("resourceVersion");
        return object;
    }
    const auto revision = store.put(key, object, revision_of(before), {call.cause, call.request.heartbeat},
                                    simulation.now(), *call.managed);
    if (!revision.ok())
        return before.is_null() ? status::already_exists(kind, api::name_of(object))
                                : status::modified(kind, api::name_of(object));
    call.asked = {};
    call.record.store_key = key;
    call.record.revision = revision.value();
    if (kind.kind == "Event")
        state.expiring.set({(simulation.now() + event_ttl).ns, std::move(key)}, revision.value());
    wrote(kind, revision.value());
    return object;
}

Answer<Value> Core::erase(Call& call, const api::Kind& kind, const Value& before) {
    if (!state.storage_answers)
        return status::write_timeout();
    const auto key = key_for(kind, before);
    if (const auto* entry = store.get(key))
        call.managed = entry->managed;
    if (call.dry_run)
        return before;
    const auto revision =
        store.remove(key, revision_of(before), {call.cause, call.request.heartbeat}, simulation.now());
    if (!revision.ok())
        return status::modified(kind, api::name_of(before));
    call.record.store_key = key;
    call.record.revision = revision.value();
    wrote(kind, revision.value());
    return before;
}

void Core::install(const api::Kind& kind, Value object, Random& random) {
    const auto key = key_for(kind, object);
    if (store.get(key))
        return;
    auto& metadata = object.edit("metadata");
    metadata.set("uid", random.uuid());
    metadata.set("creationTimestamp", to_rfc3339(simulation.now()));
    metadata.set("resourceVersion", cat(store.next_revision()));
    const api::FieldWrite write{{}, object, {}, "kube-apiserver", {}, &kind, simulation.now()};
    if (const auto revision = store.put(key, object, 0, {simulation.current_cause(), false}, simulation.now(), api::ManagedFields().after(write));
        revision.ok())
        wrote(kind, revision.value());
}

void Core::uninstall(const api::Kind& kind, std::string_view name) {
    const auto key = store_key(kind, {}, name);
    const auto* entry = store.get(key);
    if (!entry)
        return;
    if (const auto revision = store.remove(key, entry->mod_revision, {simulation.current_cause(), false}, simulation.now()); revision.ok())
        wrote(kind, revision.value());
}

void Core::wrote(const api::Kind& kind, store::Revision revision) {
    unpublished_.emplace_back(&kind, revision);
    if (kind.group == "rbac.authorization.k8s.io")
        authorizer.forget();
    if (&kind == &api::kind::custom_resource_definitions)
        customs.forget();
    const bool service = kind.kind == "Service" && kind.group.empty();
    if (!service && kind.kind != "IPAddress" && kind.kind != "ServiceCIDR")
        return;
    const auto* change = store.history().find(revision);
    const Value before = change->before, after = change->after;
    if (service)
        state.services.track(before, after);
    follow_service_addresses(*this, kind, before, after);
}

int Core::publish() {
    int told = 0;
    for (const auto& [kind, revision] : unpublished_)
        told += state.watches.publish(simulation, state.random, *kind, revision, *store.history().find(revision));
    unpublished_.clear();
    return told;
}

void Core::housekeeping() {
    if (!state.storage_answers)
        return;  // leases end and revisions are compacted in etcd
    const Time now = simulation.now();
    while (!state.expiring.empty() && state.expiring.begin()->first.first <= now.ns) {
        const auto [due, key] = state.expiring.begin()->first;
        const auto revision = state.expiring.begin()->second;
        state.expiring.erase(std::pair(due, key));
        const auto* entry = store.get(key);
        if (!entry || entry->mod_revision != revision)
            continue;  // written again since: it has a later time of its own
        if (auto removed = store.remove(key, revision, {simulation.current_cause(), true}, now); removed.ok())
            wrote(api::kind::events, removed.value());
    }
    // --identity-lease-renew-interval-seconds; requests come more often than that.
    constexpr Duration renewal = seconds(10);
    if (!state.identity_lease.empty() && now - state.identity_renewed >= renewal) {
        state.identity_renewed = now;
        if (const auto* lease = store.get(state.identity_lease)) {
            const auto revision = lease->mod_revision;
            Value renewed = lease->value;
            renewed.edit("spec").set("renewTime", to_rfc3339_micro(now));
            renewed.edit("metadata").set("resourceVersion", cat(store.next_revision()));
            if (const auto put = store.put(state.identity_lease, std::move(renewed), revision, {simulation.current_cause(), true}, now); put.ok())
                wrote(*api::find_kind("coordination.k8s.io/v1", "Lease"), put.value());
        }
    }
    publish();
    if (now - state.last_compaction >= compaction_interval) {
        store.compact(state.compact_next);
        state.compact_next = store.revision();
        state.last_compaction = now;
    }
}

}  // namespace kubewalk::apiserver
