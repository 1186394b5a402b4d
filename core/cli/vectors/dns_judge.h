#pragma once
// What the two DNS sets share: a CoreDNS over fixture objects, and how answers compare.

#include <functional>
#include <string>

#include "core/addons/coredns/chain.h"
#include "core/api/value.h"

namespace kubewalk::cli {

// The objects of a fixture: services, endpointSlices, pods, namespaces.
addons::coredns::Index dns_index(const api::Value& fixture);

struct DnsFixtureServer {
    addons::coredns::Index index;
    bool synced = true;
    // Answers what the forward plugin asks; null: nothing does.
    std::function<net::DnsMessage(const net::DnsMessage& query)> upstream;

    // `corefile` holds the plugins of one server block.
    Result<net::DnsMessage> ask(std::string_view corefile, std::string_view name, net::DnsType type) const;
};

enum class CompareTtl : std::uint8_t { no, yes };
// Records as a sorted list, "name ttl type data" each; of SOA only the primary name.
std::string dns_section_text(const std::vector<net::DnsRecord>& records, CompareTtl ttl);
std::vector<net::DnsRecord> dns_records_of(const api::Value& list);
// TTL 303 in an expectation means any: takes over what was found for the same name.
void take_any_ttl(std::vector<net::DnsRecord>& expected, const std::vector<net::DnsRecord>& found);

}  // namespace kubewalk::cli
