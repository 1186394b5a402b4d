#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/base/sort.h"

using namespace kubewalk;

TEST_CASE("sort_stably keeps the order of equals, moves only, and agrees with its definition") {
    std::vector<std::string> words = {"pod", "node", "svc", "a", "b", ""};
    sort_stably(words, [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
    CHECK(words == std::vector<std::string>{"", "a", "b", "pod", "svc", "node"});

    std::vector<std::unique_ptr<int>> owned;
    for (int n : {3, 1, 2}) owned.push_back(std::make_unique<int>(n));
    sort_stably(owned, [](const auto& a, const auto& b) { return *a < *b; });
    for (int n = 0; n < 3; ++n) CHECK(*owned[static_cast<std::size_t>(n)] == n + 1);

    Random random(7);
    for (std::size_t size = 0; size < 60; ++size) {
        std::vector<std::pair<std::uint64_t, std::size_t>> items;
        for (std::size_t i = 0; i < size; ++i) items.push_back({random.below(8), i});
        sort_stably(items, [](const auto& a, const auto& b) { return a.first < b.first; });
        REQUIRE(items.size() == size);
        for (std::size_t i = 1; i < size; ++i) CHECK(items[i - 1] < items[i]);
    }
}
