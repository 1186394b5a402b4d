#include "core/api/certificate_request.h"

#include "core/api/names.h"
#include "core/base/base64.h"
#include "core/base/der.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using Bytes = std::string_view;
using namespace std::string_literals;

constexpr Bytes alternative_names = "\x55\x1d\x11";                        // 2.5.29.17
constexpr Bytes extension_request = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e";  // 1.2.840.113549.1.9.14

Error malformed(std::string_view what) { return {"Invalid", std::string(what), {}, 0, 0}; }

void read_subject(Bytes name, CertificateRequest& request) {
    while (const auto relative = der::take(name)) {
        Bytes inside = relative->content;
        while (const auto pair = der::take(inside)) {
            Bytes parts = pair->content;
            const auto type = der::take(parts);
            const auto value = der::take(parts);
            if (type && value && type->tag == der::object_id)
                request.subject.push_back({std::string(type->content), std::string(value->content)});
        }
    }
}

void read_names(Bytes list, CertificateRequest& request) {
    auto names = der::take(list);
    while (names) {
        const auto name = der::take(names->content);
        if (!name)
            break;
        if (name->tag == der::dns_name)
            request.dns_names.emplace_back(name->content);
        else if (name->tag == der::email)
            request.emails.emplace_back(name->content);
        else if (name->tag == der::uri)
            request.uris.emplace_back(name->content);
        else if (name->tag == der::ip_address && (name->content.size() == 4 || name->content.size() == 16)) {
            IpBytes ip;
            ip.size = static_cast<int>(name->content.size());
            for (std::size_t i = 0; i < name->content.size(); ++i)
                ip.bytes[i] = static_cast<std::uint8_t>(name->content[i]);
            request.addresses.push_back(ip_text(ip));
        }
    }
}

void read_extensions(Bytes list, CertificateRequest& request) {
    while (const auto extension = der::take(list)) {
        Bytes parts = extension->content;
        const auto id = der::take(parts);
        auto value = der::take(parts);
        if (value && value->tag == der::boolean)  // critical
            value = der::take(parts);
        if (!id || !value || id->content != alternative_names)
            continue;
        request.names_der = extension->whole;
        read_names(value->content, request);
    }
}

void read_attributes(Bytes attributes, CertificateRequest& request) {
    while (const auto attribute = der::take(attributes)) {
        Bytes parts = attribute->content;
        const auto id = der::take(parts);
        const auto values = der::take(parts);
        if (!id || !values || id->content != extension_request)
            continue;
        Bytes inside = values->content;
        if (const auto extensions = der::take(inside))
            read_extensions(extensions->content, request);
    }
}

std::string utc_time(Time time) {
    const auto text = to_rfc3339(time);  // 2026-01-01T00:03:12Z
    return der::make(der::utc_time, cat(text.substr(2, 2), text.substr(5, 2), text.substr(8, 2), text.substr(11, 2), text.substr(14, 2), text.substr(17, 2), "Z"));
}

std::string extension(std::string_view id, bool critical, std::string_view value) {
    return der::make(der::sequence, cat(der::make(der::object_id, id), critical ? der::make(der::boolean, "\xff") : std::string(), der::make(der::octets, value)));
}

// Upstream: k8s.io/kubernetes/pkg/controller/certificates/authority/policies.go (keyUsagesFromStrings).
struct Usage {
    std::string_view name;
    int bit;               // of KeyUsage; -1: none
    std::string_view id;   // of ExtKeyUsage
};
constexpr Usage known_usages[] = {
    {"signing", 0, {}}, {"digital signature", 0, {}}, {"content commitment", 1, {}}, {"key encipherment", 2, {}}, {"data encipherment", 3, {}},
    {"key agreement", 4, {}}, {"cert sign", 5, {}}, {"crl sign", 6, {}}, {"encipher only", 7, {}}, {"decipher only", 8, {}},
    {"server auth", -1, "\x2b\x06\x01\x05\x05\x07\x03\x01"}, {"client auth", -1, "\x2b\x06\x01\x05\x05\x07\x03\x02"},
    {"code signing", -1, "\x2b\x06\x01\x05\x05\x07\x03\x03"}, {"email protection", -1, "\x2b\x06\x01\x05\x05\x07\x03\x04"},
    {"timestamping", -1, "\x2b\x06\x01\x05\x05\x07\x03\x08"}, {"ocsp signing", -1, "\x2b\x06\x01\x05\x05\x07\x03\x09"},
};

std::string usage_extensions(const std::vector<std::string>& usages) {
    constexpr std::string_view key_usage = "\x55\x1d\x0f", extended_key_usage = "\x55\x1d\x25";
    int mask = 0, last = 0;
    std::string extended;
    for (const auto& known : known_usages)
        for (const auto& usage : usages)
            if (usage == known.name && known.bit < 0) {
                extended += der::make(der::object_id, known.id);
            } else if (usage == known.name) {
                mask |= 1 << (7 - known.bit);
                last = std::max(last, known.bit);
            }
    std::string out;
    if (mask != 0)
        out += extension(key_usage, true, der::make(der::bits, std::string{static_cast<char>(7 - last), static_cast<char>(mask & 0xff)}));
    if (!extended.empty())
        out += extension(extended_key_usage, false, der::make(der::sequence, extended));
    return out;
}

}  // namespace

std::vector<std::string> CertificateRequest::parts(std::string_view type) const {
    std::vector<std::string> found;
    for (const auto& part : subject)
        if (part.type == type)
            found.push_back(part.text);
    return found;
}

std::string CertificateRequest::common_name() const {
    const auto names = parts(name_part::common_name);
    return names.empty() ? std::string() : names.back();
}

std::vector<std::string> CertificateRequest::organizations() const { return parts(name_part::organization); }

Result<CertificateRequest> read_certificate_request(std::string_view base64) {
    const auto pem = from_base64(base64);
    const auto request_der = pem ? der::from_pem(*pem, "CERTIFICATE REQUEST") : std::nullopt;
    if (!request_der)
        return malformed("PEM block type must be CERTIFICATE REQUEST");
    Bytes bytes = *request_der;
    const auto whole = der::take(bytes);
    if (!whole)
        return malformed("asn1: syntax error: data truncated");
    Bytes parts = whole->content;
    const auto body = der::take(parts);
    const auto algorithm = der::take(parts);
    if (whole->tag != der::sequence || !body || body->tag != der::sequence || !algorithm || !der::take(parts))
        return malformed("asn1: structure error: tags don't match");
    Bytes inside = body->content;
    const auto version = der::take(inside);
    const auto subject = der::take(inside);
    const auto key = der::take(inside);
    if (!version || !subject || !key || version->tag != der::integer || subject->tag != der::sequence || key->tag != der::sequence)
        return malformed("asn1: structure error: tags don't match");
    CertificateRequest request;
    request.subject_der = subject->whole;
    request.key_der = key->whole;
    read_subject(subject->content, request);
    if (const auto attributes = der::take(inside); attributes && attributes->tag == der::explicit0)
        read_attributes(attributes->content, request);
    return request;
}

// Upstream: pkg/controller/certificates/authority/{authority,policies}.go.
std::string issue_certificate(const CertificateRequest& request, const CertificateTerms& terms) {
    using der::make, der::sequence, der::bits, der::integer;
    constexpr std::size_t signature_bytes = 256;
    std::string noise;
    for (int i = 0; noise.size() < signature_bytes; ++i) {
        const auto part = sha256(cat(terms.random, "/", i));
        noise.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    const auto signing = make(sequence, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"s);
    const auto issuer = make(sequence, make(der::set, make(sequence, "\x06\x03\x55\x04\x03" + make(der::utf8, "kubernetes"))));
    const auto serial = make(integer, "\x5a" + noise.substr(0, 15));
    const auto extensions = usage_extensions(terms.usages) + extension("\x55\x1d\x13", true, make(sequence, "")) + request.names_der;
    const auto body = make(sequence, make(der::explicit0, make(integer, "\x02")) + serial + signing + issuer +
                                         make(sequence, utc_time(terms.from) + utc_time(terms.until)) + request.subject_der + request.key_der +
                                         make(der::explicit3, make(sequence, extensions)));
    return der::to_pem(make(sequence, body + signing + make(bits, "\0"s + noise)), "CERTIFICATE");
}

}  // namespace kubewalk::api
