// Endpoints and EndpointSlice. Upstream: pkg/apis/core/validation/validation.go (ValidateEndpoints),
// pkg/apis/discovery/v1/defaults.go, pkg/apis/discovery/validation/validation.go.

#include <set>

#include "core/api/rules/rules_shared.h"
#include "core/api/rules/service_addresses.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// Of a slice's port a text without letters is there, and wrong.
enum class Unset : bool { null, empty };

void validate_protocol(const Value& port, Unset unset, const Path& path, FieldErrors& errors) {
    const auto protocol = port["protocol"].as_string();
    if (unset == Unset::null ? port["protocol"].is_null() : protocol.empty())
        errors.required(path.child("protocol"));
    else if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP")
        errors.not_supported(path.child("protocol"), port["protocol"], {"SCTP", "TCP", "UDP"});
}

// -- Endpoints ----------------------------------------------------------------------------------------

void default_endpoints(Value& object) {
    for (std::size_t i = 0; i < object["subsets"].size(); ++i)
        for (std::size_t j = 0; j < object["subsets"][i]["ports"].size(); ++j)
            if (object["subsets"][i]["ports"][j]["protocol"].as_string().empty())
                object.edit("subsets").edit_at(i).edit("ports").edit_at(j).set("protocol", "TCP");
}

void validate_addresses(const Value& addresses, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const Path at = path.index(i);
        const auto hostname = addresses[i]["hostname"].as_string();
        validate_non_special_ip(addresses[i]["ip"], at.child("ip"), errors);
        if (!hostname.empty())
            errors.invalid_each(at.child("hostname"), hostname, is_dns1123_label(hostname));
        const Value& node = addresses[i]["nodeName"];
        if (!node.is_null())
            errors.invalid_each(at.child("nodeName"), node, is_dns1123_subdomain(node.as_string()));
    }
}

void validate_endpoints(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    const Path subsets("subsets");
    for (std::size_t i = 0; i < object["subsets"].size(); ++i) {
        const Value& subset = object["subsets"][i];
        const Path at = subsets.index(i);
        if (subset["addresses"].empty() && subset["notReadyAddresses"].empty())
            errors.required(at, "must specify `addresses` or `notReadyAddresses`");
        validate_addresses(subset["addresses"], at.child("addresses"), errors);
        validate_addresses(subset["notReadyAddresses"], at.child("notReadyAddresses"), errors);
        const Path ports = at.child("ports");
        for (std::size_t j = 0; j < subset["ports"].size(); ++j) {
            const Value& port = subset["ports"][j];
            const Path where = ports.index(j);
            if (subset["ports"].size() > 1 && port["name"].as_string().empty())
                errors.required(where.child("name"));
            else if (!port["name"].as_string().empty())
                errors.invalid_each(where.child("name"), port["name"], is_dns1123_label(port["name"].as_string()));
            errors.invalid_each(where.child("port"), port["port"].is_null() ? Value(0) : port["port"], is_valid_port_num(port["port"].as_int()));
            validate_protocol(port, Unset::empty, where, errors);
            if (!port["appProtocol"].is_null())
                errors.invalid_each(where.child("appProtocol"), port["appProtocol"], is_qualified_name(port["appProtocol"].as_string()));
        }
    }
}

void validate_endpoints_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_endpoints(object, errors);
}

// -- EndpointSlice -------------------------------------------------------------------------------------

void default_slice(Value& object) {
    for (std::size_t i = 0; i < object["ports"].size(); ++i) {
        Value& port = object.edit("ports").edit_at(i);
        default_to(port, "name", "");
        default_to(port, "protocol", "TCP");
    }
}

void prepare_slice(Value& object) { start_generation(object); }

void prepare_slice_update(Value& object, const Value& old) {
    Value a = object, b = old;
    a.erase("metadata");
    b.erase("metadata");
    set_generation(object, old, !(a == b) || !(object["metadata"]["labels"] == old["metadata"]["labels"]));
}

// forZones, forNodes: at most eight names each, no name twice.
void validate_hint_list(const Value& list, const Path& path, NameValidator validator, FieldErrors& errors) {
    constexpr std::size_t max_hints = 8;
    if (list.size() > max_hints)
        return errors.too_many(path, static_cast<int>(list.size()), static_cast<int>(max_hints));
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto name = list[i]["name"].as_string();
        const Path entry = path.index(i);
        const Path at = entry.child("name");
        if (!names.insert(name).second)
            errors.duplicate(at, name);
        errors.invalid_each(at, name, validator(name));
    }
}

// Addresses of a type nobody knows are not looked at: the type itself is what is wrong then.
void validate_slice_address(const Value& address, std::string_view type, const Path& path, FieldErrors& errors) {
    const auto text = address.as_string();
    if (type == "FQDN") {
        errors.invalid_each(path, address, is_fully_qualified_domain_name(text));
    } else if (type == "IPv4" || type == "IPv6") {
        const bool v4 = type == "IPv4";
        if (v4 ? !is_ipv4(text) : !is_ipv6(text))
            errors.invalid(path, address, v4 ? "must be a valid IPv4 address" : "must be a valid IPv6 address");
        else
            validate_non_special_ip(address, path, errors);
    }
}

void validate_slice_endpoint(const Value& endpoint, std::string_view type, const Path& path, FieldErrors& errors) {
    const Value& addresses = endpoint["addresses"];
    const Path at = path.child("addresses");
    if (addresses.empty())
        errors.required(at, "must contain at least 1 address");
    else if (addresses.size() > 100)
        errors.too_many(at, static_cast<int>(addresses.size()), 100);
    for (std::size_t i = 0; i < addresses.size(); ++i)
        validate_slice_address(addresses[i], type, at.index(i), errors);
    const Value& hostname = endpoint["hostname"];
    if (!hostname.is_null())
        errors.invalid_each(path.child("hostname"), hostname, is_dns1123_label(hostname.as_string()));
    const Value& node = endpoint["nodeName"];
    if (!node.is_null())
        errors.invalid_each(path.child("nodeName"), node, is_dns1123_subdomain(node.as_string()));
    constexpr std::size_t max_topology_labels = 16;
    const Value& topology = endpoint["deprecatedTopology"];
    const Path topology_path = path.child("deprecatedTopology");
    if (topology.size() > max_topology_labels)
        errors.too_many(topology_path, static_cast<int>(topology.size()), static_cast<int>(max_topology_labels));
    validate_labels(topology, topology_path, errors);
    constexpr std::string_view zone = "topology.kubernetes.io/zone";  // has a field of its own
    if (topology.contains(zone))
        errors.internal(topology_path.key(zone), "reserved key was not removed in conversion");
    const Path hints = path.child("hints");
    validate_hint_list(endpoint["hints"]["forZones"], hints.child("forZones"), is_valid_label_value, errors);
    validate_hint_list(endpoint["hints"]["forNodes"], hints.child("forNodes"), is_dns1123_subdomain, errors);
}

void validate_slice(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    const auto type = object["addressType"].as_string();
    if (type.empty())
        errors.required(Path("addressType"));
    else if (type != "IPv4" && type != "IPv6" && type != "FQDN")
        errors.not_supported(Path("addressType"), object["addressType"], {"FQDN", "IPv4", "IPv6"});
    const Path endpoints("endpoints"), ports("ports");
    if (object["endpoints"].size() > 1000)
        errors.too_many(endpoints, static_cast<int>(object["endpoints"].size()), 1000);
    for (std::size_t i = 0; i < object["endpoints"].size(); ++i)
        validate_slice_endpoint(object["endpoints"][i], type, endpoints.index(i), errors);
    if (object["ports"].size() > 20000)
        errors.too_many(ports, static_cast<int>(object["ports"].size()), 20000);
    std::set<std::string> names;
    for (std::size_t i = 0; i < object["ports"].size(); ++i) {
        const Value& port = object["ports"][i];
        const Path at = ports.index(i);
        const auto name = port["name"].as_string();
        if (!name.empty())
            errors.invalid_each(at.child("name"), name, is_dns1123_label(name));
        if (!names.insert(std::string(name)).second)
            errors.duplicate(at.child("name"), name);
        validate_protocol(port, Unset::null, at, errors);
        if (!port["appProtocol"].is_null())
            errors.invalid_each(at.child("appProtocol"), port["appProtocol"], is_qualified_name(port["appProtocol"].as_string()));
    }
}

void validate_slice_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_slice(object, errors);
    validate_immutable(object["addressType"], old["addressType"], Path("addressType"), errors);
}

}  // namespace

const Rules endpoints_rules = {"", "Endpoints", default_endpoints, nothing, nothing_to_prepare, nullptr,
                               validate_endpoints, validate_endpoints_update, nullptr, no_warnings};
const Rules endpoint_slice_rules = {"discovery.k8s.io", "EndpointSlice", default_slice, prepare_slice, prepare_slice_update, nullptr,
                                    validate_slice, validate_slice_update, nullptr, no_warnings};

}  // namespace kubewalk::api
