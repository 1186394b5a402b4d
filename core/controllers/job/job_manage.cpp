// How many Pods of a Job run: creating those that are missing, deleting those that are too many.

#include <algorithm>

#include "core/base/text.h"
#include "core/controllers/job/job_controller.h"
#include "core/controllers/replicaset/replica_set_util.h"

namespace kubewalk::controllers {

using namespace job;

namespace {
constexpr std::int64_t most_per_sync = 500;

bool namespace_ends(const Error& error) { return error.message.find("because it is being terminated") != std::string::npos; }
}  // namespace

// When the Job is over its running Pods go, but keep their finalizers until they are counted.
void JobController::delete_active(Sync& sync, bool expectations_satisfied) {
    PodControl control(client(), recorder(), simulation());
    std::int64_t deleted = 0;
    for (const auto& pod : sync.active) {
        sync.ready -= is_pod_ready(pod) ? 1 : 0;
        const auto removed = control.remove(pod, sync.job);
        if (removed.ok() || removed.error().reason == "NotFound")
            ++deleted;
        else if (!sync.error)
            sync.error = removed.error();
    }
    if (deleted != sync.active_count || !expectations_satisfied)
        sync.finished = {};
    sync.active_count -= deleted;
    sync.terminating += deleted;
}

void JobController::delete_pods(Sync& sync, const Objects& chosen) {
    std::set<std::string> names;
    for (const auto& pod : chosen)
        names.insert(api::key_of(pod));
    expectations_.expect_deletions(sync.key, names, now());
    PodControl control(client(), recorder(), simulation());
    for (const auto& pod : chosen) {
        // Nobody needs to count it.
        if (has_tracking_finalizer(pod))
            (void)client().patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod),
                                 client::PatchType::strategic, release_patch());
        sync.ready -= is_pod_ready(pod) ? 1 : 0;
        const auto removed = control.remove(pod, sync.job);
        if (removed.ok()) {
            --sync.active_count;
            ++sync.terminating;
            continue;
        }
        expectations_.deletion_observed(sync.key, api::key_of(pod));
        if (removed.error().reason == "NotFound")
            --sync.active_count;
        else if (!sync.error)
            sync.error = removed.error();
    }
}

void JobController::manage(Sync& sync) {
    const Value& spec = sync.job["spec"];
    const auto parallelism = spec["parallelism"].as_int(1);
    std::int64_t wanted = parallelism;
    if (is_suspended(sync.job))
        wanted = 0;
    else if (spec["completions"].is_null())
        wanted = sync.succeeded > 0 ? sync.active_count : parallelism;
    else
        wanted = std::max<std::int64_t>(0, std::min(parallelism, spec["completions"].as_int() - sync.succeeded));

    Objects going;
    Objects left = sync.active;
    if (is_indexed(sync.job)) {
        left.clear();
        going = repeated_indexes(sync.active, spec["completions"].as_int(), left);
    }
    const auto surplus = sync.active_count - wanted - static_cast<std::int64_t>(going.size());
    if (surplus > 0) {
        const auto more = replicaset::pods_to_delete(left, {}, static_cast<std::size_t>(surplus), now());
        going.insert(going.end(), more.begin(), more.end());
    }
    if (!going.empty()) {
        if (static_cast<std::int64_t>(going.size()) > most_per_sync)
            going.resize(static_cast<std::size_t>(most_per_sync));
        delete_pods(sync, going);
        return;
    }
    const auto missing = wanted - sync.active_count - (only_replaces_failed(sync.job) ? sync.terminating : 0);
    if (missing > 0)
        create_pods(sync, missing);
}

void JobController::create_pods(Sync& sync, std::int64_t count) {
    const Value& job = sync.job;
    if (!has_limit_per_index(job)) {
        if (const Duration wait = sync.back_off.remaining(now()); wait > Duration{}) {
            sync.again = wait;
            return;
        }
    }
    count = std::min(count, most_per_sync);
    std::vector<std::int64_t> indexes;
    if (is_indexed(job)) {
        indexes = first_pending(sync.active, sync.done, sync.failed_indexes.value_or(Indexes{}), count,
                                job["spec"]["completions"].as_int());
        if (has_limit_per_index(job)) {
            std::vector<std::int64_t> due;
            std::optional<Duration> soonest;
            for (const auto index : indexes) {
                Duration wait{};
                if (const auto found = sync.delayed.find(index); found != sync.delayed.end()) {
                    const auto failures = annotation_count(found->second, failure_count_annotation) +
                                          annotation_count(found->second, ignored_failure_count_annotation) + 1;
                    wait = BackOff{failures, finished_at(found->second)}.remaining(now());
                }
                if (wait == Duration{})
                    due.push_back(index);
                else
                    soonest = soonest ? std::min(*soonest, wait) : wait;
            }
            if (due.empty() && soonest)
                sync.again = *soonest;
            indexes = due;
        }
        count = static_cast<std::int64_t>(indexes.size());
    }
    if (count == 0)
        return;

    expectations_.expect_creations(sync.key, static_cast<int>(count), now());
    Value pod = pod_from_template(job["spec"]["template"], job);
    Value& finalizers = pod.edit_path("metadata", "finalizers");
    if (!has_tracking_finalizer(pod))
        finalizers.push_back(tracking_finalizer);
    if (is_indexed(job))
        add_index_environment(pod);
    PodControl control(client(), recorder(), simulation());
    std::size_t next = 0;
    const Batch batch = slow_start_batch(static_cast<int>(count), [&]() -> Result<void> {
        Value one = pod;
        if (is_indexed(job)) {
            const auto index = indexes[next++];
            set_index(one, job, index);
            if (has_limit_per_index(job)) {
                std::int64_t failures = 0, ignored = 0;
                if (const auto found = sync.delayed.find(index); found != sync.delayed.end()) {
                    failures = annotation_count(found->second, failure_count_annotation);
                    ignored = annotation_count(found->second, ignored_failure_count_annotation);
                    ++(match_failure_policy(job["spec"]["podFailurePolicy"], found->second).counts ? failures : ignored);
                }
                Value& annotations = one.edit_path("metadata", "annotations");
                annotations.set(failure_count_annotation, cat(failures));
                if (ignored > 0)
                    annotations.set(ignored_failure_count_annotation, cat(ignored));
            }
        }
        const auto created = control.create(one, job);
        return created.ok() ? Result<void>() : Result<void>(created.error());
    });
    for (auto i = static_cast<std::int64_t>(batch.succeeded); i < count; ++i)
        expectations_.creation_observed(sync.key);
    sync.active_count += batch.succeeded;
    if (batch.error && !namespace_ends(*batch.error) && !sync.error)
        sync.error = *batch.error;
}

}  // namespace kubewalk::controllers
