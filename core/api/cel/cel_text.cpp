#include "core/api/cel/cel_text.h"

#include <cmath>

#include "core/base/text.h"
#include "core/base/time.h"
#include "core/base/time_zone.h"

namespace kubewalk::api::cel {

// The same rules as everywhere, but for the years 1 to 9999.
std::optional<Val> timestamp_of(std::string_view text) {
    if (!parse_rfc3339(text) || text.size() < 20)
        return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t length) { return parse_int(text.substr(at, length)).value_or(0); };
    auto seconds = unix_from_civil(number(0, 4), static_cast<int>(number(5, 2)), static_cast<int>(number(8, 2)), static_cast<int>(number(11, 2)),
                                   static_cast<int>(number(14, 2)), static_cast<int>(number(17, 2)));
    std::int32_t nanoseconds = 0;
    std::size_t at = 19;
    if (text[at] == '.') {
        std::int32_t unit = 100'000'000;
        for (++at; text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
            nanoseconds += (text[at] - '0') * unit;
    }
    if (text[at] == '+' || text[at] == '-')
        seconds -= (text[at] == '+' ? 1 : -1) * (number(at + 1, 2) * 3600 + number(at + 4, 2) * 60);
    return Val::timestamp(seconds, nanoseconds);
}

std::optional<Val> duration_of(std::string_view text) {
    const auto read = parse_go_duration(text);
    return read ? std::optional(Val::duration(read->ns)) : std::nullopt;
}

namespace {

std::string timestamp_text(const Val& value) {
    const auto civil = civil_from_unix(value.as_int());
    const auto padded = [](std::int64_t number, std::size_t width) {
        auto text = cat(number);
        return text.size() < width ? std::string(width - text.size(), '0') + text : text;
    };
    std::string fraction;
    if (value.nanoseconds() != 0) {
        fraction = "." + padded(value.nanoseconds(), 9);
        fraction.erase(fraction.find_last_not_of('0') + 1);
    }
    return cat(padded(civil.year, 4), "-", padded(civil.month, 2), "-", padded(civil.day, 2), "T", padded(civil.hour, 2), ":", padded(civil.minute, 2), ":",
               padded(civil.second, 2), fraction, "Z");
}

// Seconds with their fraction, as protobuf's JSON has durations: "3600s".
std::string duration_text(const Val& value) {
    const auto ns = value.as_int();
    const std::uint64_t size = ns < 0 ? ~static_cast<std::uint64_t>(ns) + 1 : static_cast<std::uint64_t>(ns);
    std::string fraction;
    if (const auto rest = size % 1'000'000'000; rest != 0) {
        fraction = cat(rest);
        fraction = "." + std::string(9 - fraction.size(), '0') + fraction;
        fraction.erase(fraction.find_last_not_of('0') + 1);
    }
    return cat(ns < 0 ? "-" : "", size / 1'000'000'000, fraction, "s");
}

}  // namespace

namespace {

// Go's %g: an exponent from a million on, and below a ten thousandth.
std::string number_text(double number) {
    if (!std::isfinite(number))
        return std::isnan(number) ? "NaN" : number < 0 ? "-Inf" : "+Inf";
    if (std::floor(number) == number && std::fabs(number) < 1e6)
        return cat(number == 0 && std::signbit(number) ? "-" : "", static_cast<std::int64_t>(number));
    return format_double(number);
}

}  // namespace

std::string string_of(const Val& value) {
    switch (value.kind()) {
        case Val::Kind::null: return "null";
        case Val::Kind::boolean: return value.is_true() ? "true" : "false";
        case Val::Kind::integer: return cat(value.as_int());
        case Val::Kind::uinteger: return cat(value.as_uint());
        case Val::Kind::number: return number_text(value.as_double());
        case Val::Kind::timestamp: return timestamp_text(value);
        case Val::Kind::duration: return duration_text(value);
        case Val::Kind::opaque: return value.opaque().text;
        default: return std::string(value.text());
    }
}

// Upstream: github.com/google/cel-go/ext/formatting.go.
std::string formatted(const Val& value) {
    if (value.is(Val::Kind::number)) {
        const double number = value.as_double();
        return std::isnan(number) ? "NaN" : std::isinf(number) ? (number < 0 ? "-Infinity" : "Infinity") : number_text(number);
    }
    if (value.is(Val::Kind::list)) {
        std::string text = "[";
        for (std::size_t i = 0; i < value.size(); ++i)
            append(text, i == 0 ? "" : ", ", formatted(value.item(i)));
        return text + "]";
    }
    if (value.is(Val::Kind::map)) {
        std::map<std::string, std::string> sorted;
        for (const auto& [key, member] : value.entries())
            sorted[formatted(key)] = formatted(member);
        std::string text = "{";
        for (const auto& [key, member] : sorted)
            append(text, text.size() == 1 ? "" : ", ", key, ": ", member);
        return text + "}";
    }
    return string_of(value);
}

std::vector<std::string_view> letters_of(std::string_view text) {
    std::vector<std::string_view> letters;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = 1;
        while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xc0) == 0x80)
            ++length;
        letters.push_back(text.substr(i, length));
        i += length;
    }
    return letters;
}

}  // namespace kubewalk::api::cel
