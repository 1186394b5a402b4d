#pragma once
// A DNS message (RFC 1035) as data: names in presentation form, absolute, with the final dot.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::net {

enum class DnsType : std::uint16_t { A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, ANY = 255 };
enum class DnsCode : std::uint8_t { noerror = 0, formerr = 1, servfail = 2, nxdomain = 3, notimp = 4, refused = 5 };

std::string_view dns_type_name(DnsType type);
std::string_view dns_code_name(DnsCode code);  // "NOERROR", "NXDOMAIN", ...

struct DnsQuestion {
    std::string name;  // "catalogue.sock-shop.svc.cluster.local."
    DnsType type = DnsType::A;
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
    DnsCode code = DnsCode::noerror;
    DnsQuestion question;
    std::vector<DnsRecord> answer;
    std::vector<DnsRecord> authority;
    std::vector<DnsRecord> additional;
};

}  // namespace kubewalk::net
