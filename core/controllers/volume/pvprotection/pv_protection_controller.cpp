#include "core/controllers/volume/pvprotection/pv_protection_controller.h"

#include "core/controllers/volume/protection.h"

namespace kubewalk::controllers {

namespace {
constexpr std::string_view finalizer = "kubernetes.io/pv-protection";
}

PVProtectionController::PVProtectionController(client::Environment environment)
    : ControllerOf(environment, "persistentvolume-protection-controller",
                   "system:serviceaccount:kube-system:pv-protection-controller") {
    watch(api::kind::persistent_volumes);
}

void PVProtectionController::changed(std::size_t, const client::Change& change) {
    if (change.type != client::WatchType::deleted &&
        api::is_deleting(change.object) == protection::has_finalizer(change.object, finalizer))
        enqueue(api::key_of(change.object));
}

client::Outcome PVProtectionController::reconcile(const std::string& key) {
    const Value volume = informer(0).get(key);
    if (volume.is_null())
        return client::Outcome::done();
    const bool held = protection::has_finalizer(volume, finalizer);
    if (!api::is_deleting(volume))
        return held ? client::Outcome::done()
                    : protection::add_finalizer(client(), api::kind::persistent_volumes, volume, finalizer);
    if (!held || volume["status"]["phase"].as_string() == "Bound")
        return client::Outcome::done();
    return protection::remove_finalizer(client(), api::kind::persistent_volumes, volume, finalizer);
}

}  // namespace kubewalk::controllers
