#pragma once
// Empties a Namespace that is being deleted, Pods first, and lets it go.
// Upstream: pkg/controller/namespace/{namespace_controller.go,deletion/namespaced_resources_deleter.go,
// deletion/status_condition_utils.go}.

#include <map>

#include "core/client/controller.h"

namespace kubewalk::controllers {

class NamespaceController final : public client::ControllerOf<NamespaceController> {
public:
    explicit NamespaceController(client::Environment environment);

private:
    // What is left after one pass.
    struct Remains {
        std::map<std::string, int> resources;   // "pods." -> instances
        std::map<std::string, int> finalizers;  // finalizer -> objects that have it
        std::string errors;
        bool any() const { return !resources.empty(); }
    };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    std::vector<const api::Kind*> custom_kinds() const;
    Remains delete_contents(const std::string& name);
    void delete_all(const api::Kind& kind, const std::string& name, Remains& remains);
    Result<void> write_conditions(const api::Value& space, const Remains& remains);
    Result<void> finalize(const api::Value& space);
};

}  // namespace kubewalk::controllers
