#include "core/api/managed_fields.h"

#include <algorithm>
#include <array>

#include "core/api/custom_kinds.h"
#include "core/api/conversion.h"
#include "core/api/decode.h"
#include "core/api/json.h"
#include "core/api/typed.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::size_t most_updaters = 10;
constexpr std::string_view bucket = "ancient-changes";
constexpr std::string_view before_apply = "before-first-apply";

std::string_view operation_of(const FieldManager& manager) { return manager.applies ? "Apply" : "Update"; }

// As upstream keys its managers, in JSON: what is sorted by that is sorted the same way here.
std::string identity(const FieldManager& manager) {
    std::string text = cat("{\"manager\":", quoted(manager.name), ",\"operation\":", quoted(operation_of(manager)));
    if (!manager.applies)
        append(text, ",\"apiVersion\":", quoted(manager.api_version));
    if (!manager.subresource.empty())
        append(text, ",\"subresource\":", quoted(manager.subresource));
    return text + "}";
}

// A set as a client may send it, in canonical form; false when one of its keys means nothing.
bool read_set(const Value& sent, Value& set) {
    for (const auto& [key, branch] : sent.members()) {
        if (key == ".") {
            field_set::add_member(set);
            continue;
        }
        if (key.size() < 2 || key[1] != ':')
            return false;
        std::string canonical = key;
        if (key[0] == 'k' || key[0] == 'v') {
            const auto parsed = parse_json(std::string_view(key).substr(2));
            if (!parsed.ok() || (key[0] == 'k') != parsed.value().is_object())
                return false;
            canonical = cat(key.substr(0, 2), to_json(parsed.value()));
        } else if (key[0] != 'f') {
            continue;  // of a later version
        }
        Value child;
        if (!read_set(branch, child))
            return false;
        field_set::add_child(set, canonical, child.is_null() ? Value::object() : std::move(child));
    }
    return true;
}

const Kind* in_version(const Kind& stored, std::string_view api_version) {
    if (stored.api_version() == api_version || is_custom(stored))
        return &stored;
    const Kind* kind = find_kind(api_version, stored.kind);
    return kind && &storage_kind(*kind) == &stored ? kind : nullptr;
}

const Type& type_of(const FieldContext& context, const Kind& kind) {
    static const Type none;
    const Type* type = context.type ? context.type : context.schema.find(kind.schema);
    return type ? *type : none;
}

// The fields that nobody owns: who an object is, and what only the server sets.
const Value& unowned() {
    static const Value set = [] {
        Value fields = Value::object({{"f:apiVersion", Value::object()}, {"f:kind", Value::object()}});
        for (const std::string_view name : {".", "f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid", "f:clusterName",
                                            "f:generation", "f:managedFields", "f:resourceVersion"})
            fields.edit("f:metadata").set(name, Value::object());
        return fields;
    }();
    return set;
}

Value only_children(const Value& set, std::string_view list, std::initializer_list<std::string_view> names) {
    Value out;
    for (const auto& [key, item] : set[list].members()) {
        Value kept;
        for (const auto name : names)
            field_set::add_child(kept, name, item[name]);
        field_set::add_child(out, key, std::move(kept));
    }
    return out;
}

// What a write to this part of the kind can change at all: the strategies' GetResetFields and GetResetFieldsFilter.
// Upstream: pkg/registry/*/strategy.go.
Value let_through(const Kind& kind, std::string_view subresource, const Value& set) {
    Value out;
    if (subresource == "status") {
        Value reset = field_set::of("f:spec");
        if (kind.kind == "Pod")
            reset.set("f:metadata", Value::object({{"f:deletionTimestamp", Value::object()}, {"f:ownerReferences", Value::object()}}));
        else if (kind.kind == "Deployment")
            reset.set("f:metadata", Value::object({{"f:labels", Value::object()}}));
        else if (kind.kind == "VolumeAttachment")
            reset.set("f:metadata", Value::object());
        return field_set::subtract_branches(set, reset);
    }
    if (subresource == "ephemeralcontainers") {
        Value spec;
        field_set::add_child(spec, "f:ephemeralContainers", set["f:spec"]["f:ephemeralContainers"]);
        field_set::add_child(out, "f:spec", std::move(spec));
        return out;
    }
    if (subresource == "resize") {
        Value spec;
        for (const std::string_view list : {"f:containers", "f:initContainers"})
            field_set::add_child(spec, list, only_children(set["f:spec"], list, {"f:resources", "f:resizePolicy"}));
        field_set::add_child(out, "f:spec", std::move(spec));
        return out;
    }
    return kind.status == StatusSubresource::yes ? field_set::subtract_branches(set, field_set::of("f:status")) : set;
}

Comparison let_through(const Kind& kind, std::string_view subresource, const Comparison& changes) {
    return {let_through(kind, subresource, changes.added), let_through(kind, subresource, changes.modified),
            let_through(kind, subresource, changes.removed)};
}

// An object before and after, as each version that somebody manages fields in sees it.
class Changes {
public:
    Changes(const FieldContext& context, const Kind& served, std::string_view subresource, const Value& before, const Value& after)
        : context_(context), served_(served), subresource_(subresource), before_(before), after_(after) {}

    // Null: no such version.
    const Comparison* in(const std::string& api_version) {
        for (const auto& [known, changes] : known_)
            if (known == api_version)
                return &changes;
        const Kind* kind = in_version(context_.stored, api_version);
        if (!kind)
            return nullptr;
        known_.emplace_back(api_version, let_through(*kind, subresource_,
                                                     compare(type_of(context_, *kind), convert(before_, served_, *kind), convert(after_, served_, *kind))));
        return &known_.back().second;
    }

private:
    const FieldContext& context_;
    const Kind& served_;
    std::string_view subresource_;
    const Value& before_;
    const Value& after_;
    std::vector<std::pair<std::string, Comparison>> known_;
};

// What the others lose by a change; what of it is a conflict when somebody applies (merge.Updater.update).
std::vector<FieldConflict> take_from_others(FieldManagers& managers, const FieldManager* self, Changes& changes, Force force) {
    std::vector<FieldConflict> conflicts;
    FieldManagers left;
    for (auto& manager : managers) {
        if (self && manager.is(*self)) {
            left.push_back(std::move(manager));
            continue;
        }
        const Comparison* change = changes.in(manager.api_version);
        if (!change)
            continue;
        Value taken = field_set::intersect(manager.fields, field_set::unite(change->modified, change->added));
        Value kept = field_set::subtract(field_set::subtract(manager.fields, taken), change->removed);
        if (force == Force::no && !taken.is_null())
            conflicts.push_back({manager, std::move(taken)});
        FieldManager rest = std::move(manager);
        rest.fields = std::move(kept);
        if (!rest.fields.is_null())
            left.push_back(std::move(rest));
    }
    if (conflicts.empty())
        managers = std::move(left);
    return conflicts;  // after which the managers are of no use
}

FieldManager* find_manager(FieldManagers& managers, const FieldManager& wanted) {
    const auto found = std::find_if(managers.begin(), managers.end(), [&](const FieldManager& manager) { return manager.is(wanted); });
    return found == managers.end() ? nullptr : &*found;
}

// The oldest of too many updaters become one for each version.
void cap_updaters(FieldManagers& managers) {
    std::vector<FieldManager> updaters;
    for (const auto& manager : managers)
        if (!manager.applies)
            updaters.push_back(manager);
    if (updaters.size() <= most_updaters)
        return;
    sort_stably(updaters, [](const FieldManager& a, const FieldManager& b) { return a.time != b.time ? a.time < b.time : identity(a) < identity(b); });
    std::vector<FieldManager> firsts;
    std::size_t count = updaters.size();
    for (const auto& updater : updaters) {
        if (count <= most_updaters)
            break;
        const auto first = std::find_if(firsts.begin(), firsts.end(), [&](const FieldManager& one) { return one.api_version == updater.api_version; });
        if (first == firsts.end()) {
            firsts.push_back(updater);
            continue;
        }
        const FieldManager shared{std::string(bucket), false, updater.api_version, {}, {}, {}};
        if (!find_manager(managers, shared)) {
            FieldManager* old = find_manager(managers, *first);
            old->name = bucket;
            old->subresource.clear();
        }
        if (updater.is(shared))
            continue;
        FieldManager* into = find_manager(managers, shared);
        into->fields = field_set::unite(updater.fields, into->fields);
        into->time = updater.time;
        std::erase_if(managers, [&](const FieldManager& one) { return one.is(updater); });
        --count;
    }
}

FieldManager writer_of(const FieldWrite& write, bool applies) {
    return {write.manager.empty() ? "unknown" : write.manager, applies, write.served->api_version(), write.subresource, {}, {}};
}

// The changed fields pass to the writer, those that went are nobody's (Manager.Update from StripMeta to BuildManagerInfo).
void update_fields(const FieldContext& context, FieldManagers& managers, const FieldWrite& write) {
    const Value empty = write.before.is_null() ? zero_object(type_of(context, context.stored)) : Value();
    Changes changes(context, context.stored, write.subresource, write.before.is_null() ? empty : write.before, write.asked);
    FieldManager self = writer_of(write, false);
    const Comparison* own = changes.in(self.api_version);
    if (!own)
        return;
    const Value mine = field_set::subtract(field_set::unite(own->modified, own->added), unowned());
    take_from_others(managers, nullptr, changes, Force::yes);
    if (!mine.is_null()) {
        // The handler of /scale makes its entry anew each time and has no time to give it (managedfields/scalehandler.go).
        const std::string time = write.subresource == "scale" ? std::string() : to_rfc3339(write.at);
        if (FieldManager* known = find_manager(managers, self)) {
            known->fields = field_set::unite(mine, known->fields);
            known->time = time;
        } else {
            self.fields = mine;
            self.time = time;
            managers.push_back(std::move(self));
        }
    }
    cap_updaters(managers);
}

FieldManager manager_of(const Value& entry) {
    return {entry["manager"].str(), entry["operation"].as_string() == "Apply", entry["apiVersion"].str(), entry["subresource"].str(),
            entry["time"].str(), entry["fieldsV1"]};
}

// What write_managers wrote: nothing in it needs to be checked or put in canonical form.
FieldManagers own_managers(const Value& entries) {
    FieldManagers managers;
    for (const auto& entry : entries.items()) {
        managers.push_back(manager_of(entry));
        if (entry["fieldsV1"].empty())
            managers.back().fields = {};
    }
    return managers;
}

bool resets(const Value& sent) { return sent.is_array() && (sent.empty() || (sent.size() == 1 && sent[0].empty())); }

// FieldManager.Update: what the managers are after one more write.
void take_write(const FieldContext& context, FieldManagers& managers, const FieldWrite& write) {
    // A part of an object cannot set them; a list that cannot be read, or is empty, leaves what there is.
    if (write.subresource.empty() && resets(write.sent))
        managers.clear();
    else if (auto sent = write.subresource.empty() ? read_managers(write.sent) : std::nullopt; sent && !sent->empty())
        managers = std::move(*sent);
    // Who was reset stays untracked until somebody applies.
    if (!managers.empty() || write.before.is_null())
        update_fields(context, managers, write);
}

// -- apply --------------------------------------------------------------------------------------------------------

struct Seen {
    const Kind* kind;
    Value object;
};

// merge.Updater.prune: takes out what the manager applied last time, no longer applies, and nobody else has.
class Pruning {
public:
    Pruning(const FieldContext& context, const FieldManagers& managers) : context_(context), managers_(managers) {}

    Value prune(const Kind& served, const Value& merged, const FieldManager& last) {
        const Kind* version = in_version(context_.stored, last.api_version);
        if (last.fields.is_null() || !version)
            return merged;
        const Type& type = type_of(context_, *version);
        const Value whole = convert(merged, served, *version);
        const Value last_named = with_named_parents(type, last.fields);
        Seen pruned = add_back_owned(*version, whole, without(type, whole, last_named));
        const Value kept = named(type, convert(pruned.object, *pruned.kind, *version));
        const Value dangling = field_set::intersect(field_set::subtract(named(type, whole), kept), last_named);
        return convert(without(type, whole, dangling), *version, served);
    }

private:
    Value named(const Type& type, const Value& object) const { return with_named_parents(type, fields_of(type, object)); }

    Seen add_back_owned(const Kind& version, const Value& whole, Value pruned) const {
        std::vector<const Kind*> versions{&version};
        for (const auto& manager : managers_)
            if (const Kind* other = in_version(context_.stored, manager.api_version); other && std::find(versions.begin(), versions.end(), other) == versions.end())
                versions.push_back(other);
        Seen merged{&version, whole}, rest{&version, std::move(pruned)};
        for (const Kind* at : versions) {
            const Type& type = type_of(context_, *at);
            merged = {at, convert(merged.object, *merged.kind, *at)};
            const Value object = convert(rest.object, *rest.kind, *at);
            Value owned;
            for (const auto& manager : managers_)
                if (manager.api_version == at->api_version())
                    owned = field_set::unite(owned, manager.fields);
            const Value keeps = field_set::unite(named(type, object), with_named_parents(type, owned));
            rest = {at, without(type, merged.object, field_set::subtract(named(type, merged.object), keeps))};
        }
        return rest;
    }

    const FieldContext& context_;
    const FieldManagers& managers_;
};

}  // namespace

bool FieldManager::is(const FieldManager& other) const {
    return name == other.name && applies == other.applies && subresource == other.subresource && (applies || api_version == other.api_version);
}

std::string FieldManager::text() const {
    std::string text = quoted(name);
    if (!subresource.empty())
        append(text, " with subresource ", quoted(subresource));
    if (!applies)
        append(text, " using ", api_version);
    return text;
}

std::optional<FieldManagers> read_managers(const Value& entries) {
    FieldManagers managers;
    for (const auto& entry : entries.items()) {
        FieldManager manager = manager_of(entry);
        manager.fields = {};
        if ((!manager.applies && entry["operation"].as_string() != "Update") || manager.api_version.empty() ||
            entry["fieldsType"].as_string() != "FieldsV1" || !read_set(entry["fieldsV1"], manager.fields))
            return std::nullopt;
        if (FieldManager* known = find_manager(managers, manager))
            *known = std::move(manager);
        else
            managers.push_back(std::move(manager));
    }
    return managers;
}

Value write_managers(FieldManagers managers) {
    sort_stably(managers, [](const FieldManager& a, const FieldManager& b) {
        const auto key = [](const FieldManager& manager) {
            return std::array<std::string_view, 5>{operation_of(manager), manager.time, manager.name, manager.api_version, manager.subresource};
        };
        return key(a) < key(b);
    });
    Value entries;
    for (auto& manager : managers) {
        Value entry = Value::object({{"manager", manager.name},
                                     {"operation", operation_of(manager)},
                                     {"apiVersion", manager.api_version},
                                     {"fieldsType", "FieldsV1"},
                                     {"fieldsV1", manager.fields.is_null() ? Value::object() : manager.fields}});
        if (!manager.time.empty())
            entry.set("time", manager.time);
        if (!manager.subresource.empty())
            entry.set("subresource", manager.subresource);
        entries.push_back(std::move(entry));
    }
    return entries;
}

bool same_managers(const Value& entries, const Value& others) {
    const auto ours = entries.items(), theirs = others.items();
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), [](Value a, Value b) {
        a.erase("time");
        b.erase("time");
        return a == b;
    });
}

Applied apply_fields(const FieldContext& context, const Value& live, const Value& config, FieldManagers managers, const FieldWrite& write, Force force) {
    const Kind& served = *write.served;
    const Type& type = type_of(context, served);
    FieldManager self = writer_of(write, true);
    FieldManager last;
    if (const FieldManager* known = find_manager(managers, self)) {
        last = *known;
        self.time = known->time;
    }
    self.fields = let_through(served, write.subresource, fields_of(type, config));
    std::erase_if(managers, [&](const FieldManager& manager) { return manager.is(self); });
    managers.push_back(self);

    const Value object = Pruning(context, managers).prune(served, merge(type, live, config), last);
    Changes changes(context, served, write.subresource, live, object);
    Applied result;
    result.conflicts = take_from_others(managers, &self, changes, force);
    if (!result.conflicts.empty())
        return result;
    FieldManager* own = find_manager(managers, self);
    own->fields = field_set::subtract(own->fields, unowned());
    if (!(object == live)) {
        result.object = object;
        own->time = to_rfc3339(write.at);
    }
    std::erase_if(managers, [](const FieldManager& manager) { return manager.fields.is_null(); });
    result.managers = std::move(managers);
    return result;
}

// Writes that are not worked out hang on one another; what is worked out lets go of them.
struct ManagedFields::Node {
    std::shared_ptr<Node> earlier;
    FieldWrite write;
    Value entries;
    int pending = 0;  // 0: `entries` is known
};

ManagedFields::ManagedFields(Value entries) : last_(std::make_shared<Node>()) { last_->entries = std::move(entries); }

ManagedFields ManagedFields::after(FieldWrite write) const {
    ManagedFields next;
    next.last_ = std::make_shared<Node>(Node{last_, std::move(write), {}, pending() + 1});
    return next;
}

int ManagedFields::pending() const { return last_ ? last_->pending : 0; }

Value ManagedFields::entries(const FieldContext& context) const {
    std::vector<const std::shared_ptr<Node>*> open;
    const std::shared_ptr<Node>* at = &last_;
    for (; *at && (*at)->pending > 0; at = &(*at)->earlier)
        open.push_back(at);
    if (open.empty())
        return last_ ? last_->entries : Value();
    FieldManagers managers = own_managers(*at ? (*at)->entries : null_value());
    for (; !open.empty(); open.pop_back()) {
        const std::shared_ptr<Node>& held = *open.back();
        take_write(context, managers, held->write);
        // In between only what an old copy still holds is worth writing down.
        if (held == last_ || held.use_count() > 1) {
            held->entries = write_managers(managers);
            held->write = {};
            held->pending = 0;
        }
    }
    last_->earlier.reset();
    return last_->entries;
}

}  // namespace kubewalk::api
