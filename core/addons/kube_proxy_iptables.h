#pragma once
// kube-proxy's iptables mode: Services and endpoints in, rules out. A value type that neither knows
// the API server nor the clock; KubeProxy (kube_proxy.h) feeds it, the tests feed it too.
// Upstream: pkg/proxy/iptables/proxier.go (release 1.36).

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/addons/kube_proxy_services.h"
#include "core/net/node_stack.h"

namespace kubewalk::addons {

struct ProxierConfig {
    std::string node_name;
    net::Ip node_ip;
    net::Family family = net::Family::ipv4;
    bool masquerade_all = false;
    std::uint32_t masquerade_mark = 0x4000;      // 1 << iptables.masqueradeBit (14)
    bool localhost_node_ports = true;            // IPv4 only
    std::optional<net::Prefix> local_cidr;       // detectLocalMode ClusterCIDR; none: no detection
    std::vector<net::Prefix> node_port_addresses;  // empty: all
    bool random_fully = true;                    // iptables >= 1.6.2
    bool nfacct_counters = true;                 // the kernel has them
    bool conntrack_tcp_be_liberal = false;
};

// One iptables-restore input, as data.
struct RestoreTable {
    net::TableId table = net::TableId::filter;
    std::vector<net::ChainId> chains;                           // declared (and flushed), in order
    std::vector<std::pair<net::ChainId, net::Rule>> rules;      // in order
    std::vector<net::ChainId> deleted;                          // -X
};
struct RestoreInput {
    RestoreTable filter{net::TableId::filter, {}, {}, {}};
    RestoreTable nat{net::TableId::nat, {}, {}, {}};
};
// The text kube-proxy feeds to `iptables-restore --noflush --counters`.
std::string restore_text(const RestoreInput& input, const net::ChainNames& names);

enum class SyncKind : std::uint8_t { partial, full };

class IptablesProxier {
public:
    explicit IptablesProxier(ProxierConfig config) : config_(std::move(config)) {}

    // -- what was watched; true when the rules may change ------------------------------------------
    bool set_service(const api::Value& service);
    bool delete_service(const std::string& key);
    bool set_slice(const api::Value& slice);
    bool delete_slice(const api::Value& slice);
    bool set_node_labels(const api::Value& labels);

    // The rules for everything known (`full`) or for what changed since the last sync.
    // `host` is looked at for existing chains and its own addresses.
    RestoreInput build(SyncKind kind, const net::NetNamespace& host);
    // Jumps from the built-in chains, then the restore input. Clears what had changed; drops UDP
    // conntrack entries that lead to endpoints which are gone.
    RestoreInput sync(SyncKind kind, net::NetNamespace& host);

    const ProxierConfig& config() const { return config_; }
    std::size_t service_port_count() const { return services_.size(); }
    std::size_t endpoint_count() const;
    // Marks a Service as changed (tests of partial syncs).
    void touch(const std::string& service) { changed_.insert(service); }

private:
    class ActiveChains;
    struct Plan;
    std::map<ServicePortName, std::vector<ProxyEndpoint>> service_endpoints(const std::string& service) const;
    void replace_endpoints(const std::string& service, std::map<ServicePortName, std::vector<ProxyEndpoint>> after);
    void write_service(const ServicePortName& name, const ServicePort& port, bool write_chains, RestoreInput& out,
                       ActiveChains& active, net::ChainNames& names) const;
    void write_captures(const Plan& plan, RestoreInput& out) const;
    void write_node_port(const Plan& plan, RestoreInput& out) const;
    void write_external_chain(const Plan& plan, RestoreInput& out, ActiveChains& active) const;
    void write_firewall_chain(const Plan& plan, RestoreInput& out, ActiveChains& active) const;
    void write_policy_chain(const Plan& plan, net::ChainId chain, const std::vector<ProxyEndpoint>& endpoints, RestoreInput& out,
                            ActiveChains& active, net::ChainNames& names) const;
    void write_endpoint_chains(const Plan& plan, RestoreInput& out, ActiveChains& active, net::ChainNames& names) const;
    void write_common(RestoreInput& out, net::ChainNames& names) const;
    void write_node_ports_jump(RestoreInput& out, const net::NetNamespace& host, net::ChainNames& names) const;
    void write_forward(RestoreInput& out, net::ChainNames& names) const;
    void ensure_jumps(net::Ruleset& rules) const;
    void clean_udp_entries(net::NetNamespace& host) const;
    bool node_ports_match_all() const;
    bool localhost_node_ports() const;

    ProxierConfig config_;
    std::map<ServicePortName, ServicePort> services_;
    std::map<ServicePortName, std::vector<ProxyEndpoint>> endpoints_;
    OrderedMap<std::string, OrderedMap<std::string, api::Value>> slices_;  // service -> slice -> object
    std::string zone_;
    std::set<std::string> changed_;  // "namespace/name"
    bool large_cluster_ = false;
};

// KUBE-SVC-, KUBE-SVL-, KUBE-FW-, KUBE-EXT- with the hash of name and protocol; KUBE-SEP- with the endpoint too.
std::string service_chain_name(std::string_view prefix, const ServicePortName& name);
std::string endpoint_chain_name(const ServicePortName& name, const net::SocketAddress& endpoint);

}  // namespace kubewalk::addons
