// IPAddress and ServiceCIDR. Upstream: pkg/apis/networking/validation/validation.go,
// k8s.io/apimachinery/pkg/util/validation/ip.go (IsValidIP, IsValidCIDR: the strict forms).

#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

bool is_mapped(const IpBytes& ip) {
    if (ip.size != 16 || ip.bytes[10] != 0xff || ip.bytes[11] != 0xff)
        return false;
    for (int i = 0; i < 10; ++i)
        if (ip.bytes[i] != 0)
            return false;
    return true;
}

bool has_host_bits(const Cidr& cidr) {
    for (int bit = cidr.prefix; bit < cidr.ip.size * 8; ++bit)
        if ((cidr.ip.bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
            return true;
    return false;
}

// IsValidIP
Messages is_canonical_ip(std::string_view value) {
    if (auto wrong = is_valid_ip(value); !wrong.empty())
        return wrong;
    const auto ip = parse_ip(value, LeadingZeros::refused);
    if (!ip)
        return {"must not have leading 0s"};
    if (is_mapped(*ip))
        return {"must not be an IPv4-mapped IPv6 address"};
    if (const auto text = ip_text(*ip); text != value)
        return {cat("must be in canonical form (", quoted(text), ")")};
    return {};
}

// IsValidCIDR
Messages is_canonical_cidr(std::string_view value) {
    if (auto wrong = is_valid_cidr(value); !wrong.empty())
        return wrong;
    const auto cidr = parse_cidr(value);
    const auto slash = value.find('/');
    const auto length = value.substr(slash + 1);
    if (!parse_ip(value.substr(0, slash), LeadingZeros::refused) || (length.size() > 1 && length.front() == '0'))
        return {"must not have leading 0s in IP or prefix length"};
    if (is_mapped(cidr->ip))
        return {"must not have an IPv4-mapped IPv6 address"};
    if (has_host_bits(*cidr))
        return {"must not have bits set beyond the prefix length"};
    if (const auto text = cat(ip_text(cidr->ip), "/", cidr->prefix); text != value)
        return {cat("must be in canonical form (", quoted(text), ")")};
    return {};
}

// -- IPAddress -------------------------------------------------------------------------------------------

void validate_address(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_canonical_ip, Path("metadata"), errors);
    const Path spec("spec");
    const Path path = spec.child("parentRef");
    const Value& parent = object["spec"]["parentRef"];
    if (parent.is_null())
        return errors.required(path);
    if (const auto group = parent["group"].as_string(); !group.empty())
        errors.invalid_each(path.child("group"), parent["group"], is_dns1123_subdomain(group));
    for (const std::string_view field : {"resource", "name", "namespace"}) {
        const auto text = parent[field].as_string();
        if (text.empty() && field != "namespace")
            errors.required(path.child(field));
        else if (!text.empty())
            errors.invalid_each(path.child(field), parent[field], is_path_segment_name(text));
    }
}

void validate_address_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path spec("spec");
    validate_immutable(object["spec"]["parentRef"], old["spec"]["parentRef"], spec.child("parentRef"), errors);
}

// -- ServiceCIDR -----------------------------------------------------------------------------------------

void validate_ranges(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    const Path spec("spec");
    const Path path = spec.child("cidrs");
    const Value& cidrs = object["spec"]["cidrs"];
    if (cidrs.empty())
        return errors.required(path, "at least one CIDR required");
    if (cidrs.size() > 2)
        return errors.invalid(path, object["spec"], "may only hold up to 2 values");
    if (cidrs.size() == 2) {
        const auto one = parse_cidr(cidrs[0].as_string()), other = parse_cidr(cidrs[1].as_string());
        if (!one || !other || one->ip.size == other->ip.size)
            return errors.invalid(path, object["spec"],
                                  "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
    }
    for (std::size_t i = 0; i < cidrs.size(); ++i)
        errors.invalid_each(path.index(i), cidrs[i], is_canonical_cidr(cidrs[i].as_string()));
}

void validate_ranges_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path spec("spec");
    validate_immutable(object["spec"]["cidrs"], old["spec"]["cidrs"], spec.child("cidrs"), errors);
}

void validate_ranges_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

}  // namespace

const Rules ip_address_rules = {"networking.k8s.io", "IPAddress", nothing, nothing, nothing_to_prepare, nullptr,
                                validate_address, validate_address_update, nullptr, no_warnings};
const Rules service_cidr_rules = {"networking.k8s.io", "ServiceCIDR", nothing, drop_status, keep_status, keep_all_but_status,
                                  validate_ranges, validate_ranges_update, validate_ranges_status, no_warnings};

}  // namespace kubewalk::api
