#pragma once
// When a CronJob is due: the next time of a schedule, and what was missed.
// Upstream: pkg/controller/cronjob/utils.go, github.com/robfig/cron/v3 (spec.go: Next, constantdelay.go).

#include <optional>

#include "core/api/cron_schedule.h"
#include "core/base/time_zone.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers::cronjob {

struct Schedule {
    api::CronSchedule times;
    TimeZone zone;

    // Strictly after; nothing when no such time comes within five years ("59 23 31 2 *").
    std::optional<Time> next(Time after) const;
};

enum class Missed : unsigned char { none, few, many };  // many: more than 100

struct MostRecent {
    Time earliest;             // from when on it was looked
    std::optional<Time> time;  // the last time that has come
    Missed missed = Missed::none;
    std::string error;  // the schedule has no sensible interval
};
// Whether startingDeadlineSeconds limits how far back it looks.
enum class Deadline : unsigned char { ignore, respect };
MostRecent most_recent(const Value& cron_job, Time now, const Schedule& schedule, Deadline deadline);

// Until the next time; a little later than exactly then, so that it has come when it is looked at.
std::optional<Duration> until_next(const Value& cron_job, Time now, const Schedule& schedule);

// "hello-28401234": the minute it was due, as minutes since 1970.
std::string job_name(const Value& cron_job, Time scheduled);

}  // namespace kubewalk::controllers::cronjob
