#pragma once
// What becomes of CustomResourceDefinitions: their names are accepted, they are established, their groups get APIServices, and
// when one is deleted its objects go first.
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/{status/naming_controller,establish/establishing_controller,
// finalizer/crd_finalizer}.go, pkg/controlplane/controller/crdregistration.

#include "core/client/controller.h"

namespace kubewalk::apiserver {

class DefinitionController final : public client::ControllerOf<DefinitionController> {
public:
    explicit DefinitionController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;
    client::Outcome accept(const api::Value& definition);
    client::Outcome finish(const api::Value& definition);
    // Keeps the APIServices of a group as its definitions want them.
    Result<void> register_group(std::string_view group);
};

}  // namespace kubewalk::apiserver
