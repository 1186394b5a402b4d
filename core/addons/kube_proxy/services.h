#pragma once
// What kube-proxy makes of Services and EndpointSlices: service ports and their endpoints.
// Upstream: pkg/proxy/serviceport.go, servicechangetracker.go, endpoint.go, endpointslicecache.go,
// topology.go.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/api/value.h"
#include "core/base/ordered_map.h"
#include "core/net/address.h"

namespace kubewalk::addons {

struct ServicePortName {
    std::string service;  // "namespace/name"
    std::string port;     // the port's name, "" when it has none
    net::Protocol protocol = net::Protocol::tcp;

    std::string text() const;  // "namespace/name:port"
    friend bool operator==(const ServicePortName&, const ServicePortName&) = default;
    // libc++ 14 has no <=> for strings.
    friend bool operator<(const ServicePortName& a, const ServicePortName& b) {
        return std::tie(a.service, a.port, a.protocol) < std::tie(b.service, b.port, b.protocol);
    }
};

struct ServicePort {
    net::Ip cluster_ip;
    std::uint16_t port = 0;
    std::uint16_t node_port = 0;
    net::Protocol protocol = net::Protocol::tcp;
    std::vector<net::Ip> external_ips;
    std::vector<net::Ip> load_balancer_ips;              // those with ipMode VIP
    std::vector<net::Prefix> load_balancer_source_ranges;
    std::uint16_t health_check_node_port = 0;
    std::optional<std::uint32_t> affinity_seconds;       // sessionAffinity: ClientIP
    bool internal_policy_local = false;
    bool external_policy_local = false;
    std::string hash;  // of its chains' names, filled in by the iptables proxier

    bool externally_accessible() const { return node_port != 0 || !load_balancer_ips.empty() || !external_ips.empty(); }
    bool uses_cluster_endpoints() const { return !internal_policy_local || externally_accessible(); }
    bool uses_local_endpoints() const { return internal_policy_local || (external_policy_local && externally_accessible()); }
    friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

struct ProxyEndpoint {
    net::SocketAddress address;
    bool local = false;
    bool ready = true;
    bool serving = true;
    bool terminating = false;
    std::vector<std::string> zone_hints;
    std::vector<std::string> node_hints;
    std::string chain;  // its KUBE-SEP- chain, filled in by the iptables proxier
    friend bool operator==(const ProxyEndpoint&, const ProxyEndpoint&) = default;
};

// The ports of one Service in one family; none when kube-proxy skips it (headless, ExternalName).
std::vector<std::pair<ServicePortName, ServicePort>> service_ports(const api::Value& service, net::Family family);

// The endpoints of one Service's slices, by port, each list sorted by address text.
std::map<ServicePortName, std::vector<ProxyEndpoint>> slice_endpoints(const std::string& service,
                                                                      const OrderedMap<std::string, api::Value>& slices,
                                                                      std::string_view node_name, net::Family family);

// Which endpoints count for Cluster and Local traffic policy on this node.
struct EndpointCategories {
    std::vector<ProxyEndpoint> cluster;
    std::vector<ProxyEndpoint> local;
    std::vector<ProxyEndpoint> all_reachable;
    bool has_any = false;
};
struct TrafficPolicies {
    bool uses_cluster_endpoints = true;
    bool uses_local_endpoints = false;
};
EndpointCategories categorize_endpoints(const std::vector<ProxyEndpoint>& endpoints, TrafficPolicies policies,
                                        std::string_view node_name, std::string_view zone);

}  // namespace kubewalk::addons
