// Cron schedules, durations, instants, time zones.

#include "core/api/cron_schedule.h"
#include "core/base/time.h"
#include "core/base/time_zone.h"
#include "core/controllers/cronjob/schedule.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    auto text = text_of(bytes, size);
    const auto whole = text;
    if (const auto duration = parse_go_duration(whole)) {
        const auto printed = go_duration(*duration);
        expect(parse_go_duration(printed) == duration, "a duration printed", [&] { return printed; });
        expect(!human_duration(*duration).empty(), "an age");
    }
    if (const auto time = parse_rfc3339(whole)) {
        expect(parse_rfc3339(to_rfc3339_micro(*time)).has_value(), "an instant printed", [&] { return to_rfc3339_micro(*time); });
        expect(!to_clock(*time).empty(), "an instant on the clock");
    }
    const auto when = [](const Result<api::CronSchedule>& schedule, std::string_view of, const TimeZone& zone) {
        if (!schedule.ok())
            return expect_told(schedule.error(), of);
        const controllers::cronjob::Schedule times{schedule.value(), zone};
        Time at{};
        for (int i = 0; i < 3; ++i)
            if (const auto next = times.next(at)) {
                expect(*next > at, "the next time is later", [&] { return to_rfc3339(*next); });
                at = *next;
            }
    };
    when(api::parse_cron_schedule(whole), whole, {});
    // A zone's name, and a schedule in it.
    const auto zone = TimeZone::find(take_until(text, '\n'));
    if (zone) {
        const auto noon = unix_from_civil(2026, 7, 1, 12);
        expect(zone->offset_at(noon) > -86400 && zone->offset_at(noon) < 86400, "a zone's offset");
        expect(parse_rfc3339(zone->format(Time{})) == Time{}, "an instant in its zone", [&] { return zone->format(Time{}); });
        when(api::parse_cron_schedule(text), text, *zone);
    }
    return 0;
}

}  // namespace

Door schedule() {
    Door door{run, {"*/5 * * * *", "0 9 1 1 MON-FRI", "@every 1h30m", "@hourly", "0-59/7 0,12 1-31 JAN,FEB ?", "TZ=UTC 0 0 * * *", "1h30m0.5s", "-300ms", "2026-03-01T09:00:00Z", "2026-03-01T09:00:00.123456+02:00", "Europe/Berlin\n0 3 * * *", "America/New_York\n@daily", "Asia/Shanghai\n"},
              {"*", "/", "-", ",", "?", "@every ", "@yearly", "@reboot", "SUN", "DEC", "59", "60", "h", "m", "s", "ms", "us", "µs", "ns", "Z", "+23:59", "-24:00", "T", "24:00:00", "0000-01-01", "9999-12-31", "CRON_TZ=", "UTC\n", "Local\n"}};
    door.longest = 300;
    door.runs = 2000;
    return door;
}

}  // namespace kubewalk::fuzz
