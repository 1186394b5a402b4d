#pragma once
// One Pod on each eligible Node. Upstream: pkg/controller/daemon/daemon_controller.go.
// ControllerRevisions are left out so far: no history and no `rollout undo` of DaemonSets.

#include "core/client/controller.h"
#include "core/controllers/daemon/util.h"

namespace kubewalk::controllers {

class DaemonSetsController final : public client::ControllerOf<DaemonSetsController> {
public:
    explicit DaemonSetsController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    void pod_changed(const client::Change& change);
    std::string owner_key(const Value& pod) const;
    Result<daemon::PodsByNode> pods_by_node(const Value& daemon_set);
    Result<void> carry_out(const Value& daemon_set, const daemon::Plan& plan, std::string_view hash);
    void tell_failed(const Value& daemon_set, const daemon::Plan& plan);

    Expectations expectations_;
};

}  // namespace kubewalk::controllers
