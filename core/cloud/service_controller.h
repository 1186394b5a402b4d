#pragma once
// A load balancer of the cloud for every Service that wants one, and the nodes behind it.
// Upstream: k8s.io/cloud-provider/controllers/service/controller.go, service/helpers.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/client/controller.h"
#include "core/cloud/controllers.h"

namespace kubewalk::cloud {

class ServiceController final : public client::ControllerOf<ServiceController> {
public:
    ServiceController(client::Environment environment, Cloud& cloud, const ControllerOptions& options);

private:
    enum Own : std::uint32_t { sync_nodes_due };

    // What was last seen of a Service whose balancer is in our care.
    struct Known {
        api::Value service;
        std::set<std::string> nodes;  // "name providerID" of the last hosts given to the balancer
        bool building = false;        // the cloud has not finished the balancer yet
        int failures = 0;
    };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    void own_event(std::uint32_t code, const sim::Event& event) override;

    bool needs_update(const api::Value& before, const api::Value& after);
    client::Outcome sync(const std::string& key, const api::Value& service);
    client::Outcome retry(Known& known, const api::Value& service, const std::string& error);
    Result<void> clean_up(const api::Value& service);
    // Nothing while the cloud is still building it.
    Result<std::optional<Balancer>> ensure(Known& known, const api::Value& service);
    Result<void> set_finalizers(const api::Value& service, const api::Value& finalizers);
    Result<void> write_ingress(const api::Value& service, const api::Value& ingress);
    void sync_nodes();
    void update_hosts(const std::string& key, Known& known, const std::vector<api::Value>& nodes);
    std::vector<api::Value> eligible_nodes() const;
    void event(const api::Value& service, client::EventType type, std::string_view reason, std::string_view message);

    Cloud* cloud_;
    std::map<std::string, Known> known_;
    bool nodes_pending_ = false;
};

}  // namespace kubewalk::cloud
