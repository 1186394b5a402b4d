#include "core/controllers/cronjob/cronjob_controller.h"

#include <algorithm>
#include <cstdio>

#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/controllers/job/job_controller.h"

namespace kubewalk::controllers {

using namespace cronjob;

namespace {
enum Watched : std::size_t { cron_jobs, jobs };
constexpr std::string_view scheduled_annotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

bool is_active(const Value& cron_job, std::string_view uid) {
    const auto active = cron_job["status"]["active"].items();
    return std::any_of(active.begin(), active.end(), [uid](const Value& one) { return one["uid"].as_string() == uid; });
}

void drop_active(Value& cron_job, std::string_view uid) {
    Value kept = Value::array();
    for (const auto& one : cron_job["status"]["active"].items())
        if (one["uid"].as_string() != uid)
            kept.push_back(one);
    if (kept.empty())
        cron_job.edit("status").erase("active");
    else
        cron_job.edit("status").set("active", kept);
}

// time.RFC1123Z: "Thu, 01 Jan 2026 00:01:00 +0000".
std::string rfc1123(Time time) {
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Civil civil = civil_from_unix(epoch_unix_seconds + time.ns / 1'000'000'000);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[civil.weekday], civil.day,
                  months[civil.month - 1], static_cast<int>(civil.year), civil.hour, civil.minute, civil.second);
    return text;
}
}  // namespace

CronJobController::CronJobController(client::Environment environment)
    : ControllerOf(environment, "cronjob-controller", "system:serviceaccount:kube-system:cronjob-controller") {
    watch(api::kind::cron_jobs);
    watch(api::kind::jobs);
}

void CronJobController::changed(std::size_t index, const client::Change& change) {
    if (index == cron_jobs) {
        enqueue(api::key_of(change.object));
        return;
    }
    const auto& owner = api::controller_of(change.object);
    if (owner["kind"].as_string() != "CronJob")
        return;
    const std::string key = cat(api::namespace_of(change.object), "/", owner["name"].as_string());
    if (api::uid_of(informer(cron_jobs).get(key)) == owner["uid"].as_string())
        enqueue(key);
}

void CronJobController::tell(const Value& cron_job, client::EventType type, std::string_view reason,
                             const std::string& message) {
    recorder().record(simulation(), cron_job, type, reason, message);
}

client::Outcome CronJobController::reconcile(const std::string& key) {
    Sync sync;
    sync.cron_job = informer(cron_jobs).get(key);
    if (sync.cron_job.is_null())
        return client::Outcome::done();
    for (const auto& job : informer(jobs).in_namespace(api::namespace_of(sync.cron_job)))
        if (is_controlled_by(job, sync.cron_job))
            sync.jobs.push_back(job);
    auto done = update_active(sync);
    if (done.ok() && !api::is_deleting(sync.cron_job))
        done = start_if_due(sync);
    clean_up(sync);
    if (sync.changed) {
        const auto written = client().update_status(api::kind::cron_jobs, sync.cron_job);
        if (!written.ok() && done.ok())
            done = written.error();
    }
    if (!done.ok())
        return client::Outcome::failed(done.error());
    // The wait for the next time does not keep the cluster from being settled.
    return sync.again ? client::Outcome::again_after(*sync.again, sim::Urgency::background) : client::Outcome::done();
}

Result<void> CronJobController::update_active(Sync& sync) {
    Value& cron_job = sync.cron_job;
    for (const auto& job : sync.jobs) {
        const auto uid = api::uid_of(job);
        const bool known = is_active(cron_job, uid);
        const bool finished = job::is_finished(job);
        if (!known && !finished) {
            // Our own note of it may be newer than the cache.
            KUBEWALK_TRY(live, client().get(api::kind::cron_jobs, api::namespace_of(cron_job), api::name_of(cron_job)));
            if (is_active(live, uid)) {
                cron_job = live;
                continue;
            }
            tell(cron_job, client::EventType::warning, "UnexpectedJob",
                 cat("Saw a job that the controller did not create or forgot: ", api::name_of(job)));
        } else if (known && finished) {
            const bool complete = condition_of(job, "Complete")["status"].as_string() == "True";
            drop_active(cron_job, uid);
            tell(cron_job, client::EventType::normal, "SawCompletedJob",
                 cat("Saw completed job: ", api::name_of(job), ", condition: ", complete ? "Complete" : "Failed"));
            sync.changed = true;
        }
        const auto& completed = job["status"]["completionTime"];
        const auto& last = cron_job["status"]["lastSuccessfulTime"];
        if (!completed.is_null() && (last.is_null() || time_of(last) < time_of(completed))) {
            cron_job.edit("status").set("lastSuccessfulTime", completed);
            sync.changed = true;
        }
    }
    return drop_missing(sync);
}

Result<void> CronJobController::drop_missing(Sync& sync) {
    const Value active = sync.cron_job["status"]["active"];
    for (const auto& one : active.items()) {
        if (std::any_of(sync.jobs.begin(), sync.jobs.end(),
                        [&](const Value& job) { return api::uid_of(job) == one["uid"].as_string(); }))
            continue;
        const auto live = client().get(api::kind::jobs, one["namespace"].as_string(), one["name"].as_string());
        if (live.ok())
            continue;
        if (live.error().reason != "NotFound")
            return live.error();
        tell(sync.cron_job, client::EventType::normal, "MissingJob",
             cat("Active job went missing: ", one["name"].as_string()));
        drop_active(sync.cron_job, one["uid"].as_string());
        sync.changed = true;
    }
    return {};
}

std::optional<Schedule> CronJobController::schedule_of(const Value& cron_job) {
    const auto zone_name = cron_job["spec"]["timeZone"].as_string();
    const auto zone = TimeZone::find(zone_name);
    if (!zone) {
        tell(cron_job, client::EventType::warning, "UnknownTimeZone",
             cat("invalid timeZone: ", quoted(zone_name), ": unknown time zone ", zone_name));
        return std::nullopt;
    }
    if (cron_job["spec"]["suspend"].as_bool())
        return std::nullopt;
    const auto text = cron_job["spec"]["schedule"].as_string();
    const auto parsed = api::parse_cron_schedule(text);
    if (!parsed.ok()) {
        tell(cron_job, client::EventType::warning, "UnparseableSchedule",
             cat("unparseable schedule: ", quoted(text), " : ", parsed.error().message));
        return std::nullopt;
    }
    return Schedule{parsed.value(), *zone};
}

Result<void> CronJobController::start_if_due(Sync& sync) {
    Value& cron_job = sync.cron_job;
    const auto schedule = schedule_of(cron_job);
    if (!schedule)
        return {};
    const MostRecent recent = most_recent(cron_job, now(), *schedule, Deadline::respect);
    if (!recent.error.empty()) {
        tell(cron_job, client::EventType::warning, "InvalidSchedule",
             cat("invalid schedule: ", cron_job["spec"]["schedule"].as_string(), " : ", recent.error));
        return {};
    }
    if (recent.missed == Missed::many)
        tell(cron_job, client::EventType::warning, "TooManyMissedTimes",
             "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
    sync.again = until_next(cron_job, now(), *schedule);
    if (!recent.time)
        return {};
    const Time scheduled = *recent.time;
    const auto& deadline = cron_job["spec"]["startingDeadlineSeconds"];
    if (!deadline.is_null() && scheduled + seconds(deadline.as_int()) < now()) {
        tell(cron_job, client::EventType::warning, "MissSchedule",
             cat("Missed scheduled time to start a job: ", rfc1123(scheduled)));
        return {};
    }
    const auto name = job_name(cron_job, scheduled);
    const auto& last = cron_job["status"]["lastScheduleTime"];
    const auto active = cron_job["status"]["active"].items();
    if ((!last.is_null() && time_of(last) == scheduled) ||
        std::any_of(active.begin(), active.end(), [&](const Value& one) { return one["name"].as_string() == name; }))
        return {};
    const auto policy = cron_job["spec"]["concurrencyPolicy"].as_string();
    if (policy == "Forbid" && !active.empty()) {
        tell(cron_job, client::EventType::normal, "JobAlreadyActive",
             "Not starting job because prior execution is running and concurrency policy is Forbid");
        return {};
    }
    if (policy == "Replace") {
        const Value running = cron_job["status"]["active"];
        for (const auto& one : running.items()) {
            auto job = client().get(api::kind::jobs, one["namespace"].as_string(), one["name"].as_string());
            if (!job.ok()) {
                tell(cron_job, client::EventType::warning, "FailedGet", cat("Get job: ", job.error().message));
                return job.error();
            }
            if (!remove_job(sync, job.value()))
                return Error{"InternalError", cat("could not replace job ", api::key_of(job.value())), {}, 0, 0};
        }
    }
    return start_job(sync, scheduled, *schedule);
}

Result<void> CronJobController::start_job(Sync& sync, Time scheduled, const Schedule& schedule) {
    Value& cron_job = sync.cron_job;
    const auto& job_template = cron_job["spec"]["jobTemplate"];
    Value metadata = Value::object({{"name", job_name(cron_job, scheduled)},
                                    {"namespace", cron_job["metadata"]["namespace"]},
                                    {"ownerReferences", Value::array({api::controller_ref(cron_job)})}});
    if (const auto& labels = job_template["metadata"]["labels"]; !labels.empty())
        metadata.set("labels", labels);
    Value annotations = job_template["metadata"]["annotations"];
    annotations.set(scheduled_annotation, schedule.zone.format(scheduled));
    metadata.set("annotations", annotations);
    const auto created = client().create(
        api::kind::jobs, Value::object({{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", metadata}, {"spec", job_template["spec"]}}));
    if (!created.ok()) {
        if (created.error().reason != "AlreadyExists" &&
            created.error().message.find("because it is being terminated") == std::string::npos)
            tell(cron_job, client::EventType::warning, "FailedCreate",
                 cat("Error creating job: ", created.error().message));
        return created.error();
    }
    const Value& job = created.value();
    tell(cron_job, client::EventType::normal, "SuccessfulCreate", cat("Created job ", api::name_of(job)));
    Value& status = cron_job.edit("status");
    status.edit("active").push_back(Value::object({{"apiVersion", "batch/v1"},
                                                   {"kind", "Job"},
                                                   {"name", job["metadata"]["name"]},
                                                   {"namespace", job["metadata"]["namespace"]},
                                                   {"resourceVersion", job["metadata"]["resourceVersion"]},
                                                   {"uid", job["metadata"]["uid"]}}));
    status.set("lastScheduleTime", to_rfc3339(scheduled));
    sync.changed = true;
    sync.again = until_next(cron_job, now(), schedule);
    return {};
}

bool CronJobController::remove_job(Sync& sync, const Value& job) {
    client::DeleteOptions options;
    options.propagation_policy = "Background";
    const auto removed = client().remove(api::kind::jobs, api::namespace_of(job), api::name_of(job), options);
    if (!removed.ok()) {
        tell(sync.cron_job, client::EventType::warning, "FailedDelete", cat("Deleted job: ", removed.error().message));
        return false;
    }
    drop_active(sync.cron_job, api::uid_of(job));
    tell(sync.cron_job, client::EventType::normal, "SuccessfulDelete", cat("Deleted job ", api::name_of(job)));
    sync.changed = true;
    return true;
}

// The oldest finished Jobs beyond the limits of history go.
void CronJobController::clean_up(Sync& sync) {
    const Value spec = sync.cron_job["spec"];
    Objects succeeded, failed;
    for (const auto& job : sync.jobs) {
        if (api::is_deleting(job))
            continue;
        if (condition_of(job, "Complete")["status"].as_string() == "True")
            succeeded.push_back(job);
        else if (condition_of(job, "Failed")["status"].as_string() == "True")
            failed.push_back(job);
    }
    clean_up(sync, std::move(succeeded), spec["successfulJobsHistoryLimit"]);
    clean_up(sync, std::move(failed), spec["failedJobsHistoryLimit"]);
}

void CronJobController::clean_up(Sync& sync, Objects finished, const Value& limit) {
    const auto surplus = static_cast<std::int64_t>(finished.size()) - limit.as_int();
    if (limit.is_null() || surplus <= 0)
        return;
    sort_stably(finished, [](const Value& a, const Value& b) {
        const auto at = a["status"]["startTime"].as_string(), bt = b["status"]["startTime"].as_string();
        return at != bt ? at < bt : api::name_of(a) < api::name_of(b);
    });
    for (std::int64_t i = 0; i < surplus; ++i)
        (void)remove_job(sync, finished[static_cast<std::size_t>(i)]);
}

}  // namespace kubewalk::controllers
