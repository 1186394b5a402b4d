// Addresses, networks, names of machines and images, base64: what is printed reads as the same.

#include "core/api/names.h"
#include "core/base/base64.h"
#include "core/kubelet/image_catalogue.h"
#include "core/net/address.h"
#include "core/net/x509.h"
#include "core/shell/program.h"
#include "tests/fuzz/driver/door.h"

namespace kubewalk::fuzz {

namespace {

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    if (const auto ip = net::Ip::parse(text))
        expect(net::Ip::parse(ip->text()) == *ip, "an address printed", [&] { return ip->text(); });
    if (const auto prefix = net::Prefix::parse(text)) {
        expect(net::Prefix::parse(prefix->text()) == *prefix, "a network printed", [&] { return prefix->text(); });
        expect(prefix->contains(prefix->network()) && prefix->contains(prefix->last()), "a network's ends lie in it");
    }
    if (const auto ip = api::parse_ip(text)) {
        expect(api::parse_ip(api::ip_text(*ip)) == *ip, "an address of the API printed", [&] { return api::ip_text(*ip); });
        expect(net::Ip::parse(api::ip_text(*ip)).has_value(), "an address of the API is one of the network", [&] { return api::ip_text(*ip); });
    }
    (void)api::parse_cidr(text);
    // What is one label is a subdomain too, and what names take needs no escape.
    if (api::is_dns1035_label(text).empty())
        expect(api::is_dns1123_label(text).empty(), "an RFC 1035 label is an RFC 1123 label");
    if (api::is_dns1123_label(text).empty())
        expect(api::is_dns1123_subdomain(text).empty() && api::is_path_segment_name(text).empty(), "a label is a subdomain");
    for (const auto& check : {api::is_qualified_name, api::is_valid_label_value, api::is_valid_port_name, api::is_http_header_name, api::is_relaxed_env_var_name,
                              api::is_config_map_key, api::is_fully_qualified_domain_name, api::is_wildcard_dns1123_subdomain, api::is_valid_ip, api::is_valid_cidr, api::is_valid_percent})
        for (const auto& message : check(text))
            expect(!message.empty(), "a refusal says why");
    for (const auto form : {Base64::standard, Base64::url}) {
        expect(from_base64(to_base64(text, form), form) == std::string(text), "base64 and back");
        if (const auto read = from_base64(text, form))
            expect(from_base64(to_base64(*read, form), form) == *read, "base64 read and written");
    }
    expect(base64_error(text).has_value() == !from_base64(text).has_value(), "where base64 stumbles");
    (void)base64_prefix(text);
    if (const auto image = kubelet::ImageReference::parse(text); !image.ok())
        expect_told(image.error(), text);
    if (const auto url = shell::parse_url(text, "http"))
        expect(!url->path.empty() && url->path[0] == '/', "a URL's path", [&] { return url->path; });
    expect(!quoted(text).empty() && quoted(text).front() == '"', "quoted");
    return 0;
}

}  // namespace

Door names() {
    Door door{run, {"10.96.0.10", "10.244.0.0/16", "fd00:1:2:3::12/64", "::ffff:1.2.3.4", "fe80::1%eth0", "1:2:3:4:5:6:7:8", "web.example.com", "*.example.com", "my-app", "example.com/name", "registry.k8s.io:5000/a/b:v1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "http://user@host:8080/p?q#f", "http://[::1]:80/", "aGVsbG8=", "YWJj"},
              {".", "::", "/", "/0", "/32", "/128", "/129", "256", "0x", "00", "ffff", "-", "_", "xn--", "@sha256:", ":latest", "https://", "[", "]", "=", "==", "%"}};
    door.longest = 600;
    door.runs = 2000;
    return door;
}

}  // namespace kubewalk::fuzz
