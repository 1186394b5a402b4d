#include "core/controllers/volume/pvcprotection/pvc_protection_controller.h"

#include "core/base/text.h"
#include "core/controllers/volume/protection.h"

namespace kubewalk::controllers {

namespace {
enum Watched : std::size_t { claims, pods };
constexpr std::string_view finalizer = "kubernetes.io/pvc-protection";

// The claims of a Pod: named ones, and those made for its ephemeral volumes.
std::vector<std::string> claims_of(const Value& pod) {
    std::vector<std::string> names;
    for (const auto& volume : pod["spec"]["volumes"].items()) {
        if (const auto name = volume["persistentVolumeClaim"]["claimName"].as_string(); !name.empty())
            names.push_back(std::string(name));
        else if (!volume["ephemeral"].is_null())
            names.push_back(cat(api::name_of(pod), "-", volume["name"].as_string()));
    }
    return names;
}
}  // namespace

PVCProtectionController::PVCProtectionController(client::Environment environment)
    : ControllerOf(environment, "persistentvolumeclaim-protection-controller",
                   "system:serviceaccount:kube-system:pvc-protection-controller") {
    watch(api::kind::persistent_volume_claims);
    watch_on_demand(api::kind::pods);
}

void PVCProtectionController::changed(std::size_t index, const client::Change& change) {
    if (index == claims) {
        need(pods);
        if (change.type != client::WatchType::deleted &&
            api::is_deleting(change.object) == protection::has_finalizer(change.object, finalizer))
            enqueue(api::key_of(change.object));
        return;
    }
    // A Pod's end may free its claims.
    if (change.type == client::WatchType::deleted)
        for (const auto& name : claims_of(change.object))
            enqueue(cat(api::namespace_of(change.object), "/", name));
}

client::Outcome PVCProtectionController::reconcile(const std::string& key) {
    const Value claim = informer(claims).get(key);
    if (claim.is_null())
        return client::Outcome::done();
    const bool held = protection::has_finalizer(claim, finalizer);
    if (!api::is_deleting(claim))
        return held ? client::Outcome::done()
                    : protection::add_finalizer(client(), api::kind::persistent_volume_claims, claim, finalizer);
    if (!held)
        return client::Outcome::done();
    // A Pod counts once it stands on a Node: the kubelet lets none start on a claim that is going.
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(claim))) {
        const auto names = claims_of(pod);
        if (!pod["spec"]["nodeName"].as_string().empty() &&
            std::find(names.begin(), names.end(), api::name_of(claim)) != names.end())
            return client::Outcome::done();
    }
    return protection::remove_finalizer(client(), api::kind::persistent_volume_claims, claim, finalizer);
}

}  // namespace kubewalk::controllers
