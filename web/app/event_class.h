#pragma once
// The cause log's kinds in six classes: colours and lanes on the time bar, and what steps stop at.

#include <array>
#include <string_view>
#include <vector>

#include "core/sim/cause.h"

namespace kubewalk::app {

enum class EventClass : unsigned char { learner, api, control, node, network, component };
inline constexpr std::size_t event_classes = 6;
// In item paths and in the ids of strings ("time.class.api").
inline constexpr std::array<std::string_view, event_classes> event_class_names = {"learner", "api", "control", "node", "network", "component"};

constexpr EventClass event_class_of(sim::EntryKind kind) {
    switch (kind) {
    case sim::EntryKind::action: return EventClass::learner;
    case sim::EntryKind::api_call:
    case sim::EntryKind::watch: return EventClass::api;
    case sim::EntryKind::reconcile:
    case sim::EntryKind::schedule: return EventClass::control;
    case sim::EntryKind::kubelet:
    case sim::EntryKind::cri: return EventClass::node;
    case sim::EntryKind::network:
    case sim::EntryKind::traffic: return EventClass::network;
    case sim::EntryKind::component: return EventClass::component;
    }
    return EventClass::component;
}

// Which classes count, one bit each.
using EventMask = unsigned;
inline constexpr EventMask all_events = (1u << event_classes) - 1;
constexpr bool has_class(EventMask mask, EventClass one) { return (mask >> static_cast<unsigned>(one)) & 1u; }

// Empty for "all", as cluster::EventFilter wants it.
inline std::vector<sim::EntryKind> kinds_of(EventMask mask) {
    std::vector<sim::EntryKind> kinds;
    if ((mask & all_events) == all_events) return kinds;
    for (int kind = 0; kind <= static_cast<int>(sim::EntryKind::component); ++kind)
        if (has_class(mask, event_class_of(static_cast<sim::EntryKind>(kind)))) kinds.push_back(static_cast<sim::EntryKind>(kind));
    return kinds;
}

}  // namespace kubewalk::app
