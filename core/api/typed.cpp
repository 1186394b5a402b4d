#include "core/api/typed.h"

#include <algorithm>

#include "core/api/custom_kinds.h"
#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// What is to be known of a place: its form, and how it is owned.
struct Shape {
    Form form = Form::any;
    const Type* type = nullptr;
    const TypeRef* element = nullptr;
    const Field* field = nullptr;  // of the list itself, for its keys
    bool atomic = true;            // owned as a whole: scalars, and all that is marked so
    bool deduced = false;          // nothing is known of it: objects have an owner for each member, lists have one

    static Shape of(const TypeRef& ref) {
        return {ref.form, ref.type, ref.element, nullptr, ref.form == Form::object ? ref.type->atomic : ref.form != Form::map};
    }
    static Shape of(const Field& field) {
        Shape shape = of(field.ref);
        shape.field = &field;
        if (shape.form == Form::list)
            shape.atomic = field.list_type == ListType::atomic;
        else if (shape.form == Form::map)
            shape.atomic = field.atomic;
        else if (field.granular)
            shape.atomic = false;
        return shape;
    }
    static Shape of(const Type& type) { return {Form::object, &type, nullptr, nullptr, false}; }

    bool is_list() const { return form == Form::list; }
    Shape item() const { return of(*element); }
    // Of an object or map; an unknown member is a leaf.
    Shape member(std::string_view name) const {
        if (form == Form::map && !deduced)
            return of(*element);
        const Field* known = type ? type->find(name) : nullptr;
        if (!known && (deduced || (type && is_open(*type))))
            return {Form::map, nullptr, nullptr, nullptr, false, true};
        return known ? of(*known) : Shape{};
    }
};

// Numbers are 0 when nothing is said, texts empty, but for the protocol of a port; ServiceAccounts name no secret so.
Value default_key(const Shape& list, std::string_view key) {
    const Field* field = list.element->type->find(key);
    if (!field || list.element->type->name == "V1ObjectReference")
        return {};
    if (key == "protocol")
        return "TCP";
    return field->ref.form == Form::string ? Value("") : Value(0);
}

// "k:{...}" or "v:..."; empty when it has none of its keys.
std::string key_of_item(const Shape& list, const Value& item) {
    if (list.field->list_type == ListType::set)
        return item.is_array() || item.is_object() || item.is_null() ? std::string() : cat("v:", to_json(item));
    Value keys;
    for (const auto name : list.field->list_keys)
        if (item.contains(name))
            keys.set(name, item[name]);
        else if (Value fallback = default_key(list, name); item.is_object() && !fallback.is_null())
            keys.set(name, std::move(fallback));
    return keys.is_null() ? std::string() : cat("k:", to_json(keys));
}

std::string key_of_member(std::string_view name) { return cat("f:", name); }

struct Item {
    std::string key;
    std::vector<const Value*> left{};
    std::vector<const Value*> right{};
};

// The items of two lists by their keys, in the order in which the keys come.
std::vector<Item> items_of(const Shape& list, const Value* left, const Value* right) {
    std::vector<Item> items;
    for (const bool second : {false, true})
        for (const auto& value : second ? (right ? right->items() : std::span<const Value>()) : (left ? left->items() : std::span<const Value>())) {
            auto key = key_of_item(list, value);
            if (key.empty())
                continue;
            auto at = std::find_if(items.begin(), items.end(), [&](const Item& known) { return known.key == key; });
            if (at == items.end())
                at = items.insert(at, Item{std::move(key)});
            (second ? at->right : at->left).push_back(&value);
        }
    return items;
}

// Members of two objects side by side; null where one has none.
template <typename Visit>
void each_member(const Value* left, const Value* right, const Visit& visit) {
    const auto ours = left ? left->members() : std::span<const Value::Member>();
    const auto theirs = right ? right->members() : std::span<const Value::Member>();
    for (std::size_t i = 0, j = 0; i < ours.size() || j < theirs.size();) {
        const int order = i == ours.size() ? 1 : j == theirs.size() ? -1 : ours[i].key.compare(theirs[j].key);
        visit(order <= 0 ? ours[i].key : theirs[j].key, order <= 0 ? &ours[i].value : nullptr, order >= 0 ? &theirs[j].value : nullptr);
        i += order <= 0 ? 1 : 0;
        j += order >= 0 ? 1 : 0;
    }
}

bool is_leaf(const Shape& shape, const Value* left, const Value* right) {
    if (shape.deduced && ((left && !left->is_object()) || (right && !right->is_object())))
        return true;
    return shape.atomic || ((!left || left->empty()) && (!right || right->empty()));
}

void add_children(Comparison& out, std::string_view key, Comparison& child) {
    field_set::add_child(out.added, key, std::move(child.added));
    field_set::add_child(out.modified, key, std::move(child.modified));
    field_set::add_child(out.removed, key, std::move(child.removed));
}

bool same_items(const Item& item) {
    return std::equal(item.left.begin(), item.left.end(), item.right.begin(), item.right.end(), [](const Value* a, const Value* b) { return *a == *b; });
}

Comparison compare_at(const Shape& shape, const Value* left, const Value* right) {
    Comparison out;
    if (left && right && left->same(*right))
        return out;
    const bool leaf = is_leaf(shape, left, right);
    if (!leaf && shape.is_list()) {
        for (const auto& item : items_of(shape, left, right)) {
            // Items that are there twice have no owners inside of them.
            Comparison child;
            const bool twice_before = item.left.size() > 1, twice_after = item.right.size() > 1;
            if (!twice_before || !twice_after)
                if (const Value* a = twice_before || item.left.empty() ? nullptr : item.left[0], *b = twice_after || item.right.empty() ? nullptr : item.right[0]; a || b)
                    child = compare_at(shape.item(), a, b);
            if (twice_before && twice_after && !same_items(item))
                field_set::add_member(child.modified);
            if (twice_before && !twice_after)
                field_set::add_member(child.removed);
            if (twice_after && !twice_before)
                field_set::add_member(child.added);
            add_children(out, item.key, child);
        }
    } else if (!leaf) {
        each_member(left, right, [&](const std::string& name, const Value* a, const Value* b) {
            if (a && b && a->same(*b))
                return;
            if (Comparison child = compare_at(shape.member(name), a, b); !child.added.is_null() || !child.modified.is_null() || !child.removed.is_null())
                add_children(out, key_of_member(name), child);
        });
    } else if (left && right && !(*left == *right)) {
        field_set::add_member(out.modified);
    }
    if (!left)
        field_set::add_member(out.added);
    else if (!right)
        field_set::add_member(out.removed);
    return out;
}

Value fields_at(const Shape& shape, const Value& value) {
    Value out;
    if (shape.atomic || (shape.deduced && !value.is_object())) {
        field_set::add_member(out);
    } else if (shape.is_list()) {
        for (const auto& item : items_of(shape, &value, nullptr)) {
            Value child = item.left.size() > 1 ? Value() : fields_at(shape.item(), *item.left[0]);
            field_set::add_member(child);
            field_set::add_child(out, item.key, std::move(child));
        }
    } else {
        for (const auto& [name, member] : value.members()) {
            Value child = fields_at(shape.member(name), member);
            if (member.is_null() || (member.is_object() && member.empty()) || (shape.form == Form::map && !shape.deduced))
                field_set::add_member(child);
            field_set::add_child(out, key_of_member(name), std::move(child));
        }
    }
    return out;
}

Value merge_at(const Shape& shape, const Value* left, const Value* right);

// Items that only one list has stay beside those that they stood beside; what both have is in the order of the second.
Value merge_items(const Shape& shape, const Value& left, const Value& right) {
    const auto items = items_of(shape, &left, &right);
    const auto find = [&](const Value& value) {
        const auto key = key_of_item(shape, value);
        return std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.key == key; });
    };
    std::vector<decltype(items.begin())> ours, theirs, shared;
    for (const auto& value : left.items())
        if (const auto at = find(value); at != items.end())
            ours.push_back(at);
    for (const auto& value : right.items())
        if (const auto at = find(value); at != items.end())
            theirs.push_back(at);
    for (const auto& at : theirs)
        if (!at->left.empty())
            shared.push_back(at);
    Value out = Value::array();
    std::vector<bool> merged(items.size());
    std::size_t next = 0;
    const auto take = [&](const auto& at) {
        const bool twice = at->left.size() > 1;
        merged[static_cast<std::size_t>(at - items.begin())] = true;
        out.push_back(merge_at(shape.item(), at->left.empty() || twice ? nullptr : at->left[0], at->right[0]));
        if (next < shared.size() && shared[next] == at)
            ++next;
    };
    for (std::size_t i = 0, j = 0; i < ours.size() || j < theirs.size();) {
        if (i < ours.size() && j < theirs.size()) {
            if (ours[i] == theirs[j]) {
                take(theirs[j]);
                ++i;
                ++j;
                continue;
            }
            if (!ours[i]->right.empty() && next < shared.size() && shared[next] != ours[i]) {
                ++i;  // not its turn yet
                continue;
            }
        }
        if (i < ours.size()) {
            if (ours[i]->right.empty()) {
                // The very item that stands there: it may be there twice.
                const auto copies = static_cast<std::size_t>(std::count(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(i), ours[i]));
                out.push_back(*ours[i]->left[copies]);
                ++i;
                continue;
            }
            if (merged[static_cast<std::size_t>(ours[i] - items.begin())])
                ++i;
        }
        if (j < theirs.size())
            take(theirs[j++]);
    }
    return out.empty() ? Value() : out;
}

Value merge_at(const Shape& shape, const Value* left, const Value* right) {
    if (!left || !right)
        return left ? *left : *right;
    if (left->same(*right) || is_leaf(shape, left, right))
        return *right;
    if (shape.is_list())
        return right->items().empty() ? *left : merge_items(shape, *left, *right);
    Value out = left->is_object() ? *left : Value::object();
    for (const auto& [name, value] : right->members())
        out.set(name, merge_at(shape.member(name), out.contains(name) ? &out[name] : nullptr, &value));
    return out;
}

Value without_at(const Shape& shape, const Value& value, const Value& set) {
    if (value.empty())
        return value.is_object() || value.is_array() ? Value() : value;
    if (shape.atomic || (shape.deduced && !value.is_object()))
        return value.is_object() || value.is_array() ? Value() : value;
    Value out = shape.is_list() ? Value::array() : Value::object();
    const auto keep = [&](const Shape& child, const Value& branch, const Value& item) {
        return branch.is_null() || branch.empty() ? item : without_at(child, item, branch);
    };
    if (shape.is_list()) {
        for (const auto& item : value.items())
            if (const Value& branch = set[key_of_item(shape, item)]; !field_set::is_member(branch))
                out.push_back(keep(shape.item(), branch, item));
    } else {
        for (const auto& [name, item] : value.members())
            if (const Value& branch = set[key_of_member(name)]; !field_set::is_member(branch))
                out.set(name, keep(shape.member(name), branch, item));
    }
    return out.empty() ? Value() : out;
}

Value named_at(const Shape& shape, const Value& set) {
    Value out;
    for (const auto& [key, branch] : set.members()) {
        if (key == ".") {
            field_set::add_member(out);
            continue;
        }
        const bool named = key.starts_with("f:") && shape.form == Form::object && shape.type->find(std::string_view(key).substr(2));
        Shape below;
        if (key.starts_with("f:") && (shape.form == Form::object || shape.form == Form::map))
            below = shape.member(std::string_view(key).substr(2));
        else if (key.starts_with("k:") && shape.is_list())
            below = shape.item();
        Value child = branch.empty() ? branch : named_at(below, branch);
        if (named)
            field_set::add_member(child);
        field_set::add_child(out, key, std::move(child));
    }
    return out;
}

// What Go's %T and %v make of JSON.
std::string go_type_of(const Value& value) {
    switch (value.type()) {
        case Value::Type::null: return "<nil>";
        case Value::Type::boolean: return "bool";
        case Value::Type::integer: return "int64";
        case Value::Type::number: return "float64";
        case Value::Type::string: return "string";
        case Value::Type::array: return "[]interface {}";
        case Value::Type::object: return "map[string]interface {}";
    }
    return {};
}

std::string go_value(const Value& value) {
    std::string text;
    for (const auto& item : value.items())
        append(text, text.empty() ? "" : " ", go_value(item));
    for (const auto& [name, member] : value.members())
        append(text, text.empty() ? "" : " ", name, ":", go_value(member));
    if (value.is_array())
        return cat("[", text, "]");
    if (value.is_object())
        return cat("map[", text, "]");
    return value.is_string() ? value.str() : value.is_null() ? "<nil>" : to_json(value);
}

class Checker {
public:
    void check(const Shape& shape, const Value& value, const std::string& path) {
        if (value.is_null())
            return;
        switch (shape.form) {
            case Form::int32:
            case Form::int64:
            case Form::number: return expect(value.is_number(), path, cat("expected numeric (int or float), got ", go_type_of(value)));
            case Form::boolean: return expect(value.is_bool(), path, cat("expected boolean, got &{", go_value(value), "}"));
            case Form::quantity:
            case Form::int_or_string:
                return expect(!value.is_array() && !value.is_object(), path, cat("expected any scalar, got &{", go_value(value), "}"));
            case Form::string:
            case Form::bytes:
            case Form::time:
            case Form::micro_time:
                return expect(value.is_string(), path, cat("expected string, got &value.valueUnstructured{Value:", go_value(value), "}"));
            case Form::any: return;
            case Form::map:
                if (shape.deduced)
                    return;
                return check_members(shape, value, path);
            case Form::list: return check_list(shape, value, path);
            case Form::object: return check_members(shape, value, path);
        }
    }
    std::string text() const {
        if (errors_.size() == 1)
            return errors_.front();
        std::string text = errors_.empty() ? "" : "errors:";
        for (const auto& error : errors_)
            append(text, "\n  ", error);
        return text;
    }

private:
    void expect(bool holds, const std::string& path, const std::string& otherwise) {
        if (!holds)
            errors_.push_back(path.empty() ? otherwise : cat(path, ": ", otherwise));
    }
    void check_members(const Shape& shape, const Value& value, const std::string& path) {
        if (!value.is_object())
            return expect(false, path, cat("expected map, got &{", go_value(value), "}"));
        for (const auto& [name, member] : value.members()) {
            if (shape.form == Form::object && !shape.type->find(name) && !is_open(*shape.type))
                return expect(false, cat(path, ".", name), "field not declared in schema");
            check(shape.member(name), member, cat(path, ".", name));
        }
    }
    void check_list(const Shape& shape, const Value& value, const std::string& path) {
        if (!value.is_array())
            return expect(false, path, cat("expected list, got &{", go_value(value), "}"));
        std::vector<std::string> seen;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const Value& item = value[i];
            auto place = cat("[", i, "]");
            if (!shape.atomic) {
                const auto key = key_of_item(shape, item);
                if (key.empty())
                    return expect(false, path, cat("element ", i, ": ", no_key(shape, item)));
                place = field_set::paths(Value::object({{key, Value::object()}})).front();
                expect(std::find(seen.begin(), seen.end(), key) == seen.end(), path, cat("duplicate entries for key ", place));
                seen.push_back(key);
            }
            check(shape.item(), item, path + place);
        }
    }
    static std::string no_key(const Shape& shape, const Value& item) {
        if (shape.field->list_type == ListType::set)
            return item.is_object()  ? "associative list without keys has an element that's a map type"
                   : item.is_array() ? "not supported: associative list with lists as elements"
                                     : "associative list without keys has an element that's an explicit null";
        if (!item.is_object())
            return item.is_null() ? "associative list with keys may not have a null element" : "associative list with keys may not have non-map elements";
        std::string keys;
        for (const auto key : shape.field->list_keys)
            append(keys, keys.empty() ? "" : " ", quoted(key));
        return cat("associative list with keys has an element that omits all key fields [", keys, "] (and doesn't have default values for any key fields)");
    }

    std::vector<std::string> errors_;
};

}  // namespace

Comparison compare(const Type& type, const Value& before, const Value& after) {
    const Shape shape = Shape::of(type);
    return before.is_null() || after.is_null() ? Comparison() : compare_at(shape, &before, &after);
}

Value fields_of(const Type& type, const Value& object) { return fields_at(Shape::of(type), object); }

Value merge(const Type& type, const Value& object, const Value& over) { return merge_at(Shape::of(type), &object, &over); }

Value without(const Type& type, const Value& object, const Value& set) { return without_at(Shape::of(type), object, set); }

Value with_named_parents(const Type& type, const Value& set) { return named_at(Shape::of(type), set); }

std::string type_errors(const Type& type, const Value& object) {
    Checker checker;
    checker.check(Shape::of(type), object, {});
    return checker.text();
}

}  // namespace kubewalk::api
