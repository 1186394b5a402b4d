// Conversions between types, and what times are made of. Upstream: github.com/google/cel-go/common/types (ConvertToType),
// common/stdlib.

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/api/cel/cel_text.h"
#include "core/api/cel/functions.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/base/time_zone.h"

namespace kubewalk::api::cel {

namespace conversion_library {
namespace {

using Args = std::span<const Val>;
using Kind = Val::Kind;

Error not_convertible(const Val& value, std::string_view type) { return cel_error(cat("type conversion error from '", value.type_name(), "' to '", type, "'")); }

Result<Val> to_int(Calling&, Args a) {
    const Val& value = a[0];
    switch (value.kind()) {
        case Kind::uinteger: return value.as_int() < 0 ? Result<Val>(cel_error("integer overflow")) : Val::integer(value.as_int());
        case Kind::number: {
            const double number = value.as_double();
            if (!(number > -9223372036854775808.0 && number < 9223372036854775808.0))
                return cel_error("integer overflow");
            return Val::integer(static_cast<std::int64_t>(number));
        }
        case Kind::string: {
            const auto number = parse_int(value.text());
            return number ? Result<Val>(Val::integer(*number)) : not_convertible(value, "int");
        }
        default: return Val::integer(value.as_int());
    }
}

Result<Val> to_uint(Calling&, Args a) {
    const Val& value = a[0];
    switch (value.kind()) {
        case Kind::integer: return value.as_int() < 0 ? Result<Val>(cel_error("unsigned integer overflow")) : Val::uinteger(value.as_uint());
        case Kind::number: {
            const double number = value.as_double();
            if (!(number >= 0 && number < 18446744073709551616.0))
                return cel_error("unsigned integer overflow");
            return Val::uinteger(static_cast<std::uint64_t>(number));
        }
        case Kind::string: {
            std::uint64_t number = 0;
            const auto text = value.text();
            const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
            return read.ec == std::errc() && read.ptr == text.data() + text.size() && !text.empty() ? Result<Val>(Val::uinteger(number)) : not_convertible(value, "uint");
        }
        default: return value;
    }
}

Result<Val> to_double(Calling&, Args a) {
    if (!a[0].is(Kind::string))
        return Val::number(a[0].as_double());
    const std::string text(a[0].text());
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return text.empty() || end != text.c_str() + text.size() ? Result<Val>(not_convertible(a[0], "double")) : Val::number(number);
}

Result<Val> to_string(Calling&, Args a) { return Val::string(string_of(a[0])); }
Result<Val> to_bytes(Calling&, Args a) { return Val::bytes(a[0].text()); }
Result<Val> to_bool(Calling&, Args a) {
    if (a[0].is(Kind::boolean))
        return a[0];
    for (const std::string_view word : {"true", "TRUE", "True", "t", "1"})
        if (a[0].text() == word)
            return Val::boolean(true);
    for (const std::string_view word : {"false", "FALSE", "False", "f", "0"})
        if (a[0].text() == word)
            return Val::boolean(false);
    return not_convertible(a[0], "bool");
}
Result<Val> to_dyn(Calling&, Args a) { return a[0]; }
Result<Val> type_of(Calling&, Args a) { return Val::type(a[0].type_name()); }

Result<Val> to_timestamp(Calling&, Args a) {
    if (a[0].is(Kind::integer))
        return in_calendar(a[0].as_int()) ? Result<Val>(Val::timestamp(a[0].as_int(), 0)) : cel_error("timestamp overflow");
    if (!a[0].is(Kind::string))
        return a[0];
    const auto read = timestamp_of(a[0].text());
    return read ? Result<Val>(*read) : not_convertible(a[0], "google.protobuf.Timestamp");
}
Result<Val> to_duration(Calling&, Args a) {
    if (a[0].is(Kind::integer))
        return Val::duration(a[0].as_int());
    if (!a[0].is(Kind::string))
        return a[0];
    const auto read = duration_of(a[0].text());
    return read ? Result<Val>(*read) : not_convertible(a[0], "google.protobuf.Duration");
}

constexpr FunctionLine conversions[] = {
    {"int", "(int) -> int|(uint) -> int|(double) -> int|(string) -> int|(timestamp) -> int|(duration) -> int", to_int},
    {"uint", "(uint) -> uint|(int) -> uint|(double) -> uint|(string) -> uint", to_uint},
    {"double", "(double) -> double|(int) -> double|(uint) -> double|(string) -> double", to_double},
    {"string", "(string) -> string|(bool) -> string|(int) -> string|(uint) -> string|(double) -> string|(bytes) -> string|(timestamp) -> string|"
               "(duration) -> string|(net.IP) -> string|(net.CIDR) -> string|(kubernetes.URL) -> string", to_string},
    {"bytes", "(bytes) -> bytes|(string) -> bytes", to_bytes},
    {"bool", "(bool) -> bool|(string) -> bool", to_bool},
    {"dyn", "(A) -> dyn", to_dyn},
    {"type", "(A) -> type", type_of},
    {"timestamp", "(timestamp) -> timestamp|(string) -> timestamp|(int) -> timestamp", to_timestamp},
    {"duration", "(duration) -> duration|(string) -> duration|(int) -> duration", to_duration},
};

// -- what a time is made of --------------------------------------------------------------------------

// The clock on the wall of a zone: a name of the IANA database or an offset such as "-08:00".
Result<std::int64_t> seconds_in(Args a) {
    const auto seconds = a[0].as_int();
    if (a.size() == 1)
        return seconds;
    const auto zone = a[1].text();
    if (const auto colon = zone.find(':'); colon != std::string_view::npos) {
        const bool west = zone.starts_with("-");
        const auto hours = parse_int(zone.substr(west || zone.starts_with("+") ? 1 : 0, colon - (west || zone.starts_with("+") ? 1 : 0))), minutes = parse_int(zone.substr(colon + 1));
        if (!hours || !minutes)
            return cel_error(cat("strconv.Atoi: parsing ", quoted(zone), ": invalid syntax"));
        return seconds + (west ? -1 : 1) * (*hours * 3600 + *minutes * 60);
    }
    const auto known = TimeZone::find(zone);
    if (!known)
        return cel_error(cat("unknown time zone ", zone));
    return seconds + known->offset_at(seconds);
}

enum class Part : unsigned char { year, month, day_of_month, date, day_of_week, day_of_year, hours, minutes, seconds, milliseconds };

template <Part part>
Result<Val> part_of(Calling&, Args a) {
    if (a[0].is(Kind::duration)) {
        const auto ns = a[0].as_int();
        switch (part) {
            case Part::hours: return Val::integer(ns / 3'600'000'000'000);
            case Part::minutes: return Val::integer(ns / 60'000'000'000);
            case Part::seconds: return Val::integer(ns / 1'000'000'000);
            default: return Val::integer(ns / 1'000'000 % 1000);
        }
    }
    KUBEWALK_TRY(seconds, seconds_in(a));
    const auto civil = civil_from_unix(seconds);
    switch (part) {
        case Part::year: return Val::integer(civil.year);
        case Part::month: return Val::integer(civil.month - 1);
        case Part::day_of_month: return Val::integer(civil.day - 1);
        case Part::date: return Val::integer(civil.day);
        case Part::day_of_week: return Val::integer(civil.weekday);
        case Part::day_of_year: return Val::integer((seconds - unix_from_civil(civil.year, 1, 1)) / 86400);
        case Part::hours: return Val::integer(civil.hour);
        case Part::minutes: return Val::integer(civil.minute);
        case Part::seconds: return Val::integer(civil.second);
        case Part::milliseconds: return Val::integer(a[0].nanoseconds() / 1'000'000);
    }
    return no_such_overload();
}

constexpr std::string_view of_timestamps = "timestamp.() -> int|timestamp.(string) -> int";
constexpr std::string_view of_both = "timestamp.() -> int|timestamp.(string) -> int|duration.() -> int";

constexpr FunctionLine times[] = {
    {"getFullYear", of_timestamps, part_of<Part::year>},      {"getMonth", of_timestamps, part_of<Part::month>},
    {"getDayOfMonth", of_timestamps, part_of<Part::day_of_month>}, {"getDate", of_timestamps, part_of<Part::date>},
    {"getDayOfWeek", of_timestamps, part_of<Part::day_of_week>},   {"getDayOfYear", of_timestamps, part_of<Part::day_of_year>},
    {"getHours", of_both, part_of<Part::hours>},              {"getMinutes", of_both, part_of<Part::minutes>},
    {"getSeconds", of_both, part_of<Part::seconds>},          {"getMilliseconds", of_both, part_of<Part::milliseconds>},
};

}  // namespace
}  // namespace conversion_library

std::span<const FunctionLine> conversion_functions() { return conversion_library::conversions; }
std::span<const FunctionLine> time_functions() { return conversion_library::times; }

}  // namespace kubewalk::api::cel
