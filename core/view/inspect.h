#pragma once
// What the Inspector knows of an object beyond its text: family, the scheduler's reasons, what the container
// runtime was told, the way its requests went through the API server, who talks to whom on a node.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster/session.h"
#include "core/view/architecture.h"

namespace kubewalk::view {

// -- family: metadata.ownerReferences and what refers to what --------------------------------------

struct Relative {
    sim::ObjectRef object;
    std::string kind;     // "ReplicaSet"
    std::string detail;   // "2/3", "Running", "10.98.3.17"
    int depth = 0;        // generations away from the object, 1: next
    Health health = Health::healthy;
};

struct Family {
    std::vector<Relative> owners;  // the nearest first
    std::vector<Relative> owned;   // depth first, each below its owner
    std::vector<Relative> selected_by;  // Services and budgets whose selector matches; ingresses that name a Service
    std::vector<Relative> uses;    // node, claims, config maps, secrets, service account
    bool cut = false;              // more than `most_relatives` are owned
};
inline constexpr std::size_t most_relatives = 200;
Family family(const cluster::Session& session, const sim::ObjectRef& object);

// -- the scheduler ------------------------------------------------------------------------------------

struct SchedulingScore {
    std::string plugin;
    std::int64_t raw = 0;
    std::int64_t normalized = 0;  // 0..100
    std::int64_t weight = 0;
};
struct SchedulingRow {
    std::string node;
    bool fits = false;
    bool chosen = false;
    std::string plugin;  // the filter that refused
    std::string reason;
    std::vector<SchedulingScore> scores;  // in the plugins' order; empty unless it fits
    std::int64_t total = 0;
};
struct Scheduling {
    std::string node;       // "": none fits
    std::string message;    // of FailedScheduling
    std::vector<SchedulingRow> rows;  // the best first
    std::size_t evaluated = 0;
};
// Nothing for what is no Pod, for Pods that never saw a scheduler (static ones, a DaemonSet's own are scheduled),
// and while no scheduler works.
std::optional<Scheduling> scheduling(const cluster::Session& session, const sim::ObjectRef& pod);

// -- requests -------------------------------------------------------------------------------------------

// One request's way through the API server: apiserver::RequestRecord as facts.
struct RequestWay {
    sim::CauseId id = 0;  // the api_call's entry
    Time at;
    std::string agent;
    std::string method;
    std::string path;
    int code = 0;
    std::string message;  // of a refusal
    std::vector<sim::Fact> stages;
};
// Of the requests that the API server remembers (512), those about the object; newest first.
std::vector<RequestWay> requests_about(const cluster::Session& session, const sim::ObjectRef& object, std::size_t most = 40);
// Nothing when it is no longer remembered.
std::optional<RequestWay> request_way(const cluster::Session& session, sim::CauseId id);

// -- nodes ----------------------------------------------------------------------------------------------

// Calls to the container runtime: a Pod's, or all of a Node's; oldest first, the last `most`.
std::vector<sim::Entry> cri_calls(const cluster::Session& session, const sim::ObjectRef& object, std::size_t most = 200);

struct TrackedFlow {
    std::string protocol;   // "tcp"
    std::string state;      // "ESTABLISHED", "" for others than TCP
    std::string client, dialled;       // of the first packet
    std::string answering, answered;   // source and destination of the answer
    bool dnat = false, snat = false;
    bool answered_yet = false;
    std::int64_t expires_s = 0;
    std::string line;       // as `conntrack -L` prints it
};
// A node's table, newest first; with an address only what it takes part in.
std::vector<TrackedFlow> tracked_flows(const cluster::Session& session, const std::string& node, const std::string& address = {},
                                       std::size_t most = 500);

// Events about the object, oldest first.
struct EventRow;
std::vector<EventRow> events_about(const cluster::Session& session, const sim::ObjectRef& object);

}  // namespace kubewalk::view
