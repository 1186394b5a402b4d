#include <doctest/doctest.h>

#include <map>

#include "core/base/ordered_map.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/base/time.h"

using namespace kubewalk;

TEST_CASE("text: splitting and joining") {
    CHECK(split("", ',').size() == 1);
    CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(fields("  a \t b\n") == std::vector<std::string_view>{"a", "b"});
    CHECK(replace_all("aaa", "aa", "b") == "ba");
    CHECK(cat("x", 'y', true, -3, std::string("z")) == "xytrue-3z");
}

TEST_CASE("text: whole numbers only") {
    CHECK(parse_int("+5") == 5);
    CHECK(parse_int("-9223372036854775808") == INT64_MIN);
    CHECK_FALSE(parse_int("9223372036854775808"));
    CHECK_FALSE(parse_int(""));
    CHECK_FALSE(parse_int("+"));
    CHECK_FALSE(parse_int("5 "));
}

TEST_CASE("text: doubles print as shortly as they read back") {
    CHECK(format_double(0.1) == "0.1");
    CHECK(format_double(1.0) == "1");
    CHECK(format_double(1.0 / 3) == "0.3333333333333333");
}

// k8s.io/apimachinery/pkg/util/duration/duration_test.go
TEST_CASE("time: human durations") {
    CHECK(human_duration(seconds(1)) == "1s");
    CHECK(human_duration(seconds(70)) == "70s");
    CHECK(human_duration(seconds(190)) == "3m10s");
    CHECK(human_duration(minutes(70)) == "70m");
    CHECK(human_duration(hours(47)) == "47h");
    CHECK(human_duration(hours(49)) == "2d1h");
    CHECK(human_duration(hours(24 * 365 * 2)) == "2y");
    CHECK(human_duration(milliseconds(100)) == "0s");
}

// Go's time package: Duration.String and ParseDuration.
TEST_CASE("time: Go durations") {
    CHECK(go_duration(Duration{}) == "0s");
    CHECK(go_duration(seconds(90)) == "1m30s");
    CHECK(go_duration(hours(1)) == "1h0m0s");
    CHECK(go_duration(milliseconds(1500)) == "1.5s");
    CHECK(go_duration(microseconds(5)) == "5µs");
    CHECK(parse_go_duration("1h30m") == minutes(90));
    CHECK(parse_go_duration("-1.5s") == milliseconds(-1500));
    CHECK_FALSE(parse_go_duration("5"));
    CHECK_FALSE(parse_go_duration(""));
}

TEST_CASE("time: timestamps") {
    CHECK(to_rfc3339(Time{}) == "2026-01-01T00:00:00Z");
    CHECK(to_rfc3339_micro(Time{} + milliseconds(1)) == "2026-01-01T00:00:00.001000Z");
    CHECK(parse_rfc3339("2026-01-01T02:00:01+02:00") == Time{} + seconds(1));
    CHECK(to_rfc3339(Time{} + hours(24 * 59)) == "2026-03-01T00:00:00Z");
    CHECK_FALSE(parse_rfc3339("2026-01-01"));
}

TEST_CASE("ordered map: copies share and do not disturb each other") {
    Random random(7);
    OrderedMap<int, int> map;
    std::map<int, int> expected;
    std::vector<std::pair<OrderedMap<int, int>, std::map<int, int>>> kept;
    for (int i = 0; i < 3000; ++i) {
        const int key = static_cast<int>(random.below(300));
        if (random.below(3) == 0) {
            CHECK(map.erase(key) == (expected.erase(key) == 1));
        } else {
            map[key] = i;
            expected[key] = i;
        }
        if (i % 500 == 0)
            kept.emplace_back(map, expected);
    }
    kept.emplace_back(map, expected);
    for (const auto& [copy, reference] : kept) {
        REQUIRE(copy.size() == reference.size());
        auto it = copy.begin();
        for (const auto& [key, value] : reference) {
            CHECK(it->first == key);
            CHECK(it->second == value);
            ++it;
        }
        CHECK(it == copy.end());
        const auto bound = copy.lower_bound(150);
        const auto reference_bound = reference.lower_bound(150);
        CHECK((bound == copy.end()) == (reference_bound == reference.end()));
        if (bound != copy.end())
            CHECK(bound->first == reference_bound->first);
    }
}

TEST_CASE("random: same seed, same draws; streams do not disturb each other") {
    Random a(42);
    Random b(42);
    CHECK(a.next() == b.next());
    const auto stream = a.stream("scheduler").next();
    CHECK(a.stream("scheduler").next() == stream);
    CHECK(a.stream("kubelet").next() != stream);
    CHECK(a.next() == b.next());
    CHECK(a.below(0) == 0);
    for (int i = 0; i < 100; ++i)
        CHECK(a.below(10) < 10);
    CHECK(a.uuid().size() == 36);
    CHECK(a.uuid()[14] == '4');
}
