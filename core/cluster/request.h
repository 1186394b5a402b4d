#pragma once
// `trace FROM URL`: one HTTP request followed hop by hop.

#include <string>
#include <string_view>

#include "core/api/value.h"
#include "core/cluster/session.h"

namespace kubewalk::cluster {

class Cluster;

struct Url {
    std::string scheme = "http";
    std::string host;
    std::uint16_t port = 80;
    std::string path = "/";
};
// "http://host[:port][/path]", "host:port/path"; reason "InvalidUrl", and which part as the field.
Result<Url> parse_url(std::string_view text);

// Sends GET from that place and records everything that travels for it.
Result<TraceResult> trace_request(Cluster& cluster, std::string_view from, std::string_view url);

// The requests among what was recorded: connections that carry HTTP and that no program made on behalf of
// another (depth 0), oldest first.
std::vector<RequestRecord> requests_of(Time at, const std::shared_ptr<const net::Trace>& trace);

// The JSON of `kubewalk trace --json` (issue 2 fixes its form).
api::Value trace_json(const TraceResult& result);
// The same for people: one line a hop.
std::string trace_text(const TraceResult& result);

}  // namespace kubewalk::cluster
