#include "core/base/time.h"

#include <cstdio>

#include "core/base/text.h"

namespace kubewalk {

namespace {

// Days since 1970-01-01 to a civil date and back (Howard Hinnant, "chrono-compatible low-level date algorithms").
struct Civil {
    std::int64_t year;
    int month;
    int day;
};

Civil civil_from_days(std::int64_t z) {
    z += 719468;
    const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const std::int64_t doe = z - era * 146097;
    const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const std::int64_t mp = (5 * doy + 2) / 153;
    const int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
    const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
    return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

std::int64_t days_from_civil(std::int64_t y, int m, int d) {
    y -= m <= 2;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t yoe = y - era * 400;
    const std::int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    const std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

std::int64_t days_in_month(std::int64_t year, std::int64_t month) {
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Years from 0 to 9999 are all that Kubernetes writes.
void put_digits(std::string& text, std::size_t at, int digits, std::int64_t number) {
    for (int i = digits; i-- > 0; number /= 10)
        text[at + static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
}

std::string format_civil(std::int64_t unix_seconds) {
    const std::int64_t days = floor_div(unix_seconds, 86400);
    const std::int64_t rest = unix_seconds - days * 86400;
    const Civil civil = civil_from_days(days);
    // By hand: every object has several of these.
    std::string text = "0000-00-00T00:00:00";
    put_digits(text, 0, 4, civil.year);
    put_digits(text, 5, 2, civil.month);
    put_digits(text, 8, 2, civil.day);
    put_digits(text, 11, 2, rest / 3600);
    put_digits(text, 14, 2, rest / 60 % 60);
    put_digits(text, 17, 2, rest % 60);
    return text;
}

}  // namespace

std::string to_rfc3339(Time time) {
    std::string text = format_civil(epoch_unix_seconds + floor_div(time.ns, second_ns));
    text.push_back('Z');
    return text;
}

std::string to_rfc3339_micro(Time time) {
    const std::int64_t whole = floor_div(time.ns, second_ns);
    std::string text = format_civil(epoch_unix_seconds + whole) + ".000000Z";
    put_digits(text, 20, 6, (time.ns % second_ns + second_ns) % second_ns / 1000);
    return text;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    auto number = [&](std::size_t at, std::size_t length) -> std::optional<std::int64_t> {
        if (at + length > text.size())
            return std::nullopt;
        for (std::size_t i = at; i < at + length; ++i)
            if (text[i] < '0' || text[i] > '9')
                return std::nullopt;
        return parse_int(text.substr(at, length));
    };
    const auto year = number(0, 4), month = number(5, 2), day = number(8, 2);
    const auto hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
    if (!year || !month || !day || !hour || !minute || !second || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    if (*month < 1 || *month > 12 || *day < 1 || *day > days_in_month(*year, *month) || *hour > 23 || *minute > 59 || *second > 59)
        return std::nullopt;
    std::size_t at = 19;
    std::int64_t ns = 0;
    if (at < text.size() && text[at] == '.') {
        std::int64_t unit = second_ns / 10;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
            ns += (text[at] - '0') * unit;
    }
    std::int64_t offset = 0;
    if (at >= text.size())
        return std::nullopt;
    if (text[at] == 'Z' || text[at] == 'z') {
        ++at;
    } else if (text[at] == '+' || text[at] == '-') {
        const auto hours_off = number(at + 1, 2), minutes_off = number(at + 4, 2);
        if (!hours_off || !minutes_off || text[at + 3] != ':')
            return std::nullopt;
        offset = (*hours_off * 3600 + *minutes_off * 60) * (text[at] == '+' ? 1 : -1);
        at += 6;
    }
    if (at != text.size())
        return std::nullopt;
    const std::int64_t unix_seconds =
        days_from_civil(*year, static_cast<int>(*month), static_cast<int>(*day)) * 86400 + *hour * 3600 +
        *minute * 60 + *second - offset;
    return Time{} + seconds(unix_seconds - epoch_unix_seconds) + Duration{ns};
}

std::string to_clock(Time time) {
    const std::int64_t ms = time.ns / 1'000'000;
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%02lld:%02d:%02d.%03d", static_cast<long long>(ms / 3'600'000),
                  static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60), static_cast<int>(ms % 1000));
    return buffer;
}

std::string human_duration(Duration duration) {
    // Thresholds as upstream: two units while the second still says something.
    const std::int64_t s = duration.whole_seconds();
    if (s < -1)
        return "<invalid>";
    if (s < 0)
        return "0s";
    if (s < 120)
        return cat(s, "s");
    const std::int64_t m = s / 60;
    if (m < 10)
        return s % 60 == 0 ? cat(m, "m") : cat(m, "m", s % 60, "s");
    if (m < 180)
        return cat(m, "m");
    const std::int64_t h = m / 60;
    if (h < 8)
        return m % 60 == 0 ? cat(h, "h") : cat(h, "h", m % 60, "m");
    if (h < 48)
        return cat(h, "h");
    if (h < 24 * 8)
        return h % 24 == 0 ? cat(h / 24, "d") : cat(h / 24, "d", h % 24, "h");
    if (h < 24 * 365 * 2)
        return cat(h / 24, "d");
    const std::int64_t years = h / 24 / 365;
    if (h < 24 * 365 * 8) {
        const std::int64_t days = h / 24 % 365;
        return days == 0 ? cat(years, "y") : cat(years, "y", days, "d");
    }
    return cat(years, "y");
}

std::string go_duration(Duration duration) {
    if (duration.ns == 0)
        return "0s";
    std::string out = duration.ns < 0 ? "-" : "";
    std::uint64_t ns = duration.ns < 0 ? 0 - static_cast<std::uint64_t>(duration.ns) : static_cast<std::uint64_t>(duration.ns);
    auto fraction = [](std::uint64_t value, std::uint64_t unit) {
        std::string text = cat(value / unit);
        std::uint64_t rest = value % unit;
        if (rest == 0)
            return text;
        text += '.';
        while (rest != 0) {
            rest *= 10;
            text += static_cast<char>('0' + rest / unit);
            rest %= unit;
        }
        return text;
    };
    if (ns < 1'000)
        return out + cat(ns, "ns");
    if (ns < 1'000'000)
        return out + fraction(ns, 1'000) + "µs";
    if (ns < 1'000'000'000)
        return out + fraction(ns, 1'000'000) + "ms";
    const std::uint64_t minute_ns = 60'000'000'000ull;
    const std::uint64_t total_minutes = ns / minute_ns;
    if (total_minutes >= 60)
        append(out, total_minutes / 60, "h");
    if (total_minutes > 0)
        append(out, total_minutes % 60, "m");
    return out + fraction(ns % minute_ns, 1'000'000'000) + "s";
}

std::optional<Duration> parse_go_duration(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    if (text == "0")
        return Duration{};
    if (text.empty())
        return std::nullopt;
    struct Unit {
        std::string_view name;
        std::int64_t ns;
    };
    static constexpr Unit units[] = {{"ns", 1},           {"us", 1'000},         {"µs", 1'000},          {"ms", 1'000'000},
                                     {"s", second_ns}, {"m", 60 * second_ns}, {"h", 3600 * second_ns}};
    std::int64_t total = 0;
    while (!text.empty()) {
        std::int64_t whole = 0, part = 0, scale = 1;
        bool digits = false, dot = false;
        while (!text.empty() && ((text[0] >= '0' && text[0] <= '9') || (text[0] == '.' && !dot))) {
            if (text[0] == '.') {
                dot = true;
            } else {
                digits = true;
                if (dot) {
                    if (scale < second_ns) {
                        part = part * 10 + (text[0] - '0');
                        scale *= 10;
                    }
                } else {
                    if (whole > (INT64_MAX - 9) / 10)
                        return std::nullopt;
                    whole = whole * 10 + (text[0] - '0');
                }
            }
            text.remove_prefix(1);
        }
        if (!digits)
            return std::nullopt;
        std::size_t length = 0;
        while (length < text.size() && text[length] != '.' && (text[length] < '0' || text[length] > '9'))
            ++length;
        const Unit* unit = nullptr;
        for (const auto& candidate : units)
            if (candidate.name == text.substr(0, length))
                unit = &candidate;
        if (!unit || whole > INT64_MAX / unit->ns)
            return std::nullopt;
        const auto fraction = static_cast<std::int64_t>(static_cast<double>(part) / static_cast<double>(scale) * static_cast<double>(unit->ns));
        if (__builtin_add_overflow(total, whole * unit->ns, &total) || __builtin_add_overflow(total, fraction, &total))
            return std::nullopt;
        text.remove_prefix(length);
    }
    return Duration{negative ? -total : total};
}

}  // namespace kubewalk
