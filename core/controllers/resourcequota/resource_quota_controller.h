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
};

}  // namespace kubewalk::controllers
