#pragma once
// Which names are allowed. Each returns what is wrong, in upstream's words; empty when all is well.
// Upstream: k8s.io/apimachinery/pkg/util/validation/validation.go and ip.go, pkg/api/validate/content.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kubewalk::api {

using Messages = std::vector<std::string>;

Messages is_dns1123_label(std::string_view value);
Messages is_dns1123_subdomain(std::string_view value);
Messages is_dns1123_subdomain_with_underscore(std::string_view value);
// What every name must be: one piece of a path ("may not contain '/'").
Messages is_path_segment_name(std::string_view value);
Messages is_dns1035_label(std::string_view value);
Messages is_wildcard_dns1123_subdomain(std::string_view value);
Messages is_qualified_name(std::string_view value);  // label and annotation keys, finalizers, resource names
Messages is_valid_label_value(std::string_view value);
Messages is_valid_port_num(std::int64_t port);
Messages is_valid_port_name(std::string_view port);
Messages is_valid_group_id(std::int64_t id);
Messages is_valid_user_id(std::int64_t id);
Messages is_valid_percent(std::string_view text);
Messages is_http_header_name(std::string_view value);
Messages is_env_var_name(std::string_view value);          // letters, digits, '_', '-', '.'
Messages is_relaxed_env_var_name(std::string_view value);  // what 1.34 and later accept
Messages is_config_map_key(std::string_view value);
Messages is_c_identifier(std::string_view value);
// "fully qualified" as IsFullyQualifiedDomainName: at least two labels, a trailing dot permitted.
Messages is_fully_qualified_domain_name(std::string_view value);
// The legacy check (leading zeros permitted, as net.ParseIP of old) that most core fields use.
Messages is_valid_ip(std::string_view value);
Messages is_valid_cidr(std::string_view value);
bool is_ipv4(std::string_view value);
bool is_ipv6(std::string_view value);

// "must be between 1 and 65535, inclusive", "must be no more than 63 characters".
std::string inclusive_range_error(std::int64_t low, std::int64_t high);
std::string max_length_error(int length);
std::string regex_error(std::string_view message, std::string_view regex, const std::vector<std::string_view>& examples);

// Textual IP addresses as bytes: 4 or 16.
struct IpBytes {
    std::uint8_t bytes[16] = {};
    int size = 0;  // 4 or 16

    friend bool operator==(const IpBytes&, const IpBytes&) = default;
};
enum class LeadingZeros : std::uint8_t { permitted, refused };
std::optional<IpBytes> parse_ip(std::string_view text, LeadingZeros zeros = LeadingZeros::permitted);
std::string ip_text(const IpBytes& ip);  // canonical (RFC 5952)
struct Cidr {
    IpBytes ip;  // as written, not masked
    int prefix = 0;
};
std::optional<Cidr> parse_cidr(std::string_view text);

}  // namespace kubewalk::api
