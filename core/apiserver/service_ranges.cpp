#include "core/apiserver/service_ranges.h"

#include <algorithm>

#include "core/apiserver/service_families.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr std::string_view default_name = "kubernetes";

const api::Kind& address_kind() {
    static const api::Kind& kind = *api::find_kind("networking.k8s.io/v1", "IPAddress");
    return kind;
}

const api::Kind& range_kind() {
    static const api::Kind& kind = *api::find_kind("networking.k8s.io/v1", "ServiceCIDR");
    return kind;
}

std::vector<std::string> addresses_of(const Value& service) {
    std::vector<std::string> found;
    for (const auto& ip : service["spec"]["clusterIPs"].items())
        if (ip.as_string() != "None" && !ip.as_string().empty())
            found.push_back(ip.str());
    return found;
}

bool has(const std::vector<std::string>& list, std::string_view text) { return std::find(list.begin(), list.end(), text) != list.end(); }

// newIPAddress
Value address_of(std::string_view ip, const Value& service) {
    return Value::object(
        {{"apiVersion", "networking.k8s.io/v1"},
         {"kind", "IPAddress"},
         {"metadata", Value::object({{"name", ip},
                                     {"labels", Value::object({{"ipaddress.kubernetes.io/ip-family", family_of(ip)},
                                                               {"ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io"}})}})},
         {"spec", Value::object({{"parentRef", Value::object({{"name", api::name_of(service)},
                                                              {"namespace", api::namespace_of(service)},
                                                              {"resource", "services"}})}})}});
}

// With a name of its own for chance: what else is drawn does not depend on it.
void install(Core& core, const api::Kind& kind, Value object) {
    Random random = core.simulation.random().stream(cat(kind.resource, "/", api::name_of(object), "/", core.store.next_revision()));
    core.install(kind, std::move(object), random);
}

bool is_ready(const Value& range) {
    if (api::is_deleting(range))
        return false;
    for (const auto& condition : range["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            return condition["status"].as_string() == "True";
    return false;
}

}  // namespace

ServiceRanges service_ranges(const Core& core) {
    ServiceRanges ranges = core.options.services;
    const auto prefix = store_prefix(range_kind(), {});
    for (auto it = core.store.first(prefix); core.store.within(it, prefix); ++it)
        if (is_ready(it->second.value))
            for (const auto& cidr : it->second.value["spec"]["cidrs"].items())
                if (!has(ranges.cidrs, cidr.as_string()) && !has(ranges.more_cidrs, cidr.as_string()))
                    ranges.more_cidrs.push_back(cidr.str());
    return ranges;
}

Value default_service_cidr(const Core& core) {
    Value cidrs = Value::array();
    for (const auto& cidr : core.options.services.cidrs)
        cidrs.push_back(cidr);
    const Value ready = Value::object({{"type", "Ready"},
                                       {"status", "True"},
                                       {"lastTransitionTime", to_rfc3339(core.simulation.now())},
                                       {"reason", ""},
                                       {"message", "Kubernetes default Service CIDR is ready"}});
    return Value::object({{"apiVersion", "networking.k8s.io/v1"},
                          {"kind", "ServiceCIDR"},
                          {"metadata", Value::object({{"name", default_name}})},
                          {"spec", Value::object({{"cidrs", std::move(cidrs)}})},
                          {"status", Value::object({{"conditions", Value::array({ready})}})}});
}

void follow_service_addresses(Core& core, const api::Kind& kind, const Value& before, const Value& after) {
    if (&kind == &range_kind()) {
        if (after.is_null() && api::name_of(before) == default_name)
            install(core, kind, default_service_cidr(core));
        return;
    }
    if (&kind == &address_kind()) {
        const auto& parent = before["spec"]["parentRef"];
        const Value service = core.get(api::kind::services, parent["namespace"].as_string(), parent["name"].as_string());
        if (after.is_null() && has(addresses_of(service), api::name_of(before)))
            install(core, kind, address_of(api::name_of(before), service));
        return;
    }
    const auto old = addresses_of(before), fresh = addresses_of(after);
    for (const auto& ip : fresh)
        if (!has(old, ip))
            install(core, address_kind(), address_of(ip, after));
    for (const auto& ip : old)
        if (!has(fresh, ip))
            core.uninstall(address_kind(), ip);
}

}  // namespace kubewalk::apiserver
