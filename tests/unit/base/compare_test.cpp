#include "core/base/compare.h"

#include <doctest/doctest.h>

#include <string>

#include "core/base/random.h"

using namespace kubewalk;

TEST_CASE("compare: texts compare as std::string_view compares them") {
    Random random(7);
    const auto sign = [](int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; };
    for (int round = 0; round < 20'000; ++round) {
        // Long common beginnings, bytes above 127, zeros, every length around a word's.
        std::string a, b;
        for (auto length = random.below(21); length > 0; --length)
            a += static_cast<char>("ab\0\xff"[random.below(4)]);
        b = a.substr(0, random.below(a.size() + 1));
        for (auto length = random.below(4); length > 0; --length)
            b += static_cast<char>("ab\0\xff"[random.below(4)]);
        CHECK(same_text(a, b) == (std::string_view(a) == std::string_view(b)));
        CHECK(sign(compare_texts(a, b)) == sign(std::string_view(a).compare(b)));
        CHECK(same_text(a, std::string(a)));
    }
}
