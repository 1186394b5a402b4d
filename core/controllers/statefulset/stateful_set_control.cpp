#include "core/controllers/statefulset/stateful_set_control.h"

#include <algorithm>

#include "core/controllers/history/controller_history.h"

namespace kubewalk::controllers::statefulset {

Round::Round(const Value& set, Revisions revisions, const Objects& pods, StatefulPodControl& control, Time now)
    : set_(set),
      revisions_(std::move(revisions)),
      current_set_(history::apply_revision(set, revisions_.current)),
      update_set_(history::apply_revision(set, revisions_.update)),
      control_(control),
      now_(now),
      min_ready_(set["spec"]["minReadySeconds"].as_int()),
      monotonic_(!allows_burst(set)),
      known_(pods) {
    const auto start = start_ordinal(set);
    replicas_.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, replica_count(set))));
    for (const auto& pod : pods) {
        if (in_ordinal_range(pod, set))
            replicas_[static_cast<std::size_t>(ordinal_of(pod) - start)] = pod;
        else if (ordinal_of(pod) >= 0)
            condemned_.push_back(pod);
    }
    for (std::size_t i = 0; i < replicas_.size(); ++i)
        if (replicas_[i].is_null())
            replicas_[i] = new_versioned_pod(set, current_set_, update_set_, revisions_,
                                             start + static_cast<std::int64_t>(i));
    std::sort(condemned_.begin(), condemned_.end(),
              [](const Value& a, const Value& b) { return ordinal_of(a) > ordinal_of(b); });
    const auto note = [this](const Value& pod) {
        if (first_unavailable_.is_null() && is_unavailable(pod, min_ready_, now_))
            first_unavailable_ = pod;
    };
    std::for_each(replicas_.begin(), replicas_.end(), note);
    std::for_each(condemned_.rbegin(), condemned_.rend(), note);
}

Value Round::run(std::int64_t collisions) {
    Value status = Value::object();
    // What only others write (conditions) stays.
    if (const auto& conditions = set_["status"]["conditions"]; !conditions.empty())
        status.set("conditions", conditions);
    set_count(status, "observedGeneration", set_["metadata"]["generation"].as_int());
    status.set("currentRevision", api::name_of(revisions_.current));
    status.set("updateRevision", api::name_of(revisions_.update));
    status.set("collisionCount", collisions);
    if (!api::is_deleting(set_)) {
        const bool stopped =
            for_all(replicas_.size(), [this](std::size_t i) { return process_replica(i); }) == Next::stop ||
            for_all(condemned_.size(), [this](std::size_t i) { return fix_condemned_claims(i); }) == Next::stop ||
            for_all(condemned_.size(), [this](std::size_t i) { return process_condemned(i); }) == Next::stop;
        if (!stopped && set_["spec"]["updateStrategy"]["type"].as_string() != "OnDelete")
            roll();
        count(status);
    } else {
        replicas_ = known_;
        condemned_.clear();
        count(status);
    }
    return status;
}

void Round::count(Value& status) const {
    Objects all = replicas_;
    all.insert(all.end(), condemned_.begin(), condemned_.end());
    const Counts counts = count_pods(all, min_ready_, revisions_, now_);
    status.set("replicas", counts.replicas);
    set_count(status, "readyReplicas", counts.ready);
    status.set("availableReplicas", counts.available);
    set_count(status, "currentReplicas", std::max<std::int64_t>(0, counts.current - deleted_current_));
    set_count(status, "updatedReplicas", counts.updated);
}

Round::Next Round::fail(const Result<void>& done) {
    if (done.ok() || done.error().reason == "NotFound")
        return Next::go_on;
    if (!error_)
        error_ = done.error();
    return Next::stop;
}

// In order, each waiting for the one before it; or all at once, in growing batches that end with a failure.
Round::Next Round::for_all(std::size_t count, const std::function<Next(std::size_t)>& act) {
    if (monotonic_) {
        for (std::size_t i = 0; i < count; ++i)
            if (act(i) == Next::stop)
                return Next::stop;
        return Next::go_on;
    }
    std::size_t next = 0;
    const Batch batch = slow_start_batch(static_cast<int>(count), [&]() -> Result<void> {
        (void)act(next++);
        return error_ ? Result<void>(*error_) : Result<void>();
    });
    return batch.error ? Next::stop : Next::go_on;
}

Round::Next Round::process_replica(std::size_t index) {
    Value& pod = replicas_[index];
    // Finished Pods, failed or not, are replaced when they are gone.
    if (is_pod_terminal(pod)) {
        if (!api::is_deleting(pod))
            (void)fail(control_.remove(set_, pod));
        return Next::stop;
    }
    if (!is_created(pod)) {
        if (control_.has_stale_claim(set_, pod))
            return Next::stop;
        auto created = control_.create(set_, pod);
        if (!created.ok())
            return created.error().reason == "AlreadyExists" ? Next::stop : fail(created.error());
        pod = created.take();
        if (monotonic_)
            return Next::stop;
    }
    if (pod["status"]["phase"].as_string() == "Pending")
        if (fail(control_.create_missing_claims(set_, pod)) == Next::stop)
            return Next::stop;
    if (monotonic_ && is_unavailable(pod, min_ready_, now_))
        return Next::stop;
    if (identity_matches(set_, pod) && storage_matches(set_, pod) && control_.claims_match_policy(update_set_, pod))
        return Next::go_on;
    return fail(control_.update(update_set_, pod));
}

Round::Next Round::fix_condemned_claims(std::size_t index) {
    const Value& pod = condemned_[index];
    if (control_.claims_match_policy(update_set_, pod))
        return Next::go_on;
    return fail(control_.fix_claims(update_set_, pod));
}

Round::Next Round::process_condemned(std::size_t index) {
    const Value& pod = condemned_[index];
    if (api::is_deleting(pod))
        return monotonic_ ? Next::stop : Next::go_on;
    if (monotonic_ && is_unavailable(pod, min_ready_, now_) && !same_pod(pod, first_unavailable_))
        return Next::stop;
    (void)fail(control_.remove(set_, pod));
    return Next::stop;
}

// The Pod with the highest ordinal that is not at the updated revision goes, as many at a time as may be missing.
void Round::roll() {
    const auto lowest = partition_of(set_);
    const auto limit = max_unavailable_of(set_);
    const auto outdated = [this](const Value& pod) {
        return revision_of(pod) != api::name_of(revisions_.update) && !api::is_deleting(pod);
    };
    std::int64_t room = 1;
    if (limit) {
        const auto missing = std::count_if(replicas_.begin(), replicas_.end(),
                                           [this](const Value& pod) { return is_unavailable(pod, min_ready_, now_); });
        room = *limit - missing;
    }
    for (auto i = static_cast<std::int64_t>(replicas_.size()) - 1; i >= lowest && room > 0; --i) {
        const Value& pod = replicas_[static_cast<std::size_t>(i)];
        if (outdated(pod)) {
            if (fail(control_.remove(set_, pod)) == Next::stop)
                return;
            deleted_current_ += revision_of(pod) == api::name_of(revisions_.current) ? 1 : 0;
            --room;
        } else if (!limit && is_unavailable(pod, min_ready_, now_)) {
            return;
        }
    }
}

}  // namespace kubewalk::controllers::statefulset
