#include "core/api/names.h"

#include <algorithm>
#include <cstdio>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool lower_alnum(char c) { return lower(c) || digit(c); }
bool alnum(char c) { return lower_alnum(c) || upper(c); }

template <typename Inside>
bool all(std::string_view text, Inside inside) {
    return std::all_of(text.begin(), text.end(), inside);
}

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool label_1123(std::string_view text) {
    return !text.empty() && lower_alnum(text.front()) && lower_alnum(text.back()) &&
           all(text, [](char c) { return lower_alnum(c) || c == '-'; });
}

template <typename Label>
bool dotted(std::string_view text, Label label) {
    const auto parts = split(text, '.');
    return std::all_of(parts.begin(), parts.end(), label);
}

bool subdomain_1123(std::string_view text) { return dotted(text, label_1123); }

// _?[a-z0-9]([-_a-z0-9]*[a-z0-9])?
bool label_with_underscore(std::string_view text) {
    if (text.starts_with('_'))
        text.remove_prefix(1);
    return !text.empty() && lower_alnum(text.front()) && lower_alnum(text.back()) &&
           all(text, [](char c) { return lower_alnum(c) || c == '-' || c == '_'; });
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool name_part(std::string_view text) {
    return !text.empty() && alnum(text.front()) && alnum(text.back()) &&
           all(text, [](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; });
}

constexpr std::string_view label_format = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr std::string_view subdomain_format = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr std::string_view name_format = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr std::string_view name_message =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
constexpr std::string_view must_not_be_empty = "must be non-empty";

// Names that would climb out of a folder (hasChDirPrefix).
void add_folder_names(Messages& wrong, std::string_view value) {
    if (value == ".")
        wrong.emplace_back("must not be '.'");
    else if (value == "..")
        wrong.emplace_back("must not be '..'");
    else if (value.starts_with(".."))
        wrong.emplace_back("must not start with '..'");
}

}  // namespace

std::string inclusive_range_error(std::int64_t low, std::int64_t high) { return cat("must be between ", low, " and ", high, ", inclusive"); }

std::string max_length_error(int length) { return cat("must be no more than ", length, " characters"); }

std::string regex_error(std::string_view message, std::string_view regex, const std::vector<std::string_view>& examples) {
    if (examples.empty())
        return cat(message, " (regex used for validation is '", regex, "')");
    std::string text = cat(message, " (e.g. ");
    for (std::size_t i = 0; i < examples.size(); ++i)
        append(text, i > 0 ? " or " : "", "'", examples[i], "', ");
    return cat(text, "regex used for validation is '", regex, "')");
}

Messages is_dns1123_label(std::string_view value) {
    Messages wrong;
    if (value.size() > 63)
        wrong.push_back(max_length_error(63));
    if (!label_1123(value)) {
        if (subdomain_1123(value))
            wrong.emplace_back("must not contain dots");
        else
            wrong.push_back(regex_error("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
                                        "start and end with an alphanumeric character",
                                        label_format, {"my-name", "123-abc"}));
    }
    return wrong;
}

Messages is_dns1123_subdomain(std::string_view value) {
    Messages wrong;
    if (value.size() > 253)
        wrong.push_back(max_length_error(253));
    if (!subdomain_1123(value))
        wrong.push_back(regex_error("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
                                    "start and end with an alphanumeric character",
                                    subdomain_format, {"example.com"}));
    return wrong;
}

Messages is_dns1123_subdomain_with_underscore(std::string_view value) {
    Messages wrong;
    if (value.size() > 253)
        wrong.push_back(max_length_error(253));
    if (!dotted(value, label_with_underscore))
        wrong.push_back(regex_error("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and "
                                    "must start and end with an alphanumeric character",
                                    "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*", {"example.com"}));
    return wrong;
}

Messages is_path_segment_name(std::string_view value) {
    if (value == "." || value == "..")
        return {cat("may not be '", value, "'")};
    Messages messages;
    for (const std::string_view part : {"/", "%"})
        if (value.find(part) != std::string_view::npos)
            messages.push_back(cat("may not contain '", part, "'"));
    return messages;
}

Messages is_dns1035_label(std::string_view value) {
    Messages wrong;
    if (value.size() > 63)
        wrong.push_back(max_length_error(63));
    if (!label_1123(value) || !lower(value.front()))
        wrong.push_back(regex_error("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                                    "character, and end with an alphanumeric character",
                                    "[a-z]([-a-z0-9]*[a-z0-9])?", {"my-name", "abc-123"}));
    return wrong;
}

Messages is_wildcard_dns1123_subdomain(std::string_view value) {
    Messages wrong;
    if (value.size() > 253)
        wrong.push_back(max_length_error(253));
    if (!value.starts_with("*.") || !subdomain_1123(value.substr(2)))
        wrong.push_back(regex_error("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "
                                    "of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                                    cat("\\*\\.", subdomain_format), {"*.example.com"}));
    return wrong;
}

Messages is_qualified_name(std::string_view value) {
    Messages wrong;
    const auto parts = split(value, '/');
    std::string_view name = parts.front();
    if (parts.size() == 2) {
        name = parts[1];
        if (parts[0].empty())
            wrong.push_back(cat("prefix part ", must_not_be_empty));
        else
            for (const auto& message : is_dns1123_subdomain(parts[0]))
                wrong.push_back("prefix part " + message);
    } else if (parts.size() > 2) {
        wrong.push_back(cat("a qualified name ", regex_error(name_message, name_format, {"MyName", "my.name", "123-abc"}),
                            " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"));
        return wrong;
    }
    if (name.empty())
        wrong.push_back(cat("name part ", must_not_be_empty));
    else if (name.size() > 63)
        wrong.push_back(cat("name part ", max_length_error(63)));
    if (!name_part(name))
        wrong.push_back(cat("name part ", regex_error(name_message, name_format, {"MyName", "my.name", "123-abc"})));
    return wrong;
}

Messages is_valid_label_value(std::string_view value) {
    Messages wrong;
    if (value.size() > 63)
        wrong.push_back(max_length_error(63));
    if (!value.empty() && !name_part(value))
        wrong.push_back(regex_error("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
                                    "start and end with an alphanumeric character",
                                    cat("(", name_format, ")?"), {"MyValue", "my_value", "12345"}));
    return wrong;
}

namespace {
Messages within(std::int64_t value, std::int64_t low, std::int64_t high) {
    return value >= low && value <= high ? Messages{} : Messages{inclusive_range_error(low, high)};
}
}  // namespace

Messages is_valid_port_num(std::int64_t port) { return within(port, 1, 65535); }
Messages is_valid_group_id(std::int64_t id) { return within(id, 0, INT32_MAX); }
Messages is_valid_user_id(std::int64_t id) { return within(id, 0, INT32_MAX); }

Messages is_valid_port_name(std::string_view port) {
    Messages wrong;
    if (port.size() > 15)
        wrong.push_back(max_length_error(15));
    if (port.empty() || !all(port, [](char c) { return lower_alnum(c) || c == '-'; }))
        wrong.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    if (std::none_of(port.begin(), port.end(), lower))
        wrong.emplace_back("must contain at least one letter (a-z)");
    if (port.find("--") != std::string_view::npos)
        wrong.emplace_back("must not contain consecutive hyphens");
    if (!port.empty() && (port.front() == '-' || port.back() == '-'))
        wrong.emplace_back("must not begin or end with a hyphen");
    return wrong;
}

Messages is_valid_percent(std::string_view text) {
    if (text.size() >= 2 && text.back() == '%' && all(text.substr(0, text.size() - 1), digit))
        return {};
    return {regex_error("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", {"1%", "93%"})};
}

Messages is_http_header_name(std::string_view value) {
    if (!value.empty() && all(value, [](char c) { return alnum(c) || c == '-'; }))
        return {};
    return {regex_error("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", {"X-Header-Name"})};
}

Messages is_env_var_name(std::string_view value) {
    Messages wrong;
    const auto inside = [](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; };
    if (value.empty() || digit(value.front()) || !all(value, inside))
        wrong.push_back(regex_error("a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and "
                                    "must not start with a digit",
                                    "[-._a-zA-Z][-._a-zA-Z0-9]*", {"my.env-name", "MY_ENV.NAME", "MyEnvName1"}));
    add_folder_names(wrong, value);
    return wrong;
}

Messages is_relaxed_env_var_name(std::string_view value) {
    if (value.empty())
        return {cat("environment variable name ", must_not_be_empty)};
    if (!all(value, [](char c) { return c >= ' ' && c <= '~' && c != '='; }))
        return {"a valid environment variable name must consist only of printable ASCII characters other than '='"};
    return {};
}

Messages is_config_map_key(std::string_view value) {
    Messages wrong;
    if (value.size() > 253)
        wrong.push_back(max_length_error(253));
    if (value.empty() || !all(value, [](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; }))
        wrong.push_back(regex_error("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+",
                                    {"key.name", "KEY_NAME", "key-name"}));
    add_folder_names(wrong, value);
    return wrong;
}

Messages is_c_identifier(std::string_view value) {
    if (!value.empty() && !digit(value.front()) && all(value, [](char c) { return alnum(c) || c == '_'; }))
        return {};
    return {regex_error("a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
                        "[A-Za-z_][A-Za-z0-9_]*", {"my_name", "MY_NAME", "MyName"})};
}

Messages is_fully_qualified_domain_name(std::string_view value) {
    if (value.ends_with('.'))
        value.remove_suffix(1);
    if (auto wrong = is_dns1123_subdomain(value); !wrong.empty())
        return wrong;
    const auto labels = split(value, '.');
    if (labels.size() < 2)
        return {"should be a domain with at least two segments separated by dots"};
    for (const auto label : labels)
        if (label.size() > 63)
            return is_dns1123_label(label);
    return {};
}

Messages is_valid_ip(std::string_view value) {
    return parse_ip(value) ? Messages{} : Messages{"must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"};
}

Messages is_valid_cidr(std::string_view value) {
    return parse_cidr(value) ? Messages{} : Messages{"must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"};
}

bool is_ipv4(std::string_view value) {
    const auto ip = parse_ip(value);
    return ip && ip->size == 4;
}

bool is_ipv6(std::string_view value) {
    const auto ip = parse_ip(value);
    return ip && ip->size == 16;
}

// -- addresses --------------------------------------------------------------------------------------

namespace {

std::optional<IpBytes> parse_ipv4(std::string_view text, LeadingZeros zeros) {
    const auto parts = split(text, '.');
    if (parts.size() != 4)
        return std::nullopt;
    IpBytes ip;
    ip.size = 4;
    for (std::size_t i = 0; i < 4; ++i) {
        if (parts[i].empty() || !all(parts[i], digit) || (parts[i].size() > 3 && zeros == LeadingZeros::refused) || parts[i].size() > 16)
            return std::nullopt;
        if (zeros == LeadingZeros::refused && parts[i].size() > 1 && parts[i].front() == '0')
            return std::nullopt;
        const auto number = parse_int(parts[i]);
        if (!number || *number > 255)
            return std::nullopt;
        ip.bytes[i] = static_cast<std::uint8_t>(*number);
    }
    return ip;
}

std::optional<int> parse_group(std::string_view text) {
    if (text.empty() || text.size() > 4)
        return std::nullopt;
    int value = 0;
    for (char c : text) {
        const int nibble = digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (nibble < 0)
            return std::nullopt;
        value = value * 16 + nibble;
    }
    return value;
}

// "1:2:3", "1:2:1.2.3.4" as bytes; an empty text gives none.
std::optional<std::vector<std::uint8_t>> parse_groups(std::string_view text, LeadingZeros zeros) {
    std::vector<std::uint8_t> bytes;
    if (text.empty())
        return bytes;
    const auto parts = split(text, ':');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
            const auto tail = parse_ipv4(parts[i], zeros);
            if (!tail)
                return std::nullopt;
            bytes.insert(bytes.end(), tail->bytes, tail->bytes + 4);
            continue;
        }
        const auto group = parse_group(parts[i]);
        if (!group)
            return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(*group >> 8));
        bytes.push_back(static_cast<std::uint8_t>(*group & 255));
    }
    return bytes;
}

std::optional<IpBytes> parse_ipv6(std::string_view text, LeadingZeros zeros) {
    const auto gap = text.find("::");
    const auto head = parse_groups(text.substr(0, gap), zeros);
    const auto tail = gap == std::string_view::npos ? std::optional(std::vector<std::uint8_t>{}) : parse_groups(text.substr(gap + 2), zeros);
    if (!head || !tail || (gap == std::string_view::npos ? head->size() != 16 : head->size() + tail->size() > 14))
        return std::nullopt;
    IpBytes ip;
    ip.size = 16;
    std::copy(head->begin(), head->end(), ip.bytes);
    std::copy_backward(tail->begin(), tail->end(), ip.bytes + 16);
    return ip;
}

}  // namespace

std::optional<IpBytes> parse_ip(std::string_view text, LeadingZeros zeros) {
    return text.find(':') == std::string_view::npos ? parse_ipv4(text, zeros) : parse_ipv6(text, zeros);
}

std::string ip_text(const IpBytes& ip) {
    if (ip.size == 4)
        return cat(ip.bytes[0], ".", ip.bytes[1], ".", ip.bytes[2], ".", ip.bytes[3]);
    int best = -1, best_length = 1;  // one zero group alone is not shortened
    for (int start = 0; start < 8; ++start) {
        int length = 0;
        while (start + length < 8 && ip.bytes[2 * (start + length)] == 0 && ip.bytes[2 * (start + length) + 1] == 0)
            ++length;
        if (length > best_length) {
            best = start;
            best_length = length;
        }
    }
    std::string out;
    for (int group = 0; group < 8; ++group) {
        if (group == best) {
            out += "::";
            group += best_length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':')
            out += ':';
        char buffer[8];
        std::snprintf(buffer, sizeof buffer, "%x", static_cast<unsigned>(ip.bytes[2 * group] << 8 | ip.bytes[2 * group + 1]));
        out += buffer;
    }
    return out;
}

std::optional<Cidr> parse_cidr(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto ip = parse_ip(text.substr(0, slash));
    const auto digits = text.substr(slash + 1);
    if (!ip || digits.empty() || digits.size() > 3 || !all(digits, digit))
        return std::nullopt;
    const auto prefix = parse_int(digits);
    if (!prefix || *prefix > ip->size * 8)
        return std::nullopt;
    return Cidr{*ip, static_cast<int>(*prefix)};
}

}  // namespace kubewalk::api
