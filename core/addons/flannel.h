#pragma once
// flanneld on one node: publishes its tunnel end in its Node's annotations and builds flannel.1 with
// one route, ARP and FDB entry per other node. Upstream: flannel-io/flannel pkg/subnet/kube/kube.go,
// pkg/backend/vxlan, pkg/trafficmngr/iptables/iptables.go (v0.28).

#include <memory>
#include <string>

#include "core/client/controller.h"
#include "core/net/network.h"
#include "core/net/node_stack.h"

namespace kubewalk::addons {

struct FlannelConfig {
    std::string node_name;
    net::Ip public_ip;                                  // of the node's default interface
    net::Prefix network{net::Ip::v4(10, 244, 0, 0), 16};  // net-conf.json
    std::uint32_t vni = 1;
    std::uint16_t port = 8472;
    std::string user = "system:serviceaccount:kube-flannel:flannel";
};

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
    void add_peer(const api::Value& node);
    void remove_peer(const api::Value& node);
    void write_rules(net::Ruleset& rules, const net::Prefix& subnet) const;
    std::string device() const;

    client::Environment environment_;
    net::Network* network_;
    FlannelConfig config_;
    std::string name_;
    client::Client client_;
    client::Informer nodes_;
    bool ready_ = false;
};

}  // namespace kubewalk::addons
