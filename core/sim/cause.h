#pragma once
// The cause log: what happened, when, who did it, and what made it happen. Every entry points to
// the entry that caused it, so the interface can draw the chain from the learner's command to the
// container's start, and tests can assert it. Entries are facts (message id and arguments), never
// prose: the interface translates them.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace kubewalk::sim {

// Index into the log plus one; 0 is "nothing" (the beginning of the world).
using CauseId = std::uint64_t;

enum class EntryKind : std::uint8_t {
    action,     // the learner did something (a command, an edit, a fault)
    api_call,   // a request to the API server, with its answer's code
    watch,      // a watch event reached a component
    reconcile,  // a controller worked on a key
    schedule,   // the scheduler decided
    kubelet,    // the kubelet decided or saw something (probe, phase, back-off)
    cri,        // kubelet -> container runtime call
    network,    // rules, routes or interfaces were programmed
    traffic,    // a request travelled
    component,  // a component started or stopped
};

// The object an entry is about. Empty strings where it has none.
struct ObjectRef {
    std::string resource;  // plural, as in paths: "pods"
    std::string namespace_name;
    std::string name;

    friend bool operator==(const ObjectRef&, const ObjectRef&) = default;
};

// A message id with its arguments, e.g. {"api.call", {"PATCH", "/apis/apps/v1/...", "200"}}.
// The ids stand in assets/strings/*.json.
struct Fact {
    std::string id;
    std::vector<std::string> args;

    friend bool operator==(const Fact&, const Fact&) = default;
};

struct Entry {
    CauseId id = 0;
    CauseId cause = 0;
    std::uint64_t step = 0;  // Simulation::steps() while it was written: one step may write several
    Time at;
    EntryKind kind = EntryKind::action;
    std::string component;  // "deployment-controller", "kubelet/node-1", "kubectl", ...
    ObjectRef object;
    Fact fact;
    bool heartbeat = false;  // periodic sign of life: hidden by default, does not unsettle the cluster
};

}  // namespace kubewalk::sim
