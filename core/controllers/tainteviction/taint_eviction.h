#pragma once
// Deletes Pods from Nodes with NoExecute taints that they do not tolerate (any longer).
// Upstream: pkg/controller/tainteviction/taint_eviction.go.

#include <optional>
#include <set>

#include "core/client/controller.h"

namespace kubewalk::controllers {

namespace tainteviction {
// How long the Pod may stay on a Node with these taints: nothing for ever, zero not at all.
std::optional<Duration> stays_for(const api::Value& taints, const api::Value& tolerations);
}  // namespace tainteviction

class TaintEvictionController final : public client::ControllerOf<TaintEvictionController> {
public:
    explicit TaintEvictionController(client::Environment environment);

private:
    struct Planned {
        Time since;  // of the taint, as we saw it
        Duration stay;
    };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    std::map<std::string, Planned> planned_;  // Pods whose tolerationSeconds run
};

}  // namespace kubewalk::controllers
