// Counting: a finished Pod's uid goes into status.uncountedTerminatedPods, then its finalizer goes, then the
// uid turns into a number. Whatever is interrupted on the way, no Pod is lost or counted twice.

#include <algorithm>

#include "core/base/text.h"
#include "core/controllers/job/job_controller.h"

namespace kubewalk::controllers {

using namespace job;

namespace {

constexpr std::size_t most_uncounted = 500;

// Uids whose Pod has lost its finalizer become numbers; whether any did.
bool count_released(Value& status, const std::set<std::string>& with_finalizer) {
    bool changed = false;
    for (const std::string_view outcome : {"succeeded", "failed"}) {
        const Value uids = status["uncountedTerminatedPods"][outcome];
        Value kept = Value::array();
        for (const auto& uid : uids.items())
            if (with_finalizer.contains(uid.str()))
                kept.push_back(uid);
        const auto released = static_cast<std::int64_t>(uids.size() - kept.size());
        if (released == 0)
            continue;
        changed = true;
        set_count(status, outcome, status[outcome].as_int() + released);
        if (kept.empty())
            status.edit("uncountedTerminatedPods").erase(outcome);
        else
            status.edit("uncountedTerminatedPods").set(outcome, kept);
    }
    return changed;
}

std::size_t uncounted(const Value& status) {
    return status["uncountedTerminatedPods"]["succeeded"].size() + status["uncountedTerminatedPods"]["failed"].size();
}

}  // namespace

bool JobController::can_release(const Sync& sync, const Value& pod, bool failed) const {
    if (api::is_deleting(sync.job) || !sync.finished.is_null() || pod["status"]["phase"].as_string() == "Succeeded")
        return true;
    if (!failed)
        return false;
    // The next Pod of the index takes the failure count over from this one.
    const auto delayed = sync.delayed.find(completion_index(pod));
    return !has_limit_per_index(sync.job) || delayed == sync.delayed.end() ||
           api::uid_of(delayed->second) != api::uid_of(pod);
}

// Whether the status changed.
bool JobController::take_note(Sync& sync, const Value& pod, bool failed, std::vector<std::int64_t>& new_done) {
    const std::string uid(api::uid_of(pod));
    const bool indexed = is_indexed(sync.job);
    const bool valid = !indexed || has_valid_index(pod, sync.job);
    const bool unsuccessful_end =
        !sync.finished.is_null() && sync.finished["type"].as_string() != "SuccessCriteriaMet";
    Value& status = sync.job.edit("status");
    if (pod["status"]["phase"].as_string() == "Succeeded" && !sync.uncounted_failed.contains(uid)) {
        if (indexed) {
            const auto index = completion_index(pod);
            if (!valid || sync.done_before.has(index))
                return false;
            new_done.push_back(index);
            return true;
        }
        if (sync.uncounted_succeeded.contains(uid))
            return false;
        status.edit("uncountedTerminatedPods").edit("succeeded").push_back(uid);
        return true;
    }
    // When the Job is over, whatever did not end is a failure.
    if ((failed || unsuccessful_end) && valid && !sync.uncounted_failed.contains(uid) &&
        match_failure_policy(sync.job["spec"]["podFailurePolicy"], pod).counts) {
        status.edit("uncountedTerminatedPods").edit("failed").push_back(uid);
        return true;
    }
    return false;
}

Result<void> JobController::track(Sync& sync, bool flush) {
    std::set<std::string> with_finalizer;
    for (const auto& pod : sync.pods)
        if (has_tracking_finalizer(pod) && !sync.being_released.contains(std::string(api::uid_of(pod))))
            with_finalizer.insert(std::string(api::uid_of(pod)));
    flush = count_released(sync.job.edit("status"), with_finalizer) || flush;

    Objects to_release;
    std::vector<std::int64_t> new_done;
    bool full = false;
    for (const auto& pod : sync.pods) {
        if (!with_finalizer.contains(std::string(api::uid_of(pod))))
            continue;
        const bool failed = is_pod_failed(pod, sync.job);
        if (!can_release(sync, pod, failed))
            continue;
        to_release.push_back(pod);
        flush = take_note(sync, pod, failed, new_done) || flush;
        if (new_done.size() + uncounted(sync.job["status"]) >= most_uncounted) {
            full = true;
            break;
        }
    }
    if (is_indexed(sync.job)) {
        Indexes done = sync.done_before;
        for (const auto index : new_done)
            done.add(index);
        Value& status = sync.job.edit("status");
        const Value before = status;
        set_count(status, "succeeded", done.total());
        if (const std::string text = done.text(); !text.empty())
            status.set("completedIndexes", text);
        if (sync.failed_indexes)
            status.set("failedIndexes", sync.failed_indexes->text());
        flush = flush || status != before;
    }
    // The interim condition stands before the finalizers go, the final one after.
    const std::string type = sync.finished["type"].str();
    if (type == "FailureTarget" || type == "SuccessCriteriaMet") {
        if (condition_of(sync.job, type).is_null()) {
            sync.job.edit("status").edit("conditions").push_back(sync.finished);
            flush = true;
        }
        sync.finished = new_condition(type == "FailureTarget" ? "Failed" : "Complete",
                                      sync.finished["reason"].as_string(), sync.finished["message"].as_string());
    }
    if (flush) {
        if (auto written = write_status(sync); !written.ok())
            return written;
        back_offs_[sync.key] = sync.back_off;
    }
    const auto released = release(sync, to_release, with_finalizer);
    flush = count_released(sync.job.edit("status"), with_finalizer);
    const bool finished = released.ok() && !full && enact_finished(sync);
    if (flush || finished)
        if (auto written = write_status(sync); !written.ok())
            return written;
    if (finished)
        tell_finished(sync);
    return released;
}

Result<void> JobController::release(Sync& sync, const Objects& going, std::set<std::string>& with_finalizer) {
    Result<void> result;
    for (const auto& pod : going) {
        const std::string uid(api::uid_of(pod));
        releases_[sync.key].insert(uid);
        const auto patched = client().patch(api::kind::pods, api::namespace_of(pod), api::name_of(pod),
                                            client::PatchType::strategic, release_patch());
        if (!patched.ok())
            releases_[sync.key].erase(uid);
        if (patched.ok() || patched.error().reason == "NotFound")
            with_finalizer.erase(uid);
        else if (result.ok())
            result = patched.error();
    }
    return result;
}

Result<void> JobController::write_status(Sync& sync) {
    auto written = client().update_status(api::kind::jobs, sync.job);
    if (!written.ok())
        return written.error();
    sync.job = written.take();
    return {};
}

bool JobController::enact_finished(Sync& sync) {
    if (sync.finished.is_null() || uncounted(sync.job["status"]) > 0 || sync.terminating > 0)
        return false;
    Value& status = sync.job.edit("status");
    (void)ensure_condition(status, sync.finished);
    if (sync.finished["type"].as_string() == "Complete")
        status.set("completionTime", sync.finished["lastTransitionTime"]);
    return true;
}

void JobController::tell_finished(const Sync& sync) {
    if (sync.finished["type"].as_string() != "Complete") {
        recorder().record(simulation(), sync.job, client::EventType::warning, sync.finished["reason"].as_string(),
                          sync.finished["message"].as_string());
        return;
    }
    const auto& completions = sync.job["spec"]["completions"];
    if (!completions.is_null() && sync.job["status"]["succeeded"].as_int() > completions.as_int())
        recorder().record(simulation(), sync.job, client::EventType::warning, "TooManySucceededPods",
                          "Too many succeeded pods running after completion count reached");
    recorder().record(simulation(), sync.job, client::EventType::normal, "Completed", "Job completed");
}

}  // namespace kubewalk::controllers
