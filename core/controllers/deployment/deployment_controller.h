#pragma once
// Upstream: pkg/controller/deployment/deployment_controller.go (and sync.go, rolling.go, recreate.go).

#include "core/client/controller.h"
#include "core/controllers/deployment/steps.h"

namespace kubewalk::controllers {

class DeploymentController final : public client::ControllerOf<DeploymentController> {
public:
    explicit DeploymentController(client::Environment environment);

private:
    // What one reconcile works on; the Deployment carries the newest resourceVersion we know.
    struct Sync {
        Value deployment;
        Objects replica_sets;
        Value new_rs;
        Objects olds;

        Objects all() const;
    };
    enum class CreateNew : unsigned char { no, yes };

    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    void enqueue_owner(const Value& replica_set);
    Result<Objects> claim_replica_sets(const Value& deployment);
    bool is_scaling_event(const Sync& sync) const;
    bool old_pods_running(const Sync& sync) const;

    // Each step either fails or goes on; writes are sent as they come.
    Result<void> load_replica_sets(Sync& sync, CreateNew create);
    Result<void> adopt_new_replica_set(Sync& sync, const std::string& next_revision);
    Result<void> create_new_replica_set(Sync& sync, const std::string& next_revision);
    Result<void> check_paused(Sync& sync);
    Result<client::Outcome> roll(Sync& sync);
    Result<client::Outcome> recreate(Sync& sync);
    Result<client::Outcome> scale_only(Sync& sync);
    Result<client::Outcome> sync_status(Sync& sync);
    Result<client::Outcome> dispatch(Sync& sync);
    Result<void> cleanup(Sync& sync);

    Result<void> send(const deployment::Writes& writes, const Value& deployment);
    Result<void> write_status(Sync& sync);
};

}  // namespace kubewalk::controllers
