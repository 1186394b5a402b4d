#pragma once
// Sorting that keeps the order of equals, once for all types. std::stable_sort makes 3 kB of code for each type and
// order it is used with, a tenth of what the page's first load may weigh; this makes a few hundred bytes. Where many
// thousands are sorted again and again, std::sort over small keys is the faster choice.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace kubewalk {

// Whether the element at the first index comes before the one at the second.
using IndexOrder = bool (*)(const void* context, std::uint32_t a, std::uint32_t b);

// The indices 0 to count - 1 in the order of what they stand for.
std::vector<std::uint32_t> stable_order(std::size_t count, IndexOrder before, const void* context);

// `items`: a random-access container; `before(a, b)` as std::stable_sort's comparison.
template <typename Items, typename Before>
void sort_stably(Items& items, const Before& before) {
    struct Context {
        const Items& items;
        const Before& before;
    };
    const Context context{items, before};
    std::vector<std::uint32_t> order = stable_order(
        items.size(),
        [](const void* in, std::uint32_t a, std::uint32_t b) {
            const Context& known = *static_cast<const Context*>(in);
            return static_cast<bool>(known.before(known.items[a], known.items[b]));
        },
        &context);
    // Along each circle of places that exchange what stands in them.
    for (std::uint32_t start = 0; start < order.size(); ++start) {
        if (order[start] == start) continue;
        auto held = std::move(items[start]);
        std::uint32_t at = start;
        while (order[at] != start) {
            const std::uint32_t from = order[at];
            items[at] = std::move(items[from]);
            order[at] = at;
            at = from;
        }
        items[at] = std::move(held);
        order[at] = at;
    }
}

}  // namespace kubewalk
