#include "core/controllers/deployment/steps.h"

#include <algorithm>

namespace kubewalk::controllers::deployment {

bool scale_replica_set(Value& replica_set, std::int64_t new_scale, const Value& deployment, Writes& writes) {
    const auto desired = replicas(deployment);
    const auto maximum = desired + max_surge(deployment);
    const auto before = replicas(replica_set);
    if (before == new_scale && !replicas_annotations_need_update(replica_set, desired, maximum))
        return false;
    replica_set.edit_path("spec", "replicas") = new_scale;
    set_replicas_annotations(replica_set, desired, maximum);
    writes.push_back({ReplicaSetWrite::Verb::update, replica_set, before, new_scale});
    return before != new_scale;
}

bool scale_if_needed(Value& replica_set, std::int64_t new_scale, const Value& deployment, Writes& writes) {
    return replicas(replica_set) != new_scale && scale_replica_set(replica_set, new_scale, deployment, writes);
}

Result<bool> reconcile_new_replica_set(const Objects& all, const Value& new_rs, const Value& deployment,
                                       Writes& writes) {
    Value next = new_rs;
    if (replicas(new_rs) == replicas(deployment))
        return false;
    if (replicas(new_rs) > replicas(deployment))
        return scale_if_needed(next, replicas(deployment), deployment, writes);
    KUBEWALK_TRY(count, new_rs_new_replicas(deployment, all, new_rs));
    return scale_if_needed(next, count, deployment, writes);
}

bool reconcile_old_replica_sets(const Objects& all, Objects olds, const Value& new_rs, const Value& deployment,
                                Writes& writes) {
    if (replica_count(olds) == 0)
        return false;
    // Pods that may go: those above the minimum, less the new ones that do not serve yet.
    const auto least = replicas(deployment) - max_unavailable(deployment);
    const auto new_unavailable = replicas(new_rs) - new_rs["status"]["availableReplicas"].as_int();
    const auto most = replica_count(all) - least - new_unavailable;
    if (most <= 0)
        return false;
    const auto cleaned = cleanup_unhealthy_replicas(olds, deployment, most, writes);
    Objects now = olds;
    now.push_back(new_rs);
    const auto scaled = scale_down_old_replica_sets(now, olds, deployment, writes);
    return cleaned + scaled > 0;
}

std::int64_t cleanup_unhealthy_replicas(Objects& olds, const Value& deployment, std::int64_t max_cleanup,
                                        Writes& writes) {
    std::sort(olds.begin(), olds.end(), created_before);
    std::int64_t total = 0;
    for (auto& target : olds) {
        if (total >= max_cleanup)
            break;
        const auto unhealthy = replicas(target) - target["status"]["availableReplicas"].as_int();
        if (replicas(target) == 0 || unhealthy <= 0)
            continue;
        const auto count = std::min(max_cleanup - total, unhealthy);
        scale_if_needed(target, replicas(target) - count, deployment, writes);
        total += count;
    }
    return total;
}

std::int64_t scale_down_old_replica_sets(const Objects& all, Objects olds, const Value& deployment, Writes& writes) {
    const auto least = replicas(deployment) - max_unavailable(deployment);
    const auto available = available_replica_count(all);
    if (available <= least)
        return 0;
    std::sort(olds.begin(), olds.end(), created_before);
    const auto most = available - least;
    std::int64_t total = 0;
    for (auto& target : olds) {
        if (total >= most)
            break;
        if (replicas(target) == 0)
            continue;
        const auto count = std::min(replicas(target), most - total);
        scale_if_needed(target, replicas(target) - count, deployment, writes);
        total += count;
    }
    return total;
}

bool scale_down_for_recreate(Objects active_olds, const Value& deployment, Writes& writes) {
    bool scaled = false;
    for (auto& one : active_olds)
        if (replicas(one) != 0 && scale_if_needed(one, 0, deployment, writes))
            scaled = true;
    return scaled;
}

// Shares what is to be added or removed among the active ReplicaSets, largest first; the first one
// takes what rounding left over.
static void scale_proportionally(const Value& deployment, const Value& new_rs, const Objects& olds, Writes& writes) {
    Objects all = olds;
    all.push_back(new_rs);
    all = filter_active(all);
    const auto allowed = replicas(deployment) > 0 ? replicas(deployment) + max_surge(deployment) : 0;
    const auto to_add = allowed - replica_count(all);
    const bool newest_first = to_add > 0;
    if (to_add != 0)
        std::sort(all.begin(), all.end(), [newest_first](const Value& a, const Value& b) {
            if (replicas(a) != replicas(b))
                return replicas(a) > replicas(b);
            return newest_first ? created_before(b, a) : created_before(a, b);
        });
    std::vector<std::int64_t> sizes;
    std::int64_t added = 0;
    for (const auto& one : all) {
        const auto share = to_add != 0 ? proportion(one, deployment, to_add, added) : 0;
        sizes.push_back(replicas(one) + share);
        added += share;
    }
    if (!sizes.empty() && to_add != 0)
        sizes.front() = std::max<std::int64_t>(0, sizes.front() + to_add - added);
    for (std::size_t i = 0; i < all.size(); ++i)
        scale_replica_set(all[i], sizes[i], deployment, writes);
}

void scale(const Value& deployment, const Value& new_rs, const Objects& olds, Writes& writes) {
    Value only = find_active_or_latest(new_rs, olds);
    if (!only.is_null()) {
        scale_if_needed(only, replicas(deployment), deployment, writes);
        return;
    }
    if (is_saturated(deployment, new_rs)) {
        for (auto& old : filter_active(olds))
            scale_if_needed(old, 0, deployment, writes);
        return;
    }
    if (is_rolling_update(deployment))
        scale_proportionally(deployment, new_rs, olds, writes);
}

void cleanup_deployment(const Objects& olds, const Value& deployment, Writes& writes) {
    if (!has_revision_history_limit(deployment))
        return;
    Objects candidates;
    for (const auto& one : olds)
        if (!one.is_null() && !api::is_deleting(one))
            candidates.push_back(one);
    const auto surplus =
        static_cast<std::int64_t>(candidates.size()) - deployment["spec"]["revisionHistoryLimit"].as_int();
    if (surplus <= 0)
        return;
    std::sort(candidates.begin(), candidates.end(), [](const Value& a, const Value& b) {
        const auto left = revision(a);
        const auto right = revision(b);
        if (!left.ok() || !right.ok() || left.value() == right.value())
            return created_before(a, b);
        return left.value() < right.value();
    });
    for (std::int64_t i = 0; i < surplus; ++i) {
        const Value& one = candidates[static_cast<std::size_t>(i)];
        const bool busy = one["status"]["replicas"].as_int() != 0 || replicas(one) != 0 ||
                          one["metadata"]["generation"].as_int() > one["status"]["observedGeneration"].as_int();
        if (!busy)
            writes.push_back({ReplicaSetWrite::Verb::remove, one, 0, 0});
    }
}

}  // namespace kubewalk::controllers::deployment
