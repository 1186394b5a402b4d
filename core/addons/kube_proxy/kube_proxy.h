#pragma once
// kube-proxy on one node: watches Services, EndpointSlices and its own Node, and programs that node in
// the mode its configuration names; nothing else. Stopped, it leaves its rules behind.
// Upstream: cmd/kube-proxy/app/server.go, server_linux.go, pkg/proxy/runner/bounded_frequency_runner.go.

#include <memory>
#include <string>
#include <vector>

#include "core/addons/kube_proxy/config.h"
#include "core/addons/kube_proxy/healthcheck.h"
#include "core/addons/kube_proxy/proxier.h"
#include "core/client/controller.h"
#include "core/net/network.h"

namespace kubewalk::addons {

constexpr std::string_view ipvs_deprecation =
    "The ipvs proxier is now deprecated and may be removed in a future release. Please use 'nftables' instead.";

class KubeProxy final : public sim::Component, public net::Server {
public:
    KubeProxy(client::Environment environment, net::Network& network, KubeProxyConfig config);
    KubeProxy(const KubeProxy& other);
    KubeProxy& operator=(const KubeProxy&) = delete;

    std::string_view name() const override { return name_; }
    void start() override;
    void on_event(const sim::Event& event) override;
    sim::Facet* facet() override { return static_cast<net::Server*>(this); }
    std::unique_ptr<sim::Component> clone() const override { return std::make_unique<KubeProxy>(*this); }

    // healthz on :10256, metrics on 127.0.0.1:10249, healthCheckNodePort of Services.
    net::HttpResponse serve_http(const net::HttpRequest& request, const net::Peer& peer) override;

private:
    enum Code : std::uint32_t { services_ready = 1, slices_ready = 2, node_ready = 3, sync_due = 4, monitor_due = 5, again_due = 6 };

    void take_services(const std::vector<client::Change>& changes);
    void take_slices(const std::vector<client::Change>& changes);
    void take_node(const std::vector<client::Change>& changes);
    void request_sync();
    void sync();
    void monitor();
    void prepare_node(net::NetNamespace& host);
    template <typename Take>
    bool each_proxier(Take take);
    bool ensure_canary();

    client::Environment environment_;
    net::Network* network_;
    KubeProxyConfig config_;
    std::string name_;
    client::Informer services_;
    client::Informer slices_;
    client::Informer node_;
    std::vector<std::unique_ptr<Proxier>> proxiers_;  // one a family, the node's first one in front (pkg/proxy/metaproxier)
    client::EventRecorder recorder_;
    ServiceHealth health_;
    bool full_sync_needed_ = true;
    bool sync_pending_ = false;
    bool again_pending_ = false;
    bool synced_once_ = false;
    Time last_sync_;
    Time last_full_sync_;
};

}  // namespace kubewalk::addons
