#pragma once
// Keeps the cloud's router informed which node has which Pods, and tells each Node whether it has its
// route (condition NetworkUnavailable). It runs only with
// --configure-cloud-routes: a network plugin with tunnels of its own needs no help from the cloud.
// Upstream: k8s.io/cloud-provider/controllers/route/route_controller.go.

#include "core/client/controller.h"
#include "core/cloud/controllers.h"

namespace kubewalk::cloud {

class RouteController final : public client::ControllerOf<RouteController> {
public:
    RouteController(client::Environment environment, Cloud& cloud, const ControllerOptions& options);

private:
    void changed(std::size_t, const client::Change&) override {}
    client::Outcome reconcile(const std::string&) override { return client::Outcome::done(); }
    void synced() override;
    void own_event(std::uint32_t code, const sim::Event& event) override;

    bool responsible_for(const Route& route) const;
    void remove_stale(const std::vector<api::Value>& nodes);
    bool ensure_routes(const api::Value& node);
    void update_condition(const api::Value& node, bool created);

    Cloud* cloud_;
    std::optional<net::Prefix> cluster_cidr_;
    Duration period_;
};

}  // namespace kubewalk::cloud
