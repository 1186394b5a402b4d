#include "core/controllers/job/job_controller.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::controllers {

using namespace job;

namespace {
enum Watched : std::size_t { jobs, pods };
// Changes of Pods are gathered for so long, that one write of the status tells of many.
constexpr Duration batch_period = seconds(1);
constexpr std::string_view orphan_prefix = "orphan|";
}  // namespace

namespace job {

bool has_tracking_finalizer(const Value& pod) {
    const auto items = pod["metadata"]["finalizers"].items();
    return std::any_of(items.begin(), items.end(), [](const Value& one) { return one.as_string() == tracking_finalizer; });
}

Value release_patch() {
    return Value::object({{"metadata", Value::object({{"$deleteFromPrimitiveList/finalizers",
                                                       Value::array({Value(tracking_finalizer)})}})}});
}

bool is_suspended(const Value& job) { return job["spec"]["suspend"].as_bool(); }
bool only_replaces_failed(const Value& job) { return job["spec"]["podReplacementPolicy"].as_string() == "Failed"; }

// A deleted Pod counts as failed: it may never get the chance to say so itself.
bool is_pod_failed(const Value& pod, const Value& job) {
    const auto phase = pod["status"]["phase"].as_string();
    if (phase == "Failed")
        return true;
    return !only_replaces_failed(job) && api::is_deleting(pod) && phase != "Succeeded";
}

bool is_finished(const Value& job) {
    return condition_of(job, "Complete")["status"].as_string() == "True" ||
           condition_of(job, "Failed")["status"].as_string() == "True";
}

}  // namespace job

JobController::JobController(client::Environment environment)
    : ControllerOf(environment, "job-controller", "system:serviceaccount:kube-system:job-controller") {
    watch(api::kind::jobs);
    watch_on_demand(api::kind::pods);
}

void JobController::changed(std::size_t index, const client::Change& change) {
    if (index == pods) {
        pod_changed(change);
        return;
    }
    need(pods);
    const std::string key = api::key_of(change.object);
    if (change.type != client::WatchType::deleted) {
        if (change.type == client::WatchType::modified &&
            change.before["metadata"]["generation"] == change.object["metadata"]["generation"])
            enqueue_after(key, batch_period);
        else
            enqueue(key);
        return;
    }
    expectations_.forget(key);
    releases_.erase(key);
    back_offs_.erase(key);
    // Its Pods wait for somebody to let them go.
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(change.object)))
        if (is_controlled_by(pod, change.object) && has_tracking_finalizer(pod))
            enqueue(cat(orphan_prefix, api::key_of(pod)));
}

// Pods may wait for a Job that was deleted while nobody watched.
void JobController::synced() {
    const auto all = client().list(api::kind::pods, {});
    if (!all.ok())
        return;
    const auto items = all.value()["items"].items();
    if (std::any_of(items.begin(), items.end(), has_tracking_finalizer))
        need(pods);
}

std::string JobController::owner_key(const Value& pod) const {
    const auto& owner = api::controller_of(pod);
    if (owner["kind"].as_string() != "Job")
        return {};
    std::string key = cat(api::namespace_of(pod), "/", owner["name"].as_string());
    return api::uid_of(informer(jobs).get(key)) == owner["uid"].as_string() ? key : std::string();
}

void JobController::pod_changed(const client::Change& change) {
    const Value& pod = change.object;
    const std::string key = owner_key(pod);
    const bool gone = change.type == client::WatchType::deleted;
    if (key.empty()) {
        const auto& owner = api::controller_of(pod);
        if (!gone && owner.is_null())  // whoever selects it may adopt it
            for (const auto& job : informer(jobs).in_namespace(api::namespace_of(pod)))
                if (const auto selector = api::LabelSelector::from_object(job["spec"]["selector"]); selector.ok() && selector.value().matches(pod["metadata"]["labels"]))
                    enqueue_after(api::key_of(job), batch_period);
        if (!gone && has_tracking_finalizer(pod) && (owner.is_null() || owner["kind"].as_string() == "Job"))
            enqueue(cat(orphan_prefix, api::key_of(pod)));
        return;
    }
    if (change.type == client::WatchType::added)
        expectations_.creation_observed(key);
    if (gone || api::is_deleting(pod))
        expectations_.deletion_observed(key, api::key_of(pod));
    if (gone || !has_tracking_finalizer(pod))
        if (const auto found = releases_.find(key); found != releases_.end()) {
            found->second.erase(std::string(api::uid_of(pod)));
            if (found->second.empty())
                releases_.erase(found);
        }
    enqueue_after(key, batch_period);
}

// A Pod with the finalizer whose Job is gone.
client::Outcome JobController::release_orphan(std::string_view key) {
    const Value pod = informer(pods).get(key);
    if (pod.is_null() || !has_tracking_finalizer(pod) || !owner_key(pod).empty())
        return client::Outcome::done();
    const auto& owner = api::controller_of(pod);
    if (!owner.is_null()) {
        // The cache of Jobs may be behind that of Pods.
        const auto live = client().get(api::kind::jobs, api::namespace_of(pod), owner["name"].as_string());
        if (live.ok() && api::uid_of(live.value()) == owner["uid"].as_string())
            return client::Outcome::done();
        if (!live.ok() && live.error().reason != "NotFound")
            return client::Outcome::failed(live.error());
    }
    const auto patched = client().patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod),
                                        client::PatchType::strategic, release_patch());
    if (patched.ok() || patched.error().reason == "NotFound")
        return client::Outcome::done();
    return client::Outcome::failed(patched.error());
}

Result<Objects> JobController::claim_pods(const Value& job) {
    KUBEWALK_TRY(selector, api::LabelSelector::from_object(job["spec"]["selector"]));
    const auto candidates = informer(pods).in_namespace(api::namespace_of(job));
    return settle_claim(client(), api::kind::pods, job, claim(job, selector, candidates), tracking_finalizer);
}

Value JobController::new_condition(std::string_view type, std::string_view reason, std::string_view message) const {
    Value condition = Value::object({{"type", type}, {"status", "True"}});
    condition.set("lastProbeTime", to_rfc3339(now()));
    condition.set("lastTransitionTime", to_rfc3339(now()));
    if (!reason.empty())
        condition.set("reason", reason);
    if (!message.empty())
        condition.set("message", message);
    return condition;
}

// Adds or replaces; whether something changed. What was never true need not be said to be false.
bool JobController::ensure_condition(Value& status, const Value& condition) const {
    const auto& conditions = status["conditions"];
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        if (conditions[i]["type"] != condition["type"])
            continue;
        if (conditions[i]["status"] == condition["status"] && conditions[i]["reason"] == condition["reason"] &&
            conditions[i]["message"] == condition["message"])
            return false;
        status.edit("conditions").edit_at(i) = condition;
        return true;
    }
    if (condition["status"].as_string() == "False")
        return false;
    status.edit("conditions").push_back(condition);
    return true;
}

void JobController::gather(Sync& sync) {
    for (const auto& pod : sync.pods) {
        if (is_pod_active(pod)) {
            sync.active.push_back(pod);
            sync.ready += is_pod_ready(pod) ? 1 : 0;
        } else if (is_pod_terminating(pod)) {
            ++sync.terminating;
        }
    }
    sync.active_count = static_cast<std::int64_t>(sync.active.size());
    if (const auto found = releases_.find(sync.key); found != releases_.end())
        sync.being_released = found->second;
    Value& status = sync.job.edit("status");
    const Value uncounted = status["uncountedTerminatedPods"];
    for (const auto& uid : uncounted["succeeded"].items())
        sync.uncounted_succeeded.insert(uid.str());
    for (const auto& uid : uncounted["failed"].items())
        sync.uncounted_failed.insert(uid.str());
    if (uncounted.is_null())
        status.set("uncountedTerminatedPods", Value::object());

    Objects newly_succeeded, newly_failed;
    for (const auto& pod : sync.pods) {
        const std::string uid(api::uid_of(pod));
        if (!has_tracking_finalizer(pod) || sync.being_released.contains(uid) ||
            (is_indexed(sync.job) && !has_valid_index(pod, sync.job)))
            continue;
        if (pod["status"]["phase"].as_string() == "Succeeded" && !sync.uncounted_succeeded.contains(uid))
            newly_succeeded.push_back(pod);
        if (is_pod_failed(pod, sync.job) && !sync.uncounted_failed.contains(uid))
            newly_failed.push_back(pod);
    }
    const auto& policy = sync.job["spec"]["podFailurePolicy"];
    const auto counted = std::count_if(newly_failed.begin(), newly_failed.end(), [&](const Value& pod) {
        return policy.is_null() || match_failure_policy(policy, pod).counts;
    });
    sync.succeeded = status["succeeded"].as_int() + static_cast<std::int64_t>(newly_succeeded.size()) +
                     static_cast<std::int64_t>(sync.uncounted_succeeded.size());
    sync.failed = status["failed"].as_int() + counted + static_cast<std::int64_t>(sync.uncounted_failed.size());
    sync.back_off = back_offs_[sync.key].with(newly_succeeded, newly_failed);
    if (status["startTime"].is_null() && !is_suspended(sync.job))
        status.set("startTime", to_rfc3339(now()));
}

// With restartPolicy OnFailure the kubelet repeats containers, and their restarts count.
bool JobController::past_back_off_limit(const Sync& sync) const {
    const auto limit = sync.job["spec"]["backoffLimit"].as_int(6);
    if (sync.failed > limit)
        return true;
    if (sync.job["spec"]["template"]["spec"]["restartPolicy"].as_string() != "OnFailure")
        return false;
    std::int64_t restarts = 0;
    for (const auto& pod : sync.pods) {
        const auto phase = pod["status"]["phase"].as_string();
        if (phase != "Running" && phase != "Pending")
            continue;
        for (const auto list : {"initContainerStatuses", "containerStatuses"})
            for (const auto& status : pod["status"][list].items())
                restarts += status["restartCount"].as_int();
    }
    return limit == 0 ? restarts > 0 : restarts >= limit;
}

void JobController::judge(Sync& sync) {
    const Value& job = sync.job;
    if (const auto& met = condition_of(job, "SuccessCriteriaMet"); met["status"].as_string() == "True") {
        sync.finished = met;
        return;
    }
    if (const auto& target = condition_of(job, "FailureTarget"); target["status"].as_string() == "True") {
        sync.finished = new_condition("Failed", target["reason"].as_string(), target["message"].as_string());
        return;
    }
    if (const auto& policy = job["spec"]["podFailurePolicy"]; !policy.is_null())
        for (const auto& pod : sync.pods)
            if (is_pod_failed(pod, job) && sync.finished.is_null())
                if (const auto verdict = match_failure_policy(policy, pod); verdict.fail_message)
                    sync.finished = new_condition("FailureTarget", "PodFailurePolicy", *verdict.fail_message);
    if (!sync.finished.is_null())
        return;
    const auto& deadline = job["spec"]["activeDeadlineSeconds"];
    if (past_back_off_limit(sync)) {
        sync.finished =
            new_condition("FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
    } else if (!deadline.is_null() && !is_suspended(job)) {
        const Duration left = time_of(job["status"]["startTime"]) + seconds(deadline.as_int()) - now();
        if (left <= Duration{})
            sync.finished =
                new_condition("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline");
        else
            enqueue_after(sync.key, left, sim::Urgency::background);
    }
}

void JobController::judge_indexes(Sync& sync) {
    const Value& job = sync.job;
    const auto completions = job["spec"]["completions"].as_int();
    sync.done_before = Indexes::parse(job["status"]["completedIndexes"].as_string(), completions);
    sync.done = sync.done_before;
    for (const auto& pod : sync.pods)
        if (pod["status"]["phase"].as_string() == "Succeeded" && has_valid_index(pod, job) &&
            has_tracking_finalizer(pod))
            sync.done.add(completion_index(pod));
    sync.succeeded = sync.done.total();
    const auto& policy = job["spec"]["podFailurePolicy"];
    if (has_limit_per_index(job)) {
        Indexes failed = Indexes::parse(job["status"]["failedIndexes"].as_string(), completions);
        for (const auto& pod : sync.pods) {
            if (!has_valid_index(pod, job) || !has_tracking_finalizer(pod) || !is_pod_failed(pod, job))
                continue;
            const FailureVerdict verdict = match_failure_policy(policy, pod);
            if (verdict.action == "FailIndex" ||
                (verdict.counts && annotation_count(pod, failure_count_annotation) >= job["spec"]["backoffLimitPerIndex"].as_int()))
                failed.add(completion_index(pod));
        }
        const auto& most = job["spec"]["maxFailedIndexes"];
        if (sync.finished.is_null() && !most.is_null() && failed.total() > most.as_int())
            sync.finished = new_condition("FailureTarget", "MaxFailedIndexesExceeded",
                                          "Job has exceeded the specified maximal number of failed indexes");
        else if (sync.finished.is_null() && failed.total() > 0 && failed.total() + sync.done.total() >= completions)
            sync.finished = new_condition("FailureTarget", "FailedIndexes", "Job has failed indexes");
        sync.failed_indexes = failed;
        const auto total = [](const Value& pod) {
            return annotation_count(pod, failure_count_annotation) + annotation_count(pod, ignored_failure_count_annotation);
        };
        std::set<std::int64_t> at_work;
        for (const auto& pod : sync.active)
            at_work.insert(completion_index(pod));
        for (const auto& pod : sync.pods) {
            const auto index = completion_index(pod);
            if (!is_pod_failed(pod, job) || !has_valid_index(pod, job) || !has_tracking_finalizer(pod) ||
                sync.being_released.contains(std::string(api::uid_of(pod))) || at_work.contains(index) ||
                sync.done.has(index) || failed.has(index))
                continue;
            auto [found, added] = sync.delayed.try_emplace(index, pod);
            if (!added && total(pod) > total(found->second))
                found->second = pod;
        }
    }
    if (sync.finished.is_null())
        if (const auto message = match_success_policy(job["spec"]["successPolicy"], completions, sync.done))
            sync.finished = new_condition("SuccessCriteriaMet", "SuccessPolicy", *message);
}

void JobController::note_suspension(Sync& sync, bool& changed) {
    Value& status = sync.job.edit("status");
    const bool suspended = is_suspended(sync.job);
    Value condition = new_condition("Suspended", suspended ? "JobSuspended" : "JobResumed",
                                    suspended ? "Job suspended" : "Job resumed");
    condition.set("status", suspended ? "True" : "False");
    if (!ensure_condition(status, condition))
        return;
    changed = true;
    recorder().record(simulation(), sync.job, client::EventType::normal, suspended ? "Suspended" : "Resumed",
                      suspended ? "Job suspended" : "Job resumed");
    // The deadline counts from here: a Job is active only while it is not suspended.
    if (!suspended)
        status.set("startTime", to_rfc3339(now()));
}

void JobController::work_on(Sync& sync, bool expectations_satisfied) {
    bool flush = false;
    if (!sync.finished.is_null()) {
        delete_active(sync, expectations_satisfied);
    } else {
        const bool managed = expectations_satisfied && !api::is_deleting(sync.job);
        if (managed)
            manage(sync);
        const auto& completions = sync.job["spec"]["completions"];
        const bool complete = sync.active_count == 0 && (completions.is_null() ? sync.succeeded > 0
                                                                              : sync.succeeded >= completions.as_int());
        if (complete)
            sync.finished = new_condition("SuccessCriteriaMet", "CompletionsReached",
                                          "Reached expected number of succeeded pods");
        else if (managed)
            note_suspension(sync, flush);
    }
    Value& status = sync.job.edit("status");
    const Value before = status;
    set_count(status, "active", sync.active_count);
    status.set("ready", sync.ready);
    status.set("terminating", sync.terminating);
    const auto tracked = track(sync, flush || status != before);
    if (!tracked.ok())
        sync.error = tracked.error();
}

client::Outcome JobController::reconcile(const std::string& key) {
    if (key.starts_with(orphan_prefix))
        return release_orphan(std::string_view(key).substr(orphan_prefix.size()));
    Sync sync;
    sync.key = key;
    sync.job = informer(jobs).get(key);
    if (sync.job.is_null()) {
        expectations_.forget(key);
        releases_.erase(key);
        back_offs_.erase(key);
        return client::Outcome::done();
    }
    const auto managed_by = sync.job["spec"]["managedBy"].as_string();
    if (!managed_by.empty() && managed_by != "kubernetes.io/job-controller")
        return client::Outcome::done();
    if (is_finished(sync.job)) {
        back_offs_.erase(key);
        // Pods that were late may still hold the finalizer.
        for (const auto& pod : informer(pods).in_namespace(api::namespace_of(sync.job)))
            if (is_controlled_by(pod, sync.job) && has_tracking_finalizer(pod))
                (void)client().patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod),
                                     client::PatchType::strategic, release_patch());
        return client::Outcome::done();
    }
    const bool satisfied = expectations_.satisfied(key, now());
    auto owned = claim_pods(sync.job);
    if (!owned.ok())
        return client::Outcome::failed(owned.error());
    sync.pods = owned.take();
    gather(sync);
    judge(sync);
    if (is_indexed(sync.job))
        judge_indexes(sync);
    work_on(sync, satisfied);
    if (sync.error)
        return client::Outcome::failed(*sync.error);
    return sync.again ? client::Outcome::again_after(*sync.again) : client::Outcome::done();
}

}  // namespace kubewalk::controllers
