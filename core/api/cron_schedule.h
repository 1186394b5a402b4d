#pragma once
// A CronJob's schedule: five fields, or a descriptor ("@hourly", "@every 1h30m"). Validation and the CronJob
// controller read the same form. Upstream: github.com/robfig/cron/v3 ParseStandard (parser.go, spec.go).

#include <cstdint>
#include <string_view>

#include "core/base/result.h"

namespace kubewalk::api {

struct CronSchedule {
    // A bit for each value that counts: minutes 0-59, hours 0-23, days 1-31, months 1-12, weekdays 0 (Sunday) - 6.
    std::uint64_t minutes = 0;
    std::uint64_t hours = 0;
    std::uint64_t days = 0;
    std::uint64_t months = 0;
    std::uint64_t weekdays = 0;
    // "*" or "?": with both days given, either may match; with a star, the other decides.
    bool any_day = false;
    bool any_weekday = false;
    // "@every": seconds between two times, 0 for the fields above. At least one second.
    std::int64_t every_seconds = 0;

    bool matches_day(int day, int month, int weekday) const;
};

// Error: reason "Invalid", the message robfig/cron gives ("expected exactly 5 fields, found 4: [...]").
Result<CronSchedule> parse_cron_schedule(std::string_view text);

}  // namespace kubewalk::api
