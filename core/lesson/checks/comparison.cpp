#include <algorithm>
#include <optional>

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/lesson/check.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

using api::Value;

Error malformed(std::string message, std::string field) { return Error{"Invalid", std::move(message), std::move(field), 0, 0}; }

Result<void> only_keys(const Value& object, std::initializer_list<std::string_view> allowed, std::string_view where) {
    std::string known;
    for (const auto key : allowed)
        append(known, known.empty() ? "" : ", ", key);
    const bool inside = where != "check" && where.find(' ') == std::string_view::npos;
    const std::string field = inside ? std::string(where) : std::string();
    if (!object.is_object())
        return malformed(cat(where, ": must be an object with any of: ", known), field);
    for (const auto& [key, value] : object.members())
        if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
            return malformed(cat("unknown key ", quoted(key), "; known here: ", known), field.empty() ? key : cat(field, ".", key));
    return {};
}

bool fits(const Value& wanted, std::string_view key, std::string_view text) {
    return !wanted.contains(key) || matches_pattern(wanted[key].as_string(), text);
}

namespace {

// The next step of a path and what is left of it: a name, or what stands in brackets.
struct PathStep {
    std::string_view name;
    std::optional<std::size_t> index;
    std::string_view member;  // [member=value]: the list's first item that has it
    std::string_view value;
};

PathStep take_step(std::string_view& path) {
    PathStep step;
    if (path.starts_with('[')) {
        const auto close = path.find(path.starts_with("['") ? "']" : "]");
        if (path.starts_with("['")) {
            step.name = path.substr(2, close - 2);
            path.remove_prefix(std::min(path.size(), close == std::string_view::npos ? path.size() : close + 2));
        } else if (const auto inside = path.substr(1, close - 1); inside.find('=') != std::string_view::npos) {
            step.member = inside.substr(0, inside.find('='));
            step.value = inside.substr(inside.find('=') + 1);
            path.remove_prefix(close == std::string_view::npos ? path.size() : close + 1);
        } else {
            step.index = static_cast<std::size_t>(parse_int(path.substr(1, close - 1)).value_or(-1));
            path.remove_prefix(close == std::string_view::npos ? path.size() : close + 1);
        }
    } else {
        const auto end = std::min(path.find_first_of(".["), path.size());
        step.name = path.substr(0, end);
        path.remove_prefix(end);
    }
    if (path.starts_with('.'))
        path.remove_prefix(1);
    return step;
}

std::optional<double> number_of(const Value& value) {
    if (value.is_number())
        return value.as_number();
    if (const auto number = parse_int(value.as_string()); value.is_string() && number)
        return static_cast<double>(*number);
    return std::nullopt;
}

std::string as_text(const Value& value) { return value.is_string() ? value.str() : api::to_json(value); }

const Value& item_with(const Value& list, const PathStep& step) {
    for (const auto& item : list.items())
        if (as_text(item[step.member]) == step.value)
            return item;
    return api::null_value();
}

}  // namespace

const Value& value_at(const Value& object, std::string_view path) {
    const Value* at = &object;
    while (!path.empty()) {
        const PathStep step = take_step(path);
        at = !step.member.empty() ? &item_with(*at, step) : step.index ? &(*at)[*step.index] : &(*at)[step.name];
    }
    return *at;
}

Result<void> validate_comparison(const Value& wanted, std::string_view where) {
    return only_keys(wanted, {"path", "equals", "not_equals", "exists", "at_least", "at_most", "contains", "matches"}, where);
}

bool comparison_holds(const Value& wanted, const Value& whole) {
    const Value& value = wanted["path"].is_string() ? value_at(whole, wanted["path"].as_string()) : whole;
    const auto number = number_of(value);
    if (wanted.contains("exists") && value.is_null() == wanted["exists"].as_bool())
        return false;
    if (wanted.contains("equals") && !(value == wanted["equals"]))
        return false;
    if (wanted.contains("not_equals") && value == wanted["not_equals"])
        return false;
    if (wanted.contains("at_least") && (!number || *number < wanted["at_least"].as_number()))
        return false;
    if (wanted.contains("at_most") && (!number || *number > wanted["at_most"].as_number()))
        return false;
    if (wanted.contains("contains") && as_text(value).find(wanted["contains"].as_string()) == std::string::npos)
        return false;
    return !wanted.contains("matches") || matches_pattern(wanted["matches"].as_string(), as_text(value));
}

Result<void> validate_amount(const Value& wanted, std::string_view where) {
    for (const std::string_view key : {"equals", "at_least", "at_most"})
        if (wanted[key].is_int())
            return {};
    return malformed(cat(where, ": needs equals, at_least or at_most, a number"));
}

bool amount_holds(const Value& wanted, std::int64_t amount) {
    return (!wanted.contains("equals") || amount == wanted["equals"].as_int()) &&
           (!wanted.contains("at_least") || amount >= wanted["at_least"].as_int()) &&
           (!wanted.contains("at_most") || amount <= wanted["at_most"].as_int());
}

}  // namespace kubewalk::lesson
