#pragma once
// Deletes finished Jobs when their ttlSecondsAfterFinished is over.
// Upstream: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go.

#include "core/client/controller.h"

namespace kubewalk::controllers {

class TTLAfterFinishedController final : public client::ControllerOf<TTLAfterFinishedController> {
public:
    explicit TTLAfterFinishedController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
};

}  // namespace kubewalk::controllers
