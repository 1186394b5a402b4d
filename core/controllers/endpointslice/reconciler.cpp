#include "core/controllers/endpointslice/reconciler.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/controllers/endpointslice/utils.h"

namespace kubewalk::controllers::endpointslice {

namespace {

// Endpoints by their identity, in the order of the Pods.
class EndpointSet {
public:
    void insert(Value endpoint) {
        std::string key = endpoint_key(endpoint);
        if (by_key_.contains(key))
            return;
        by_key_.emplace(key, std::move(endpoint));
        order_.push_back(std::move(key));
    }
    const Value* find(const std::string& key) const {
        const auto found = by_key_.find(key);
        return found == by_key_.end() ? nullptr : &found->second;
    }
    void erase(const std::string& key) { by_key_.erase(key); }
    std::size_t size() const { return by_key_.size(); }
    Value pop() {
        while (!by_key_.contains(order_[next_]))
            ++next_;
        auto node = by_key_.extract(order_[next_++]);
        return std::move(node.mapped());
    }

private:
    std::map<std::string, Value> by_key_;
    std::vector<std::string> order_;
    std::size_t next_ = 0;
};

struct Group {
    Value ports;
    EndpointSet desired;
    Objects existing;
    bool wanted = false;
};

std::size_t count(const Value& slice) { return slice["endpoints"].size(); }

void fill(Value& slice, EndpointSet& desired, int max_endpoints) {
    Value endpoints = slice["endpoints"].is_null() ? Value::array() : slice["endpoints"];
    while (desired.size() > 0 && static_cast<int>(endpoints.size()) < max_endpoints)
        endpoints.push_back(desired.pop());
    slice.set("endpoints", endpoints);
}

// The unchanged slice that is nearest to full with the rest added; nothing when it fits nowhere.
Value* slice_to_fill(std::vector<Value>& unchanged, std::size_t rest, int max_endpoints) {
    Value* best = nullptr;
    int best_room = max_endpoints;
    for (auto& slice : unchanged) {
        const int room = max_endpoints - static_cast<int>(rest + count(slice));
        if (room >= 0 && room < best_room) {
            best_room = room;
            best = &slice;
        }
    }
    return best;
}

// Slices of one set of ports: endpoints leave, change and come with as few writes as possible.
void reconcile_ports(const Input& input, Group& group, std::string_view address_type, Changes& changes) {
    std::vector<Value> unchanged;
    std::vector<Value> to_update;
    for (const auto& slice : group.existing) {
        Value kept = Value::array();
        bool updated = false;
        for (const auto& endpoint : slice["endpoints"].items()) {
            const std::string key = endpoint_key(endpoint);
            if (const Value* got = group.desired.find(key)) {
                kept.push_back(*got);
                updated = updated || !same_endpoint(*got, endpoint);
                group.desired.erase(key);
            }
        }
        const Labels labels = labels_of(slice, input.service);
        Value next = slice;
        next.edit("metadata").set("labels", labels.labels);
        if (updated || kept.size() != count(slice)) {
            if (kept.empty()) {
                changes.remove.push_back(slice);
                continue;
            }
            next.set("endpoints", kept);
            to_update.push_back(next);
        } else if (labels.changed) {
            to_update.push_back(next);
        } else {
            unchanged.push_back(slice);
        }
    }
    // Slices that are written anyway take new endpoints first, the fullest before the others.
    sort_stably(to_update,
                     [](const Value& a, const Value& b) { return count(a) > count(b); });
    for (auto& slice : to_update)
        fill(slice, group.desired, input.max_endpoints);
    while (group.desired.size() > 0) {
        Value* found = static_cast<int>(group.desired.size()) < input.max_endpoints
                           ? slice_to_fill(unchanged, group.desired.size(), input.max_endpoints)
                           : nullptr;
        if (found) {
            fill(*found, group.desired, input.max_endpoints);
            to_update.push_back(*found);
            unchanged.erase(unchanged.begin() + (found - unchanged.data()));
        } else {
            Value slice = new_slice(input.service, group.ports, address_type);
            fill(slice, group.desired, input.max_endpoints);
            changes.create.push_back(slice);
        }
    }
    changes.update.insert(changes.update.end(), to_update.begin(), to_update.end());
}

bool is_placeholder_like(const Value& slice, const Value& placeholder) {
    return slice["endpoints"].empty() && slice["ports"].empty() && slice["addressType"] == placeholder["addressType"] &&
           slice["metadata"]["namespace"] == placeholder["metadata"]["namespace"] &&
           slice["metadata"]["labels"] == placeholder["metadata"]["labels"];
}

// Instead of creating one slice and deleting another, the other one is rewritten.
void reuse_names(const Value& service, Changes& changes) {
    for (std::size_t i = 0; i < changes.remove.size() && !changes.create.empty();) {
        Value& made = changes.create.back();
        const Value old = changes.remove[i];
        if (old["addressType"] != made["addressType"] || !owned_by(old, service)) {
            ++i;
            continue;
        }
        Value& metadata = made.edit("metadata");
        metadata.set("name", old["metadata"]["name"]);
        if (!old["metadata"]["resourceVersion"].is_null())
            metadata.set("resourceVersion", old["metadata"]["resourceVersion"]);
        changes.update.push_back(made);
        changes.create.pop_back();
        changes.remove.erase(changes.remove.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void gather_desired(const Input& input, std::string_view address_type, std::map<std::string, Group>& groups,
                    Changes& changes) {
    for (const auto& pod : input.pods) {
        if (!should_pod_be_in_endpoints(pod, true))
            continue;
        const Value ports = ports_of(input.service, pod);
        Group& group = groups[port_map_key(ports)];
        group.ports = ports;
        group.wanted = true;
        const auto node_name = pod["spec"]["nodeName"].as_string();
        const Value node = input.node(node_name);
        if (node.is_null() && !input.service["spec"]["publishNotReadyAddresses"].as_bool()) {
            changes.errors.push_back(cat("skipping Pod ", api::name_of(pod), " for Service ",
                                         api::namespace_of(input.service), "/", api::name_of(input.service), ": Node ",
                                         node_name, " Not Found"));
            continue;
        }
        Value endpoint = endpoint_of(pod, node, input.service, address_type);
        if (!endpoint["addresses"].empty())
            group.desired.insert(std::move(endpoint));
    }
}

bool names(const Objects& slices, const Value& slice) {
    return std::any_of(slices.begin(), slices.end(),
                       [&](const Value& one) { return api::name_of(one) == api::name_of(slice); });
}

// topology-mode: Auto goes before spec.trafficDistribution.
void hint_by_topology(const Input& input, const Objects& existing, std::string_view address_type, Changes& changes) {
    SliceInfo slices{api::key_of(input.service), std::string(address_type), changes.create, changes.update, {}};
    for (const auto& slice : existing)
        if (!names(changes.update, slice) && !names(changes.remove, slice))
            slices.unchanged.push_back(slice);
    changes.events = input.topology->add_hints(slices);
    changes.create = std::move(slices.create);
    changes.update = std::move(slices.update);
}

// Hints of every slice that stays, written or not so far.
void reconcile_hints(const Input& input, const Objects& existing, std::string_view address_type, Changes& changes) {
    if (input.topology && topology_mode_auto(input.service))
        return hint_by_topology(input, existing, address_type, changes);
    if (input.topology)
        changes.events = input.topology->forget(api::key_of(input.service), std::string(address_type));
    for (auto* slices : {&changes.create, &changes.update})
        for (auto& slice : *slices)
            set_hints(slice, input.service);
    for (const auto& slice : existing) {
        if (names(changes.update, slice) || names(changes.remove, slice))
            continue;
        Value next = slice;
        if (set_hints(next, input.service))
            changes.update.push_back(next);
    }
}

Changes reconcile_address_type(const Input& input, const Objects& existing, std::string_view address_type) {
    Changes changes;
    std::map<std::string, Group> groups;
    for (const auto& slice : existing) {
        if (owned_by(slice, input.service))
            groups[port_map_key(slice["ports"])].existing.push_back(slice);
        else
            changes.remove.push_back(slice);
    }
    gather_desired(input, address_type, groups, changes);
    for (auto& [key, group] : groups) {
        if (group.wanted)
            reconcile_ports(input, group, address_type, changes);
        else
            changes.remove.insert(changes.remove.end(), group.existing.begin(), group.existing.end());
    }
    // A Service without endpoints still has a slice: it says that there are none.
    if (existing.size() == changes.remove.size() && changes.create.empty()) {
        const Value placeholder = new_slice(input.service, Value::array(), address_type);
        if (changes.remove.size() == 1 && is_placeholder_like(changes.remove[0], placeholder))
            changes.remove.clear();
        else
            changes.create.push_back(placeholder);
    }
    reconcile_hints(input, existing, address_type, changes);
    reuse_names(input.service, changes);
    if (api::is_deleting(input.service))
        changes.create.clear();
    for (auto& slice : changes.create)
        set_trigger_time(slice, input.trigger_time);
    for (auto& slice : changes.update)
        set_trigger_time(slice, input.trigger_time);
    return changes;
}

void append(Objects& to, const Objects& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

std::string aggregate(const std::vector<std::string>& errors) {
    std::vector<std::string> different;
    for (const auto& error : errors)
        if (std::find(different.begin(), different.end(), error) == different.end())
            different.push_back(error);
    return different.size() == 1 ? different.front() : cat("[", join(different, ", "), "]");
}

Changes reconcile(const Input& input) {
    Changes all;
    const auto types = address_types(input.service);
    for (const auto& type : types) {
        Objects existing;
        for (const auto& slice : input.slices)
            if (slice["addressType"].as_string() == type)
                existing.push_back(slice);
        Changes part = reconcile_address_type(input, existing, type);
        append(all.create, part.create);
        append(all.update, part.update);
        append(all.remove, part.remove);
        all.errors.insert(all.errors.end(), part.errors.begin(), part.errors.end());
        all.events.insert(all.events.end(), part.events.begin(), part.events.end());
    }
    for (const auto& slice : input.slices)
        if (std::find(types.begin(), types.end(), slice["addressType"].as_string()) == types.end())
            all.remove.push_back(slice);
    return all;
}

}  // namespace kubewalk::controllers::endpointslice
