#pragma once
// ReplicaSets, and ReplicationControllers, which upstream handles as ReplicaSets too.
// Upstream: pkg/controller/replicaset/replica_set.go, pkg/controller/replication.

#include "core/client/controller.h"
#include "core/controllers/controller_utils.h"
#include "core/controllers/replicaset/owned_pods.h"
#include "core/controllers/replicaset/replica_set_util.h"

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
    // What its Pods count for, when nothing has to be adopted or released and time plays no part.
    std::optional<replicaset::Tally> tally_of(const Value& replica_set, const api::LabelSelector& selector) const;
    // One Pod after the other: adopts, releases, and knows when one becomes available.
    struct Looked {
        Objects active;
        replicaset::Tally tally;
    };
    Result<Looked> look_at_pods(const Value& replica_set, const api::LabelSelector& selector);
    Objects active_pods(const Value& replica_set) const;
    Result<api::LabelSelector> selector_of(const Value& replica_set) const;
    // Key of the ReplicaSet that controls the Pod, "" if none does.
    std::string owner_key(const Value& pod) const;
    void enqueue_for_orphan(const Value& pod);
    Objects related_pods(const Value& replica_set) const;
    Result<void> manage_replicas(const Value& replica_set, std::int64_t active, const Objects& looked_at);
    Result<void> create_pods(const Value& replica_set, int count);
    Result<void> delete_pods(const Value& replica_set, const Objects& active, std::size_t count);
    Result<Value> write_status(const Value& replica_set, Value status);

    const api::Kind* kind_;
    Expectations expectations_;
    OwnedPods owned_;
};

}  // namespace kubewalk::controllers
