#pragma once
// kube-proxy's nftables mode: one table "kube-proxy" with chains by Service and endpoint, reached through
// verdict maps. Upstream: pkg/proxy/nftables/proxier.go (release 1.36).

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/addons/kube_proxy/proxier.h"
#include "core/net/nft.h"

namespace kubewalk::addons {

class NftablesProxier final : public Proxier {
public:
    explicit NftablesProxier(ProxierConfig config) : Proxier(std::move(config)) {}
    ProxyMode mode() const override { return ProxyMode::nftables; }
    std::unique_ptr<Proxier> clone() const override { return std::make_unique<NftablesProxier>(*this); }

    static void clean_up(net::NetNamespace& host, net::Family family);

protected:
    SyncReport apply(SyncKind kind, net::NetNamespace& host, Time now) override;
    std::string chain_base(const ServicePortName& name) const override;
    std::string chain_base(const ServicePortName& name, const net::SocketAddress& endpoint) const override;

private:
    // What one service port contributes.
    struct Written {
        std::vector<std::string> chains;
        std::vector<std::string> sets;
        std::vector<std::pair<std::string, net::NftKey>> elements;  // map, key
        net::Ip cluster_ip;
        bool shares_addresses = false;  // with other Services: externalIPs and balancer addresses may
    };
    struct Plan;

    void set_up(net::NftTable& table, const net::NetNamespace& host) const;
    std::size_t write_service(const ServicePortName& name, const ServicePort& port, net::NftTable& table, Written& written) const;
    void write_elements(const Plan& plan, net::NftTable& table, Written& written) const;
    void write_external_chain(const Plan& plan, std::vector<net::NftRule>& rules) const;
    void write_firewall_chain(const Plan& plan, std::vector<net::NftRule>& rules) const;
    void write_endpoint_chains(const Plan& plan, net::NftTable& table, Written& written) const;
    void write_choice(const Plan& plan, const std::vector<ProxyEndpoint>& endpoints, std::vector<net::NftRule>& rules) const;
    void erase(const Written& old, const Written& now, net::NftTable& table) const;
    SyncReport apply_full(net::NetNamespace& host);

    std::map<ServicePortName, Written> written_;
    std::map<net::Ip, std::size_t> cluster_ip_uses_;
};

}  // namespace kubewalk::addons
