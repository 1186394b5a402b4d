// Strategic merge patches: applying them, and making them from two or three objects.
// Upstream: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go.
#include <algorithm>
#include <string>
#include <vector>

#include "core/api/custom_kinds.h"
#include "core/api/patch.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::string_view patch_directive = "$patch";
constexpr std::string_view retain_keys_directive = "$retainKeys";
constexpr std::string_view order_prefix = "$setElementOrder/";
constexpr std::string_view delete_prefix = "$deleteFromPrimitiveList/";

using List = std::vector<Value>;

// Parentheses on purpose: between braces two iterators that are pointers would become two items.
List to_list(const Value& array) { return List(array.items().begin(), array.items().end()); }

Value to_array(const List& list) {
    Value array = Value::array();
    for (const Value& item : list)
        array.push_back(item);
    return array;
}

// Go's %v, as errors show a value and as lists are ordered by their keys.
std::string go_text(const Value& value) {
    switch (value.type()) {
        case Value::Type::null: return "<nil>";
        case Value::Type::boolean: return value.as_bool() ? "true" : "false";
        case Value::Type::integer: return cat(value.as_int());
        case Value::Type::number: return format_double(value.as_number());
        case Value::Type::string: return value.str();
        case Value::Type::array: break;
        case Value::Type::object: break;
    }
    std::string text = value.is_array() ? "[" : "map[";
    for (const Value& item : value.items())
        append(text, text.size() == 1 ? "" : " ", go_text(item));
    for (const auto& [key, member] : value.members())
        append(text, text.size() == 4 ? "" : " ", key, ":", go_text(member));
    return text + "]";
}

Error bad_patch(std::string message) { return {"BadRequest", std::move(message), {}, 0, 0}; }

Error no_merge_key(const Value& item, std::string_view key) {
    return bad_patch(cat("map: ", go_text(item), " does not contain declared merge key: ", key));
}

// What the schema says of one member of an object.
struct Member {
    TypeRef ref;
    bool merges = false;  // lists only; objects always do
    bool retains_keys = false;
    bool replaces_object = false;
    std::string_view merge_key;
};

Result<Member> look_up(const TypeRef& parent, std::string_view name) {
    if (parent.form == Form::any)
        return Member{};
    if (parent.form == Form::map)
        return Member{*parent.element, false, false, false, {}};
    const Field* field = parent.form == Form::object ? parent.type->find(name) : nullptr;
    if (field == nullptr)
        return bad_patch(cat("unable to find api field in struct ",
                             parent.type == nullptr ? std::string_view() : parent.type->go_name,
                             " for the json field ", quoted(name)));
    const PatchStrategy strategy = field->patch;
    return Member{field->ref, strategy == PatchStrategy::merge || strategy == PatchStrategy::merge_retain_keys,
                  strategy == PatchStrategy::retain_keys || strategy == PatchStrategy::merge_retain_keys,
                  strategy == PatchStrategy::replace_object, field->merge_key};
}

TypeRef element_of(const TypeRef& list) { return list.element == nullptr ? TypeRef{} : *list.element; }

bool has_objects(const List& a, const List& b) {
    const auto is_object = [](const Value& item) { return item.is_object(); };
    return std::any_of(a.begin(), a.end(), is_object) || std::any_of(b.begin(), b.end(), is_object);
}

// Every item an object with the key, or none an object.
Result<void> check_items(const List& list, std::string_view key) {
    for (const Value& item : list) {
        if (!item.is_object())
            return bad_patch(cat("list element types are not identical: ", go_text(to_array(list))));
        if (!item.contains(key))
            return no_merge_key(item, key);
    }
    return {};
}

// Where in `list` the item with the same key stands (with no key: the same item).
std::size_t find_same(const List& list, const Value& item, std::string_view key) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const Value& other) {
        return key.empty() ? other == item : other[key] == item[key];
    });
    return static_cast<std::size_t>(found - list.begin());
}

bool contains_same(const List& list, const Value& item, std::string_view key) {
    return find_same(list, item, key) < list.size();
}

bool is_deletion(const Value& item) { return item[patch_directive].as_string() == "delete"; }

// Orders by `order`; deletions go to the end.
void sort_by(List& list, const List& order, std::string_view key) {
    const auto deletions =
        std::stable_partition(list.begin(), list.end(), [](const Value& item) { return !is_deletion(item); });
    std::stable_sort(list.begin(), deletions, [&](const Value& a, const Value& b) {
        return find_same(order, a, key) < find_same(order, b, key);
    });
}

// The items of `merged` that `patch_order` names in that order, with the others put where the server had them.
List arrange(const List& merged, const List& patch_order, const List& server_order, std::string_view key) {
    List named;
    List others;
    for (const Value& item : merged)
        (contains_same(patch_order, item, key) ? named : others).push_back(item);
    sort_by(named, patch_order, key);
    sort_by(others, server_order, key);
    List all;
    std::size_t next = 0;
    for (const Value& item : named) {
        const std::size_t place = find_same(server_order, item, key);
        while (next < others.size() && place < server_order.size() &&
               find_same(server_order, others[next], key) < place)
            all.push_back(others[next++]);
        all.push_back(item);
    }
    all.insert(all.end(), others.begin() + static_cast<std::ptrdiff_t>(next), others.end());
    return all;
}

void remove_duplicates(List& list) {
    List unique;
    for (Value& item : list) {
        if (!contains_same(unique, item, {}))
            unique.push_back(std::move(item));
    }
    list = std::move(unique);
}

// -- applying ------------------------------------------------------------------------------------------------

// `object`: the patch is carried out. `patch`: what it is applied to is a patch itself, so directives and nulls
// stay in it.
enum class Onto : std::uint8_t { object, patch };

// What a patch leaves where nothing was: no nulls, no directives.
Value without_directives(const Value& value) {
    if (value.is_array()) {
        Value out = Value::array();
        for (const Value& item : value.items()) {
            if (!item.contains(patch_directive))
                out.push_back(without_directives(item));
        }
        return out;
    }
    if (!value.is_object())
        return value;
    Value out = Value::object();
    if (is_deletion(value))
        return out;
    for (const auto& [key, member] : value.members()) {
        const bool directive = key == patch_directive || key == retain_keys_directive ||
                               key.starts_with(order_prefix) || key.starts_with(delete_prefix);
        if (!directive && !member.is_null())
            out.set(key, without_directives(member));
    }
    return out;
}

class Merger {
public:
    explicit Merger(Onto onto) : onto_(onto) {}

    Result<Value> merge(Value original, Value patch, const TypeRef& ref) const {
        if (patch.contains(patch_directive)) {
            const std::string directive = patch[patch_directive].str();
            if (directive == "delete")
                return Value::object();
            if (directive != "replace")
                return bad_patch(cat("unknown patch type: ", directive, " in map: ", go_text(patch)));
            patch.erase(patch_directive);
            return patch;
        }
        if (!original.is_object())
            original = Value::object();
        auto retained = retain_keys(original, patch);
        if (!retained.ok())
            return retained.error();
        auto ordered = set_element_order(original, patch, ref);
        if (!ordered.ok())
            return ordered.error();
        for (const auto& [key, value] : patch.members()) {
            auto merged = merge_member(original, key, value, ref);
            if (!merged.ok())
                return merged.error();
        }
        return original;
    }

private:
    Result<void> merge_member(Value& original, std::string_view key, const Value& patch, const TypeRef& ref) const {
        if (key.starts_with(delete_prefix)) {
            if (onto_ == Onto::patch) {
                original.set(key, patch);
                return {};
            }
            return delete_items(original, key.substr(delete_prefix.size()), patch);
        }
        if (patch.is_null()) {
            if (onto_ == Onto::patch)
                original.set(key, patch);
            else
                original.erase(key);
            return {};
        }
        const Value old = original[key];
        const bool both_objects = old.is_object() && patch.is_object();
        if (!both_objects && !(old.is_array() && patch.is_array())) {
            original.set(key, onto_ == Onto::object ? without_directives(patch) : patch);
            return {};
        }
        KUBEWALK_TRY(member, look_up(ref, key));
        if (member.replaces_object) {
            original.set(key, onto_ == Onto::object ? without_directives(patch) : patch);
            return {};
        }
        auto merged = both_objects ? merge(old, patch, member.ref) : merge_list(old, patch, member);
        if (!merged.ok())
            return merged.error();
        original.set(key, merged.take());
        return {};
    }

    Result<void> delete_items(Value& original, std::string_view key, const Value& gone) const {
        if (!gone.is_array())
            return bad_patch("invalid patch format of primitive list");
        if (!original[key].is_array())
            return {};
        const List deleted = to_list(gone);
        List kept;
        for (const Value& item : original[key].items()) {
            if (!contains_same(deleted, item, {}))
                kept.push_back(item);
        }
        original.set(key, to_array(kept));
        return {};
    }

    Result<Value> merge_list(const Value& original, const Value& patch, const Member& member) const {
        if (!member.merges)
            return patch;
        List ours = to_list(original);
        List theirs = to_list(patch);
        if (!has_objects(ours, theirs)) {
            List merged = ours;
            merged.insert(merged.end(), theirs.begin(), theirs.end());
            remove_duplicates(merged);
            return to_array(arrange(merged, theirs, ours, {}));
        }
        auto replaced = obey_directives(ours, theirs, member.merge_key);
        if (!replaced.ok())
            return replaced.error();
        List merged = ours;
        for (const Value& item : theirs) {
            if (!item.contains(member.merge_key))
                return no_merge_key(item, member.merge_key);
            const std::size_t at = find_same(merged, item, member.merge_key);
            if (at == merged.size()) {
                merged.push_back(onto_ == Onto::object ? without_directives(item) : item);
                continue;
            }
            KUBEWALK_TRY(one, merge(merged[at], item, element_of(member.ref)));
            merged[at] = std::move(one);
        }
        return to_array(arrange(merged, theirs, ours, member.merge_key));
    }

    // Takes the items with a $patch directive out of `theirs` and carries them out.
    Result<void> obey_directives(List& ours, List& theirs, std::string_view key) const {
        List plain;
        bool replace = false;
        for (const Value& item : theirs) {
            if (!item.is_object())
                return bad_patch(cat("list element types are not identical: ", go_text(to_array(theirs))));
            const std::string directive = item[patch_directive].str();
            if (!item.contains(patch_directive)) {
                plain.push_back(item);
            } else if (directive == "replace") {
                replace = true;
            } else if (directive == "merge") {
                return bad_patch("merging lists cannot yet be specified in the patch");
            } else if (directive != "delete") {
                return bad_patch(cat("unknown patch type: ", directive, " in map: ", go_text(item)));
            } else if (!item.contains(key)) {
                return no_merge_key(item, key);
            } else {
                std::erase_if(ours, [&](const Value& other) { return other[key] == item[key]; });
            }
        }
        theirs = std::move(plain);
        if (replace) {
            ours = std::move(theirs);
            theirs.clear();
        }
        return {};
    }

    Result<void> retain_keys(Value& original, Value& patch) const {
        if (!patch.contains(retain_keys_directive))
            return {};
        const Value keys = patch[retain_keys_directive];
        patch.erase(retain_keys_directive);
        if (onto_ == Onto::patch) {
            original.set(retain_keys_directive, keys);
            return {};
        }
        const List kept = to_list(keys);
        const auto is_kept = [&](std::string_view key) { return contains_same(kept, Value(key), {}); };
        for (const auto& [key, value] : patch.members()) {
            const bool directive = key.starts_with(order_prefix) || key.starts_with(delete_prefix);
            if (!keys.is_array() || (!value.is_null() && !directive && !is_kept(key)))
                return bad_patch("invalid patch format of retainKeys");
        }
        const Value before = original;
        for (const auto& [key, value] : before.members()) {
            if (!is_kept(key))
                original.erase(key);
        }
        return {};
    }

    // Merges each list that has a $setElementOrder, in that order, and takes both out of the patch.
    Result<void> set_element_order(Value& original, Value& patch, const TypeRef& ref) const {
        const Value before = patch;
        for (const auto& [directive, order] : before.members()) {
            if (!directive.starts_with(order_prefix))
                continue;
            if (!order.is_array())
                return bad_patch("invalid patch format of setElementOrder list");
            if (onto_ == Onto::patch)
                original.set(directive, order);
            patch.erase(directive);
            const std::string_view key = std::string_view(directive).substr(order_prefix.size());
            auto merged = merge_ordered(original, patch, key, to_list(order), ref);
            if (!merged.ok())
                return merged;
            patch.erase(key);
        }
        return {};
    }

    Result<void> merge_ordered(Value& original, const Value& patch, std::string_view key, const List& order,
                               const TypeRef& ref) const {
        KUBEWALK_TRY(member, look_up(ref, key));
        const Value old = original[key];
        const Value added = patch[key];
        if (!old.is_array() && !added.is_array())
            return {};
        auto valid = check_order(to_list(added), order, member.merge_key);
        if (!valid.ok())
            return valid;
        auto merged = !added.is_array() ? Result<Value>(old)
                      : !old.is_array() && onto_ == Onto::patch
                          ? Result<Value>(added)
                          : merge_list(old, added, member);
        if (!merged.ok())
            return merged.error();
        const List list = to_list(merged.value());
        if (!member.merge_key.empty()) {
            auto checked = check_items(list, member.merge_key);
            if (!checked.ok())
                return checked;
        }
        original.set(key, to_array(arrange(list, order, to_list(old), member.merge_key)));
        return {};
    }

    // The patch's items, deletions aside, must stand in `order`, in that order.
    static Result<void> check_order(const List& items, const List& order, std::string_view key) {
        std::size_t next = 0;
        for (const Value& item : items) {
            if (item.contains(patch_directive))
                continue;
            while (next < order.size() && !(key.empty() ? order[next] == item : order[next][key] == item[key]))
                ++next;
            if (order.empty())
                return {};
            if (next == order.size())
                return bad_patch(cat("The order in patch list:\n", go_text(to_array(items)), "\n doesn't match ",
                                     order_prefix.substr(0, order_prefix.size() - 1), " list:\n",
                                     go_text(to_array(order)), "\n"));
        }
        return {};
    }

    Onto onto_;
};

// -- making --------------------------------------------------------------------------------------------------

// Which half of a difference is wanted.
enum class Wanted : std::uint8_t { all, changes_and_additions, deletions };

class Differ {
public:
    explicit Differ(Wanted wanted) : wanted_(wanted) {}

    Result<Value> diff(const Value& original, const Value& modified, const TypeRef& ref, bool retains_keys) const {
        Value patch = Value::object();
        Value kept_keys = Value::array();
        for (const auto& [key, value] : modified.members()) {
            if (retains_keys && !value.is_null())
                kept_keys.push_back(key);
            auto done = diff_member(original, key, value, ref, patch);
            if (!done.ok())
                return done.error();
        }
        bool lost = false;
        for (const auto& [key, value] : original.members()) {
            if (modified.contains(key))
                continue;
            lost |= !value.is_null();
            if (deletes())
                patch.set(key, Value());
        }
        if (!kept_keys.empty() && (!patch.empty() || lost))
            patch.set(retain_keys_directive, kept_keys);
        return patch;
    }

private:
    bool changes() const { return wanted_ != Wanted::deletions; }
    bool deletes() const { return wanted_ != Wanted::changes_and_additions; }

    Result<void> diff_member(const Value& original, std::string_view key, const Value& value, const TypeRef& ref,
                             Value& patch) const {
        const Value& old = original[key];
        if (original.contains(key) && old == value)
            return {};
        if (old.is_object() && value.is_object()) {
            KUBEWALK_TRY(member, look_up(ref, key));
            if (member.replaces_object) {
                if (changes())
                    patch.set(key, value);
                return {};
            }
            KUBEWALK_TRY(nested, diff(old, value, member.ref, member.retains_keys));
            if (!nested.empty())
                patch.set(key, nested);
            return {};
        }
        if (old.is_array() && value.is_array()) {
            KUBEWALK_TRY(member, look_up(ref, key));
            if (member.merges)
                return diff_list(to_list(old), to_list(value), key, member, patch);
        }
        if (changes())
            patch.set(key, value);
        return {};
    }

    Result<void> diff_list(const List& original, const List& modified, std::string_view key, const Member& member,
                           Value& patch) const {
        if (original.empty()) {
            if (changes() && !modified.empty())
                patch.set(key, to_array(modified));
            return {};
        }
        return has_objects(original, modified) ? diff_objects(original, modified, key, member, patch)
                                               : diff_scalars(original, modified, key, patch);
    }

    Result<void> diff_objects(const List& original, const List& modified, std::string_view key, const Member& member,
                              Value& patch) const {
        const std::string_view merge_key = member.merge_key;
        for (const List* list : {&original, &modified}) {
            auto checked = check_items(*list, merge_key);
            if (!checked.ok())
                return checked;
        }
        List items;
        List order;
        for (const Value& item : modified) {
            order.push_back(Value::object({{merge_key, item[merge_key]}}));
            const std::size_t at = find_same(original, item, merge_key);
            if (at == original.size()) {
                if (changes())
                    items.push_back(item);
                continue;
            }
            KUBEWALK_TRY(one, diff(original[at], item, element_of(member.ref), member.retains_keys));
            if (one.empty())
                continue;
            one.set(merge_key, item[merge_key]);
            items.push_back(one);
        }
        add_deletions(original, modified, merge_key, items);
        const bool moved = !same_order(original, modified, merge_key);
        if ((changes() && (!items.empty() || moved)) || (deletes() && !items.empty())) {
            if (!order.empty())
                patch.set(cat(order_prefix, key), to_array(order));
        }
        if (!items.empty())
            patch.set(key, to_array(items));
        return {};
    }

    void add_deletions(const List& original, const List& modified, std::string_view merge_key, List& items) const {
        List gone;
        for (const Value& item : original) {
            if (deletes() && !contains_same(modified, item, merge_key))
                gone.push_back(Value::object({{patch_directive, "delete"}, {merge_key, item[merge_key]}}));
        }
        sort_stably(gone, [&](const Value& a, const Value& b) {
            return go_text(a[merge_key]) < go_text(b[merge_key]);
        });
        items.insert(items.end(), gone.begin(), gone.end());
    }

    static bool same_order(const List& a, const List& b, std::string_view key) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [&](const Value& x, const Value& y) { return x[key] == y[key]; });
    }

    Result<void> diff_scalars(const List& original, const List& modified, std::string_view key, Value& patch) const {
        List added;
        List gone;
        for (const Value& item : modified) {
            if (changes() && !contains_same(original, item, {}))
                added.push_back(item);
        }
        for (const Value& item : original) {
            if (deletes() && !contains_same(modified, item, {}))
                gone.push_back(item);
        }
        remove_duplicates(gone);
        sort_stably(gone,
                         [](const Value& a, const Value& b) { return go_text(a) < go_text(b); });
        if (!added.empty())
            patch.set(key, to_array(added));
        if (!gone.empty())
            patch.set(cat(delete_prefix, key), to_array(gone));
        if (!modified.empty() && ((deletes() && !gone.empty()) || (changes() && original != modified)))
            patch.set(cat(order_prefix, key), to_array(modified));
        return {};
    }

    Wanted wanted_;
};

Result<TypeRef> object_type(const Schema& schema, std::string_view type) {
    const Type* found = schema.find(type);
    if (found == nullptr)
        return bad_patch(cat("no schema for type ", quoted(type)));
    return TypeRef{Form::object, found, nullptr};
}

}  // namespace

Result<Value> apply_strategic_merge_patch(const Schema& schema, std::string_view type, const Value& object,
                                          const Value& patch) {
    KUBEWALK_TRY(ref, object_type(schema, type));
    if (!patch.is_object())
        return bad_patch("invalid JSON document");
    if (is_open(*ref.type))
        return apply_merge_patch(object, patch);
    return Merger(Onto::object).merge(object, patch, ref);
}

// Deletions are those from `original`, everything else is what `current` lacks or has differently.
Result<Value> three_way_patch(const Schema& schema, std::string_view type, const Value& original,
                              const Value& modified, const Value& current) {
    KUBEWALK_TRY(ref, object_type(schema, type));
    if (is_open(*ref.type))
        return three_way_merge_patch(original, modified, current);
    KUBEWALK_TRY(changes, Differ(Wanted::changes_and_additions).diff(current, modified, ref, false));
    KUBEWALK_TRY(deletions, Differ(Wanted::deletions).diff(original, modified, ref, false));
    return Merger(Onto::patch).merge(deletions, changes, ref);
}

Result<Value> two_way_patch(const Schema& schema, std::string_view type, const Value& from, const Value& to) {
    KUBEWALK_TRY(ref, object_type(schema, type));
    if (is_open(*ref.type))
        return merge_patch_between(from, to);
    return Differ(Wanted::all).diff(from, to, ref, false);
}

}  // namespace kubewalk::api
