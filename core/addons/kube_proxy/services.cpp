#include "core/addons/kube_proxy/services.h"

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/text.h"

namespace kubewalk::addons {

namespace {

net::Protocol protocol_of(std::string_view text) {
    if (text == "UDP")
        return net::Protocol::udp;
    return text == "SCTP" ? net::Protocol::sctp : net::Protocol::tcp;
}

std::uint16_t port_number(const api::Value& value) {
    const std::int64_t number = value.as_int();
    return number > 0 && number < 65536 ? static_cast<std::uint16_t>(number) : std::uint16_t{0};
}

std::optional<net::Ip> family_ip(std::string_view text, net::Family family) {
    auto ip = net::Ip::parse(text);
    if (ip && ip->family == family)
        return ip;
    return std::nullopt;
}

std::optional<net::Ip> cluster_ip(const api::Value& spec, net::Family family) {
    for (const api::Value& candidate : spec["clusterIPs"].items())
        if (auto ip = family_ip(candidate.as_string(), family))
            return ip;
    return family_ip(spec["clusterIP"].as_string(), family);
}

std::vector<net::Prefix> source_ranges(const api::Value& spec, net::Family family) {
    std::vector<net::Prefix> out;
    for (const api::Value& text : spec["loadBalancerSourceRanges"].items()) {
        const auto prefix = net::Prefix::parse(trim(text.as_string()));
        if (!prefix || prefix->ip.family != family)
            continue;
        if (prefix->length == 0)
            return {};  // everybody
        out.push_back(*prefix);
    }
    return out;
}

}  // namespace

std::string ServicePortName::text() const { return port.empty() ? service : cat(service, ':', port); }

std::vector<std::pair<ServicePortName, ServicePort>> service_ports(const api::Value& service, net::Family family) {
    const api::Value& spec = service["spec"];
    std::vector<std::pair<ServicePortName, ServicePort>> out;
    const std::string_view type = spec["type"].as_string();
    if (spec["clusterIP"].as_string() == "None" || type == "ExternalName")
        return out;
    const auto ip = cluster_ip(spec, family);
    if (!ip)
        return out;

    ServicePort common;
    common.cluster_ip = *ip;
    common.load_balancer_source_ranges = source_ranges(spec, family);
    for (const api::Value& text : spec["externalIPs"].items())
        if (auto external = family_ip(text.as_string(), family))
            common.external_ips.push_back(*external);
    for (const api::Value& ingress : service.path("status", "loadBalancer", "ingress").items())
        if (ingress["ipMode"].as_string("VIP") == "VIP")
            if (auto address = family_ip(ingress["ip"].as_string(), family))
                common.load_balancer_ips.push_back(*address);
    const bool accessible = type == "LoadBalancer" || type == "NodePort" || (type == "ClusterIP" && !spec["externalIPs"].empty());
    common.external_policy_local = accessible && spec["externalTrafficPolicy"].as_string() == "Local";
    common.internal_policy_local = spec["internalTrafficPolicy"].as_string() == "Local";
    if (spec["sessionAffinity"].as_string() == "ClientIP")
        common.affinity_seconds =
            static_cast<std::uint32_t>(spec.path("sessionAffinityConfig", "clientIP", "timeoutSeconds").as_int(10800));
    if (type == "LoadBalancer" && common.external_policy_local)
        common.health_check_node_port = port_number(spec["healthCheckNodePort"]);

    for (const api::Value& port : spec["ports"].items()) {
        ServicePort entry = common;
        entry.protocol = protocol_of(port["protocol"].as_string());
        entry.port = port_number(port["port"]);
        entry.node_port = port_number(port["nodePort"]);
        out.push_back({{api::key_of(service), port["name"].str(), entry.protocol}, std::move(entry)});
    }
    return out;
}

std::map<ServicePortName, std::vector<ProxyEndpoint>> slice_endpoints(const std::string& service,
                                                                      const OrderedMap<std::string, api::Value>& slices,
                                                                      std::string_view node_name, net::Family family) {
    const std::string_view wanted = family == net::Family::ipv4 ? "IPv4" : "IPv6";
    std::map<ServicePortName, std::map<std::string, ProxyEndpoint>> found;
    for (const auto& [slice_name, slice] : slices) {
        if (slice["addressType"].as_string() != wanted)
            continue;
        for (const api::Value& port : slice["ports"].items()) {
            if (port_number(port["port"]) == 0)
                continue;
            auto& endpoints = found[{service, port["name"].str(), protocol_of(port["protocol"].as_string())}];
            for (const api::Value& item : slice["endpoints"].items()) {
                const auto ip = net::Ip::parse(item.path("addresses", 0).as_string());
                if (!ip)
                    continue;
                const api::Value& conditions = item["conditions"];
                ProxyEndpoint endpoint;
                endpoint.address = {*ip, port_number(port["port"])};
                endpoint.local = !node_name.empty() && item["nodeName"].as_string() == node_name;
                endpoint.ready = conditions["ready"].as_bool(true);
                endpoint.serving = conditions["serving"].as_bool(endpoint.ready);
                endpoint.terminating = conditions["terminating"].as_bool(false);
                for (const api::Value& hint : item.path("hints", "forZones").items())
                    endpoint.zone_hints.push_back(hint["name"].str());
                for (const api::Value& hint : item.path("hints", "forNodes").items())
                    endpoint.node_hints.push_back(hint["name"].str());
                // The same address in two slices (it moves between them): the ready one counts.
                const std::string key = endpoint.address.text();
                const auto existing = endpoints.find(key);
                if (existing == endpoints.end() || endpoint.ready)
                    endpoints[key] = std::move(endpoint);
            }
        }
    }
    std::map<ServicePortName, std::vector<ProxyEndpoint>> out;
    for (auto& [name, endpoints] : found) {
        auto& list = out[name];
        for (auto& [key, endpoint] : endpoints)
            list.push_back(std::move(endpoint));
    }
    return out;
}

namespace {

enum class TopologyMode : std::uint8_t { none, same_zone, same_node };

bool contains(const std::vector<std::string>& list, std::string_view wanted) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

// Hints count only when every ready endpoint has one and one of them is for here.
TopologyMode topology_mode(const std::vector<ProxyEndpoint>& endpoints, std::string_view node_name, std::string_view zone) {
    bool node_hints = true, zone_hints = true, for_node = false, for_zone = false;
    for (const ProxyEndpoint& endpoint : endpoints) {
        if (!endpoint.ready)
            continue;
        node_hints = node_hints && !endpoint.node_hints.empty();
        zone_hints = zone_hints && !endpoint.zone_hints.empty();
        for_node = for_node || contains(endpoint.node_hints, node_name);
        for_zone = for_zone || (!zone.empty() && contains(endpoint.zone_hints, zone));
    }
    if (node_hints && for_node)
        return TopologyMode::same_node;
    return zone_hints && for_zone ? TopologyMode::same_zone : TopologyMode::none;
}

template <typename Wanted>
std::vector<ProxyEndpoint> filter(const std::vector<ProxyEndpoint>& endpoints, Wanted wanted) {
    std::vector<ProxyEndpoint> out;
    for (const ProxyEndpoint& endpoint : endpoints)
        if (wanted(endpoint))
            out.push_back(endpoint);
    return out;
}

}  // namespace

EndpointCategories categorize_endpoints(const std::vector<ProxyEndpoint>& endpoints, TrafficPolicies policies,
                                        std::string_view node_name, std::string_view zone) {
    EndpointCategories out;
    TopologyMode mode = TopologyMode::none;
    if (policies.uses_cluster_endpoints) {
        mode = topology_mode(endpoints, node_name, zone);
        out.cluster = filter(endpoints, [&](const ProxyEndpoint& e) {
            return e.ready && (mode == TopologyMode::none || (mode == TopologyMode::same_node ? contains(e.node_hints, node_name)
                                                                                              : contains(e.zone_hints, zone)));
        });
        // Terminating ones that still serve are better than none, wherever they are.
        if (out.cluster.empty())
            out.cluster = filter(endpoints, [](const ProxyEndpoint& e) { return e.serving && e.terminating; });
        out.has_any = !out.cluster.empty();
    }
    if (!policies.uses_local_endpoints) {
        out.all_reachable = out.cluster;
        return out;
    }
    bool terminating = false;
    out.local = filter(endpoints, [](const ProxyEndpoint& e) { return e.local && e.ready; });
    if (out.local.empty()) {
        out.local = filter(endpoints, [](const ProxyEndpoint& e) { return e.local && e.serving && e.terminating; });
        terminating = !out.local.empty();
    }
    for (const ProxyEndpoint& endpoint : endpoints)
        out.has_any = out.has_any || endpoint.ready || (endpoint.serving && endpoint.terminating);
    if (!policies.uses_cluster_endpoints) {
        out.all_reachable = out.local;
        return out;
    }
    out.all_reachable = out.cluster;
    if (mode == TopologyMode::none && !terminating)
        return out;  // the local ones are among them
    for (const ProxyEndpoint& endpoint : out.local)
        if (std::none_of(out.cluster.begin(), out.cluster.end(),
                         [&](const ProxyEndpoint& e) { return e.address == endpoint.address; }))
            out.all_reachable.push_back(endpoint);
    return out;
}

}  // namespace kubewalk::addons
