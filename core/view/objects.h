#pragma once
// What the Inspector shows of one object, and the rows of the Events and API calls panels.

#include <string>
#include <vector>

#include "core/cluster/session.h"

namespace kubewalk::view {

// The object's live manifest as the editor shows it: YAML without status, managed and allocated
// fields that the learner did not write. Empty when it does not exist.
std::string editable_manifest(const cluster::Session& session, const sim::ObjectRef& object);
std::string live_yaml(const cluster::Session& session, const sim::ObjectRef& object);
// kubectl describe's text.
std::string describe(const cluster::Session& session, const sim::ObjectRef& object);

struct EventRow {
    Time last;
    std::string type;  // "Normal", "Warning"
    std::string reason;
    std::string object;  // "pod/carts-…"
    std::string namespace_name;
    std::string message;
    int count = 1;
};
std::vector<EventRow> events(const cluster::Session& session, std::size_t limit = 500);

struct ApiCallRow {
    sim::CauseId id = 0;
    Time at;
    std::string component;
    std::string method;
    std::string path;
    int code = 0;
};
// Newest last; heartbeats left out.
std::vector<ApiCallRow> api_calls(const cluster::Session& session, std::size_t limit = 500);

// The text of `iptables-save` on a node.
std::string iptables_save(const cluster::Session& session, const std::string& node);

}  // namespace kubewalk::view
