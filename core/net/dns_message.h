#pragma once
// A DNS message (RFC 1035) as data: names in presentation form, absolute, with the final dot.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"

namespace kubewalk::net {

enum class DnsType : std::uint16_t {
    A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, HINFO = 13, MX = 15, TXT = 16, AAAA = 28, SRV = 33, NAPTR = 35,
    DS = 43, RRSIG = 46, DNSKEY = 48, SVCB = 64, HTTPS = 65, SPF = 99, AXFR = 252, ANY = 255, CAA = 257
};
enum class DnsClass : std::uint16_t { IN = 1, CH = 3, HS = 4, ANY = 255 };
enum class DnsCode : std::uint8_t {
    noerror = 0, formerr = 1, servfail = 2, nxdomain = 3, notimp = 4, refused = 5, yxdomain = 6, yxrrset = 7,
    nxrrset = 8, notauth = 9, notzone = 10
};

std::string_view dns_type_name(DnsType type);
std::optional<DnsType> parse_dns_type(std::string_view name);  // in any case
std::string_view dns_code_name(DnsCode code);  // "NOERROR", "NXDOMAIN", ...
std::optional<DnsCode> parse_dns_code(std::string_view name);  // in any case
std::string_view dns_class_name(DnsClass dns_class);  // "IN"

struct DnsQuestion {
    std::string name;  // "catalogue.sock-shop.svc.cluster.local."
    DnsType type = DnsType::A;
    DnsClass dns_class = DnsClass::IN;
};

// EDNS(0), RFC 6891: the OPT record of a message.
struct DnsEdns {
    std::uint16_t udp_size = 512;
    bool dnssec_ok = false;
    std::string cookie;  // RFC 7873, hexadecimal
};

struct DnsRecord {
    std::string name;
    DnsType type = DnsType::A;
    std::uint32_t ttl = 0;
    std::string data;  // presentation form: "10.96.0.10", "0 100 53 kube-dns.kube-system.svc.cluster.local."
};

struct DnsMessage {
    std::uint16_t id = 0;
    bool response = false;
    bool authoritative = false;
    bool recursion_desired = true;
    bool recursion_available = false;
    bool truncated = false;
    bool authentic_data = false;
    bool checking_disabled = false;
    DnsCode code = DnsCode::noerror;
    DnsQuestion question;
    std::vector<DnsRecord> answer;
    std::vector<DnsRecord> authority;
    std::vector<DnsRecord> additional;
    std::optional<DnsEdns> edns;
    bool compressed = false;  // repeated names are pointers on the wire
    Duration took{};  // not on the wire: how long the server needed, questions to others included
};

// The query a stub resolver sends: recursion desired, nothing else set.
DnsMessage dns_query(std::uint16_t id, std::string_view name, DnsType type);
// The empty answer to a query, as a server starts from.
DnsMessage dns_reply(const DnsMessage& query, DnsCode code = DnsCode::noerror);

// -- names ---------------------------------------------------------------------------------------
// "a.b" -> "a.b."; absolute names stay.
std::string absolute_name(std::string_view name);
// Is `name` the zone itself or below it? Both absolute, letter case ignored; "." holds everything.
bool in_dns_zone(std::string_view name, std::string_view zone);
bool same_dns_name(std::string_view a, std::string_view b);
// "10.in-addr.arpa." style name -> address text; empty when it is none.
std::string address_of_reverse_name(std::string_view name);
// "10.96.0.10" -> "10.0.96.10.in-addr.arpa."; nothing when it is no address.
std::optional<std::string> reverse_name(std::string_view address);

// Bytes of the message on the wire (RFC 1035), as dig's MSG SIZE and CoreDNS's log show.
std::size_t wire_size(const DnsMessage& message);
// What a client takes over UDP: the size it announced, 512 without EDNS.
std::size_t udp_size(const DnsMessage& query);
// Leaves names as they are where that fits, else compresses them, else drops what does not fit and sets
// the TC bit. Upstream: github.com/miekg/dns msg_truncate.go.
void fit_to_size(DnsMessage& message, std::size_t size);

}  // namespace kubewalk::net
