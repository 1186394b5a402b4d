#include "core/api/cron_schedule.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/base/time.h"

namespace kubewalk::api {

namespace {

constexpr std::uint64_t star_bit = std::uint64_t{1} << 63;

struct Bounds {
    int low;
    int high;
    std::string_view names;  // separated by blanks, the first stands for `low`
};
constexpr Bounds minute_bounds{0, 59, ""};
constexpr Bounds hour_bounds{0, 23, ""};
constexpr Bounds day_bounds{1, 31, ""};
constexpr Bounds month_bounds{1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"};
constexpr Bounds weekday_bounds{0, 6, "sun mon tue wed thu fri sat"};

Error invalid(std::string message) { return {"Invalid", std::move(message), {}, 0, 0}; }

// mustParseInt: strconv.Atoi's words for what is no number.
Result<std::int64_t> parse_number(std::string_view text) {
    const auto number = parse_int(text);
    if (!number || text.starts_with('+'))
        return invalid(cat("failed to parse int from ", text, ": strconv.Atoi: parsing ", quoted(text), ": invalid syntax"));
    if (*number < 0)
        return invalid(cat("negative number (", *number, ") not allowed: ", text));
    return *number;
}

Result<std::int64_t> parse_value(std::string_view text, const Bounds& bounds) {
    const std::string name = to_lower(text);
    std::int64_t value = bounds.low;
    if (!bounds.names.empty())
        for (const auto candidate : split(bounds.names, ' ')) {
            if (candidate == name)
                return value;
            ++value;
        }
    return parse_number(text);
}

// One entry of a comma-separated list: "*", "5", "1-5", "*/15", "3/2".
Result<std::uint64_t> parse_range(std::string_view entry, const Bounds& bounds) {
    const auto range_and_step = split(entry, '/');
    const auto low_and_high = split(range_and_step[0], '-');
    std::int64_t start = bounds.low, end = bounds.high, step = 1;
    std::uint64_t extra = 0;
    if (low_and_high[0] == "*" || low_and_high[0] == "?") {
        extra = star_bit;
    } else {
        KUBEWALK_TRY(first, parse_value(low_and_high[0], bounds));
        start = end = first;
        if (low_and_high.size() > 2)
            return invalid(cat("too many hyphens: ", entry));
        if (low_and_high.size() == 2) {
            KUBEWALK_TRY(last, parse_value(low_and_high[1], bounds));
            end = last;
        }
    }
    if (range_and_step.size() > 2)
        return invalid(cat("too many slashes: ", entry));
    if (range_and_step.size() == 2) {
        KUBEWALK_TRY(given, parse_number(range_and_step[1]));
        step = given;
        if (low_and_high.size() == 1)
            end = bounds.high;  // "N/step" means "N-max/step"
        if (step > 1)
            extra = 0;
    }
    if (start < bounds.low)
        return invalid(cat("beginning of range (", start, ") below minimum (", bounds.low, "): ", entry));
    if (end > bounds.high)
        return invalid(cat("end of range (", end, ") above maximum (", bounds.high, "): ", entry));
    if (start > end)
        return invalid(cat("beginning of range (", start, ") beyond end of range (", end, "): ", entry));
    if (step == 0)
        return invalid(cat("step of range should be a positive number: ", entry));
    for (std::int64_t value = start; value <= end; value += std::min(step, end + 1))  // a step beyond the end leads there too
        extra |= std::uint64_t{1} << value;
    return extra;
}

Result<std::uint64_t> parse_field(std::string_view field, const Bounds& bounds) {
    std::uint64_t bits = 0;
    for (const auto entry : split(field, ',')) {
        if (entry.empty())
            continue;  // strings.FieldsFunc
        KUBEWALK_TRY(range, parse_range(entry, bounds));
        bits |= range;
    }
    return bits;
}

Result<CronSchedule> parse_descriptor(std::string_view text) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
        {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"},
    };
    for (const auto& [name, fields] : known)
        if (name == text)
            return parse_cron_schedule(fields);
    constexpr std::string_view every = "@every ";
    if (!text.starts_with(every))
        return invalid(cat("unrecognized descriptor: ", text));
    const auto amount = text.substr(every.size());
    const auto duration = parse_go_duration(amount);
    if (!duration)
        return invalid(cat("failed to parse duration ", text, ": time: invalid duration ", quoted(amount)));
    CronSchedule schedule;
    schedule.every_seconds = std::max<std::int64_t>(duration->whole_seconds(), 1);
    return schedule;
}

}  // namespace

bool CronSchedule::matches_day(int day, int month, int weekday) const {
    if ((months >> month & 1) == 0)
        return false;
    const bool by_day = (days >> day & 1) != 0, by_weekday = (weekdays >> weekday & 1) != 0;
    return any_day || any_weekday ? by_day && by_weekday : by_day || by_weekday;
}

Result<CronSchedule> parse_cron_schedule(std::string_view text) {
    if (text.empty())
        return invalid("empty spec string");
    if (text.starts_with("TZ=") || text.starts_with("CRON_TZ=")) {
        const auto blank = text.find(' ');
        text = blank == std::string_view::npos ? std::string_view() : trim(text.substr(blank));
    }
    if (text.starts_with('@'))
        return parse_descriptor(text);
    std::vector<std::string> fields;
    std::string normal(text);
    for (char& c : normal)
        if (c == '\t' || c == '\n' || c == '\r')
            c = ' ';
    for (const auto field : split(normal, ' '))
        if (!field.empty())
            fields.emplace_back(field);
    if (fields.size() != 5)
        return invalid(cat("expected exactly 5 fields, found ", fields.size(), ": [", join(fields, " "), "]"));
    CronSchedule schedule;
    KUBEWALK_TRY(minutes, parse_field(fields[0], minute_bounds));
    KUBEWALK_TRY(hours, parse_field(fields[1], hour_bounds));
    KUBEWALK_TRY(days, parse_field(fields[2], day_bounds));
    KUBEWALK_TRY(months, parse_field(fields[3], month_bounds));
    KUBEWALK_TRY(weekdays, parse_field(fields[4], weekday_bounds));
    schedule.minutes = minutes & ~star_bit;
    schedule.hours = hours & ~star_bit;
    schedule.days = days & ~star_bit;
    schedule.months = months & ~star_bit;
    schedule.weekdays = weekdays & ~star_bit;
    schedule.any_day = (days & star_bit) != 0;
    schedule.any_weekday = (weekdays & star_bit) != 0;
    return schedule;
}

}  // namespace kubewalk::api
