#pragma once
// Keeps a claim that a Pod uses from vanishing: it holds the finalizer kubernetes.io/pvc-protection.
// Upstream: pkg/controller/volume/pvcprotection/pvc_protection_controller.go.

#include "core/client/controller.h"

namespace kubewalk::controllers {

class PVCProtectionController final : public client::ControllerOf<PVCProtectionController> {
public:
    explicit PVCProtectionController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
};

}  // namespace kubewalk::controllers
