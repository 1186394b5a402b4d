#pragma once
// ClusterRoles that gather the rules of others by label (admin, edit, view).
// Upstream: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.

#include "core/client/controller.h"

namespace kubewalk::controllers {

class ClusterRoleAggregationController final : public client::ControllerOf<ClusterRoleAggregationController> {
public:
    explicit ClusterRoleAggregationController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    client::Response apply_rules(const std::string& name, api::Value rules);
};

}  // namespace kubewalk::controllers
