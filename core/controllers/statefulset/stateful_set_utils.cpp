#include "core/controllers/statefulset/stateful_set_utils.h"

#include <algorithm>

#include "core/api/int_or_string.h"
#include "core/base/text.h"
#include "core/controllers/history/controller_history.h"

namespace kubewalk::controllers::statefulset {

namespace {
constexpr std::string_view pod_name_label = "statefulset.kubernetes.io/pod-name";
constexpr std::string_view pod_index_label = "apps.kubernetes.io/pod-index";

bool is_owner(const Value& claim, const Value& owner) {
    const auto owners = claim["metadata"]["ownerReferences"].items();
    return std::any_of(owners.begin(), owners.end(),
                       [&](const Value& one) { return one["uid"].as_string() == api::uid_of(owner); });
}

bool foreign_controller(const Value& claim, const Value& set, const Value& pod) {
    for (const auto& one : claim["metadata"]["ownerReferences"].items())
        if (one["controller"].as_bool() && one["uid"].as_string() != api::uid_of(set) &&
            one["uid"].as_string() != api::uid_of(pod))
            return true;
    return false;
}

struct WantedOwners {
    bool set = false;
    bool pod = false;
};

WantedOwners wanted_owners(const Value& set, const Value& pod) {
    const auto& policy = set["spec"]["persistentVolumeClaimRetentionPolicy"];
    const bool when_scaled = policy["whenScaled"].as_string() == "Delete";
    const bool when_deleted = policy["whenDeleted"].as_string() == "Delete";
    const bool scaled_down = !in_ordinal_range(pod, set);
    if (when_scaled && scaled_down)
        return {false, true};
    return {when_deleted, false};
}
}  // namespace

ParentAndOrdinal parent_and_ordinal(std::string_view pod_name) {
    const auto dash = pod_name.rfind('-');
    if (dash == std::string_view::npos)
        return {};
    const auto digits = pod_name.substr(dash + 1);
    const bool all_digits =
        !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    const auto ordinal = all_digits ? parse_int(digits) : std::nullopt;
    if (!ordinal || *ordinal > 2147483647)
        return {};
    return {pod_name.substr(0, dash), *ordinal};
}

std::int64_t ordinal_of(const Value& pod) { return parent_and_ordinal(api::name_of(pod)).ordinal; }
bool is_member_of(const Value& set, const Value& pod) {
    return parent_and_ordinal(api::name_of(pod)).parent == api::name_of(set);
}

std::int64_t replica_count(const Value& set) { return set["spec"]["replicas"].as_int(1); }
std::int64_t start_ordinal(const Value& set) { return set["spec"]["ordinals"]["start"].as_int(); }
bool in_ordinal_range(const Value& pod, const Value& set) {
    const auto ordinal = ordinal_of(pod);
    return ordinal >= start_ordinal(set) && ordinal < start_ordinal(set) + replica_count(set);
}
bool allows_burst(const Value& set) { return set["spec"]["podManagementPolicy"].as_string() == "Parallel"; }

bool is_created(const Value& pod) { return !pod["status"]["phase"].as_string().empty(); }
bool is_running_and_ready(const Value& pod) {
    return pod["status"]["phase"].as_string() == "Running" && is_pod_ready(pod);
}
bool is_unavailable(const Value& pod, std::int64_t min_ready_seconds, Time now) {
    return !is_pod_available(pod, min_ready_seconds, now) || api::is_deleting(pod);
}
std::string_view revision_of(const Value& pod) { return pod["metadata"]["labels"][history::hash_label].as_string(); }

void update_identity(const Value& set, Value& pod) {
    const auto ordinal = ordinal_of(pod);
    const std::string name = cat(api::name_of(set), "-", ordinal);
    Value& metadata = pod.edit("metadata");
    metadata.set("name", name);
    metadata.set("namespace", set["metadata"]["namespace"]);
    Value& labels = metadata.edit("labels");
    labels.set(pod_name_label, name);
    labels.set(pod_index_label, cat(ordinal));
}

bool identity_matches(const Value& set, const Value& pod) {
    const auto [parent, ordinal] = parent_and_ordinal(api::name_of(pod));
    return ordinal >= 0 && parent == api::name_of(set) && api::namespace_of(pod) == api::namespace_of(set) &&
           pod["metadata"]["labels"][pod_name_label].as_string() == api::name_of(pod);
}

std::string claim_name(const Value& set, const Value& claim_template, std::int64_t ordinal) {
    return cat(api::name_of(claim_template), "-", api::name_of(set), "-", ordinal);
}

Objects claims_of(const Value& set, const Value& pod) {
    Objects claims;
    for (const auto& claim_template : set["spec"]["volumeClaimTemplates"].items()) {
        Value claim = claim_template;
        claim.set("apiVersion", "v1");
        claim.set("kind", "PersistentVolumeClaim");
        claim.erase("status");
        Value& metadata = claim.edit("metadata");
        metadata.set("name", claim_name(set, claim_template, ordinal_of(pod)));
        metadata.set("namespace", set["metadata"]["namespace"]);
        for (const auto& label : set["spec"]["selector"]["matchLabels"].members())
            metadata.edit("labels").set(label.key, label.value);
        claims.push_back(std::move(claim));
    }
    return claims;
}

// The claims' volumes first, then the template's own except those a claim of the same name replaces.
void update_storage(const Value& set, Value& pod) {
    Value volumes = Value::array();
    const auto templates = set["spec"]["volumeClaimTemplates"].items();
    for (const auto& claim_template : templates)
        volumes.push_back(Value::object(
            {{"name", api::name_of(claim_template)},
             {"persistentVolumeClaim",
              Value::object({{"claimName", claim_name(set, claim_template, ordinal_of(pod))}})}}));
    for (const auto& volume : pod["spec"]["volumes"].items())
        if (std::none_of(templates.begin(), templates.end(),
                         [&](const Value& one) { return api::name_of(one) == volume["name"].as_string(); }))
            volumes.push_back(volume);
    if (!volumes.empty())
        pod.edit("spec").set("volumes", volumes);
}

bool storage_matches(const Value& set, const Value& pod) {
    const auto ordinal = ordinal_of(pod);
    const auto volumes = pod["spec"]["volumes"].items();
    for (const auto& claim_template : set["spec"]["volumeClaimTemplates"].items()) {
        const auto wanted = claim_name(set, claim_template, ordinal);
        if (std::none_of(volumes.begin(), volumes.end(), [&](const Value& one) {
                return one["name"].as_string() == api::name_of(claim_template) &&
                       one["persistentVolumeClaim"]["claimName"].as_string() == wanted;
            }))
            return false;
    }
    return ordinal >= 0;
}

Value new_pod(const Value& set, std::int64_t ordinal) {
    Value pod = pod_from_template(set["spec"]["template"], set);
    pod.edit("metadata").set("name", cat(api::name_of(set), "-", ordinal));
    update_identity(set, pod);
    Value& spec = pod.edit("spec");
    spec.set("hostname", api::name_of(pod));
    if (const auto service = set["spec"]["serviceName"].as_string(); !service.empty())
        spec.set("subdomain", service);
    update_storage(set, pod);
    return pod;
}

Value new_versioned_pod(const Value& set, const Value& current_set, const Value& update_set,
                        const Revisions& revisions, std::int64_t ordinal) {
    const auto& strategy = set["spec"]["updateStrategy"];
    const bool rolling = strategy["type"].as_string() == "RollingUpdate";
    const auto kept = strategy["rollingUpdate"].is_null() ? set["status"]["currentReplicas"].as_int()
                                                          : partition_of(set);
    const bool current = rolling && ordinal < start_ordinal(set) + kept;
    Value pod = new_pod(current ? current_set : update_set, ordinal);
    pod.edit_path("metadata", "labels")
        .set(history::hash_label, api::name_of(current ? revisions.current : revisions.update));
    return pod;
}

bool owner_is_up_to_date(const Value& claim, const Value& set, const Value& pod) {
    if (foreign_controller(claim, set, pod))
        return true;
    const WantedOwners wanted = wanted_owners(set, pod);
    return is_owner(claim, set) == wanted.set && is_owner(claim, pod) == wanted.pod;
}

Value with_wanted_owners(const Value& claim, const Value& set, const Value& pod) {
    const WantedOwners wanted = wanted_owners(set, pod);
    Value owners = Value::array();
    for (const auto& one : claim["metadata"]["ownerReferences"].items())
        if (one["uid"].as_string() != api::uid_of(set) && one["uid"].as_string() != api::uid_of(pod))
            owners.push_back(one);
    if (wanted.set)
        owners.push_back(api::controller_ref(set));
    if (wanted.pod)
        owners.push_back(api::controller_ref(pod));
    Value updated = claim;
    if (owners.empty())
        updated.edit("metadata").erase("ownerReferences");
    else
        updated.edit("metadata").set("ownerReferences", owners);
    return updated;
}

bool is_stale(const Value& claim, const Value& pod) {
    for (const auto& one : claim["metadata"]["ownerReferences"].items())
        if (one["kind"].as_string() == "Pod" && one["name"].as_string() == api::name_of(pod) &&
            one["uid"].as_string() != api::uid_of(pod))
            return true;
    return false;
}

std::int64_t partition_of(const Value& set) {
    return set["spec"]["updateStrategy"]["rollingUpdate"]["partition"].as_int();
}

std::optional<std::int64_t> max_unavailable_of(const Value& set) {
    const auto& given = set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"];
    if (given.is_null())
        return std::nullopt;
    const auto scaled = api::scaled_value(given, static_cast<int>(replica_count(set)), api::Rounding::up);
    return std::max<std::int64_t>(1, scaled.value_or(1));
}

Counts count_pods(const Objects& pods, std::int64_t min_ready_seconds, const Revisions& revisions, Time now) {
    Counts counts;
    for (const auto& pod : pods) {
        if (!is_created(pod))
            continue;
        ++counts.replicas;
        if (is_running_and_ready(pod)) {
            ++counts.ready;
            counts.available += is_pod_available(pod, min_ready_seconds, now) ? 1 : 0;
        }
        if (api::is_deleting(pod))
            continue;
        counts.current += revision_of(pod) == api::name_of(revisions.current) ? 1 : 0;
        counts.updated += revision_of(pod) == api::name_of(revisions.update) ? 1 : 0;
    }
    return counts;
}

void complete_rolling_update(const Value& set, Value& status) {
    const auto& strategy = set["spec"]["updateStrategy"];
    const auto wanted = replica_count(set);
    if (strategy["type"].as_string() != "RollingUpdate" || strategy["rollingUpdate"].is_null() || partition_of(set) != 0)
        return;
    if (status["updatedReplicas"].as_int() != wanted || status["readyReplicas"].as_int() != wanted ||
        status["replicas"].as_int() != wanted)
        return;
    set_count(status, "currentReplicas", wanted);
    status.set("currentRevision", status["updateRevision"]);
}

}  // namespace kubewalk::controllers::statefulset
