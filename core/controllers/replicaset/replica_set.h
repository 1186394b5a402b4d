#pragma once
// Upstream: pkg/controller/replicaset/replica_set.go.

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

class ReplicaSetController final : public client::ControllerOf<ReplicaSetController> {
public:
    explicit ReplicaSetController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    void pod_changed(const client::Change& change);
    // Key of the ReplicaSet that controls the Pod, "" if none does.
    std::string owner_key(const Value& pod) const;
    void enqueue_for_orphan(const Value& pod);
    Objects related_pods(const Value& replica_set) const;
    Result<void> manage_replicas(const Value& replica_set, const Objects& active);
    Result<void> create_pods(const Value& replica_set, int count);
    Result<void> delete_pods(const Value& replica_set, const Objects& active, std::size_t count);
    Result<Value> write_status(const Value& replica_set, Value status);

    Expectations expectations_;
};

}  // namespace kubewalk::controllers
