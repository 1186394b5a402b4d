#pragma once
// One Pod on each eligible Node. Upstream: pkg/controller/daemon/{daemon_controller.go,update.go}.

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
    // Revisions of the template: the one that counts now, which may have to be created, and the older ones.
    struct History {
        Value current;
        Objects old;
    };
    Result<History> construct_history(const Value& daemon_set);
    Result<Value> snapshot(const Value& daemon_set, const Value& data, std::int64_t number);
    Result<void> clean_up_history(const Value& daemon_set, const daemon::PodsByNode& pods, const Objects& old);
    // Failed Pods that are to be replaced later only: a kubelet that refuses them would refuse the next at once.
    void hold_failed(const Value& daemon_set, daemon::Plan& plan);
    void tell_failed(const Value& daemon_set, const daemon::Plan& plan);

    struct BackOff {
        Duration wait;
        Time since;
    };
    std::map<std::string, BackOff> failed_back_off_;  // "uid/node"
    Expectations expectations_;
};

}  // namespace kubewalk::controllers
