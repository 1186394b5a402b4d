#include "core/api/rules/service_addresses.h"

#include <set>

#include "core/api/names.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using Sv = std::string_view;

constexpr std::size_t most_addresses = 2;

void validate_synced(const Value& spec, const Path& list, FieldErrors& errors) {
    const auto address = spec["clusterIP"].as_string();
    const Value& addresses = spec["clusterIPs"];
    if (address.empty()) {
        if (!addresses.empty())
            errors.invalid(list, addresses, "must be empty when `clusterIP` is not specified");
    } else if (addresses.empty()) {
        errors.required(list);
    } else if (addresses[0].as_string() != address) {
        errors.invalid(list, addresses, "first value must match `clusterIP`");
    }
}

void validate_families(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path list = path.child("ipFamilies");
    std::set<Sv> seen;
    for (std::size_t i = 0; i < spec["ipFamilies"].size(); ++i) {
        const auto family = spec["ipFamilies"][i].as_string();
        if (family != "IPv4" && family != "IPv6")
            errors.not_supported(list.index(i), Value(family), {"IPv4", "IPv6"});
        if (!seen.insert(family).second)
            errors.duplicate(list.index(i), Value(family));
    }
    const Value& policy = spec["ipFamilyPolicy"];
    if (policy.is_null())
        return;
    for (const Sv known : {"PreferDualStack", "RequireDualStack", "SingleStack"})
        if (policy.as_string() == known)
            return;
    errors.not_supported(path.child("ipFamilyPolicy"), policy, {"PreferDualStack", "RequireDualStack", "SingleStack"});
}

// False when an address is none: what follows would only repeat it.
bool validate_each(const Value& addresses, const Path& list, FieldErrors& errors) {
    bool sound = true;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const auto address = addresses[i].as_string();
        if (i == 0 && address == "None") {
            if (addresses.size() == 1)
                continue;
            sound = false;
            errors.invalid(list, addresses, "'None' must be the first and only value");
            continue;
        }
        const auto wrong = is_valid_ip(address);
        sound = sound && wrong.empty();
        errors.invalid_each(list.index(i), Value(address), wrong);
    }
    return sound;
}

}  // namespace

void validate_cluster_ips(const Value& service, FieldErrors& errors) {
    const Value& spec = service["spec"];
    if (spec["type"].as_string() == "ExternalName")
        return;  // it must have none of them, which its type says
    const Path path("spec");
    const Path list = path.child("clusterIPs");
    const Value& addresses = spec["clusterIPs"];
    validate_synced(spec, list, errors);
    validate_families(spec, path, errors);
    const bool sound = validate_each(addresses, list, errors);
    if (addresses.size() > most_addresses)
        errors.invalid(list, addresses, "may only hold up to 2 values");
    if (!sound || addresses[0].as_string() == "None")
        return;
    std::set<bool> families;
    for (const auto& address : addresses.items())
        families.insert(is_ipv6(address.as_string()));
    if (addresses.size() > 1 && families.size() < 2)
        errors.invalid(list, addresses, "may specify no more than one IP for each IP family");
    for (std::size_t i = 0; i < addresses.size() && i < spec["ipFamilies"].size(); ++i) {
        const auto family = spec["ipFamilies"][i].as_string();
        const bool v6 = is_ipv6(addresses[i].as_string());
        if ((family == "IPv4" && v6) || (family == "IPv6" && !v6))
            errors.invalid(list.index(i), addresses[i], cat("expected an ", family, " value as indicated by `ipFamilies[", i, "]`"));
    }
}

void validate_non_special_ip(const Value& ip, const Path& path, FieldErrors& errors) {
    const auto parsed = parse_ip(ip.as_string());
    if (!parsed)
        return errors.invalid_each(path, ip.str(), is_valid_ip(ip.as_string()));
    const auto* b = parsed->bytes;
    const bool v4 = parsed->size == 4;
    const bool unspecified = *parsed == IpBytes{{}, parsed->size};
    const bool loopback = v4 ? b[0] == 127 : ip_text(*parsed) == "::1";
    const bool link_local = v4 ? b[0] == 169 && b[1] == 254 : b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
    const bool multicast = v4 ? b[0] == 224 && b[1] == 0 && b[2] == 0 : b[0] == 0xff && (b[1] & 0x0f) == 2;
    if (unspecified)
        errors.invalid(path, ip, cat("may not be unspecified (", ip.as_string(), ")"));
    if (loopback)
        errors.invalid(path, ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    if (link_local)
        errors.invalid(path, ip, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    if (multicast)
        errors.invalid(path, ip, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

}  // namespace kubewalk::api
