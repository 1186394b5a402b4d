// Quantities and semantic versions. Upstream: k8s.io/apiserver/pkg/cel/library/{quantity.go,semverlib.go}.

#include "core/api/cel/cel_text.h"
#include "core/api/cel/functions.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace quantity_library {
namespace {

using Args = std::span<const Val>;

Val of(const Quantity& quantity) { return Val::opaque({"kubernetes.Quantity", quantity.str(), quantity, {}}); }
const Quantity& in(const Val& value) { return value.opaque().quantity; }
Quantity number(const Val& value) { return value.is(Val::Kind::opaque) ? in(value) : Quantity::of(value.as_int()); }
bool is_whole(const Quantity& quantity) { return compare(quantity, Quantity::of(quantity.value())) == 0; }

Result<Val> quantity(Calling&, Args a) {
    const auto read = Quantity::parse(a[0].text());
    if (!read.ok())
        return cel_error(read.error().message);
    return of(read.value());
}
Result<Val> is_quantity(Calling&, Args a) { return Val::boolean(Quantity::parse(a[0].text()).ok()); }
Result<Val> sign(Calling&, Args a) { return Val::integer(in(a[0]).sign()); }
Result<Val> is_integer(Calling&, Args a) { return Val::boolean(is_whole(in(a[0]))); }
Result<Val> as_integer(Calling&, Args a) {
    return is_whole(in(a[0])) ? Result<Val>(Val::integer(in(a[0]).value())) : cel_error("cannot convert value to integer");
}
Result<Val> as_float(Calling&, Args a) {
    // Thousandths as far as they go: a Quantity has no fraction of its own to show.
    const auto milli = in(a[0]).milli_value();
    return Val::number(milli == INT64_MAX || milli == INT64_MIN ? static_cast<double>(in(a[0]).value()) : static_cast<double>(milli) / 1000.0);
}
Result<Val> add(Calling&, Args a) {
    Quantity sum = in(a[0]);
    sum.add(number(a[1]));
    return of(sum);
}
Result<Val> sub(Calling&, Args a) {
    Quantity rest = in(a[0]);
    rest.subtract(number(a[1]));
    return of(rest);
}
Result<Val> is_less(Calling&, Args a) { return Val::boolean(compare(in(a[0]), in(a[1])) < 0); }
Result<Val> is_greater(Calling&, Args a) { return Val::boolean(compare(in(a[0]), in(a[1])) > 0); }
Result<Val> compare_quantities(Calling&, Args a) { return Val::integer(compare(in(a[0]), in(a[1]))); }

// -- versions ----------------------------------------------------------------------------------------

bool is_number(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos && (text.size() == 1 || text[0] != '0') && text.size() < 18; }

// major, minor, patch, what follows "-"
Result<Opaque> read_version(std::string_view text, bool normalize) {
    std::string whole(text);
    if (normalize && (whole.starts_with("v") || whole.starts_with("V")))
        whole.erase(0, 1);
    std::string_view rest = whole;
    rest = rest.substr(0, rest.find('+'));
    const auto dash = rest.find('-');
    std::string pre(dash == std::string_view::npos ? std::string_view() : rest.substr(dash + 1));
    auto numbers = split(rest.substr(0, dash), '.');
    std::vector<std::string> kept;
    for (auto one : numbers) {
        while (normalize && one.size() > 1 && one[0] == '0')
            one.remove_prefix(1);
        kept.emplace_back(one);
    }
    while (normalize && kept.size() < 3)
        kept.emplace_back("0");
    if (kept.size() != 3)
        return cel_error("No Major.Minor.Patch elements found");
    for (const auto& one : kept)
        if (!is_number(one))
            return cel_error(cat("Invalid character(s) found in version number ", quoted(one)));
    if (dash != std::string_view::npos && pre.empty())
        return cel_error("Prerelease is empty");
    Opaque made{"kubernetes.Semver", cat(join(kept, "."), pre.empty() ? "" : "-", pre), {}, kept};
    made.parts.push_back(pre);
    return made;
}

int compare_parts(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    for (std::size_t i = 0; i < 3; ++i)
        if (const auto x = parse_int(a[i]).value_or(0), y = parse_int(b[i]).value_or(0); x != y)
            return x < y ? -1 : 1;
    if (a[3].empty() || b[3].empty())
        return a[3].empty() == b[3].empty() ? 0 : a[3].empty() ? 1 : -1;
    const auto left = split(a[3], '.'), right = split(b[3], '.');
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        const bool x = is_number(left[i]), y = is_number(right[i]);
        if (x && y) {
            if (const auto m = *parse_int(left[i]), n = *parse_int(right[i]); m != n)
                return m < n ? -1 : 1;
        } else if (x != y) {
            return x ? -1 : 1;
        } else if (const int order = left[i].compare(right[i]); order != 0) {
            return order < 0 ? -1 : 1;
        }
    }
    return left.size() == right.size() ? 0 : left.size() < right.size() ? -1 : 1;
}

Result<Val> semver(Calling&, Args a) {
    KUBEWALK_TRY(read, read_version(a[0].text(), a.size() > 1 && a[1].is_true()));
    return Val::opaque(read);
}
Result<Val> is_semver(Calling&, Args a) { return Val::boolean(read_version(a[0].text(), a.size() > 1 && a[1].is_true()).ok()); }
template <std::size_t part>
Result<Val> version_part(Calling&, Args a) {
    return Val::integer(parse_int(a[0].opaque().parts[part]).value_or(0));
}

Result<Val> less(Calling& calling, Args a) {
    return a[0].opaque().name == "kubernetes.Semver" ? Val::boolean(compare_parts(a[0].opaque().parts, a[1].opaque().parts) < 0) : is_less(calling, a);
}
Result<Val> greater(Calling& calling, Args a) {
    return a[0].opaque().name == "kubernetes.Semver" ? Val::boolean(compare_parts(a[0].opaque().parts, a[1].opaque().parts) > 0) : is_greater(calling, a);
}
Result<Val> compared(Calling& calling, Args a) {
    return a[0].opaque().name == "kubernetes.Semver" ? Val::integer(compare_parts(a[0].opaque().parts, a[1].opaque().parts)) : compare_quantities(calling, a);
}

constexpr std::string_view both = "kubernetes.Quantity.(kubernetes.Quantity) -> bool|kubernetes.Semver.(kubernetes.Semver) -> bool";
constexpr std::string_view arithmetic = "kubernetes.Quantity.(kubernetes.Quantity) -> kubernetes.Quantity|kubernetes.Quantity.(int) -> kubernetes.Quantity";

constexpr FunctionLine lines[] = {
    {"quantity", "(string) -> kubernetes.Quantity", quantity},
    {"isQuantity", "(string) -> bool", is_quantity},
    {"sign", "kubernetes.Quantity.() -> int", sign},
    {"isInteger", "kubernetes.Quantity.() -> bool", is_integer},
    {"asInteger", "kubernetes.Quantity.() -> int", as_integer},
    {"asApproximateFloat", "kubernetes.Quantity.() -> double", as_float},
    {"add", arithmetic, add},
    {"sub", arithmetic, sub},
    {"isLessThan", both, less},
    {"isGreaterThan", both, greater},
    {"compareTo", "kubernetes.Quantity.(kubernetes.Quantity) -> int|kubernetes.Semver.(kubernetes.Semver) -> int", compared},
    {"semver", "(string) -> kubernetes.Semver|(string, bool) -> kubernetes.Semver", semver},
    {"isSemver", "(string) -> bool|(string, bool) -> bool", is_semver},
    {"major", "kubernetes.Semver.() -> int", version_part<0>},
    {"minor", "kubernetes.Semver.() -> int", version_part<1>},
    {"patch", "kubernetes.Semver.() -> int", version_part<2>},
};

}  // namespace
}  // namespace quantity_library

std::span<const FunctionLine> quantity_functions() { return quantity_library::lines; }

}  // namespace kubewalk::api::cel
