#pragma once
// Time zones as their rules of 2026 stand: an offset and, where clocks change, when. Zones whose rules are not in
// the table are unknown here (simplifications.json: "time-zones").
// Facts: the IANA time zone database.

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/time.h"

namespace kubewalk::controllers::cronjob {

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
    // "" and "Local" are UTC: that is what the controller manager's container runs in.
    static std::optional<TimeZone> find(std::string_view name);

    // Seconds east of Greenwich at that instant.
    std::int64_t offset_at(std::int64_t unix_seconds) const;
    // "2026-03-01T09:00:00+01:00"
    std::string format(Time time) const;

private:
    std::int64_t standard_ = 0;  // seconds
    unsigned char rule_ = 0;
};

}  // namespace kubewalk::controllers::cronjob
