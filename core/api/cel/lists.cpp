// Lists and sets. Upstream: k8s.io/apiserver/pkg/cel/library/lists.go, github.com/google/cel-go/ext/{lists.go,sets.go}.

#include <algorithm>
#include <array>

#include "core/api/cel/cel_text.h"
#include "core/api/cel/functions.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace list_library {
namespace {

using Args = std::span<const Val>;
using Kind = Val::Kind;

constexpr std::size_t longest_list = 100'000;

Error too_long() { return cel_error("operation cancelled: actual cost limit exceeded"); }

std::vector<Val> items_of(Calling& calling, const Val& list) {
    std::vector<Val> all;
    for (std::size_t i = 0; i < list.size(); ++i)
        all.push_back(list.item(i));
    calling.cost += static_cast<std::int64_t>(all.size());
    return all;
}

Result<Val> is_sorted(Calling& calling, Args a) {
    const auto all = items_of(calling, a[0]);
    for (std::size_t i = 1; i < all.size(); ++i) {
        const int order = compare(all[i - 1], all[i]);
        if (order == 2)
            return no_such_overload();
        if (order > 0)
            return Val::boolean(false);
    }
    return Val::boolean(true);
}

Result<Val> sum(Calling& calling, Args a) {
    const auto all = items_of(calling, a[0]);
    Val total = Val::integer(0);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == 0) {
            total = all[0];
            continue;
        }
        if (!all[i].is(total.kind()) || !(total.is_numeric() || total.is(Kind::duration)))
            return no_such_overload();
        for (const auto& one : *overloads_of("_+_"))
            if (fits(*one.parameters[0], total)) {
                KUBEWALK_TRY(next, one.call(calling, std::array{total, all[i]}));
                total = next;
                break;
            }
    }
    return total;
}

template <int sign>
Result<Val> extreme(Calling& calling, Args a) {
    const auto all = items_of(calling, a[0]);
    if (all.empty())
        return cel_error(cat(sign < 0 ? "min" : "max", " called on empty list"));
    Val best = all[0];
    for (const auto& one : all) {
        const int order = compare(one, best);
        if (order == 2)
            return no_such_overload();
        if (order == sign)
            best = one;
    }
    return best;
}

Result<Val> index_of(Calling& calling, Args a) {
    const auto all = items_of(calling, a[0]);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (equal(all[i], a[1]))
            return Val::integer(static_cast<std::int64_t>(i));
    return Val::integer(-1);
}

Result<Val> last_index_of(Calling& calling, Args a) {
    const auto all = items_of(calling, a[0]);
    for (std::size_t i = all.size(); i-- > 0;)
        if (equal(all[i], a[1]))
            return Val::integer(static_cast<std::int64_t>(i));
    return Val::integer(-1);
}

bool has(const std::vector<Val>& all, const Val& wanted) {
    return std::any_of(all.begin(), all.end(), [&](const Val& one) { return equal(one, wanted); });
}

Result<bool> holds_all(Calling& calling, const Val& list, const Val& others) {
    const auto all = items_of(calling, list), wanted = items_of(calling, others);
    calling.cost += static_cast<std::int64_t>(all.size() * wanted.size());
    if (calling.cost > 1'000'000)
        return too_long();
    return std::all_of(wanted.begin(), wanted.end(), [&](const Val& one) { return has(all, one); });
}

Result<Val> sets_contains(Calling& calling, Args a) {
    KUBEWALK_TRY(all, holds_all(calling, a[0], a[1]));
    return Val::boolean(all);
}
Result<Val> sets_equivalent(Calling& calling, Args a) {
    KUBEWALK_TRY(there, holds_all(calling, a[0], a[1]));
    KUBEWALK_TRY(back, holds_all(calling, a[1], a[0]));
    return Val::boolean(there && back);
}
Result<Val> sets_intersects(Calling& calling, Args a) {
    const auto all = items_of(calling, a[0]), others = items_of(calling, a[1]);
    calling.cost += static_cast<std::int64_t>(all.size() * others.size());
    if (calling.cost > 1'000'000)
        return too_long();
    return Val::boolean(std::any_of(others.begin(), others.end(), [&](const Val& one) { return has(all, one); }));
}

// -- ext.Lists ---------------------------------------------------------------------------------------

Result<Val> distinct(Calling& calling, Args a) {
    std::vector<Val> kept;
    for (const auto& one : items_of(calling, a[0])) {
        if ((calling.cost += static_cast<std::int64_t>(kept.size())) > 1'000'000)
            return too_long();
        if (!has(kept, one))
            kept.push_back(one);
    }
    return Val::list(std::move(kept));
}

Result<Val> range(Calling& calling, Args a) {
    if (a[0].as_int() > static_cast<std::int64_t>(longest_list))
        return too_long();
    std::vector<Val> all;
    for (std::int64_t i = 0; i < a[0].as_int(); ++i)
        all.push_back(Val::integer(i));
    calling.cost += static_cast<std::int64_t>(all.size());
    return Val::list(std::move(all));
}

Result<Val> reverse(Calling& calling, Args a) {
    auto all = items_of(calling, a[0]);
    std::reverse(all.begin(), all.end());
    return Val::list(std::move(all));
}

Result<Val> slice(Calling& calling, Args a) {
    const auto all = items_of(calling, a[0]);
    const auto size = static_cast<std::int64_t>(all.size()), begin = a[1].as_int(), end = a[2].as_int();
    if (begin < 0 || end < 0)
        return cel_error(cat("cannot slice(", begin, ", ", end, "), negative indexes not supported"));
    if (begin > end)
        return cel_error(cat("cannot slice(", begin, ", ", end, "), start index must be less than or equal to end index"));
    if (end > size)
        return cel_error(cat("cannot slice(", begin, ", ", end, "), list is length ", size));
    return Val::list({all.begin() + begin, all.begin() + end});
}

Result<Val> sort(Calling& calling, Args a) {
    auto all = items_of(calling, a[0]);
    for (const auto& one : all)
        if (compare(one, all[0]) == 2 || one.is(Kind::null))
            return cel_error("list elements must have the same type");
    sort_stably(all, [](const Val& x, const Val& y) { return compare(x, y) < 0; });
    return Val::list(std::move(all));
}

void flatten_into(std::vector<Val>& out, const Val& list, std::int64_t depth) {
    for (std::size_t i = 0; i < list.size() && out.size() < longest_list; ++i) {
        const auto item = list.item(i);
        if (item.is(Kind::list) && depth > 0)
            flatten_into(out, item, depth - 1);
        else
            out.push_back(item);
    }
}

Result<Val> flatten(Calling& calling, Args a) {
    const auto depth = a.size() > 1 ? a[1].as_int() : 1;
    if (depth < 0)
        return cel_error("level must be non-negative");
    std::vector<Val> all;
    flatten_into(all, a[0], depth);
    calling.cost += static_cast<std::int64_t>(all.size());
    return Val::list(std::move(all));
}

Result<Val> first(Calling&, Args a) { return a[0].size() == 0 ? Val::none() : Val::some(a[0].item(0)); }
Result<Val> last(Calling&, Args a) { return a[0].size() == 0 ? Val::none() : Val::some(a[0].item(a[0].size() - 1)); }

constexpr FunctionLine lines[] = {
    {"isSorted", "list<int>.() -> bool|list<uint>.() -> bool|list<double>.() -> bool|list<bool>.() -> bool|list<string>.() -> bool|list<bytes>.() -> bool|"
                 "list<timestamp>.() -> bool|list<duration>.() -> bool", is_sorted},
    {"sum", "list<int>.() -> int|list<uint>.() -> uint|list<double>.() -> double|list<duration>.() -> duration", sum},
    {"min", "list<int>.() -> int|list<uint>.() -> uint|list<double>.() -> double|list<bool>.() -> bool|list<string>.() -> string|list<bytes>.() -> bytes|"
            "list<timestamp>.() -> timestamp|list<duration>.() -> duration", extreme<-1>},
    {"max", "list<int>.() -> int|list<uint>.() -> uint|list<double>.() -> double|list<bool>.() -> bool|list<string>.() -> string|list<bytes>.() -> bytes|"
            "list<timestamp>.() -> timestamp|list<duration>.() -> duration", extreme<1>},
    {"indexOf", "list<A>.(A) -> int", index_of},
    {"lastIndexOf", "list<A>.(A) -> int", last_index_of},
    {"sets.contains", "(list<A>, list<A>) -> bool", sets_contains},
    {"sets.equivalent", "(list<A>, list<A>) -> bool", sets_equivalent},
    {"sets.intersects", "(list<A>, list<A>) -> bool", sets_intersects},
    {"distinct", "list<A>.() -> list<A>", distinct},
    {"lists.range", "(int) -> list<int>", range},
    {"reverse", "list<A>.() -> list<A>", reverse},
    {"slice", "list<A>.(int, int) -> list<A>", slice},
    {"sort", "list<A>.() -> list<A>", sort},
    {"flatten", "list<list<A>>.() -> list<A>|list<dyn>.(int) -> list<dyn>", flatten},
    {"first", "list<A>.() -> optional<A>", first},
    {"last", "list<A>.() -> optional<A>", last},
};

}  // namespace
}  // namespace list_library

std::span<const FunctionLine> list_functions() { return list_library::lines; }

}  // namespace kubewalk::api::cel
