#pragma once
// Priority and fairness: the objects that the server keeps, and what it says of FlowSchemas that lead nowhere. Nothing ever
// waits in a queue (simplifications.json: "api-call-instant").
// Upstream: k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap/default.go, pkg/registry/flowcontrol/{rest,ensurer},
// k8s.io/apiserver/pkg/util/flowcontrol/apf_controller.go (syncFlowSchemaStatuses).

#include <vector>

#include "core/apiserver/bootstrap_policy.h"
#include "core/client/controller.h"

namespace kubewalk::apiserver {

// The mandatory and the suggested ones.
std::vector<BootstrapObject> flow_control_objects();

class FlowControl final : public client::ControllerOf<FlowControl> {
public:
    explicit FlowControl(client::Environment environment);

private:
    enum Watched : std::size_t { schemas, levels };
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    client::Outcome restore(const BootstrapObject& wanted, const api::Value& found);
};

}  // namespace kubewalk::apiserver
