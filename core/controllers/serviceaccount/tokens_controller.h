#pragma once
// Fills Secrets of type kubernetes.io/service-account-token, and deletes those whose account is gone.
// Upstream: pkg/controller/serviceaccount/tokens_controller.go.

#include "core/client/controller.h"
#include "core/controllers/controllers.h"

namespace kubewalk::controllers {

class TokensController final : public client::ControllerOf<TokensController> {
public:
    TokensController(client::Environment environment, const ControllerOptions& options);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    std::string root_ca_;
};

}  // namespace kubewalk::controllers
