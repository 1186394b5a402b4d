#include "core/controllers/ttlafterfinished/ttlafterfinished_controller.h"

#include "core/controllers/controller_utils.h"
#include "core/controllers/job/job_controller.h"

namespace kubewalk::controllers {

namespace {

bool needs_clean_up(const Value& job) {
    return !job["spec"]["ttlSecondsAfterFinished"].is_null() && job::is_finished(job) && !api::is_deleting(job);
}

// Until the time is over; negative when it is.
Duration time_left(const Value& job, Time now) {
    const auto& complete = condition_of(job, "Complete");
    const auto& ended = complete["status"].as_string() == "True" ? complete : condition_of(job, "Failed");
    return time_of(ended["lastTransitionTime"]) + seconds(job["spec"]["ttlSecondsAfterFinished"].as_int()) - now;
}

}  // namespace

TTLAfterFinishedController::TTLAfterFinishedController(client::Environment environment)
    : ControllerOf(environment, "ttl-after-finished-controller",
                   "system:serviceaccount:kube-system:ttl-after-finished-controller") {
    watch(api::kind::jobs);
}

void TTLAfterFinishedController::changed(std::size_t, const client::Change& change) {
    if (change.type != client::WatchType::deleted && needs_clean_up(change.object))
        enqueue(api::key_of(change.object));
}

client::Outcome TTLAfterFinishedController::reconcile(const std::string& key) {
    const Value job = informer(0).get(key);
    if (job.is_null() || !needs_clean_up(job))
        return client::Outcome::done();
    if (const Duration left = time_left(job, now()); left > Duration{})
        return client::Outcome::again_after(left, sim::Urgency::background);
    // Somebody may have given it more time just now.
    const auto fresh = client().get(api::kind::jobs, api::namespace_of(job), api::name_of(job));
    if (!fresh.ok())
        return fresh.error().reason == "NotFound" ? client::Outcome::done() : client::Outcome::failed(fresh.error());
    if (!needs_clean_up(fresh.value()) || time_left(fresh.value(), now()) > Duration{})
        return client::Outcome::done();
    client::DeleteOptions options;
    options.propagation_policy = "Foreground";
    options.uid = std::string(api::uid_of(job));
    const auto removed = client().remove(api::kind::jobs, api::namespace_of(job), api::name_of(job), options);
    return removed.ok() || removed.error().reason == "NotFound" ? client::Outcome::done()
                                                                : client::Outcome::failed(removed.error());
}

}  // namespace kubewalk::controllers
