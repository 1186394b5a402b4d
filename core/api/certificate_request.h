#pragma once
// What a request for a certificate (PKCS#10 in PEM) asks for, and the certificate that answers it. RFC 2986, RFC 5280.
// Keys and signatures are carried along, but nobody judges them (simplifications.json: "certificates").

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace kubewalk::api {

struct CertificateRequest {
    struct Part {
        std::string type;  // of an object identifier, as bytes
        std::string text;
    };
    std::vector<Part> subject;  // in the order in which they are written
    std::vector<std::string> dns_names;
    std::vector<std::string> emails;
    std::vector<std::string> uris;
    std::vector<std::string> addresses;
    // As they came, for the certificate.
    std::string subject_der;
    std::string key_der;
    std::string names_der;

    std::vector<std::string> parts(std::string_view type) const;
    std::string common_name() const;
    std::vector<std::string> organizations() const;
};

// The types of a Name's parts.
namespace name_part {
constexpr std::string_view common_name = "\x55\x04\x03", serial_number = "\x55\x04\x05", country = "\x55\x04\x06", locality = "\x55\x04\x07",
                           province = "\x55\x04\x08", street_address = "\x55\x04\x09", organization = "\x55\x04\x0a",
                           organizational_unit = "\x55\x04\x0b", postal_code = "\x55\x04\x11";
}

// `base64`: spec.request of a CertificateSigningRequest. Error: what ParseCSR says.
Result<CertificateRequest> read_certificate_request(std::string_view base64);

struct CertificateTerms {
    Time from;
    Time until;
    std::vector<std::string> usages;  // "client auth", "digital signature", ...
    std::string random;               // bytes for the serial number and for what stands in the place of a signature
};
// In PEM, issued by "kubernetes".
std::string issue_certificate(const CertificateRequest& request, const CertificateTerms& terms);

}  // namespace kubewalk::api
