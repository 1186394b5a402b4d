#pragma once
// What the proxy modes share: what was watched, and what is done with it. A proxier is a value that
// knows neither the API server nor the clock; KubeProxy (kube_proxy.h) feeds it, the tests feed it too.
// Upstream: pkg/proxy/types.go, servicechangetracker.go, endpointschangetracker.go, conntrack/cleanup.go.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/addons/kube_proxy/services.h"
#include "core/net/node_stack.h"

namespace kubewalk::addons {

enum class ProxyMode : std::uint8_t { iptables, ipvs, nftables };
std::string_view proxy_mode_name(ProxyMode mode);

struct ProxierConfig {
    std::string node_name;
    net::Ip node_ip;
    net::Family family = net::Family::ipv4;
    bool masquerade_all = false;
    std::uint32_t masquerade_mark = 0x4000;      // 1 << iptables.masqueradeBit (14)
    bool localhost_node_ports = true;            // IPv4 only
    std::optional<net::Prefix> local_cidr;       // detectLocalMode ClusterCIDR; none: no detection
    std::vector<net::Prefix> node_port_addresses;  // empty: all
    bool node_ports_on_primary_only = false;     // nodePortAddresses: ["primary"], nftables' default
    bool random_fully = true;                    // iptables >= 1.6.2
    bool nfacct_counters = true;                 // the kernel has them
    bool conntrack_tcp_be_liberal = false;
    std::string scheduler = "rr";                // ipvs
    std::vector<net::Prefix> exclude_cidrs;      // ipvs: services of others, left alone
    std::vector<net::Prefix> service_cidrs;      // nftables: unallocated addresses of these are dropped
};

enum class SyncKind : std::uint8_t { partial, full };

struct SyncReport {
    std::size_t rules = 0;  // written, or virtual services in ipvs mode
};

class Proxier {
public:
    explicit Proxier(ProxierConfig config) : config_(std::move(config)) {}
    Proxier(const Proxier&) = default;
    Proxier& operator=(const Proxier&) = default;
    virtual ~Proxier() = default;
    virtual ProxyMode mode() const = 0;
    virtual std::unique_ptr<Proxier> clone() const = 0;

    // -- what was watched; true when the rules may change ------------------------------------------
    bool set_service(const api::Value& service);
    bool delete_service(const std::string& key);
    bool set_slice(const api::Value& slice);
    bool delete_slice(const api::Value& slice);
    bool set_node_labels(const api::Value& labels);
    void set_service_cidrs(std::vector<net::Prefix> cidrs) { config_.service_cidrs = std::move(cidrs); }

    // Makes the node agree with everything known (`full`) or with what changed since the last time, and
    // drops UDP conntrack entries that lead to endpoints which are gone.
    SyncReport synchronize(SyncKind kind, net::NetNamespace& host, Time now);
    // When it wants to be called again though nothing changed (ipvs: real servers that are let go).
    virtual std::optional<Duration> again_after() const { return std::nullopt; }

    const ProxierConfig& config() const { return config_; }
    std::size_t service_port_count() const { return services_.size(); }
    std::size_t endpoint_count() const { return endpoint_count_; }
    const std::map<ServicePortName, ServicePort>& services() const { return services_; }
    // Every endpoint of a service port, ready or not. Empty when it has none.
    const std::vector<ProxyEndpoint>& endpoints(const ServicePortName& name) const;
    EndpointCategories categorize(const ServicePortName& name, const ServicePort& port) const;
    // Marks a Service as changed (tests of partial syncs).
    void touch(const std::string& service) { changed_.insert(service); }

protected:
    virtual SyncReport apply(SyncKind kind, net::NetNamespace& host, Time now) = 0;
    // The names of chains that a mode derives from a port or an endpoint; computed once.
    virtual std::string chain_base(const ServicePortName&) const { return {}; }
    virtual std::string chain_base(const ServicePortName&, const net::SocketAddress&) const { return {}; }

    bool node_ports_match_all() const;
    // The node's own addresses that take NodePort traffic, where not all do. Loopback only when asked for.
    enum class Loopback : std::uint8_t { skipped, kept };
    std::vector<net::Ip> node_port_ips(const net::NetNamespace& host, Loopback loopback) const;
    void clear_changed() { changed_.clear(); }

    ProxierConfig config_;
    std::map<ServicePortName, ServicePort> services_;
    std::set<std::string> changed_;  // "namespace/name"

private:
    std::map<ServicePortName, std::vector<ProxyEndpoint>> service_endpoints(const std::string& service) const;
    void replace_endpoints(const std::string& service, std::map<ServicePortName, std::vector<ProxyEndpoint>> after);
    void clean_udp_entries(net::NetNamespace& host) const;
    std::size_t counted(const std::string& service) const;

    std::map<ServicePortName, std::vector<ProxyEndpoint>> endpoints_;
    OrderedMap<std::string, OrderedMap<std::string, api::Value>> slices_;  // service -> slice -> object
    std::string zone_;
    std::size_t endpoint_count_ = 0;  // of known service ports
};

std::unique_ptr<Proxier> make_proxier(ProxyMode mode, ProxierConfig config);

// What earlier modes left on the node, as kube-proxy removes it when it starts in another mode.
// Upstream: cmd/kube-proxy/app/server_linux.go (cleanupLeftovers).
void clean_up_other_modes(ProxyMode mode, net::NetNamespace& host, net::Family family);

// A prefix that holds this one address.
net::Prefix host_prefix(const net::Ip& ip);

}  // namespace kubewalk::addons
