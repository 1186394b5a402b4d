#pragma once
// Makes PersistentVolumes for claims of the class "standard": a folder on the Node that the scheduler chose.
// Upstream: github.com/rancher/local-path-provisioner (provisioner.go),
// sigs.k8s.io/sig-storage-lib-external-provisioner (controller/controller.go: events, deletion).
// Making and removing the folder by a helper Pod is left out (simplifications.json: "local-path-helper-pod").

#include "core/client/controller.h"

namespace kubewalk::addons {

class LocalPathProvisioner final : public client::ControllerOf<LocalPathProvisioner> {
public:
    // `identity` "rancher.io/local-path_POD_UUID": who tells of it in events.
    LocalPathProvisioner(client::Environment environment, std::string identity);

    static constexpr std::string_view provisioner_name = "rancher.io/local-path";

private:
    void changed(std::size_t informer, const client::Change& change) override;
    // Keys: "claim|namespace/name", "volume|name".
    client::Outcome reconcile(const std::string& key) override;
    client::Outcome provision(const api::Value& claim);
    client::Outcome remove(const api::Value& volume);
};

}  // namespace kubewalk::addons
