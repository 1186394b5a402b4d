// Certificates in PEM, and DER that is wrapped in PEM here (an input that begins with another byte than '-').

#include "core/base/base64.h"
#include "core/net/x509.h"
#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"

namespace kubewalk::fuzz {

namespace {

constexpr std::string_view begin_line = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end_line = "-----END CERTIFICATE-----";

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    const auto certificate = net::read_certificate(text.starts_with('-') ? std::string(text) : cat(begin_line, "\n", to_base64(text), "\n", end_line, "\n"));
    if (!certificate)
        return 0;
    for (const auto& name : certificate->names) {
        const bool plain = name.find('*') == std::string::npos && name.find('.') != std::string::npos && name.front() != '.';
        if (plain && net::certificate_fits(*certificate, name) == false)
            expect(name.back() == '.' || !is_utf8(name), "a certificate fits its own names", [&] { return quoted(name); });
    }
    (void)net::certificate_fits(*certificate, "a.example.com");
    return 0;
}

}  // namespace

Door certificate() {
    Door door{run, {}, {"\x30\x82", "\x30\x80", "\x30\x84\xff\xff\xff\xff", "\x02\x01\x01", "\x06\x03\x55\x04\x03", "\x06\x03\x55\x1d\x11", "\x0c\x05hello", "\x13\x01*", "\x87\x04\x7f", "\x87\x10", "\x82\x0bexample.com", "\xa3\x82", "\x31\x0b", std::string(begin_line), std::string(end_line)}};
    // The tests' own, as PEM and as what it holds.
    for (const auto& source : texts_in("tests/unit/net", "x509_test.cpp"))
        for (std::size_t at = source.find(begin_line); at != std::string::npos; at = source.find(begin_line, at + 1)) {
            const auto end = source.find(end_line, at);
            const auto pem = source.substr(at, end - at);
            door.seeds.push_back(cat(pem, end_line, "\n"));
            if (const auto der = from_base64(pem.substr(begin_line.size())))
                door.seeds.push_back(*der);
        }
    door.runs = 1500;
    return door;
}

}  // namespace kubewalk::fuzz
