#pragma once
// Where an answer of CoreDNS or of a node's cache came from: its watch of the API server, its cache, or a server it asked.
// What the packets show decides: a query of its own that it sent meanwhile, or a TTL that has run down.

#include <cstdint>
#include <string>

#include "core/api/value.h"
#include "core/cluster/session.h"

namespace kubewalk::view {

enum class DnsSource : unsigned char {
    unknown,
    watch,     // the kubernetes plugin, from what it watches
    cache,     // the cache plugin of CoreDNS
    node_cache,  // that of NodeLocal DNSCache on the node
    upstream,  // the forward plugin asked another server
};

struct DnsOrigin {
    DnsSource source = DnsSource::unknown;
    std::int64_t ttl = -1;   // of the answer (or of the SOA of a negative one), -1: not known
    std::int64_t age_s = 0;  // how long it had been in the cache
    std::string upstream;    // "8.8.8.8:53"
};

// `query`: the element of cluster::lookup_json's "queries" that belongs to the connection; null: only the packets.
DnsOrigin dns_origin(const cluster::Session& session, const net::Trace& trace, std::size_t connection, const api::Value& query);

}  // namespace kubewalk::view
