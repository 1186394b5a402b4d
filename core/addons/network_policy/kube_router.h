#pragma once
// kube-router on one node, as a policy controller only (--run-firewall=true, --run-router=false,
// --run-service-proxy=false): watches Pods, Namespaces and NetworkPolicies and programs that node's filter
// table. Stopped, it leaves its rules behind.
// Upstream: cloudnativelabs/kube-router v2.9.0 pkg/controllers/netpol/network_policy_controller.go.

#include <memory>
#include <string>

#include "core/addons/network_policy/policy_rules.h"
#include "core/client/controller.h"
#include "core/net/network.h"

namespace kubewalk::addons {

struct KubeRouterConfig {
    std::string node_name;
    PolicyConfig policy;
    Duration sync_period = minutes(5);  // --iptables-sync-period
    std::string user = "system:serviceaccount:kube-system:kube-router";
};

class KubeRouter final : public sim::Component, public net::Server {
public:
    KubeRouter(client::Environment environment, net::Network& network, KubeRouterConfig config);

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    sim::Facet* facet() override { return static_cast<net::Server*>(this); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<KubeRouter>(*this); }

    // /healthz on :20244.
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;

private:
    enum Code : std::uint32_t { pods_ready = 1, namespaces_ready, policies_ready, sync_due, period_due };

    void take_pods(const std::vector<client::Change>& changes);
    // Is that Pod in a rule here? Without a policy only this node's Pods are.
    bool concerns_us(const api::Value& pod) const;
    void choose_pods();
    void take_namespaces(const std::vector<client::Change>& changes);
    void take_policies(const std::vector<client::Change>& changes);
    void request_sync();
    void sync();

    client::Environment environment_;
    net::Network* network_;
    KubeRouterConfig config_;
    std::string name_;
    client::Informer pods_;
    client::Informer namespaces_;
    client::Informer policies_;
    PolicyObjects objects_;      // all Pods while there is a policy, else this node's
    Written written_;
    TouchedPods touched_;        // unknown before the first sync and now and then: then all is compared
    bool all_pods_ = false;
    bool sync_pending_ = false;
    bool synced_once_ = false;
    bool rules_due_ = true;  // something has changed since the last sync that this node's rules say
};

}  // namespace kubewalk::addons
