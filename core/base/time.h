#pragma once
// Virtual time. The simulation starts at a fixed instant so that same seed means same bytes.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kubewalk {

namespace detail {
// Times come from manifests as well: what is beyond the 292 years that fit stays at their end.
constexpr std::int64_t beyond(bool negative) { return negative ? INT64_MIN : INT64_MAX; }
constexpr std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? beyond(b < 0) : sum;
}
constexpr std::int64_t minus(std::int64_t a, std::int64_t b) {
    std::int64_t difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? beyond(b > 0) : difference;
}
constexpr std::int64_t times(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? beyond((a < 0) != (b < 0)) : product;
}
}  // namespace detail

// Nanoseconds, signed.
struct Duration {
    std::int64_t ns = 0;

    friend constexpr auto operator<=>(Duration, Duration) = default;
    friend constexpr Duration operator+(Duration a, Duration b) { return {detail::plus(a.ns, b.ns)}; }
    friend constexpr Duration operator-(Duration a, Duration b) { return {detail::minus(a.ns, b.ns)}; }
    friend constexpr Duration operator*(Duration a, std::int64_t n) { return {detail::times(a.ns, n)}; }
    constexpr double seconds() const { return static_cast<double>(ns) / 1e9; }
    constexpr std::int64_t whole_seconds() const { return ns / 1'000'000'000; }
    constexpr std::int64_t whole_ms() const { return ns / 1'000'000; }
};

constexpr Duration microseconds(std::int64_t n) { return {detail::times(n, 1'000)}; }
constexpr Duration milliseconds(std::int64_t n) { return {detail::times(n, 1'000'000)}; }
constexpr Duration seconds(std::int64_t n) { return {detail::times(n, 1'000'000'000)}; }
constexpr Duration minutes(std::int64_t n) { return seconds(detail::times(60, n)); }
constexpr Duration hours(std::int64_t n) { return minutes(detail::times(60, n)); }

// An instant: nanoseconds since the cluster's power-on.
struct Time {
    std::int64_t ns = 0;

    friend constexpr auto operator<=>(Time, Time) = default;
    friend constexpr Time operator+(Time t, Duration d) { return {detail::plus(t.ns, d.ns)}; }
    friend constexpr Time operator-(Time t, Duration d) { return {detail::minus(t.ns, d.ns)}; }
    friend constexpr Duration operator-(Time a, Time b) { return {detail::minus(a.ns, b.ns)}; }
};

// Power-on as Unix seconds: 2026-01-01T00:00:00Z. Only timestamps in objects show it.
constexpr std::int64_t epoch_unix_seconds = 1767225600;

// metav1.Time: "2026-01-01T00:03:12Z" (whole seconds).
std::string to_rfc3339(Time time);
// metav1.MicroTime: "2026-01-01T00:03:12.402000Z".
std::string to_rfc3339_micro(Time time);
// Both forms (and offsets such as +02:00) back; nothing when malformed.
std::optional<Time> parse_rfc3339(std::string_view text);
// "00:03:12.402" since power-on, for logs and the scrubber.
std::string to_clock(Time time);
// kubectl's AGE column: k8s.io/apimachinery/pkg/util/duration.HumanDuration ("3m12s", "5d1h", ...).
std::string human_duration(Duration duration);
// Go's time.Duration text ("1m30s", "300ms", "1h0m0s") and back (time.ParseDuration).
std::string go_duration(Duration duration);
std::optional<Duration> parse_go_duration(std::string_view text);

}  // namespace kubewalk
