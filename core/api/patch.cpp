// JSON patch and JSON merge patch; strategic merge patches are in strategic_patch.cpp.
// Upstream: github.com/evanphx/json-patch (patch.go), as the API server uses it.
#include "core/api/patch.h"

#include <optional>
#include <string>
#include <vector>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// RFC 6901: "/spec/ports/0/a~1b" -> its steps, unescaped; nothing when it does not begin with "/".
std::optional<std::vector<std::string>> pointer_steps(std::string_view pointer) {
    if (pointer.empty())
        return std::vector<std::string>{};
    if (!pointer.starts_with('/'))
        return std::nullopt;
    std::vector<std::string> steps;
    for (std::string_view step : split(pointer.substr(1), '/'))
        steps.push_back(replace_all(replace_all(step, "~1", "/"), "~0", "~"));
    return steps;
}

// The index of an existing item, or with `size` = items + 1 that of a place to insert; "-" is the last.
std::optional<std::size_t> index_of(std::string_view step, std::size_t size) {
    if (step == "-")
        return size == 0 ? std::nullopt : std::optional(size - 1);
    const auto index = parse_int(step);
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= size)
        return std::nullopt;
    return static_cast<std::size_t>(*index);
}

const Value* child_of(const Value& parent, std::string_view step) {
    if (parent.is_object())
        return parent.contains(step) ? &parent[step] : nullptr;
    if (!parent.is_array() || step == "-")
        return nullptr;
    const auto index = index_of(step, parent.size());
    return index ? &parent[*index] : nullptr;
}

const Value* find(const Value& document, const std::vector<std::string>& steps) {
    const Value* at = &document;
    for (const auto& step : steps) {
        at = child_of(*at, step);
        if (at == nullptr)
            return nullptr;
    }
    return at;
}

// The object or list that holds what `steps` lead to, for change; null when there is none.
Value* parent_for_change(Value& document, std::vector<std::string> steps) {
    steps.pop_back();
    const Value* existing = find(document, steps);
    if (existing == nullptr || (!existing->is_object() && !existing->is_array()))
        return nullptr;
    Value* at = &document;
    for (const auto& step : steps)
        at = at->is_object() ? &at->edit(step) : &at->edit_at(*index_of(step, at->size()));
    return at;
}

Error refused(std::string message) { return {"Invalid", std::move(message), {}, 0, 0}; }

class JsonPatch {
public:
    explicit JsonPatch(Value document) : document_(std::move(document)) {}

    Result<void> apply(const Value& operation) {
        const std::string op = operation["op"].str();
        const std::string_view path = operation["path"].as_string();
        if (!operation["path"].is_string() || !pointer_steps(path))
            return refused(cat(op, " operation does not apply: doc is missing path: ", quoted(path), ": missing value"));
        if (op == "add")
            return add(path, operation["value"], op);
        if (op == "remove")
            return remove(path, op);
        if (op == "replace")
            return replace(path, operation["value"]);
        if (op == "test")
            return test(path, operation["value"]);
        if (op == "move" || op == "copy")
            return move_or_copy(op, operation["from"].as_string(), path);
        return refused(cat("Unexpected kind: ", op));
    }

    Value take() { return std::move(document_); }

private:
    Result<void> add(std::string_view path, const Value& value, std::string_view op) {
        const auto steps = *pointer_steps(path);
        if (steps.empty()) {
            document_ = value;
            return {};
        }
        Value* parent = parent_for_change(document_, steps);
        if (parent == nullptr)
            return refused(cat(op, " operation does not apply: doc is missing path: ", quoted(path), ": missing value"));
        if (parent->is_object()) {
            parent->set(steps.back(), value);
            return {};
        }
        const auto index = index_of(steps.back(), parent->size() + 1);
        if (!index)
            return refused(cat("Unable to access invalid index: ", steps.back(), ": invalid index referenced"));
        parent->insert(*index, value);
        return {};
    }

    Result<void> remove(std::string_view path, std::string_view op) {
        const auto steps = *pointer_steps(path);
        if (steps.empty() || find(document_, steps) == nullptr)
            return refused(cat(op, " operation does not apply: doc is missing path: ", quoted(path), ": missing value"));
        Value* parent = parent_for_change(document_, steps);
        if (parent->is_object())
            parent->erase(steps.back());
        else
            parent->erase_at(*index_of(steps.back(), parent->size()));
        return {};
    }

    Result<void> replace(std::string_view path, const Value& value) {
        const auto steps = *pointer_steps(path);
        if (steps.empty()) {
            document_ = value;
            return {};
        }
        if (find(document_, steps) == nullptr)
            return refused(cat("replace operation does not apply: doc is missing key: ", path, ": missing value"));
        Value* parent = parent_for_change(document_, steps);
        if (parent->is_object())
            parent->set(steps.back(), value);
        else
            parent->edit_at(*index_of(steps.back(), parent->size())) = value;
        return {};
    }

    Result<void> test(std::string_view path, const Value& value) {
        const Value* found = find(document_, *pointer_steps(path));
        if ((found == nullptr ? null_value() : *found) == value)
            return {};
        return refused(cat("testing value ", path, " failed: test failed"));
    }

    Result<void> move_or_copy(std::string_view op, std::string_view from, std::string_view path) {
        const auto steps = pointer_steps(from);
        const Value* found = steps ? find(document_, *steps) : nullptr;
        if (found == nullptr)
            return refused(cat(op, " operation does not apply: doc is missing from path: ", quoted(from),
                               ": missing value"));
        const Value value = *found;
        if (op == "move") {
            auto removed = remove(from, op);
            if (!removed.ok())
                return removed;
        }
        return add(path, value, op);
    }

    Value document_;
};

}  // namespace

Result<Value> apply_json_patch(const Value& object, const Value& patch) {
    if (!patch.is_array())
        return Error{"BadRequest", cat("json: cannot unmarshal ", patch.type_name(),
                                       " into Go value of type jsonpatch.Patch"), {}, 0, 0};
    JsonPatch run(object);
    for (const Value& operation : patch.items()) {
        auto done = run.apply(operation);
        if (!done.ok())
            return done.error();
    }
    return run.take();
}

Value apply_merge_patch(const Value& object, const Value& patch) {
    if (!patch.is_object())
        return patch;
    Value merged = object.is_object() ? object : Value::object();
    for (const auto& [key, value] : patch.members()) {
        if (value.is_null())
            merged.erase(key);
        else
            merged.set(key, apply_merge_patch(merged[key], value));
    }
    return merged;
}

Value merge_patch_between(const Value& from, const Value& to) {
    Value patch = Value::object();
    for (const auto& [key, value] : from.members())
        if (!to.contains(key))
            patch.set(key, Value());
    for (const auto& [key, value] : to.members()) {
        if (from.contains(key) && from[key] == value)
            continue;
        if (from[key].is_object() && value.is_object())
            patch.set(key, merge_patch_between(from[key], value));
        else
            patch.set(key, value);
    }
    return patch;
}

namespace {

// Upstream: k8s.io/apimachinery/pkg/util/jsonmergepatch/patch.go (keepOrDeleteNullInObj).
Value only_nulls(const Value& patch, bool wanted) {
    Value kept = Value::object();
    for (const auto& [key, value] : patch.members()) {
        if (value.is_object()) {
            if (Value inner = only_nulls(value, wanted); !inner.empty() || (value.empty() && !wanted))
                kept.set(key, std::move(inner));
        } else if (value.is_null() == wanted) {
            kept.set(key, value);
        }
    }
    return kept;
}

Value laid_over(const Value& patch, const Value& over) {
    Value merged = patch;
    for (const auto& [key, value] : over.members())
        merged.set(key, merged[key].is_object() && value.is_object() ? laid_over(merged[key], value) : value);
    return merged;
}

}  // namespace

Value three_way_merge_patch(const Value& original, const Value& modified, const Value& current) {
    return laid_over(only_nulls(merge_patch_between(original, modified), true), only_nulls(merge_patch_between(current, modified), false));
}

}  // namespace kubewalk::api
