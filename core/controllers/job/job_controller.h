#pragma once
// Runs Pods to completion. Every finished Pod is counted exactly once: it keeps the finalizer
// batch.kubernetes.io/job-tracking until the Job's status has taken note of it.
// Upstream: pkg/controller/job/job_controller.go.

#include <map>
#include <optional>

#include "core/client/controller.h"
#include "core/controllers/job/pod_policies.h"

namespace kubewalk::controllers {

class JobController final : public client::ControllerOf<JobController> {
public:
    explicit JobController(client::Environment environment);

private:
    // One round: what is known about the Job and its Pods, and what will be written.
    struct Sync {
        std::string key;
        Value job;
        Objects pods;
        Objects active;
        std::set<std::string> being_released;  // uids of Pods whose finalizer is gone, which the cache has not shown
        std::set<std::string, std::less<>> uncounted_succeeded, uncounted_failed;
        std::int64_t active_count = 0, ready = 0, terminating = 0, succeeded = 0, failed = 0;
        job::Indexes done_before, done;
        std::optional<job::Indexes> failed_indexes;
        std::map<std::int64_t, Value> delayed;  // failed Pods that stay until their index has a new one
        job::BackOff back_off;
        Value finished;  // condition, or null
        std::optional<Duration> again;
        std::optional<Error> error;
    };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    void synced() override;

    // -- job_controller.cpp
    std::string owner_key(const Value& pod) const;
    void pod_changed(const client::Change& change);
    client::Outcome release_orphan(std::string_view key);
    Result<Objects> claim_pods(const Value& job);
    void gather(Sync& sync);
    void judge(Sync& sync);
    void judge_indexes(Sync& sync);
    bool past_back_off_limit(const Sync& sync) const;
    void work_on(Sync& sync, bool expectations_satisfied);
    void note_suspension(Sync& sync, bool& changed);
    Value new_condition(std::string_view type, std::string_view reason, std::string_view message) const;
    bool ensure_condition(Value& status, const Value& condition) const;

    // -- job_manage.cpp
    void delete_active(Sync& sync, bool expectations_satisfied);
    void manage(Sync& sync);
    void delete_pods(Sync& sync, const Objects& pods);
    void create_pods(Sync& sync, std::int64_t count);

    // -- job_tracking.cpp
    Result<void> track(Sync& sync, bool flush);
    bool can_release(const Sync& sync, const Value& pod, bool failed) const;
    bool take_note(Sync& sync, const Value& pod, bool failed, std::vector<std::int64_t>& new_done);
    Result<void> release(Sync& sync, const Objects& pods, std::set<std::string>& with_finalizer);
    Result<void> write_status(Sync& sync);
    bool enact_finished(Sync& sync);
    void tell_finished(const Sync& sync);

    Expectations expectations_;
    std::map<std::string, std::set<std::string>> releases_;  // key -> uids
    std::map<std::string, job::BackOff> back_offs_;
};

namespace job {
bool has_tracking_finalizer(const Value& pod);
Value release_patch();
bool is_suspended(const Value& job);
bool only_replaces_failed(const Value& job);
bool is_pod_failed(const Value& pod, const Value& job);
bool is_finished(const Value& job);
}  // namespace job

}  // namespace kubewalk::controllers
