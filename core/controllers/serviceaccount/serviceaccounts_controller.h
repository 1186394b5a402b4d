#pragma once
// Every Namespace has the ServiceAccount "default". Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go.

#include "core/client/controller.h"

namespace kubewalk::controllers {

class ServiceAccountsController final : public client::ControllerOf<ServiceAccountsController> {
public:
    explicit ServiceAccountsController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
};

}  // namespace kubewalk::controllers
