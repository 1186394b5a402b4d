#pragma once
// flanneld on one node. Backend vxlan: publishes its tunnel end in its Node's annotations and builds flannel.1
// with one route, ARP and FDB entry per other node. Backend host-gw: a route through each other node, for
// nodes that share a network. Upstream: flannel-io/flannel pkg/subnet/kube/kube.go, pkg/backend/vxlan,
// pkg/backend/hostgw, pkg/trafficmngr/iptables/iptables.go (v0.28).

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/controller.h"
#include "core/net/network.h"
#include "core/net/node_stack.h"

namespace kubewalk::addons {

enum class FlannelBackend : std::uint8_t { vxlan, host_gw };

// The node's share of one family.
struct FlannelSide {
    net::Prefix network;  // of all Pods: net-conf.json
    net::Ip public_ip;    // of the node's default interface
};

struct FlannelConfig {
    std::string node_name;
    FlannelSide ipv4{{net::Ip::v4(10, 244, 0, 0), 16}, {}};
    std::optional<FlannelSide> ipv6;  // "EnableIPv6"
    FlannelBackend backend = FlannelBackend::vxlan;
    std::uint32_t vni = 1;
    std::uint16_t port = 8472;
    std::string user = "system:serviceaccount:kube-flannel:flannel";
};

// What net-conf.json says beside what the node brings; `public_ipv6`: the node's own, if it has one. Error: as flanneld
// words it when it gives up.
Result<void> read_net_conf(std::string_view text, const std::optional<net::Ip>& public_ipv6, FlannelConfig& config);

class Flannel final : public sim::Component, public net::Server {
public:
    Flannel(client::Environment environment, net::Network& network, FlannelConfig config);

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    sim::Facet* facet() override { return static_cast<net::Server*>(this); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<Flannel>(*this); }

    // /healthz and /readyz on :8081.
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;
    bool ready() const { return ready_; }

private:
    enum Code : std::uint32_t { nodes_ready = 1 };

    void take(const std::vector<client::Change>& changes);
    void acquire_lease(const api::Value& node);
    void set_up_side(net::NodeStack& stack, const FlannelSide& side, const net::Prefix& subnet, const net::Mac& mac, int mtu) const;
    void set_up_tunnel(net::NetNamespace& host, const FlannelSide& side, const net::Prefix& subnet, const net::Mac& mac, int mtu) const;
    void write_subnet_env(net::NodeStack& stack, const net::Prefix& subnet, const std::optional<net::Prefix>& subnet6, int mtu) const;
    void add_peer(const api::Value& node, net::Family family);
    bool add_tunnel_way(net::NetNamespace& host, const net::Prefix& subnet, const net::Ip& public_ip, const net::Mac& mac);
    bool add_direct_way(net::NetNamespace& host, const net::Prefix& subnet, const net::Ip& public_ip);
    void remove_peer(const api::Value& node, net::Family family);
    void write_rules(net::Ruleset& rules, const net::Prefix& cluster, const net::Prefix& subnet) const;
    std::string device(net::Family family) const;  // "flannel.1", "flannel-v6.1"
    std::vector<net::Family> families() const;

    client::Environment environment_;
    net::Network* network_;
    FlannelConfig config_;
    std::string name_;
    client::Client client_;
    client::Informer nodes_;
    bool ready_ = false;
};

}  // namespace kubewalk::addons
