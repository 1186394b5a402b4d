// Addresses, networks and URLs. Upstream: k8s.io/apiserver/pkg/cel/library/{ip.go,cidr.go,urls.go}.

#include "core/api/cel/cel_text.h"
#include "core/api/cel/functions.h"
#include "core/api/names.h"
#include "core/base/text.h"

namespace kubewalk::api::cel {

namespace network_library {
namespace {

using Args = std::span<const Val>;

constexpr std::string_view ip_type = "net.IP", cidr_type = "net.CIDR", url_type = "kubernetes.URL";

bool is_mapped(const IpBytes& ip) {
    if (ip.size != 16 || ip.bytes[10] != 0xff || ip.bytes[11] != 0xff)
        return false;
    for (int i = 0; i < 10; ++i)
        if (ip.bytes[i] != 0)
            return false;
    return true;
}

Val ip_value(const IpBytes& ip) { return Val::opaque({std::string(ip_type), ip_text(ip), {}, {}}); }

Result<IpBytes> read_ip(std::string_view text) {
    const auto ip = parse_ip(text, LeadingZeros::refused);
    if (!ip)
        return cel_error(cat("IP Address ", quoted(text), " parse error during conversion from string: ParseAddr(", quoted(text), "): unable to parse IP"));
    if (is_mapped(*ip))
        return cel_error(cat("IPv4-mapped IPv6 address ", quoted(text), " is not allowed"));
    return *ip;
}
IpBytes ip_in(const Val& value) { return parse_ip(value.opaque().text).value_or(IpBytes()); }

Result<Val> ip(Calling&, Args a) {
    KUBEWALK_TRY(read, read_ip(a[0].text()));
    return ip_value(read);
}
Result<Val> is_ip(Calling&, Args a) { return Val::boolean(read_ip(a[0].text()).ok()); }
Result<Val> is_canonical(Calling&, Args a) {
    KUBEWALK_TRY(read, read_ip(a[0].text()));
    return Val::boolean(ip_text(read) == a[0].text());
}
Result<Val> family(Calling&, Args a) { return Val::integer(ip_in(a[0]).size == 4 ? 4 : 6); }

enum class Property : unsigned char { unspecified, loopback, link_local_multicast, link_local_unicast, global_unicast };

bool is_all_zero(const IpBytes& ip, int but_last = 0) {
    for (int i = 0; i < ip.size - but_last; ++i)
        if (ip.bytes[i] != 0)
            return false;
    return true;
}
bool has_property(const IpBytes& ip, Property property) {
    const auto* b = ip.bytes;
    const bool four = ip.size == 4;
    switch (property) {
        case Property::unspecified: return is_all_zero(ip);
        case Property::loopback: return four ? b[0] == 127 : is_all_zero(ip, 1) && b[15] == 1;
        case Property::link_local_multicast: return four ? b[0] == 224 && b[1] == 0 && b[2] == 0 : b[0] == 0xff && (b[1] & 0x0f) == 0x02;
        case Property::link_local_unicast: return four ? b[0] == 169 && b[1] == 254 : b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
        case Property::global_unicast:
            if (four && b[0] == 255 && b[1] == 255 && b[2] == 255 && b[3] == 255)
                return false;
            return !has_property(ip, Property::unspecified) && !has_property(ip, Property::loopback) && !has_property(ip, Property::link_local_unicast) &&
                   !(four ? (b[0] & 0xf0) == 0xe0 : b[0] == 0xff);
    }
    return false;
}
template <Property property>
Result<Val> is(Calling&, Args a) {
    return Val::boolean(has_property(ip_in(a[0]), property));
}

// -- networks ----------------------------------------------------------------------------------------

IpBytes masked_bytes(IpBytes ip, int prefix) {
    for (int i = 0; i < ip.size; ++i) {
        const int bits = std::min(8, std::max(0, prefix - 8 * i));
        ip.bytes[i] = static_cast<std::uint8_t>(ip.bytes[i] & (0xff00 >> bits));
    }
    return ip;
}
std::string network_text(const IpBytes& ip, int prefix) { return cat(ip_text(ip), "/", prefix); }

Result<Cidr> read_cidr(std::string_view text) {
    const auto cidr = parse_cidr(text);
    if (!cidr || is_mapped(cidr->ip))
        return cel_error(cat("network address parse error during conversion from string: netip.ParsePrefix(", quoted(text), "): no '/'"));
    return *cidr;
}
Cidr cidr_in(const Val& value) { return parse_cidr(value.opaque().text).value_or(Cidr()); }
Val cidr_value(const Cidr& cidr) { return Val::opaque({std::string(cidr_type), network_text(cidr.ip, cidr.prefix), {}, {}}); }

Result<Val> cidr(Calling&, Args a) {
    KUBEWALK_TRY(read, read_cidr(a[0].text()));
    return cidr_value(read);
}
Result<Val> is_cidr(Calling&, Args a) { return Val::boolean(read_cidr(a[0].text()).ok()); }
bool holds(const Cidr& network, const IpBytes& ip) {
    return network.ip.size == ip.size && masked_bytes(ip, network.prefix) == masked_bytes(network.ip, network.prefix);
}
Result<Val> contains_ip(Calling&, Args a) {
    if (a[1].is(Val::Kind::opaque))
        return Val::boolean(holds(cidr_in(a[0]), ip_in(a[1])));
    KUBEWALK_TRY(read, read_ip(a[1].text()));
    return Val::boolean(holds(cidr_in(a[0]), read));
}
Result<Val> contains_cidr(Calling&, Args a) {
    const auto outer = cidr_in(a[0]);
    Cidr inner = a[1].is(Val::Kind::opaque) ? cidr_in(a[1]) : Cidr();
    if (!a[1].is(Val::Kind::opaque)) {
        KUBEWALK_TRY(read, read_cidr(a[1].text()));
        inner = read;
    }
    return Val::boolean(outer.prefix <= inner.prefix && holds(outer, inner.ip));
}
Result<Val> network_ip(Calling&, Args a) { return ip_value(cidr_in(a[0]).ip); }
Result<Val> masked(Calling&, Args a) {
    auto network = cidr_in(a[0]);
    network.ip = masked_bytes(network.ip, network.prefix);
    return cidr_value(network);
}
Result<Val> prefix_length(Calling&, Args a) { return Val::integer(cidr_in(a[0]).prefix); }

// -- URLs --------------------------------------------------------------------------------------------

enum UrlPart : std::size_t { scheme, host, path, query };

// What url.ParseRequestURI takes: an absolute URL or an absolute path.
Result<Opaque> read_url(std::string_view text) {
    Opaque url{std::string(url_type), std::string(text), {}, {"", "", "", ""}};
    const auto bad = [&](std::string_view why) { return cel_error(cat("URL parse error during conversion from string: parse ", quoted(text), ": ", why)); };
    if (text.empty())
        return bad("empty url");
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
            return bad(c == ' ' ? "invalid character \" \" in host name" : "net/url: invalid control character in URL");
    std::string_view rest = text;
    if (!rest.starts_with("/")) {
        const auto colon = rest.find(':');
        if (colon == std::string_view::npos || colon == 0)
            return bad(colon == 0 ? "missing protocol scheme" : "invalid URI for request");
        url.parts[scheme] = to_lower(rest.substr(0, colon));
        for (const char c : url.parts[scheme])
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))
                return bad("first path segment in URL cannot contain colon");
        rest.remove_prefix(colon + 1);
        if (!rest.starts_with("/"))
            return bad("invalid URI for request");
    }
    if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
        url.parts[query] = rest.substr(mark + 1);
        rest = rest.substr(0, mark);
    }
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        const auto end = std::min(rest.find('/'), rest.size());
        auto authority = rest.substr(0, end);
        if (const auto user = authority.rfind('@'); user != std::string_view::npos)
            authority.remove_prefix(user + 1);
        url.parts[host] = authority;
        rest.remove_prefix(end);
    }
    url.parts[path] = rest;
    return url;
}

Result<Val> url(Calling&, Args a) {
    KUBEWALK_TRY(read, read_url(a[0].text()));
    return Val::opaque(read);
}
Result<Val> is_url(Calling&, Args a) { return Val::boolean(read_url(a[0].text()).ok()); }
template <UrlPart part>
Result<Val> url_part(Calling&, Args a) {
    return Val::string(a[0].opaque().parts[part]);
}
std::size_t port_mark(std::string_view name) {
    const auto colon = name.rfind(':');
    const auto bracket = name.rfind(']');
    return colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket) ? colon : std::string_view::npos;
}
Result<Val> hostname(Calling&, Args a) {
    std::string_view name = a[0].opaque().parts[host];
    name = name.substr(0, port_mark(name));
    if (name.starts_with("[") && name.ends_with("]"))
        name = name.substr(1, name.size() - 2);
    return Val::string(name);
}
Result<Val> port(Calling&, Args a) {
    const std::string_view name = a[0].opaque().parts[host];
    const auto mark = port_mark(name);
    return Val::string(mark == std::string_view::npos ? std::string_view() : name.substr(mark + 1));
}
std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        constexpr std::string_view digits = "0123456789abcdef";
        const auto digit = [&](std::size_t at) { return at < text.size() ? digits.find(text[at] >= 'A' && text[at] <= 'F' ? static_cast<char>(text[at] + 32) : text[at]) : std::string_view::npos; };
        if (text[i] == '%' && digit(i + 1) != std::string_view::npos && digit(i + 2) != std::string_view::npos) {
            plain += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
            i += 2;
        } else {
            plain += text[i] == '+' ? ' ' : text[i];
        }
    }
    return plain;
}
Result<Val> url_query(Calling&, Args a) {
    std::vector<std::pair<Val, std::vector<Val>>> all;
    for (const auto pair : split(a[0].opaque().parts[query], '&')) {
        if (pair.empty())
            continue;
        const auto mark = pair.find('=');
        const Val key = Val::string(decoded(pair.substr(0, mark))), value = Val::string(mark == std::string_view::npos ? std::string() : decoded(pair.substr(mark + 1)));
        auto* known = [&]() -> std::vector<Val>* {
            for (auto& one : all)
                if (equal(one.first, key))
                    return &one.second;
            return nullptr;
        }();
        if (known)
            known->push_back(value);
        else
            all.push_back({key, {value}});
    }
    std::vector<std::pair<Val, Val>> entries;
    for (auto& [key, values] : all)
        entries.emplace_back(key, Val::list(std::move(values)));
    return Val::map(std::move(entries));
}

constexpr FunctionLine lines[] = {
    {"ip", "(string) -> net.IP|net.CIDR.() -> net.IP", [](Calling& calling, Args a) { return a[0].is(Val::Kind::opaque) ? network_ip(calling, a) : ip(calling, a); }},
    {"isIP", "(string) -> bool", is_ip},
    {"ip.isCanonical", "(string) -> bool", is_canonical},
    {"family", "net.IP.() -> int", family},
    {"isUnspecified", "net.IP.() -> bool", is<Property::unspecified>},
    {"isLoopback", "net.IP.() -> bool", is<Property::loopback>},
    {"isLinkLocalMulticast", "net.IP.() -> bool", is<Property::link_local_multicast>},
    {"isLinkLocalUnicast", "net.IP.() -> bool", is<Property::link_local_unicast>},
    {"isGlobalUnicast", "net.IP.() -> bool", is<Property::global_unicast>},
    {"cidr", "(string) -> net.CIDR", cidr},
    {"isCIDR", "(string) -> bool", is_cidr},
    {"containsIP", "net.CIDR.(string) -> bool|net.CIDR.(net.IP) -> bool", contains_ip},
    {"containsCIDR", "net.CIDR.(string) -> bool|net.CIDR.(net.CIDR) -> bool", contains_cidr},
    {"masked", "net.CIDR.() -> net.CIDR", masked},
    {"prefixLength", "net.CIDR.() -> int", prefix_length},
    {"url", "(string) -> kubernetes.URL", url},
    {"isURL", "(string) -> bool", is_url},
    {"getScheme", "kubernetes.URL.() -> string", url_part<scheme>},
    {"getHost", "kubernetes.URL.() -> string", url_part<host>},
    {"getHostname", "kubernetes.URL.() -> string", hostname},
    {"getPort", "kubernetes.URL.() -> string", port},
    {"getEscapedPath", "kubernetes.URL.() -> string", url_part<path>},
    {"getQuery", "kubernetes.URL.() -> map<string, list<string>>", url_query},
};

}  // namespace
}  // namespace network_library

std::span<const FunctionLine> network_functions() { return network_library::lines; }

}  // namespace kubewalk::api::cel
