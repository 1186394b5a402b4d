#include "core/lesson/check.h"

#include <algorithm>

#include "core/base/glob.h"
#include "core/base/text.h"
#include "core/lesson/checks/kinds.h"

namespace kubewalk::lesson {

namespace {

using api::Value;

constexpr const CheckKind* kinds[] = {
    &object_check,    &count_check,   &endpoints_check, &event_check,    &component_check, &happened_check,
    &requested_check, &behaves_check, &looked_up_check, &resolves_check, &ran_check,       &gives_check,
    &in_past_check,
};

const CheckKind* kind_of(const Value& check) {
    for (const CheckKind* kind : kinds)
        if (check.contains(kind->key))
            return kind;
    return nullptr;
}

Error inside(std::string_view field, Error error) {
    error.field = cat(field, error.field.empty() ? "" : ".", error.field);
    return error;
}

Result<void> validate_all(const Value& check, std::string_view key) {
    if (!check[key].is_array() || check[key].empty())
        return malformed(cat(key, ": needs a list of checks"), std::string(key));
    for (std::size_t i = 0; i < check[key].size(); ++i)
        if (auto result = validate_check(check[key][i]); !result.ok())
            return inside(cat(key, "[", i, "]"), result.error());
    return only_keys(check, {key}, "check");
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
    return matches_with_stars(pattern, text, [](std::string_view of, std::size_t& at, char c) { return of[at++] == c; });
}

Result<void> validate_check(const Value& check) {
    if (!check.is_object())
        return malformed("a check is an object");
    if (const CheckKind* kind = kind_of(check))
        return kind->validate(check);
    for (const std::string_view key : {"all", "any"})
        if (check.contains(key))
            return validate_all(check, key);
    if (check.contains("not")) {
        const auto result = validate_check(check["not"]);
        return result.ok() ? only_keys(check, {"not"}, "check") : Result<void>(inside("not", result.error()));
    }
    std::string names;
    for (const CheckKind* kind : kinds)
        append(names, kind->key, ", ");
    return malformed(cat("a check needs one of: ", names, "all, any, not"));
}

bool holds(const Value& check, const cluster::Session& session) {
    if (const CheckKind* kind = kind_of(check))
        return kind->holds(check, session);
    const auto test = [&](const Value& part) { return holds(part, session); };
    const auto all = check["all"].items(), any = check["any"].items();
    if (check.contains("all"))
        return std::all_of(all.begin(), all.end(), test);
    if (check.contains("any"))
        return std::any_of(any.begin(), any.end(), test);
    return check.contains("not") && !holds(check["not"], session);
}

const Value* failing_part(const Value& check, const cluster::Session& session) {
    for (const Value& part : check["all"].items())
        if (const Value* found = failing_part(part, session))
            return found;
    return check.contains("all") || holds(check, session) ? nullptr : &check;
}

std::string found_instead(const Value& check, const cluster::Session& session) {
    const CheckKind* kind = kind_of(check);
    return kind && kind->found ? kind->found(check, session) : std::string();
}

}  // namespace kubewalk::lesson
