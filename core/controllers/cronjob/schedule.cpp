#include "core/controllers/cronjob/schedule.h"

#include <algorithm>

#include "core/base/text.h"

namespace kubewalk::controllers::cronjob {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t year_limit = 5;
constexpr Duration next_schedule_delta = milliseconds(100);

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
std::int64_t to_unix(Time time) { return epoch_unix_seconds + floor_div(time.ns, second_ns); }
Time from_unix(std::int64_t unix_seconds) { return Time{} + seconds(unix_seconds - epoch_unix_seconds); }

// The instant of a wall clock's time; around a change of the clocks the offset before it counts.
std::int64_t local_to_unix(const TimeZone& zone, std::int64_t local) {
    const std::int64_t guess = local - zone.offset_at(local);
    return local - zone.offset_at(guess);
}

bool has_bit(std::uint64_t bits, int bit) { return (bits >> bit & 1u) != 0; }

}  // namespace

// Walks along the line of real time, so that an hour which the clocks repeat comes twice and one they skip never.
std::optional<Time> Schedule::next(Time after) const {
    if (times.every_seconds > 0) {
        const Time then = from_unix(to_unix(after) + times.every_seconds);
        return then > after ? std::optional(then) : std::nullopt;  // beyond the 292 years that fit
    }
    std::int64_t at = floor_div(to_unix(after), 60) * 60 + 60;
    const std::int64_t last_year = civil_from_unix(at).year + year_limit;
    for (;;) {
        const Civil civil = civil_from_unix(at + zone.offset_at(at));
        if (civil.year > last_year)
            return std::nullopt;
        std::int64_t forward = 0;
        if (!has_bit(times.months, civil.month))
            forward = local_to_unix(zone, civil.month == 12 ? unix_from_civil(civil.year + 1, 1, 1)
                                                            : unix_from_civil(civil.year, civil.month + 1, 1));
        else if (!times.matches_day(civil.day, civil.month, civil.weekday))
            forward = local_to_unix(zone, unix_from_civil(civil.year, civil.month, civil.day) + 86400);
        else if (!has_bit(times.hours, civil.hour))
            forward = at + (60 - civil.minute) * 60;
        else if (!has_bit(times.minutes, civil.minute))
            forward = at + 60;
        else
            return from_unix(at);
        at = std::max(forward, at + 60);
    }
}

MostRecent most_recent(const Value& cron_job, Time now, const Schedule& schedule, Deadline deadline) {
    MostRecent result;
    const auto& last = cron_job["status"]["lastScheduleTime"];
    result.earliest = time_of(last.is_null() ? cron_job["metadata"]["creationTimestamp"] : last);
    const auto& limit = cron_job["spec"]["startingDeadlineSeconds"];
    if (deadline == Deadline::respect && !limit.is_null())
        result.earliest = std::max(result.earliest, now - seconds(limit.as_int()));

    const auto first = schedule.next(result.earliest);
    if (first && now < *first)
        return result;
    const auto second = first ? schedule.next(*first) : std::nullopt;
    if (second && now < *second) {
        result.time = first;
        return result;
    }
    const auto interval = first && second ? (*second - *first).whole_seconds() : 0;
    if (interval < 1) {
        result.error = "time difference between two schedules is less than 1 second";
        return result;
    }
    const auto missed = (now - *first).whole_seconds() / interval + 1;
    // One interval further back than it should be: irregular schedules are not that even.
    for (auto at = schedule.next(*first + seconds((missed - 2) * interval)); at && *at <= now; at = schedule.next(*at))
        result.time = at;
    result.missed = missed > 100 ? Missed::many : missed > 0 ? Missed::few : Missed::none;
    return result;
}

std::optional<Duration> until_next(const Value& cron_job, Time now, const Schedule& schedule) {
    const MostRecent recent = most_recent(cron_job, now, schedule, Deadline::ignore);
    Time from = now;
    if (recent.error.empty())
        from = recent.time ? *recent.time : recent.missed == Missed::none ? recent.earliest : now;
    const auto next = schedule.next(from);
    if (!next)
        return std::nullopt;
    return std::max(Duration{}, *next + next_schedule_delta - now);
}

std::string job_name(const Value& cron_job, Time scheduled) {
    return cat(api::name_of(cron_job), "-", floor_div(to_unix(scheduled), 60));
}

}  // namespace kubewalk::controllers::cronjob
