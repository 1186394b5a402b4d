#pragma once
// kube-proxy's ipvs mode (deprecated): virtual services in the kernel's load balancer, their addresses
// on the dummy device kube-ipvs0, ipsets, and a fixed handful of iptables rules that ask those sets.
// Upstream: pkg/proxy/ipvs/proxier.go, ipset.go, graceful_termination.go (release 1.36).

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/addons/kube_proxy/iptables.h"
#include "core/net/ipvs.h"

namespace kubewalk::addons {

class IpvsProxier final : public Proxier {
public:
    explicit IpvsProxier(ProxierConfig config) : Proxier(std::move(config)) {}
    ProxyMode mode() const override { return ProxyMode::ipvs; }
    std::unique_ptr<Proxier> clone() const override { return std::make_unique<IpvsProxier>(*this); }
    std::optional<Duration> again_after() const override;

    static void clean_up(net::NetNamespace& host, net::Family family = net::Family::ipv4);
    // The iptables-restore input that goes with the sets as they are.
    RestoreInput build_rules(const net::NetNamespace& host) const;

protected:
    SyncReport apply(SyncKind kind, net::NetNamespace& host, Time now) override;

private:
    using Entries = std::map<std::string, std::set<net::IpSetEntry>, std::less<>>;  // set (without family) -> members
    struct Wanted;

    void want_service(const ServicePortName& name, const ServicePort& port, const std::vector<net::Ip>& node_ips, Wanted& wanted) const;
    void want_virtual_service(const ServicePort& port, const net::VirtualServiceKey& key, const std::vector<ProxyEndpoint>& endpoints,
                              Wanted& wanted) const;
    void want_balancer(const ServicePort& port, const std::vector<ProxyEndpoint>& endpoints, const net::Ip& ip, Wanted& wanted) const;
    void want_node_port(const ServicePort& port, const std::vector<ProxyEndpoint>& endpoints, const std::vector<net::Ip>& node_ips,
                        Wanted& wanted) const;
    void sync_sets(const Entries& wanted, net::NetNamespace& host) const;
    void sync_virtual_services(const Wanted& wanted, net::NetNamespace& host, Time now);
    void let_go(net::NetNamespace& host, Time now);
    void bind_addresses(const std::set<net::Ip>& addresses, net::NetNamespace& host) const;
    void ensure_jumps(net::Ruleset& rules) const;
    std::string set_name(std::string_view set) const;

    bool first_sync_ = true;
    std::vector<std::pair<net::SocketAddress, net::Protocol>> closed_to_node_;  // balancer addresses this node may not use
    // Real servers with weight 0 that wait for their last connection (graceful termination).
    std::map<std::pair<net::VirtualServiceKey, net::SocketAddress>, Time> leaving_;
};

}  // namespace kubewalk::addons
