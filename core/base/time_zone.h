#pragma once
// Time zones by the names of the IANA database, with the rules that hold from now on: what was decreed for single
// years (Morocco's Ramadan) is not known (simplifications.json: "time-zones").
// Facts: the tzdata that cmake/zones/generate.mjs reads, POSIX.1 (environment variable TZ).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace kubewalk {

// A date and time of day as a clock on the wall shows it.
struct Civil {
    std::int64_t year = 1970;
    int month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int weekday = 4;  // 0: Sunday
};
Civil civil_from_unix(std::int64_t unix_seconds);
std::int64_t unix_from_civil(std::int64_t year, int month, int day, int hour = 0, int minute = 0, int second = 0);

class TimeZone {
public:
    // "" and "Local" are UTC: that is what programs in containers run in. Nothing for an unknown name.
    static std::optional<TimeZone> find(std::string_view name);

    // Seconds east of Greenwich at that instant.
    std::int64_t offset_at(std::int64_t unix_seconds) const;
    // "2026-03-01T09:00:00+01:00"
    std::string format(Time time) const;

private:
    // When clocks change: the `week`-th `weekday` of a month (5: the last), or a day of the year.
    struct Change {
        enum class Form : unsigned char { month, julian, day } form = Form::month;
        int month = 1, week = 1, weekday = 0, day = 0;
        std::int64_t seconds = 7200;  // of the day, on the clock that holds until then

        std::int64_t in_year(std::int64_t year) const;  // as seconds of the wall clock
    };
    static std::optional<TimeZone> parse(std::string_view rule);
    friend class TimeZoneParser;

    std::int64_t standard_ = 0;  // seconds east of Greenwich
    std::int64_t summer_ = 0;
    bool changes_ = false;
    Change to_summer_;
    Change to_standard_;
};

}  // namespace kubewalk
