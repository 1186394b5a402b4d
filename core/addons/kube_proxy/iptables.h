#pragma once
// kube-proxy's iptables mode: Services and endpoints in, rules out.
// Upstream: pkg/proxy/iptables/proxier.go (release 1.36).

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/addons/kube_proxy/proxier.h"

namespace kubewalk::addons {

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
// What iptables-restore --noflush does with it. The number of rules.
std::size_t restore(RestoreInput input, net::Ruleset& rules);

class IptablesProxier final : public Proxier {
public:
    explicit IptablesProxier(ProxierConfig config) : Proxier(std::move(config)) {}
    ProxyMode mode() const override { return ProxyMode::iptables; }
    std::unique_ptr<Proxier> clone() const override { return std::make_unique<IptablesProxier>(*this); }

    // The restore input for everything known (`full`) or for what changed since the last sync.
    // `host` is looked at for existing chains and its own addresses.
    RestoreInput build(SyncKind kind, const net::NetNamespace& host);
    // Takes the mode's rules and chains off a node.
    static void clean_up(net::NetNamespace& host, net::Family family = net::Family::ipv4);

protected:
    SyncReport apply(SyncKind kind, net::NetNamespace& host, Time now) override;
    std::string chain_base(const ServicePortName& name) const override;
    std::string chain_base(const ServicePortName& name, const net::SocketAddress& endpoint) const override;

private:
    struct Plan;
    // The chains that all Services share, in the order of `Written::counts`.
    enum Shared : std::uint8_t { nat_services, nat_node_ports, filter_services, filter_external, filter_node_ports, filter_firewall, shared_count };
    // What the last sync wrote for one service port: how many rules in each shared chain, and its own chains.
    struct Written {
        std::array<std::uint16_t, shared_count> counts{};
        std::vector<net::ChainId> chains;
    };
    class ActiveChains {  // that rules still lead to
    public:
        explicit ActiveChains(std::size_t expected) : chains_(expected) {}
        void insert(net::ChainId chain) {
            if (chain >= chains_.size())
                chains_.resize(chain + 1);
            chains_[chain] = true;
        }
        bool contains(net::ChainId chain) const { return chain < chains_.size() && chains_[chain]; }

    private:
        std::vector<bool> chains_;
    };

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
    bool localhost_node_ports() const;

    RestoreInput write_all(SyncKind kind, const net::NetNamespace& host, std::map<ServicePortName, Written>* written);

    // iptables_sync.cpp: a partial sync rewrites what belongs to the Services that changed and nothing else.
    using SharedLists = std::array<std::optional<std::vector<net::Rule>>, shared_count>;
    SyncReport apply_full(net::NetNamespace& host, SyncKind kind);
    bool shared_chains_as_written(const net::Ruleset& rules) const;
    void remember_shared_chains(const net::Ruleset& rules);
    std::size_t apply_service(const ServicePortName& name, net::Ruleset& rules, SharedLists& edited);
    // What the end of `input` from these positions on holds.
    Written count(const RestoreInput& input, std::size_t nat, std::size_t filter, std::size_t chains, const net::ChainNames& names) const;
    void set_cluster_size() { large_cluster_ = endpoint_count() > 1000; }  // largeClusterEndpointsThreshold

    bool large_cluster_ = false;
    std::map<ServicePortName, Written> written_;
    std::array<std::shared_ptr<const net::Chain>, shared_count> shared_;  // as they were left on the node
};

// KUBE-SVC-, KUBE-SVL-, KUBE-FW-, KUBE-EXT- with the hash of name and protocol; KUBE-SEP- with the endpoint too.
std::string service_chain_name(std::string_view prefix, const ServicePortName& name);
std::string endpoint_chain_name(const ServicePortName& name, const net::SocketAddress& endpoint);

}  // namespace kubewalk::addons
