#pragma once
// Binds claims to volumes, asks provisioners for new ones, releases volumes whose claim is gone.
// Upstream: pkg/controller/volume/persistentvolume/pv_controller.go.

#include "core/client/controller.h"
#include "core/controllers/volume/persistentvolume/index.h"

namespace kubewalk::controllers {

class PersistentVolumeController final : public client::ControllerOf<PersistentVolumeController> {
public:
    explicit PersistentVolumeController(client::Environment environment);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    // Keys: "claim|namespace/name" and "volume|name".
    client::Outcome reconcile(const std::string& key) override;

    Result<void> sync_claim(Value claim);
    Result<void> sync_unbound_claim(const Value& claim);
    Result<void> find_or_provision(const Value& claim);
    Result<void> sync_asked_for_volume(const Value& claim);
    Result<void> sync_bound_claim(const Value& claim);
    Result<void> provision(const Value& claim);
    Result<Value> with_default_class(const Value& claim);
    void tell_waiting(const Value& claim);

    Result<void> sync_volume(const Value& volume);
    Result<void> reclaim(const Value& volume);
    Result<void> unbind(const Value& volume);

    Result<void> bind(Value volume, Value claim);
    Result<Value> set_volume_phase(Value volume, std::string_view phase, std::string_view message = {});
    // `volume` null: no capacity and access modes to report.
    Result<Value> set_claim_phase(Value claim, std::string_view phase, const Value& volume);
    bool waits_for_consumer(const Value& claim) const;
    void tell(const Value& object, client::EventType type, std::string_view reason, const std::string& message);
};

}  // namespace kubewalk::controllers
