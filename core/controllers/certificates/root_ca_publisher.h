#pragma once
// The ConfigMap kube-root-ca.crt in every Namespace. Upstream: pkg/controller/certificates/rootcacertpublisher/publisher.go.

#include "core/client/controller.h"
#include "core/controllers/controllers.h"

namespace kubewalk::controllers {

class RootCAPublisher final : public client::ControllerOf<RootCAPublisher> {
public:
    RootCAPublisher(client::Environment environment, const ControllerOptions& options);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    std::string root_ca_;
};

}  // namespace kubewalk::controllers
