#pragma once
// Adds up what a namespace uses of its ResourceQuotas.
// Upstream: pkg/controller/resourcequota/resource_quota_controller.go.

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

class ResourceQuotaController final : public client::ControllerOf<ResourceQuotaController> {
public:
    explicit ResourceQuotaController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    // Kinds that a definition adds are counted, too. Upstream looks for them every 30 s.
    void learn(const api::Value& definition);
};

}  // namespace kubewalk::controllers
