#pragma once
// From what a backend knows of a name to resource records: address records, SRV with additional
// addresses, CNAME chains, SOA. Upstream: coredns plugin/backend_lookup.go, plugin/etcd/msg.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/dns_message.h"

namespace kubewalk::addons::coredns {

// One thing behind a name: an address or another name, with a port for SRV.
struct Found {
    std::string host;
    int port = 0;  // -1: none declared, no SRV record
    std::uint32_t ttl = 0;
    std::string owner;  // the absolute name it stands for itself
    std::string text;   // TXT
};

// name_error: the name does not exist (NXDOMAIN); without it, nothing found is NODATA.
struct Services {
    std::vector<Found> found;
    bool name_error = false;

    static Services no_such_name() { return {{}, true}; }
};

struct Records {
    std::vector<net::DnsRecord> answer;
    std::vector<net::DnsRecord> additional;
    bool name_error = false;
};

class Backend {
public:
    virtual ~Backend() = default;
    // `name` absolute in the letter case of the question; `zone` its end that the plugin serves.
    virtual Services services(std::string_view name, std::string_view zone, net::DnsType type) const = 0;
    virtual Services reverse(std::string_view name, std::string_view zone) const = 0;
    virtual std::uint32_t serial() const = 0;
    virtual std::uint32_t min_ttl() const = 0;
    // A name outside of the zones, asked of the server itself.
    virtual std::optional<net::DnsMessage> lookup(std::string_view name, net::DnsType type) const = 0;
};

// A, AAAA and TXT: follows CNAMEs. `chain` holds the CNAME records passed so far.
Records address_records(const Backend& backend, std::string_view name, std::string_view zone, net::DnsType type,
                        const std::vector<net::DnsRecord>& chain = {});
Records srv_records(const Backend& backend, std::string_view name, std::string_view zone);
Records cname_records(const Backend& backend, std::string_view name, std::string_view zone);
Records ptr_records(const Backend& backend, std::string_view name, std::string_view zone);
Records ns_records(const Backend& backend, std::string_view name, std::string_view zone);
net::DnsRecord soa_record(const Backend& backend, std::string_view zone);

// A or AAAA for an address, CNAME for a name, TXT where there is text only.
net::DnsType host_type(const Found& found);
// SRV for a list: equal weights that add up to 100 (at least 1 each), duplicates left out.
Records srv_for(const std::vector<Found>& list, std::string_view name, std::string_view zone, const Backend* backend);

// "a.b" + zone -> the labels before the zone, without the final dot; empty at the zone itself.
std::string trim_zone(std::string_view name, std::string_view zone);
// The longest of the zones that holds the name; empty when none does.
std::string_view matching_zone(const std::vector<std::string>& zones, std::string_view name);

}  // namespace kubewalk::addons::coredns
