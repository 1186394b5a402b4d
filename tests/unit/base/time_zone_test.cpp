// Offsets as the IANA time zone database has them for 2026.

#include <doctest/doctest.h>

#include "core/base/time_zone.h"

using namespace kubewalk;

namespace {

std::int64_t minutes_at(std::string_view zone, std::int64_t year, int month, int day, int hour = 12) {
    const auto found = TimeZone::find(zone);
    return found ? found->offset_at(unix_from_civil(year, month, day, hour)) / 60 : -9999;
}

}  // namespace

TEST_CASE("zones and their summers") {
    CHECK(minutes_at("Europe/Berlin", 2026, 1, 15) == 60);
    CHECK(minutes_at("Europe/Berlin", 2026, 7, 15) == 120);
    CHECK(minutes_at("Europe/Berlin", 2026, 3, 29, 0) == 60);  // the change is at 01:00 UTC
    CHECK(minutes_at("Europe/Berlin", 2026, 3, 29, 1) == 120);
    CHECK(minutes_at("America/New_York", 2026, 3, 8, 6) == -300);
    CHECK(minutes_at("America/New_York", 2026, 3, 8, 7) == -240);
    CHECK(minutes_at("Australia/Lord_Howe", 2026, 1, 15) == 660);
    CHECK(minutes_at("Australia/Lord_Howe", 2026, 7, 15) == 630);
    CHECK(minutes_at("Europe/Dublin", 2026, 7, 15) == 60);  // its winter is the exception
    CHECK(minutes_at("Europe/Dublin", 2026, 1, 15) == 0);
    CHECK(minutes_at("Asia/Kolkata", 2026, 1, 1) == 330);
    CHECK(minutes_at("US/Pacific", 2026, 1, 1) == -480);
    CHECK(minutes_at("Etc/GMT+5", 2026, 1, 1) == -300);
    CHECK(minutes_at("America/Nuuk", 2026, 7, 15) == -60);
    CHECK_FALSE(TimeZone::find("Continent/Zone"));
    CHECK_FALSE(TimeZone::find("europe/berlin"));
    CHECK_FALSE(TimeZone::find("Europe/Berlin "));
}
