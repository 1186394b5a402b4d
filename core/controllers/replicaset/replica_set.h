#pragma once
// ReplicaSets, and ReplicationControllers, which upstream handles as ReplicaSets too.
// Upstream: pkg/controller/replicaset/replica_set.go, pkg/controller/replication.

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"

namespace kubewalk::controllers {

class ReplicaSetController final : public client::ControllerOf<ReplicaSetController> {
public:
    explicit ReplicaSetController(client::Environment environment);
    // The same for core/v1 ReplicationControllers.
    static std::unique_ptr<sim::Component> create_replication_manager(client::Environment environment);

private:
    ReplicaSetController(client::Environment environment, const api::Kind& kind, std::string name, std::string user);

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    void pod_changed(const client::Change& change);
    Result<api::LabelSelector> selector_of(const Value& replica_set) const;
    // Key of the ReplicaSet that controls the Pod, "" if none does.
    std::string owner_key(const Value& pod) const;
    void enqueue_for_orphan(const Value& pod);
    Objects related_pods(const Value& replica_set) const;
    Result<void> manage_replicas(const Value& replica_set, const Objects& active);
    Result<void> create_pods(const Value& replica_set, int count);
    Result<void> delete_pods(const Value& replica_set, const Objects& active, std::size_t count);
    Result<Value> write_status(const Value& replica_set, Value status);

    const api::Kind* kind_;
    Expectations expectations_;
};

}  // namespace kubewalk::controllers
