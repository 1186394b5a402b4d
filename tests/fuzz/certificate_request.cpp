// What a CertificateSigningRequest asks for, in DER: read, and whatever was read can be signed, and that be read again.

#include "core/api/certificate_request.h"
#include "core/base/base64.h"
#include "core/base/der.h"
#include "core/net/x509.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

constexpr std::string_view pem_type = "CERTIFICATE REQUEST";

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto read = api::read_certificate_request(to_base64(der::to_pem(text_of(bytes, size), pem_type)));
    if (!read.ok()) {
        expect(!read.error().message.empty(), "an error without a message");
        return 0;
    }
    api::CertificateTerms terms;
    terms.usages = {"digital signature", "key encipherment", "client auth"};
    terms.random = "seed";
    terms.until = Time{} + seconds(3600);
    expect(net::read_certificate(api::issue_certificate(read.value(), terms)).has_value(), "an issued certificate can be read");
    return 0;
}

}  // namespace

Door certificate_request() {
    Door door{run, {}, {"\x30\x82", "\x30\x80", "\x30\x84\xff\xff\xff\xff", "\x02\x01\x01", "\x06\x03\x55\x04\x03", "\x06\x03\x55\x1d\x11", "\x0c\x05hello", "\x87\x04\x7f",
                        "\x82\x0b" "example.com", "\xa0\x82", "\x31\x0b", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e"}};
    constexpr std::string_view field = "request: ";
    for (const auto& source : texts_in("tests/golden", "certificates.script"))
        for (std::size_t at = source.find(field); at != std::string::npos; at = source.find(field, at + 1)) {
            const auto start = at + field.size();
            if (const auto pem = from_base64(source.substr(start, source.find('\n', start) - start)))
                if (auto request = der::from_pem(*pem, pem_type))
                    door.seeds.push_back(std::move(*request));
        }
    door.runs = 1500;
    return door;
}

}  // namespace kubewalk::fuzz
