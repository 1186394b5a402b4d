#include "core/controllers/endpointslice/topology_cache.h"

#include <algorithm>
#include <cmath>

#include "core/api/quantity.h"
#include "core/base/text.h"

namespace kubewalk::controllers::endpointslice {

namespace {

// So much more than its fair share an endpoint may have to bear.
constexpr double overload_threshold = 0.2;
constexpr std::string_view disabled = "TopologyAwareHintsDisabled";
constexpr std::string_view enabled = "TopologyAwareHintsEnabled";

int minimum_of(double desired) { return static_cast<int>(std::ceil(desired * (1 / (1 + overload_threshold)))); }

bool is_ready(const Value& endpoint) { return endpoint["conditions"]["ready"].as_bool(); }

bool is_node_ready(const Value& node) { return condition_of(node, "Ready")["status"].as_string() == "True"; }

Value for_zone(std::string_view zone) {
    return Value::object({{"forZones", Value::array({Value::object({{"name", zone}})})}});
}

bool remove_hints(Value& slice) {
    bool changed = false;
    for (std::size_t i = 0; i < slice["endpoints"].size(); ++i) {
        if (slice["endpoints"][i]["hints"].is_null())
            continue;
        slice.edit("endpoints").edit_at(i).erase("hints");
        changed = true;
    }
    return changed;
}

// Hints go from all slices; those that nothing else had changed are written too.
void remove_hints(SliceInfo& slices) {
    for (auto* list : {&slices.create, &slices.update})
        for (auto& slice : *list)
            (void)remove_hints(slice);
    for (const auto& slice : slices.unchanged) {
        Value next = slice;
        if (remove_hints(next))
            slices.update.push_back(std::move(next));
    }
}

Told told(client::EventType type, std::string_view reason, std::string_view message, std::string_view address_type) {
    return {type, std::string(reason), cat(message, ", addressType: ", address_type)};
}

std::pair<std::string, double> most(const std::map<std::string, double>& zones) {
    std::pair<std::string, double> found;
    for (const auto& [zone, number] : zones)
        if (number > found.second)
            found = {zone, number};
    return found;
}

// The endpoints of a slice that are ready, each with the right to change it.
template <typename Change>
void each_ready(Objects& slices, Change change) {
    for (auto& slice : slices)
        for (std::size_t i = 0; i < slice["endpoints"].size(); ++i)
            if (is_ready(slice["endpoints"][i]))
                change(slice, i);
}

}  // namespace

bool topology_mode_auto(const Value& service) {
    const auto& annotations = service["metadata"]["annotations"];
    const auto& old = annotations["service.kubernetes.io/topology-aware-hints"];
    const auto mode = old.is_null() ? annotations["service.kubernetes.io/topology-mode"].as_string() : old.as_string();
    return mode == "Auto" || mode == "auto";
}

void TopologyCache::set_nodes(const Objects& nodes) {
    cpu_ratios_.clear();
    std::map<std::string, std::int64_t> cpu;
    std::int64_t total = 0;
    for (const auto& node : nodes) {
        const auto& labels = node["metadata"]["labels"];
        if (labels.contains("node-role.kubernetes.io/control-plane") || labels.contains("node-role.kubernetes.io/master") || !is_node_ready(node))
            continue;
        const auto zone = labels["topology.kubernetes.io/zone"].str();
        const auto amount = api::Quantity::from(node["status"]["allocatable"]["cpu"]).milli_value();
        if (zone.empty() || amount == 0)
            return;  // one node of which too little is known spoils it
        cpu[zone] += amount;
        total += amount;
    }
    if (total == 0 || cpu.size() < 2)
        return;
    for (const auto& [zone, amount] : cpu)
        cpu_ratios_[zone] = static_cast<double>(amount) / static_cast<double>(total);
}

std::optional<TopologyCache::Allocations> TopologyCache::allocations(int endpoints, std::string& why) const {
    if (cpu_ratios_.empty()) {
        why = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
        return std::nullopt;
    }
    const auto counts = cat(" (", endpoints, " endpoints, ", cpu_ratios_.size(), " zones)");
    if (static_cast<int>(cpu_ratios_.size()) > endpoints) {
        why = cat("Insufficient number of endpoints", counts);
        return std::nullopt;
    }
    Allocations found;
    int minimum_total = 0;
    for (const auto& [zone, ratio] : cpu_ratios_) {
        Allocation& one = found[zone];
        const double desired = ratio * endpoints;
        one.minimum = minimum_of(desired);
        one.desired = std::max(desired, static_cast<double>(one.minimum));
        minimum_total += one.minimum;
        if (minimum_total > endpoints) {
            why = cat("Unable to allocate minimum required endpoints to each zone without exceeding overload threshold", counts);
            return std::nullopt;
        }
    }
    for (auto& [zone, one] : found)
        one.maximum = one.minimum + endpoints - minimum_total;
    return found;
}

std::vector<Told> TopologyCache::give_up(SliceInfo& slices, const std::string& why) {
    (void)forget(slices.service_key, slices.address_type);
    remove_hints(slices);
    return {told(client::EventType::warning, disabled, why, slices.address_type)};
}

// How many hints for each zone a slice that stays has; nothing when it has to change.
std::optional<TopologyCache::ByZone> TopologyCache::hints_by_zone(const Value& slice, const ByZone& so_far, const Allocations& allocations) {
    ByZone found;
    for (const auto& endpoint : slice["endpoints"].items()) {
        if (!is_ready(endpoint))
            continue;
        if (endpoint["hints"]["forZones"].empty())
            return std::nullopt;
        for (const auto& zone : endpoint["hints"]["forZones"].items()) {
            if (!allocations.contains(zone["name"].str()))
                return std::nullopt;
            ++found[zone["name"].str()];
        }
    }
    for (const auto& [zone, number] : found) {
        const auto had = so_far.find(zone);
        if (number + (had == so_far.end() ? 0 : had->second) > allocations.at(zone).maximum)
            return std::nullopt;
    }
    return found;
}

std::vector<Told> TopologyCache::add_hints(SliceInfo& slices) {
    int total = 0;
    for (auto* list : {&slices.create, &slices.update, &slices.unchanged})
        each_ready(*list, [&](Value&, std::size_t) { ++total; });
    std::string why;
    const auto allowed = allocations(total, why);
    if (!allowed)
        return give_up(slices, why);

    ByZone given;
    Objects unchanged;
    for (const auto& slice : slices.unchanged) {
        const auto hints = hints_by_zone(slice, given, *allowed);
        if (!hints) {
            slices.update.push_back(slice);
            continue;
        }
        unchanged.push_back(slice);
        for (const auto& [zone, number] : *hints)
            given[zone] += number;
    }
    slices.unchanged = std::move(unchanged);

    // To begin with each endpoint is for its own zone.
    bool zoneless = false;
    for (auto* list : {&slices.create, &slices.update}) {
        for (auto& slice : *list)
            for (std::size_t i = 0; i < slice["endpoints"].size(); ++i)
                if (!is_ready(slice["endpoints"][i]) && !slice["endpoints"][i]["hints"].is_null())
                    slice.edit("endpoints").edit_at(i).erase("hints");
        each_ready(*list, [&](Value& slice, std::size_t i) {
            const auto zone = slice["endpoints"][i]["zone"].str();
            zoneless = zoneless || zone.empty();
            ++given[zone];
            slice.edit("endpoints").edit_at(i).set("hints", for_zone(zone));
        });
    }
    if (zoneless)
        return give_up(slices, "One or more endpoints do not have a zone specified");

    // Then zones with too many give to those with too few.
    std::map<std::string, double> can_give, needs;
    for (const auto& [zone, one] : *allowed) {
        const double has = given.contains(zone) ? given.at(zone) : 0;
        if (has > one.desired)
            can_give[zone] = has - one.desired;
        else if (has < one.desired)
            needs[zone] = one.desired - has;
    }
    ByZone giving, receiving;
    for (;;) {
        const auto [from, surplus] = most(can_give);
        const auto [to, want] = most(needs);
        if (from.empty() || to.empty() || (surplus < 1.0 && want < 1.0) || surplus < 0.5 || want < 0.5)
            break;
        ++giving[from];
        ++receiving[to];
        can_give[from] -= 1;
        needs[to] -= 1;
    }
    for (auto* list : {&slices.create, &slices.update})
        each_ready(*list, [&](Value& slice, std::size_t i) {
            const auto from = giving.find(slice["endpoints"][i]["zone"].str());
            if (from == giving.end() || receiving.empty())
                return;
            const auto to = receiving.begin();
            slice.edit("endpoints").edit_at(i).set("hints", for_zone(to->first));
            --given[from->first];
            ++given[to->first];
            if (--from->second == 0)
                giving.erase(from);
            if (--to->second == 0)
                receiving.erase(to);
        });

    if (given.empty())
        return give_up(slices, "No hints allocated for zones");
    by_service_[slices.service_key][slices.address_type] = std::move(given);
    if (!with_hints_.insert(slices.service_key).second)
        return {};
    return {told(client::EventType::normal, enabled, "Topology Aware Hints has been enabled", slices.address_type)};
}

std::vector<Told> TopologyCache::forget(const std::string& service_key, const std::string& address_type) {
    if (const auto found = by_service_.find(service_key); found != by_service_.end()) {
        found->second.erase(address_type);
        if (found->second.empty())
            by_service_.erase(found);
    }
    if (with_hints_.erase(service_key) == 0)
        return {};
    return {told(client::EventType::warning, disabled, "Topology Aware Hints configuration was disabled", address_type)};
}

void TopologyCache::forget(const std::string& service_key) {
    by_service_.erase(service_key);
    with_hints_.erase(service_key);
}

std::vector<std::string> TopologyCache::overloaded() const {
    const auto is_overloaded = [&](const ByZone& endpoints) {
        if (endpoints.empty())
            return false;
        if (cpu_ratios_.empty())
            return true;
        int total = 0;
        for (const auto& [zone, number] : endpoints)
            total += number;
        return std::any_of(cpu_ratios_.begin(), cpu_ratios_.end(), [&](const auto& zone) {
            const auto found = endpoints.find(zone.first);
            return found == endpoints.end() || found->second < minimum_of(total * zone.second);
        });
    };
    std::vector<std::string> keys;
    for (const auto& [key, families] : by_service_)
        if (std::any_of(families.begin(), families.end(), [&](const auto& family) { return is_overloaded(family.second); }))
            keys.push_back(key);
    return keys;
}

}  // namespace kubewalk::controllers::endpointslice
