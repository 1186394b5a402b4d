#pragma once
// StatefulSets without side effects: ordinals, identities, claims, which Pods count as what.
// Upstream: pkg/controller/statefulset/stateful_set_utils.go.

#include <optional>

#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::statefulset {

// "web-3" is ordinal 3 of "web"; nothing when the name does not end so.
struct ParentAndOrdinal {
    std::string_view parent;
    std::int64_t ordinal = -1;
};
ParentAndOrdinal parent_and_ordinal(std::string_view pod_name);
std::int64_t ordinal_of(const Value& pod);
bool is_member_of(const Value& set, const Value& pod);

std::int64_t replica_count(const Value& set);
std::int64_t start_ordinal(const Value& set);
bool in_ordinal_range(const Value& pod, const Value& set);
bool allows_burst(const Value& set);  // podManagementPolicy: Parallel

// -- Pods: what counts as what -------------------------------------------------------------------
bool is_created(const Value& pod);  // it has a phase: the API server knows it
bool is_running_and_ready(const Value& pod);
bool is_unavailable(const Value& pod, std::int64_t min_ready_seconds, Time now);
std::string_view revision_of(const Value& pod);

// The Pod of one ordinal from the set's template: stable name, host name, claims.
Value new_pod(const Value& set, std::int64_t ordinal);
// At the current or the updated revision, as partition and progress of a rolling update ask for.
struct Revisions {
    Value current;
    Value update;
};
Value new_versioned_pod(const Value& set, const Value& current_set, const Value& update_set,
                        const Revisions& revisions, std::int64_t ordinal);

bool identity_matches(const Value& set, const Value& pod);
bool storage_matches(const Value& set, const Value& pod);
void update_identity(const Value& set, Value& pod);
void update_storage(const Value& set, Value& pod);

// -- volume claims --------------------------------------------------------------------------------
// "www-web-0"
std::string claim_name(const Value& set, const Value& claim_template, std::int64_t ordinal);
Objects claims_of(const Value& set, const Value& pod);
// persistentVolumeClaimRetentionPolicy as owner references: whether they are as the policy asks for, and
// the claim with them so. Claims that another controller owns are left alone.
bool owner_is_up_to_date(const Value& claim, const Value& set, const Value& pod);
Value with_wanted_owners(const Value& claim, const Value& set, const Value& pod);
// The claim belongs to a Pod of the same name that was there before and is waiting to go with it.
bool is_stale(const Value& claim, const Value& pod);

// -- rolling update ---------------------------------------------------------------------------------
std::int64_t partition_of(const Value& set);
// Nothing when spec.updateStrategy.rollingUpdate.maxUnavailable is not set; at least 1.
std::optional<std::int64_t> max_unavailable_of(const Value& set);

struct Counts {
    std::int64_t replicas = 0, ready = 0, available = 0, current = 0, updated = 0;
};
Counts count_pods(const Objects& pods, std::int64_t min_ready_seconds, const Revisions& revisions, Time now);
// A finished rolling update makes the updated revision the current one.
void complete_rolling_update(const Value& set, Value& status);

}  // namespace kubewalk::controllers::statefulset
