#include "core/net/dns_message.h"

#include <array>
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
    {DnsType::HINFO, "HINFO"}, {DnsType::SRV, "SRV"}, {DnsType::ANY, "ANY"},
};

constexpr std::string_view code_names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
    if (text.size() < end.size())
        return false;
    return same_dns_name(text.substr(text.size() - end.size()), end);
}

constexpr std::string_view ip4_arpa = ".in-addr.arpa.";
constexpr std::string_view ip6_arpa = ".ip6.arpa.";

// Counts the bytes of names as a packer that compresses does: a suffix seen before costs a pointer.
class WireCounter {
public:
    std::size_t bytes = 12;  // the header

    void name(std::string_view absolute) {
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
    void plain_name(std::string_view absolute) { bytes += absolute == "." ? 1 : absolute.size() + 1; }

    void record(const DnsRecord& record) {
        name(record.name);
        bytes += 10;
        auto parts = fields(record.data);
        switch (record.type) {
        case DnsType::A: bytes += 4; break;
        case DnsType::AAAA: bytes += 16; break;
        case DnsType::NS:
        case DnsType::CNAME:
        case DnsType::PTR: name(record.data); break;
        case DnsType::SOA:
            if (parts.size() == 7) {
                name(parts[0]);
                name(parts[1]);
            }
            bytes += 20;
            break;
        case DnsType::MX:
            bytes += 2;
            if (parts.size() == 2)
                name(parts[1]);
            break;
        case DnsType::SRV:
            bytes += 6;
            if (parts.size() == 4)
                plain_name(parts[3]);  // RFC 2782: the target is not compressed
            break;
        default: bytes += record.data.size(); break;  // "text" with its quotes: length byte and text, +1
        }
    }

private:
    std::set<std::string> seen_;
};

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
    WireCounter counter;
    counter.name(message.question.name);
    counter.bytes += 4;
    for (const auto* section : {&message.answer, &message.authority, &message.additional})
        for (const auto& record : *section)
            counter.record(record);
    return counter.bytes;
}

}  // namespace kubewalk::net
