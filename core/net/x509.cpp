#include "core/net/x509.h"

#include "core/base/der.h"
#include "core/base/text.h"

namespace kubewalk::net {

namespace {

using Bytes = std::string_view;

constexpr std::string_view common_name = "\x55\x04\x03";       // 2.5.4.3
constexpr std::string_view organization = "\x55\x04\x0a";      // 2.5.4.10
constexpr std::string_view alternative_names = "\x55\x1d\x11"; // 2.5.29.17

using der::take;

// The common name of a Name; without one its organization.
std::string name_text(Bytes name) {
    std::string fallback;
    while (const auto relative = take(name)) {
        Bytes inside = relative->content;
        while (const auto pair = take(inside)) {
            Bytes parts = pair->content;
            const auto type = take(parts);
            const auto value = take(parts);
            if (!type || !value || type->tag != der::object_id)
                continue;
            if (type->content == common_name)
                return std::string(value->content);
            if (type->content == organization)
                fallback = value->content;
        }
    }
    return fallback;
}

std::string address_text(Bytes bytes) {
    Ip ip;
    ip.family = bytes.size() == 4 ? Family::ipv4 : Family::ipv6;
    for (std::size_t i = 0; i < bytes.size() && i < ip.bytes.size(); ++i)
        ip.bytes[i] = static_cast<std::uint8_t>(bytes[i]);
    return ip.text();
}

void read_alternative_names(Bytes extensions, Certificate& certificate) {
    auto list = take(extensions);
    if (!list)
        return;
    while (const auto extension = take(list->content)) {
        Bytes parts = extension->content;
        const auto id = take(parts);
        auto value = take(parts);
        if (value && value->tag == der::boolean)  // critical
            value = take(parts);
        if (!id || !value || id->content != alternative_names)
            continue;
        auto names = take(value->content);
        while (names) {
            const auto name = take(names->content);
            if (!name)
                break;
            if (name->tag == der::dns_name)
                certificate.names.push_back(to_lower(name->content));
            else if (name->tag == der::ip_address && (name->content.size() == 4 || name->content.size() == 16))
                certificate.names.push_back(address_text(name->content));
        }
    }
}

// TBSCertificate: version, serial, signature, issuer, validity, subject, key, ..., extensions.
std::optional<Certificate> read_body(Bytes body) {
    auto element = take(body);
    if (element && element->tag == der::explicit0)
        element = take(body);  // serial
    if (!element || !take(body))
        return std::nullopt;
    const auto issuer = take(body);
    const auto validity = take(body);
    const auto subject = take(body);
    if (!issuer || !validity || !subject || issuer->tag != der::sequence || subject->tag != der::sequence)
        return std::nullopt;
    Certificate certificate;
    certificate.issuer = name_text(issuer->content);
    certificate.subject = name_text(subject->content);
    while (const auto rest = take(body))
        if (rest->tag == der::explicit3)
            read_alternative_names(rest->content, certificate);
    return certificate;
}

}  // namespace

std::optional<Certificate> read_certificate(std::string_view pem) {
    const auto certificate = der::from_pem(pem, "CERTIFICATE");
    if (!certificate)
        return std::nullopt;
    Bytes bytes = *certificate;
    const auto whole = take(bytes);
    if (!whole || whole->tag != der::sequence)
        return std::nullopt;
    Bytes parts = whole->content;
    const auto body = take(parts);
    return body && body->tag == der::sequence ? read_body(body->content) : std::nullopt;
}

bool certificate_fits(const Certificate& certificate, std::string_view host) {
    const auto wanted = to_lower(host);
    const auto fits = [&wanted](std::string_view name) {
        if (name == wanted)
            return true;
        const auto dot = wanted.find('.');
        return name.starts_with("*.") && dot != std::string::npos && dot > 0 && std::string_view(wanted).substr(dot) == name.substr(1);
    };
    for (const auto& name : certificate.names)
        if (fits(name))
            return true;
    return false;
}

}  // namespace kubewalk::net
