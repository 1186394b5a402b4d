#pragma once
// kube-proxy on one node: watches Services, EndpointSlices and its own Node, and programs that node's
// netfilter tables; nothing else. Stopped, it leaves its rules behind.
// Upstream: cmd/kube-proxy/app/server.go, pkg/proxy/iptables/proxier.go,
// pkg/proxy/runner/bounded_frequency_runner.go.

#include <memory>
#include <string>

#include "core/addons/kube_proxy_iptables.h"
#include "core/client/controller.h"
#include "core/net/network.h"

namespace kubewalk::addons {

struct KubeProxyConfig {
    ProxierConfig proxier;
    Duration min_sync_period = seconds(1);   // iptables.minSyncPeriod
    Duration sync_period = seconds(30);      // iptables.syncPeriod: how often the canary is looked at
    std::string user = "system:serviceaccount:kube-system:kube-proxy";
};

class KubeProxy final : public sim::Component, public net::Server {
public:
    KubeProxy(client::Environment environment, net::Network& network, KubeProxyConfig config);

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    sim::Facet* facet() override { return static_cast<net::Server*>(this); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<KubeProxy>(*this); }

    // healthz on :10256, metrics on 127.0.0.1:10249.
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;

private:
    enum Code : std::uint32_t { services_ready = 1, slices_ready = 2, node_ready = 3, sync_due = 4, monitor_due = 5 };

    void take_services(const std::vector<client::Change>& changes);
    void take_slices(const std::vector<client::Change>& changes);
    void take_node(const std::vector<client::Change>& changes);
    void request_sync();
    void sync();
    void monitor();
    bool ensure_canary();

    client::Environment environment_;
    net::Network* network_;
    KubeProxyConfig config_;
    std::string name_;
    client::Informer services_;
    client::Informer slices_;
    client::Informer node_;
    IptablesProxier proxier_;
    bool full_sync_needed_ = true;
    bool sync_pending_ = false;
    bool synced_once_ = false;
    Time last_sync_;
    Time last_full_sync_;
};

}  // namespace kubewalk::addons
