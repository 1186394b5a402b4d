#include "core/base/time_zone.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "core/base/text.h"

namespace kubewalk {

namespace {

struct Zone {
    std::string_view name;
    std::string_view rule;
};
// In the order of their names.
constexpr Zone table[] = {
#include "kubewalk/time_zones.inc"
};

constexpr std::int64_t day_seconds = 86400;
constexpr std::int64_t hour_seconds = 3600;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool is_leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

}  // namespace

// Reads POSIX's form: "CET-1CEST,M3.5.0,M10.5.0/3".
class TimeZoneParser {
public:
    explicit TimeZoneParser(std::string_view text) : text_(text) {}

    std::optional<TimeZone> parse() {
        TimeZone zone;
        std::int64_t west = 0;
        if (!name() || !time(west))
            return std::nullopt;
        zone.standard_ = zone.summer_ = -west;
        if (at_end())
            return zone;
        if (!name())
            return std::nullopt;
        zone.summer_ = zone.standard_ + hour_seconds;
        if (!at_end() && text_[at_] != ',') {
            if (!time(west))
                return std::nullopt;
            zone.summer_ = -west;
        }
        zone.changes_ = true;
        if (!change(zone.to_summer_) || !change(zone.to_standard_) || !at_end())
            return std::nullopt;
        return zone;
    }

private:
    bool at_end() const { return at_ >= text_.size(); }
    bool take(char c) {
        if (at_end() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    // "CET", or "<-03>" where it has more than letters.
    bool name() {
        const std::size_t start = at_;
        if (take('<')) {
            while (!at_end() && text_[at_] != '>')
                ++at_;
            return take('>');
        }
        while (!at_end() && ((text_[at_] >= 'A' && text_[at_] <= 'Z') || (text_[at_] >= 'a' && text_[at_] <= 'z')))
            ++at_;
        return at_ > start;
    }
    bool number(int& value) {
        const std::size_t start = at_;
        value = 0;
        while (!at_end() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - start < 4)
            value = value * 10 + (text_[at_++] - '0');
        return at_ > start;
    }
    // "[+-]hh[:mm[:ss]]" in seconds.
    bool time(std::int64_t& seconds) {
        const bool negative = take('-');
        if (!negative)
            (void)take('+');
        int hour = 0, minute = 0, second = 0;
        if (!number(hour) || (take(':') && !number(minute)) || (take(':') && !number(second)))
            return false;
        seconds = hour * hour_seconds + minute * 60 + second;
        if (negative)
            seconds = -seconds;
        return true;
    }
    // ",M3.5.0/2", ",J60", ",59/1"
    bool change(TimeZone::Change& change) {
        using Form = TimeZone::Change::Form;
        if (!take(','))
            return false;
        if (take('M')) {
            change.form = Form::month;
            if (!number(change.month) || !take('.') || !number(change.week) || !take('.') || !number(change.weekday))
                return false;
        } else {
            change.form = take('J') ? Form::julian : Form::day;
            if (!number(change.day))
                return false;
        }
        return !take('/') || time(change.seconds);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// Howard Hinnant, "chrono-compatible low-level date algorithms".
Civil civil_from_unix(std::int64_t unix_seconds) {
    const std::int64_t days = floor_div(unix_seconds, day_seconds);
    const std::int64_t rest = unix_seconds - days * day_seconds;
    const std::int64_t z = days + 719468;
    const std::int64_t era = floor_div(z, 146097);
    const std::int64_t doe = z - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    Civil civil;
    civil.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    civil.month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    civil.year = yoe + era * 400 + (civil.month <= 2 ? 1 : 0);
    civil.hour = static_cast<int>(rest / hour_seconds);
    civil.minute = static_cast<int>(rest / 60 % 60);
    civil.second = static_cast<int>(rest % 60);
    civil.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    return civil;
}

std::int64_t unix_from_civil(std::int64_t year, int month, int day, int hour, int minute, int second) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = floor_div(year, 400);
    const std::int64_t yoe = year - era * 400;
    const std::int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (era * 146097 + doe - 719468) * day_seconds + hour * hour_seconds + minute * 60 + second;
}

std::int64_t TimeZone::Change::in_year(std::int64_t year) const {
    if (form == Form::day)
        return unix_from_civil(year, 1, 1) + day * day_seconds + seconds;
    if (form == Form::julian)  // 1 to 365: 29 February is never counted
        return unix_from_civil(year, 1, 1) + (day - 1 + (day >= 60 && is_leap(year) ? 1 : 0)) * day_seconds + seconds;
    const std::int64_t first = unix_from_civil(year, month, 1);
    const std::int64_t next = month == 12 ? unix_from_civil(year + 1, 1, 1) : unix_from_civil(year, month + 1, 1);
    std::int64_t at = first + (weekday - civil_from_unix(first).weekday + 7) % 7 * day_seconds + (week - 1) * 7 * day_seconds;
    while (at >= next)
        at -= 7 * day_seconds;
    return at + seconds;
}

std::optional<TimeZone> TimeZone::parse(std::string_view rule) { return TimeZoneParser(rule).parse(); }

std::optional<TimeZone> TimeZone::find(std::string_view name) {
    if (name.empty() || name == "Local")
        return TimeZone();
    const auto* found = std::lower_bound(std::begin(table), std::end(table), name,
                                         [](const Zone& zone, std::string_view wanted) { return zone.name < wanted; });
    if (found == std::end(table) || found->name != name)
        return std::nullopt;
    return parse(found->rule);
}

std::int64_t TimeZone::offset_at(std::int64_t unix_seconds) const {
    if (!changes_)
        return standard_;
    // Each change is told on the clock that holds until then.
    const std::int64_t year = civil_from_unix(unix_seconds + standard_).year;
    const std::int64_t begins = to_summer_.in_year(year) - standard_;
    const std::int64_t ends = to_standard_.in_year(year) - summer_;
    const bool northern = begins < ends;
    const bool summer = northern ? unix_seconds >= begins && unix_seconds < ends : unix_seconds >= begins || unix_seconds < ends;
    return summer ? summer_ : standard_;
}

std::string TimeZone::format(Time time) const {
    const std::int64_t unix_seconds = epoch_unix_seconds + floor_div(time.ns, 1'000'000'000);
    const std::int64_t offset = offset_at(unix_seconds);
    const Civil civil = civil_from_unix(unix_seconds + offset);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", static_cast<int>(civil.year), civil.month, civil.day,
                  civil.hour, civil.minute, civil.second);
    if (offset == 0)
        return cat(text, "Z");
    const auto minutes = static_cast<int>((offset < 0 ? -offset : offset) / 60);
    char shift[16];
    std::snprintf(shift, sizeof shift, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return cat(text, shift);
}

}  // namespace kubewalk
