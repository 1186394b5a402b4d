// controllers/cronjob-schedule.json: when a CronJob was due last, and how much it missed.
#include "core/base/text.h"
#include "core/cli/vectors/runner.h"
#include "core/controllers/cronjob/schedule.h"

namespace kubewalk::cli {

namespace {

using api::Value;
using controllers::cronjob::Schedule;

// What robfig/cron made of the text: bit sets, too large for a number of JSON where the star's bit is set.
struct Field {
    std::uint64_t bits = 0;
    bool star = false;
};

Field field(const Value& recorded, int lowest, int highest) {
    if (recorded.as_number() < 9.2e18)
        return {static_cast<std::uint64_t>(recorded.as_int()), false};
    Field all{0, true};
    for (int bit = lowest; bit <= highest; ++bit)
        all.bits |= std::uint64_t{1} << bit;
    return all;
}

Schedule schedule_from(const Value& recorded) {
    Schedule schedule;
    if (const auto& delay = recorded["Delay"]; !delay.is_null()) {
        schedule.times.every_seconds = delay.as_int() / 1'000'000'000;
        return schedule;
    }
    schedule.times.minutes = field(recorded["Minute"], 0, 59).bits;
    schedule.times.hours = field(recorded["Hour"], 0, 23).bits;
    schedule.times.months = field(recorded["Month"], 1, 12).bits;
    const Field days = field(recorded["Dom"], 1, 31), weekdays = field(recorded["Dow"], 0, 6);
    schedule.times.days = days.bits;
    schedule.times.any_day = days.star;
    schedule.times.weekdays = weekdays.bits;
    schedule.times.any_weekday = weekdays.star;
    return schedule;
}

std::string show(const std::optional<Time>& time) { return time ? to_rfc3339(*time) : "none"; }
std::string show(const Value& time) { return time.is_null() ? "none" : time.str(); }

}  // namespace

void run_cronjob_schedule(const api::Value& root, Report& report) {
    using controllers::cronjob::Deadline;
    for (const auto& one : root["cases"].items()) {
        const auto& args = one["args"];
        const auto& wanted = one["result"];
        const Time now = controllers::time_of(args["now"]);
        const Schedule schedule = schedule_from(args["schedule"]);
        const bool next = one["func"].as_string() == "nextScheduleTime";
        const bool respect = next || args["includeStartingDeadlineSeconds"].as_bool();
        const auto found = most_recent(args["cj"], now, schedule, respect ? Deadline::respect : Deadline::ignore);
        if (next) {
            report.check(one["id"].as_string(), cat(show(wanted[0]), " ", wanted[1]["error"].as_string()),
                         cat(show(found.time), " ", found.error));
            continue;
        }
        report.check(one["id"].as_string(),
                     cat(show(wanted[0]), " ", show(wanted[1]), " ", wanted[2].as_int(), " ", wanted[3]["error"].as_string()),
                     cat(to_rfc3339(found.earliest), " ", show(found.time), " ", static_cast<int>(found.missed), " ", found.error));
    }
}

}  // namespace kubewalk::cli
