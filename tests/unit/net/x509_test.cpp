// What a certificate says of itself. The certificates were made with OpenSSL 3.0:
// openssl req -x509 ... -subj "/CN=shop.example.com/O=Sock Shop" -addext "subjectAltName=DNS:shop.example.com,
// DNS:*.shop.example.com,IP:192.168.122.12"; the other is signed by "/CN=Shop CA".

#include <doctest/doctest.h>

#include "core/net/x509.h"

namespace kubewalk::net {
namespace {

constexpr std::string_view self_signed = R"(-----BEGIN CERTIFICATE-----
MIIB7DCCAZKgAwIBAgIUdfL0OE/VeWTpZDiuPHY6aNAdivswCgYIKoZIzj0EAwIw
LzEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLmNvbTESMBAGA1UECgwJU29jayBTaG9w
MB4XDTI2MTEyNDA0MjAzMFoXDTM2MTEyMTA0MjAzMFowLzEZMBcGA1UEAwwQc2hv
cC5leGFtcGxlLmNvbTESMBAGA1UECgwJU29jayBTaG9wMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEjVnx+jHrrKMlUHhqY3WgwyPxZemLgkTkchx/b41a9AiLSBUP
sHLoXz862291PyFHqQBTwz1bH/b2DBr7HEmv4qOBizCBiDAdBgNVHQ4EFgQUS8x7
cPCEYwsgELE5w9QAWGcUnJcwHwYDVR0jBBgwFoAUS8x7cPCEYwsgELE5w9QAWGcU
nJcwDwYDVR0TAQH/BAUwAwEB/zA1BgNVHREELjAsghBzaG9wLmV4YW1wbGUuY29t
ghIqLnNob3AuZXhhbXBsZS5jb22HBMCoegwwCgYIKoZIzj0EAwIDSAAwRQIgNbLz
EiDV+uXr1LPtb5IHdVZcljCKL4ieXrISZaOHFwECIQDGVXErwUC4bSgwjiXCJoxR
wWRGnjjprr67bmjglxPkKw==
-----END CERTIFICATE-----
)";

constexpr std::string_view signed_by_another = R"(-----BEGIN CERTIFICATE-----
MIIBgDCCASagAwIBAgIUd0kPxkQyHTGYKT5ZB/D7YxZDJgcwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHU2hvcCBDQTAeFw0yNjExMjQwNDIwMzFaFw0zNjExMjEwNDIw
MzFaMA4xDDAKBgNVBAMMA3dlYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPt/
J/AI2UkZQUpUDj4Pl18oYeIa3BdPx7z2TjLQ5mpOVvLo4j2jbEstpgCJzmIo2pQn
xN1ohD3rtu3AAT0PyGWjXjBcMBoGA1UdEQQTMBGCD3dlYi5leGFtcGxlLmNvbTAd
BgNVHQ4EFgQU5sWPngoylHPoqeWNq+Z8C/hql8owHwYDVR0jBBgwFoAUKaWPbWSg
3gAyLV6V7ouN3Dw8C8owCgYIKoZIzj0EAwIDSAAwRQIhAJhoEUykuesc7DmdIRvP
ZwJTRT2gyAWwcGEkBZQfTdGTAiA/0gCyk3xKkviHDsPkoWWSwZbi5Z7tQSseMgtG
TetnIg==
-----END CERTIFICATE-----
)";

}  // namespace

TEST_CASE("names, issuer and alternative names are read from PEM") {
    const auto own = read_certificate(self_signed);
    REQUIRE(own);
    CHECK(own->subject == "shop.example.com");
    CHECK(own->issuer == own->subject);
    CHECK(own->names == std::vector<std::string>{"shop.example.com", "*.shop.example.com", "192.168.122.12"});
    const auto other = read_certificate(signed_by_another);
    REQUIRE(other);
    CHECK(other->subject == "web");
    CHECK(other->issuer == "Shop CA");
    CHECK(other->names == std::vector<std::string>{"web.example.com"});
}

TEST_CASE("what is no certificate gives nothing") {
    CHECK_FALSE(read_certificate(""));
    CHECK_FALSE(read_certificate("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"));
    CHECK_FALSE(read_certificate("-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"));
    for (std::size_t cut = 30; cut < self_signed.size(); cut += 7)  // cut short anywhere: no crash, no invention
        (void)read_certificate(std::string(self_signed.substr(0, cut)) + "\n-----END CERTIFICATE-----\n");
}

TEST_CASE("a wildcard stands for one label (RFC 6125)") {
    const auto own = *read_certificate(self_signed);
    CHECK(certificate_fits(own, "shop.example.com"));
    CHECK(certificate_fits(own, "WWW.shop.example.com"));
    CHECK(certificate_fits(own, "192.168.122.12"));
    CHECK_FALSE(certificate_fits(own, "a.b.shop.example.com"));
    CHECK_FALSE(certificate_fits(own, "example.com"));
}

}  // namespace kubewalk::net
