#include "core/net/dns_message.h"

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/net/address.h"

namespace kubewalk::net {

namespace {

struct TypeName {
    DnsType type;
    std::string_view name;
};
constexpr TypeName type_names[] = {
    {DnsType::A, "A"},         {DnsType::NS, "NS"},   {DnsType::CNAME, "CNAME"}, {DnsType::SOA, "SOA"},
    {DnsType::PTR, "PTR"},     {DnsType::MX, "MX"},   {DnsType::TXT, "TXT"},     {DnsType::AAAA, "AAAA"},
    {DnsType::HINFO, "HINFO"}, {DnsType::SRV, "SRV"}, {DnsType::ANY, "ANY"},     {DnsType::NAPTR, "NAPTR"},
    {DnsType::DS, "DS"},       {DnsType::CAA, "CAA"}, {DnsType::RRSIG, "RRSIG"}, {DnsType::DNSKEY, "DNSKEY"},
    {DnsType::SVCB, "SVCB"},   {DnsType::SPF, "SPF"}, {DnsType::HTTPS, "HTTPS"}, {DnsType::AXFR, "AXFR"},
};

constexpr std::string_view code_names[] = {"NOERROR", "FORMERR",  "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                           "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};

constexpr std::size_t header_size = 12;
constexpr std::size_t question_tail = 4;  // type and class
constexpr std::size_t record_tail = 10;   // type, class, TTL, length

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
    if (text.size() < end.size())
        return false;
    return same_dns_name(text.substr(text.size() - end.size()), end);
}

constexpr std::string_view ip4_arpa = ".in-addr.arpa.";
constexpr std::string_view ip6_arpa = ".ip6.arpa.";

std::size_t name_size(std::string_view absolute) { return absolute == "." ? 1 : absolute.size() + 1; }

// Bytes of character strings: each quoted or bare word with a length byte.
std::size_t text_size(std::string_view data) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < data.size();) {
        if (data[i] == ' ') {
            ++i;
            continue;
        }
        const bool in_quotes = data[i] == '"';
        if (in_quotes)
            ++i;
        ++bytes;
        for (; i < data.size() && data[i] != (in_quotes ? '"' : ' '); ++i, ++bytes)
            if (data[i] == '\\' && i + 1 < data.size())
                ++i;
        ++i;
    }
    return bytes;
}

// Counts bytes as a packer does. One that compresses spends two bytes on a suffix it has seen before.
class WireCounter {
public:
    explicit WireCounter(bool compress) : compress_(compress) {}
    std::size_t bytes = header_size;

    void name(std::string_view absolute) {
        if (!compress_) {
            bytes += name_size(absolute);
            return;
        }
        std::string rest = to_lower(absolute);
        while (!rest.empty() && rest != ".") {
            if (!seen_.insert(rest).second) {
                bytes += 2;
                return;
            }
            auto dot = rest.find('.');
            if (dot == std::string::npos)
                dot = rest.size() - 1;
            bytes += 1 + dot;
            rest.erase(0, dot + 1);
        }
        bytes += 1;
    }

    void question(const DnsQuestion& question) {
        name(question.name);
        bytes += question_tail;
    }

    void record(const DnsRecord& record) {
        name(record.name);
        bytes += record_tail;
        switch (record.type) {
        case DnsType::A: bytes += 4; break;
        case DnsType::AAAA: bytes += 16; break;
        case DnsType::NS:
        case DnsType::CNAME:
        case DnsType::PTR: name(record.data); break;
        case DnsType::SOA: {
            const auto parts = fields(record.data);
            for (std::size_t i = 0; i < 2 && i < parts.size(); ++i)
                name(parts[i]);
            bytes += 20;
            break;
        }
        case DnsType::MX:
            bytes += 2;
            name(record.data.substr(record.data.rfind(' ') + 1));
            break;
        case DnsType::SRV:  // RFC 2782: the target is not compressed
            bytes += 6 + name_size(std::string_view(record.data).substr(record.data.rfind(' ') + 1));
            break;
        default: bytes += text_size(record.data); break;
        }
    }

private:
    bool compress_;
    std::set<std::string> seen_;
};

constexpr std::size_t cookie_option_head = 4;
std::size_t edns_size(const DnsMessage& message) {
    constexpr std::size_t opt_record = 11;
    if (!message.edns)
        return 0;
    const auto& cookie = message.edns->cookie;
    return opt_record + (cookie.empty() ? 0 : cookie_option_head + cookie.size() / 2);
}

}  // namespace

std::string_view dns_type_name(DnsType type) {
    for (const auto& entry : type_names)
        if (entry.type == type)
            return entry.name;
    return "TYPE0";
}

std::optional<DnsType> parse_dns_type(std::string_view name) {
    for (const auto& entry : type_names)
        if (same_dns_name(entry.name, name))
            return entry.type;
    return std::nullopt;
}

std::optional<DnsCode> parse_dns_code(std::string_view name) {
    for (std::size_t i = 0; i < std::size(code_names); ++i)
        if (same_dns_name(code_names[i], name))
            return static_cast<DnsCode>(i);
    return std::nullopt;
}

std::string_view dns_class_name(DnsClass dns_class) {
    switch (dns_class) {
    case DnsClass::IN: return "IN";
    case DnsClass::CH: return "CH";
    case DnsClass::HS: return "HS";
    case DnsClass::ANY: return "ANY";
    }
    return "IN";
}

std::string_view dns_code_name(DnsCode code) { return code_names[static_cast<std::size_t>(code)]; }

DnsMessage dns_query(std::uint16_t id, std::string_view name, DnsType type) {
    DnsMessage query;
    query.id = id;
    query.question = {absolute_name(name), type};
    return query;
}

DnsMessage dns_reply(const DnsMessage& query, DnsCode code) {
    DnsMessage reply;
    reply.id = query.id;
    reply.response = true;
    reply.recursion_desired = query.recursion_desired;
    reply.code = code;
    reply.question = query.question;
    return reply;
}

std::string absolute_name(std::string_view name) {
    std::string absolute(name);
    if (absolute.empty() || absolute.back() != '.')
        absolute.push_back('.');
    return absolute;
}

bool same_dns_name(std::string_view a, std::string_view b) {
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool in_dns_zone(std::string_view name, std::string_view zone) {
    if (zone == ".")
        return true;
    if (!ends_with_ignoring_case(name, zone))
        return false;
    return name.size() == zone.size() || name[name.size() - zone.size() - 1] == '.';
}

std::string address_of_reverse_name(std::string_view name) {
    std::string text;
    if (ends_with_ignoring_case(name, ip4_arpa)) {
        auto labels = split(name.substr(0, name.size() - ip4_arpa.size()), '.');
        for (auto label = labels.rbegin(); label != labels.rend(); ++label)
            append(text, text.empty() ? "" : ".", *label);
    } else if (ends_with_ignoring_case(name, ip6_arpa)) {
        auto labels = split(name.substr(0, name.size() - ip6_arpa.size()), '.');
        std::size_t count = 0;
        for (auto label = labels.rbegin(); label != labels.rend(); ++label, ++count)
            append(text, count > 0 && count % 4 == 0 ? ":" : "", *label);
        if (count != 32)
            return {};
    }
    auto ip = Ip::parse(text);
    return ip ? ip->text() : std::string();
}

std::optional<std::string> reverse_name(std::string_view address) {
    auto ip = Ip::parse(address);
    if (!ip)
        return std::nullopt;
    std::string name;
    if (ip->family == Family::ipv4) {
        for (int i = 3; i >= 0; --i)
            append(name, ip->bytes[static_cast<std::size_t>(i)], i > 0 ? "." : "");
        return name + std::string(ip4_arpa);
    }
    constexpr std::string_view digits = "0123456789abcdef";
    for (int i = 15; i >= 0; --i) {
        auto byte = ip->bytes[static_cast<std::size_t>(i)];
        append(name, digits[byte & 15u], ".", digits[byte >> 4u], i > 0 ? "." : "");
    }
    return name + std::string(ip6_arpa);
}

std::size_t wire_size(const DnsMessage& message) {
    WireCounter counter(message.compressed);
    counter.question(message.question);
    for (const auto* section : {&message.answer, &message.authority, &message.additional})
        for (const auto& record : *section)
            counter.record(record);
    return counter.bytes + edns_size(message);
}

std::size_t udp_size(const DnsMessage& query) {
    constexpr std::uint16_t smallest = 512;
    return query.edns ? std::max(query.edns->udp_size, smallest) : smallest;
}

void fit_to_size(DnsMessage& message, std::size_t size) {
    message.compressed = false;
    if (wire_size(message) <= size)
        return;
    message.compressed = true;
    size -= edns_size(message);
    WireCounter counter(true);
    counter.question(message.question);
    for (auto* section : {&message.answer, &message.authority, &message.additional}) {
        std::size_t kept = 0;
        for (; kept < section->size() && counter.bytes < size; ++kept) {
            counter.record((*section)[kept]);
            if (counter.bytes > size)
                break;
        }
        message.truncated |= kept < section->size();
        section->resize(kept);
    }
}

}  // namespace kubewalk::net
