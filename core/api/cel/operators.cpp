// Operators, sizes, conversions. Upstream: github.com/google/cel-go/common/{stdlib,types}, cel/library.go (optionalLib).

#include <array>
#include <cmath>

#include "core/api/cel/cel_text.h"
#include "core/api/cel/functions.h"
#include "core/base/regex.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace operators {
namespace {

using Args = std::span<const Val>;
using Kind = Val::Kind;

constexpr std::int64_t letters_a_unit = 10;  // strings and lists cost one for ten of theirs

Error overflow(const Val& value) { return cel_error(value.is(Kind::uinteger)                                    ? "unsigned integer overflow"
                                                             : value.is(Kind::duration) || value.is(Kind::timestamp) ? "duration overflow"
                                                                                                                     : "integer overflow"); }

Result<Val> add(Calling& calling, Args a) {
    switch (a[0].kind()) {
        case Kind::integer: {
            std::int64_t sum = 0;
            return __builtin_add_overflow(a[0].as_int(), a[1].as_int(), &sum) ? Result<Val>(overflow(a[0])) : Val::integer(sum);
        }
        case Kind::uinteger: {
            std::uint64_t sum = 0;
            return __builtin_add_overflow(a[0].as_uint(), a[1].as_uint(), &sum) ? Result<Val>(overflow(a[0])) : Val::uinteger(sum);
        }
        case Kind::number: return Val::number(a[0].as_double() + a[1].as_double());
        case Kind::string:
        case Kind::bytes: {
            calling.cost += static_cast<std::int64_t>(a[0].text().size() + a[1].text().size()) / letters_a_unit;
            const auto joined = cat(a[0].text(), a[1].text());
            return a[0].is(Kind::string) ? Val::string(joined) : Val::bytes(joined);
        }
        case Kind::list: {
            std::vector<Val> all;
            for (const auto& list : {a[0], a[1]})
                for (std::size_t i = 0; i < list.size(); ++i)
                    all.push_back(list.item(i));
            calling.cost += static_cast<std::int64_t>(all.size());
            return Val::list(std::move(all));
        }
        case Kind::duration: {
            if (a[1].is(Kind::timestamp))
                return add(calling, std::array{a[1], a[0]});
            std::int64_t sum = 0;
            return __builtin_add_overflow(a[0].as_int(), a[1].as_int(), &sum) ? Result<Val>(overflow(a[0])) : Val::duration(sum);
        }
        case Kind::timestamp: {
            std::int64_t nanos = a[1].as_int() % 1'000'000'000 + a[0].nanoseconds(), whole = a[1].as_int() / 1'000'000'000 + a[0].as_int();
            if (nanos < 0) {
                nanos += 1'000'000'000;
                --whole;
            } else if (nanos >= 1'000'000'000) {
                nanos -= 1'000'000'000;
                ++whole;
            }
            return in_calendar(whole) ? Result<Val>(Val::timestamp(whole, static_cast<std::int32_t>(nanos))) : cel_error("timestamp overflow");
        }
        default: return no_such_overload();
    }
}

Result<Val> subtract(Calling& calling, Args a) {
    switch (a[0].kind()) {
        case Kind::integer:
        case Kind::duration: {
            std::int64_t rest = 0;
            if (__builtin_sub_overflow(a[0].as_int(), a[1].as_int(), &rest))
                return overflow(a[0]);
            return a[0].is(Kind::integer) ? Val::integer(rest) : Val::duration(rest);
        }
        case Kind::uinteger: return a[0].as_uint() < a[1].as_uint() ? Result<Val>(overflow(a[0])) : Val::uinteger(a[0].as_uint() - a[1].as_uint());
        case Kind::number: return Val::number(a[0].as_double() - a[1].as_double());
        case Kind::timestamp: {
            if (a[1].is(Kind::duration)) {
                if (a[1].as_int() == INT64_MIN)
                    return overflow(a[0]);
                return add(calling, std::array{a[0], Val::duration(-a[1].as_int())});
            }
            std::int64_t rest = 0;
            if (__builtin_mul_overflow(a[0].as_int() - a[1].as_int(), std::int64_t{1'000'000'000}, &rest))
                return overflow(a[0]);
            return Val::duration(rest + a[0].nanoseconds() - a[1].nanoseconds());
        }
        default: return no_such_overload();
    }
}

Result<Val> multiply(Calling&, Args a) {
    if (a[0].is(Kind::number))
        return Val::number(a[0].as_double() * a[1].as_double());
    if (a[0].is(Kind::uinteger)) {
        std::uint64_t product = 0;
        return __builtin_mul_overflow(a[0].as_uint(), a[1].as_uint(), &product) ? Result<Val>(overflow(a[0])) : Val::uinteger(product);
    }
    // Without the 128 bits that clang's sanitizer multiplies in.
    const auto x = a[0].as_int(), y = a[1].as_int();
    std::int64_t product = 0;
    return __builtin_mul_overflow(x, y, &product) ? Result<Val>(overflow(a[0])) : Val::integer(product);
}

Result<Val> divide(Calling&, Args a) {
    if (a[0].is(Kind::number))
        return Val::number(a[0].as_double() / a[1].as_double());
    if (a[1].as_int() == 0)
        return cel_error("division by zero");
    if (a[0].is(Kind::uinteger))
        return Val::uinteger(a[0].as_uint() / a[1].as_uint());
    if (a[0].as_int() == INT64_MIN && a[1].as_int() == -1)
        return overflow(a[0]);
    return Val::integer(a[0].as_int() / a[1].as_int());
}

Result<Val> remainder(Calling&, Args a) {
    if (a[1].as_int() == 0)
        return cel_error("modulus by zero");
    if (a[0].is(Kind::uinteger))
        return Val::uinteger(a[0].as_uint() % a[1].as_uint());
    if (a[0].as_int() == INT64_MIN && a[1].as_int() == -1)
        return overflow(a[0]);
    return Val::integer(a[0].as_int() % a[1].as_int());
}

Result<Val> negate(Calling&, Args a) {
    if (a[0].is(Kind::number))
        return Val::number(-a[0].as_double());
    return a[0].as_int() == INT64_MIN ? Result<Val>(overflow(a[0])) : Val::integer(-a[0].as_int());
}

Result<Val> opposite(Calling&, Args a) { return Val::boolean(!a[0].is_true()); }

std::int64_t weight(const Val& value) {
    return static_cast<std::int64_t>(value.is(Kind::string) || value.is(Kind::bytes) ? value.text().size() / letters_a_unit : value.size());
}

Result<Val> is_equal(Calling& calling, Args a) {
    calling.cost += std::min(weight(a[0]), weight(a[1]));
    return Val::boolean(equal(a[0], a[1]));
}
Result<Val> is_different(Calling& calling, Args a) {
    calling.cost += std::min(weight(a[0]), weight(a[1]));
    return Val::boolean(!equal(a[0], a[1]));
}

template <int low, int high>
Result<Val> ordered(Calling& calling, Args a) {
    calling.cost += std::min(weight(a[0]), weight(a[1]));
    const int order = compare(a[0], a[1]);
    return Val::boolean(order >= low && order <= high);
}

Result<Val> is_in(Calling& calling, Args a) {
    Val found;
    if (a[1].is(Kind::map))
        return Val::boolean(a[1].find(a[0], found));
    for (std::size_t i = 0; i < a[1].size(); ++i) {
        ++calling.cost;
        if (equal(a[0], a[1].item(i)))
            return Val::boolean(true);
    }
    return Val::boolean(false);
}

// A number as a place in a list; nothing for one with a fraction.
std::optional<std::int64_t> place(const Val& index) {
    if (index.is(Kind::number))
        return std::floor(index.as_double()) == index.as_double() && std::fabs(index.as_double()) < 1e15 ? std::optional(static_cast<std::int64_t>(index.as_double())) : std::nullopt;
    return index.as_int();
}

Result<Val> at(const Val& from, const Val& key) {
    if (from.is(Kind::list)) {
        if (!key.is_numeric())
            return no_such_overload();
        const auto index = place(key);
        if (!index || *index < 0 || static_cast<std::size_t>(*index) >= from.size())
            return cel_error(cat("index out of bounds: ", string_of(key)));
        return from.item(static_cast<std::size_t>(*index));
    }
    if (Val found; from.find(key, found))
        return found;
    return cel_error(cat("no such key: ", string_of(key)));
}

Result<Val> element(Calling&, Args a) {
    if (!a[0].is(Kind::optional))
        return at(a[0], a[1]);
    if (!a[0].has_value())
        return Val::none();
    const auto found = at(a[0].inner(), a[1]);
    return found.ok() ? Val::some(found.value()) : Val::none();
}

Result<Val> optional_element(Calling&, Args a) {
    const bool wrapped = a[0].is(Kind::optional);
    if (wrapped && !a[0].has_value())
        return Val::none();
    const auto found = at(wrapped ? a[0].inner() : a[0], a[1]);
    return found.ok() ? Val::some(found.value()) : Val::none();
}

Result<Val> size(Calling&, Args a) {
    if (a[0].is(Kind::string))
        return Val::integer(static_cast<std::int64_t>(letters_of(a[0].text()).size()));
    return Val::integer(static_cast<std::int64_t>(a[0].is(Kind::bytes) ? a[0].text().size() : a[0].size()));
}

// -- optionals ---------------------------------------------------------------------------------------

bool is_zero(const Val& value) {
    switch (value.kind()) {
        case Kind::null: return true;
        case Kind::string:
        case Kind::bytes: return value.text().empty();
        case Kind::list:
        case Kind::map: return value.size() == 0;
        case Kind::number: return value.as_double() == 0;
        case Kind::optional: return !value.has_value();
        case Kind::type:
        case Kind::opaque: return false;
        default: return value.as_int() == 0 && value.nanoseconds() == 0;
    }
}

Result<Val> optional_of_value(Calling&, Args a) { return Val::some(a[0]); }
Result<Val> optional_of_non_zero(Calling&, Args a) { return is_zero(a[0]) ? Val::none() : Val::some(a[0]); }
Result<Val> optional_none(Calling&, Args) { return Val::none(); }
Result<Val> has_value(Calling&, Args a) { return Val::boolean(a[0].has_value()); }
Result<Val> value_of(Calling&, Args a) { return a[0].has_value() ? Result<Val>(a[0].inner()) : cel_error("optional.none() dereference"); }
Result<Val> or_value(Calling&, Args a) { return a[0].has_value() ? a[0].inner() : a[1]; }
Result<Val> or_optional(Calling&, Args a) { return a[0].has_value() ? a[0] : a[1]; }
Result<Val> unwrapped(Calling&, Args a) {
    std::vector<Val> all;
    for (std::size_t i = 0; i < a[0].size(); ++i)
        if (const auto item = a[0].item(i); item.has_value())
            all.push_back(item.inner());
    return Val::list(std::move(all));
}

constexpr std::string_view comparable =
    "(bool, bool) -> bool|(int, int) -> bool|(int, uint) -> bool|(int, double) -> bool|(uint, uint) -> bool|(uint, int) -> bool|(uint, double) -> bool|"
    "(double, double) -> bool|(double, int) -> bool|(double, uint) -> bool|(string, string) -> bool|(bytes, bytes) -> bool|(timestamp, timestamp) -> bool|"
    "(duration, duration) -> bool";

constexpr FunctionLine lines[] = {
    {"_+_", "(int, int) -> int|(uint, uint) -> uint|(double, double) -> double|(string, string) -> string|(bytes, bytes) -> bytes|(list<A>, list<A>) -> list<A>|"
            "(duration, duration) -> duration|(timestamp, duration) -> timestamp|(duration, timestamp) -> timestamp", add},
    {"_-_", "(int, int) -> int|(uint, uint) -> uint|(double, double) -> double|(duration, duration) -> duration|(timestamp, duration) -> timestamp|"
            "(timestamp, timestamp) -> duration", subtract},
    {"_*_", "(int, int) -> int|(uint, uint) -> uint|(double, double) -> double", multiply},
    {"_/_", "(int, int) -> int|(uint, uint) -> uint|(double, double) -> double", divide},
    {"_%_", "(int, int) -> int|(uint, uint) -> uint", remainder},
    {"-_", "(int) -> int|(double) -> double", negate},
    {"!_", "(bool) -> bool", opposite},
    {"_==_", "(A, A) -> bool", is_equal},
    {"_!=_", "(A, A) -> bool", is_different},
    {"_<_", comparable, ordered<-1, -1>},
    {"_<=_", comparable, ordered<-1, 0>},
    {"_>_", comparable, ordered<1, 1>},
    {"_>=_", comparable, ordered<0, 1>},
    {"@in", "(A, list<A>) -> bool|(A, map<A, B>) -> bool", is_in},
    {"_[_]", "(list<A>, int) -> A|(map<A, B>, A) -> B|(optional<list<A>>, int) -> optional<A>|(optional<map<A, B>>, A) -> optional<B>", element},
    {"_[?_]", "(list<A>, int) -> optional<A>|(map<A, B>, A) -> optional<B>|(optional<list<A>>, int) -> optional<A>|(optional<map<A, B>>, A) -> optional<B>", optional_element},
    {"size", "string.() -> int|bytes.() -> int|list<A>.() -> int|map<A, B>.() -> int|(string) -> int|(bytes) -> int|(list<A>) -> int|(map<A, B>) -> int", size},
    {"optional.of", "(A) -> optional<A>", optional_of_value},
    {"optional.ofNonZeroValue", "(A) -> optional<A>", optional_of_non_zero},
    {"optional.none", "() -> optional<A>", optional_none},
    {"hasValue", "optional<A>.() -> bool", has_value},
    {"value", "optional<A>.() -> A", value_of},
    {"orValue", "optional<A>.(A) -> A", or_value},
    {"or", "optional<A>.(optional<A>) -> optional<A>", or_optional},
    {"optional.unwrap", "(list<optional<A>>) -> list<A>", unwrapped},
    {"unwrapOpt", "list<optional<A>>.() -> list<A>", unwrapped},
};

}  // namespace
}  // namespace operators

std::span<const FunctionLine> operator_functions() { return operators::lines; }

}  // namespace kubewalk::api::cel
