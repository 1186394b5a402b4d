#pragma once
// Resource records in the text of zone files (RFC 1035, section 5), as the template and file plugins
// read them. Upstream: github.com/miekg/dns scan.go.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/net/dns_message.h"

namespace kubewalk::addons::coredns {

// One record: "NAME [TTL] [CLASS] TYPE DATA". Errors as dns.NewRR prints them.
Result<net::DnsRecord> parse_record(std::string_view text, std::string_view origin = ".");

// A whole file with $ORIGIN, $TTL, @, names left out, comments and parentheses.
Result<std::vector<net::DnsRecord>> parse_zone(std::string_view text, std::string_view origin);

}  // namespace kubewalk::addons::coredns
