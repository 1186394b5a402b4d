#include "core/api/field_set.h"

#include <vector>

#include "core/api/json.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::api::field_set {

namespace {

constexpr std::string_view itself = ".";

enum class Operation : unsigned char { unite, intersect, subtract, subtract_branches };

Value combine(const Value& a, const Value& b, Operation operation) {
    const bool unites = operation == Operation::unite;
    if (a.is_null())
        return unites ? b : Value();
    if (b.is_null())
        return operation == Operation::intersect ? Value() : a;
    const bool in_a = is_member(a), in_b = is_member(b);
    if (operation == Operation::subtract_branches && in_b)
        return {};
    if (a.same(b))
        return operation == Operation::unite || operation == Operation::intersect ? a : Value();
    const bool stays = unites ? in_a || in_b : in_a && in_b == (operation == Operation::intersect);
    // Mostly the result is `a`: who writes a field again owns it already. It is not built as long as it could be.
    bool is_a = stays == in_a;
    Value result;
    const auto ours = a.members(), theirs = b.members();
    const auto build = [&](std::size_t done) {
        is_a = false;
        for (const auto& [key, value] : ours.first(done))
            if (key != itself)
                add_child(result, key, value);
    };
    if (!is_a)
        build(0);
    for (std::size_t i = 0, j = 0; i < ours.size() || j < theirs.size();) {
        const int order = i == ours.size() ? 1 : j == theirs.size() ? -1 : ours[i].key.compare(theirs[j].key);
        const auto& key = order <= 0 ? ours[i].key : theirs[j].key;
        const Value& left = order <= 0 ? ours[i].value : null_value();
        const Value& right = order >= 0 ? theirs[j].value : null_value();
        if (key != itself) {
            Value child = combine(left, right, operation);
            if (is_a && !(child.is_null() ? left.is_null() : child.same(left)))
                build(i);
            if (!is_a)
                add_child(result, key, std::move(child));
        }
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
    }
    if (is_a)
        return a;
    if (stays)
        add_member(result);
    return result;
}

std::string text_of(const Value& value) { return value.is_string() ? quoted(value.as_string()) : to_json(value); }

std::string step_text(std::string_view key) {
    if (key.starts_with("f:"))
        return cat(".", key.substr(2));
    const auto parsed = parse_json(key.substr(2));
    if (!parsed.ok())
        return {};
    if (key.starts_with("v:"))
        return cat("[=", text_of(parsed.value()), "]");
    std::string text;
    for (const auto& [name, value] : parsed.value().members())
        append(text, text.empty() ? "[" : ",", name, "=", text_of(value));
    return text + "]";
}

// Keys of one kind are compared member by member, and there numbers come before texts and are compared as such.
bool value_before(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number())
        return a.as_number() < b.as_number();
    return a.is_number() != b.is_number() ? a.is_number() : a.as_string() < b.as_string();
}

bool step_before(std::string_view a, std::string_view b) {
    if (a[0] != b[0] || a[0] == 'f')
        return a < b;
    const auto left = parse_json(a.substr(2)), right = parse_json(b.substr(2));
    if (!left.ok() || !right.ok())
        return a < b;
    const auto ours = left.value().members(), theirs = right.value().members();
    for (std::size_t i = 0; i < ours.size() && i < theirs.size(); ++i) {
        if (ours[i].key != theirs[i].key)
            return ours[i].key < theirs[i].key;
        if (!(ours[i].value == theirs[i].value))
            return value_before(ours[i].value, theirs[i].value);
    }
    return ours.empty() && theirs.empty() ? value_before(left.value(), right.value()) : ours.size() < theirs.size();
}

void add_paths(const Value& set, const std::string& path, std::vector<std::string>& paths) {
    std::vector<const Value::Member*> steps;
    for (const auto& member : set.members())
        if (member.key != itself)
            steps.push_back(&member);
    sort_stably(steps, [](const Value::Member* a, const Value::Member* b) { return step_before(a->key, b->key); });
    for (const auto* step : steps)
        if (is_member(step->value))
            paths.push_back(path + step_text(step->key));
    for (const auto* step : steps)
        add_paths(step->value, path + step_text(step->key), paths);
}

}  // namespace

bool is_member(const Value& branch) { return branch.is_object() && (branch.empty() || branch.contains(itself)); }

void add_member(Value& branch) {
    if (branch.empty())
        branch = Value::object();
    else
        branch.set(itself, Value::object());
}

void add_child(Value& branch, std::string_view key, Value child) {
    if (child.is_null())
        return;
    if (branch.is_object() && branch.empty())
        branch.set(itself, Value::object());
    branch.set(key, std::move(child));
}

Value unite(const Value& a, const Value& b) { return combine(a, b, Operation::unite); }
Value intersect(const Value& a, const Value& b) { return combine(a, b, Operation::intersect); }
Value subtract(const Value& a, const Value& b) { return combine(a, b, Operation::subtract); }
Value subtract_branches(const Value& a, const Value& b) { return combine(a, b, Operation::subtract_branches); }

std::vector<std::string> paths(const Value& set) {
    std::vector<std::string> paths;
    add_paths(set, {}, paths);
    return paths;
}

}  // namespace kubewalk::api::field_set
