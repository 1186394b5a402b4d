#pragma once
// Keeps a volume that is bound from vanishing: it holds the finalizer kubernetes.io/pv-protection.
// Upstream: pkg/controller/volume/pvprotection/pv_protection_controller.go.

#include "core/client/controller.h"

namespace kubewalk::controllers {

class PVProtectionController final : public client::ControllerOf<PVProtectionController> {
public:
    explicit PVProtectionController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
};

}  // namespace kubewalk::controllers
