#include "core/controllers/volume/persistentvolume/pv_controller.h"

#include "core/base/text.h"

namespace kubewalk::controllers {

using namespace persistentvolume;

namespace {
enum Watched : std::size_t { claims, volumes, classes, pods };
constexpr std::string_view claim_prefix = "persistentvolumeclaims|";
constexpr std::string_view volume_prefix = "persistentvolumes|";

std::string claim_key(std::string_view key) { return cat(claim_prefix, key); }
std::string volume_key(std::string_view key) { return cat(volume_prefix, key); }

bool is_default(const Value& storage_class) {
    const auto& annotations = storage_class["metadata"]["annotations"];
    return annotations["storageclass.kubernetes.io/is-default-class"].as_string() == "true" ||
           annotations["storageclass.beta.kubernetes.io/is-default-class"].as_string() == "true";
}

Result<void> outcome_of(const Result<Value>& answer) { return answer.ok() ? Result<void>() : Result<void>(answer.error()); }
}  // namespace

PersistentVolumeController::PersistentVolumeController(client::Environment environment)
    : ControllerOf(environment, "persistentvolume-controller",
                   "system:serviceaccount:kube-system:persistent-volume-binder") {
    watch(api::kind::persistent_volume_claims);
    watch(api::kind::persistent_volumes);
    watch(api::kind::storage_classes);
    watch_on_demand(api::kind::pods);
}

void PersistentVolumeController::tell(const Value& object, client::EventType type, std::string_view reason,
                                      const std::string& message) {
    recorder().record(simulation(), object, type, reason, message);
}

void PersistentVolumeController::changed(std::size_t index, const client::Change& change) {
    switch (index) {
        case claims:
            need(pods);
            enqueue(claim_key(api::key_of(change.object)));
            if (const auto name = change.object["spec"]["volumeName"].as_string(); !name.empty())
                enqueue(volume_key(name));
            break;
        case volumes:
            enqueue(volume_key(api::name_of(change.object)));
            if (const auto& reference = change.object["spec"]["claimRef"]; !reference.is_null())
                enqueue(claim_key(cat(reference["namespace"].as_string(), "/", reference["name"].as_string())));
            [[fallthrough]];
        case classes:
            // Whoever still waits may be served now.
            for (const auto& [key, claim] : cache(claims))
                if (claim["spec"]["volumeName"].as_string().empty())
                    enqueue(claim_key(key));
            break;
        default:
            break;
    }
}

client::Outcome PersistentVolumeController::reconcile(const std::string& key) {
    const std::string_view text = key;
    Result<void> done;
    if (text.starts_with(claim_prefix)) {
        const Value claim = informer(claims).get(text.substr(claim_prefix.size()));
        if (!claim.is_null())
            done = sync_claim(claim);
    } else {
        const Value volume = informer(volumes).get(text.substr(volume_prefix.size()));
        if (!volume.is_null())
            done = sync_volume(volume);
    }
    return done.ok() ? client::Outcome::done() : client::Outcome::failed(done.error());
}

// -- claims -------------------------------------------------------------------------------------

bool PersistentVolumeController::waits_for_consumer(const Value& claim) const {
    return informer(classes).get(class_of(claim))["volumeBindingMode"].as_string() == "WaitForFirstConsumer";
}

// A claim that names no class gets the default one, also when that came later than the claim.
Result<Value> PersistentVolumeController::with_default_class(const Value& claim) {
    if (!claim["spec"]["storageClassName"].is_null() ||
        claim["metadata"]["annotations"].contains("volume.beta.kubernetes.io/storage-class"))
        return claim;
    Value newest;
    for (const auto& [name, one] : cache(classes))
        if (is_default(one) && (newest.is_null() || newest["metadata"]["creationTimestamp"].as_string() <
                                                        one["metadata"]["creationTimestamp"].as_string()))
            newest = one;
    if (newest.is_null())
        return claim;
    Value updated = claim;
    updated.edit("spec").set("storageClassName", api::name_of(newest));
    return client().update(api::kind::persistent_volume_claims, updated);
}

Result<void> PersistentVolumeController::sync_claim(Value claim) {
    if (claim["metadata"]["annotations"].contains(bind_completed))
        return sync_bound_claim(claim);
    return sync_unbound_claim(claim);
}

Result<void> PersistentVolumeController::sync_unbound_claim(const Value& claim) {
    if (!claim["spec"]["volumeName"].as_string().empty())
        return sync_asked_for_volume(claim);
    if (api::is_deleting(claim))
        return {};
    return find_or_provision(claim);
}

Result<void> PersistentVolumeController::find_or_provision(const Value& given) {
    KUBEWALK_TRY(claim, with_default_class(given));
    const bool delayed = waits_for_consumer(claim);
    std::vector<Value> all;
    for (const auto& [name, volume] : cache(volumes))
        all.push_back(volume);
    const Value found = best_match(all, claim, delayed ? Binding::delayed : Binding::immediate);
    if (!found.is_null())
        return bind(found, claim);
    if (delayed && claim["metadata"]["annotations"][selected_node].as_string().empty()) {
        tell_waiting(claim);
    } else if (!class_of(claim).empty()) {
        if (auto asked = provision(claim); !asked.ok())
            return asked;
        return {};
    } else {
        tell(claim, client::EventType::normal, "FailedBinding",
             "no persistent volumes available for this claim and no storage class is set");
    }
    return outcome_of(set_claim_phase(claim, "Pending", {}));
}

void PersistentVolumeController::tell_waiting(const Value& claim) {
    for (const auto& pod : informer(pods).in_namespace(api::namespace_of(claim))) {
        if (!pod["spec"]["nodeName"].as_string().empty() || is_pod_terminal(pod))
            continue;
        for (const auto& volume : pod["spec"]["volumes"].items())
            if (volume["persistentVolumeClaim"]["claimName"].as_string() == api::name_of(claim)) {
                tell(claim, client::EventType::normal, "WaitForPodScheduled",
                     cat("waiting for pod ", api::name_of(pod), " to be scheduled"));
                return;
            }
    }
    tell(claim, client::EventType::normal, "WaitForFirstConsumer",
         "waiting for first consumer to be created before binding");
}

Result<void> PersistentVolumeController::provision(const Value& claim) {
    const auto name = class_of(claim);
    const Value storage_class = informer(classes).get(name);
    if (storage_class.is_null()) {
        tell(claim, client::EventType::warning, "ProvisioningFailed",
             cat("storageclass.storage.k8s.io ", quoted(name), " not found"));
        return outcome_of(set_claim_phase(claim, "Pending", {}));
    }
    const auto provisioner = storage_class["provisioner"].as_string();
    if (provisioner.starts_with("kubernetes.io/")) {
        tell(claim, client::EventType::warning, "ProvisioningFailed",
             cat("no volume plugin matched name: ", provisioner));
        return outcome_of(set_claim_phase(claim, "Pending", {}));
    }
    Value asked = claim;
    Value& annotations = asked.edit("metadata").edit("annotations");
    annotations.set(storage_provisioner, provisioner);
    annotations.set(beta_storage_provisioner, provisioner);
    if (asked != claim) {
        KUBEWALK_TRY(updated, client().update(api::kind::persistent_volume_claims, asked));
        asked = updated;
    }
    tell(asked, client::EventType::normal, "ExternalProvisioning",
         cat("Waiting for a volume to be created either by the external provisioner '", provisioner,
             "' or manually by the system administrator. If volume creation is delayed, please verify that the "
             "provisioner is running and correctly registered."));
    return outcome_of(set_claim_phase(asked, "Pending", {}));
}

// The claim names the volume it wants.
Result<void> PersistentVolumeController::sync_asked_for_volume(const Value& claim) {
    const auto name = claim["spec"]["volumeName"].as_string();
    const Value volume = informer(volumes).get(name);
    if (volume.is_null())
        return outcome_of(set_claim_phase(claim, "Pending", {}));
    if (volume["spec"]["claimRef"].is_null()) {
        if (const auto why = mismatch(volume, claim)) {
            tell(claim, client::EventType::warning, "VolumeMismatch",
                 cat("Cannot bind to requested volume ", quoted(name), ": ", *why));
            return outcome_of(set_claim_phase(claim, "Pending", {}));
        }
        return bind(volume, claim);
    }
    if (is_bound_to(volume, claim))
        return bind(volume, claim);
    tell(claim, client::EventType::warning, "FailedBinding",
         cat("volume ", quoted(name), " already bound to a different claim."));
    return outcome_of(set_claim_phase(claim, "Pending", {}));
}

Result<void> PersistentVolumeController::sync_bound_claim(const Value& claim) {
    const auto name = claim["spec"]["volumeName"].as_string();
    const Value volume = informer(volumes).get(name);
    const auto lost = [&](std::string_view reason, const std::string& message) {
        if (claim["status"]["phase"].as_string() != "Lost")
            tell(claim, client::EventType::warning, reason, message);
        return outcome_of(set_claim_phase(claim, "Lost", {}));
    };
    if (name.empty())
        return lost("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
    if (volume.is_null())
        return lost("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    if (volume["spec"]["claimRef"].is_null() || is_bound_to(volume, claim))
        return bind(volume, claim);
    return lost("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
}

// -- volumes ------------------------------------------------------------------------------------

Result<void> PersistentVolumeController::sync_volume(const Value& volume) {
    const auto& reference = volume["spec"]["claimRef"];
    if (reference.is_null() || reference["uid"].as_string().empty())
        return outcome_of(set_volume_phase(volume, "Available"));
    const std::string key = cat(reference["namespace"].as_string(), "/", reference["name"].as_string());
    Value claim = informer(claims).get(key);
    const auto phase = volume["status"]["phase"].as_string();
    if (claim.is_null() && phase != "Released" && phase != "Failed") {
        // The cache may be behind: a volume must not be given away by mistake.
        auto live = client().get(api::kind::persistent_volume_claims, reference["namespace"].as_string(),
                                 reference["name"].as_string());
        if (live.ok())
            claim = live.take();
        else if (live.error().reason != "NotFound")
            return live.error();
    }
    if (claim.is_null() || api::uid_of(claim) != reference["uid"].as_string()) {
        if (phase != "Released" && phase != "Failed") {
            KUBEWALK_TRY(released, set_volume_phase(volume, "Released"));
            return reclaim(released);
        }
        return reclaim(volume);
    }
    if (claim["spec"]["volumeName"].as_string().empty())
        return {};  // the claim's own turn completes it
    if (claim["spec"]["volumeName"].as_string() == api::name_of(volume))
        return outcome_of(set_volume_phase(volume, "Bound"));
    // The claim went to another volume.
    if (volume["metadata"]["annotations"].contains(provisioned_by) &&
        volume["spec"]["persistentVolumeReclaimPolicy"].as_string() == "Delete") {
        KUBEWALK_TRY(released, set_volume_phase(volume, "Released"));
        return reclaim(released);
    }
    return volume["metadata"]["annotations"].contains(bound_by_controller) ? unbind(volume) : Result<void>();
}

Result<void> PersistentVolumeController::unbind(const Value& volume) {
    Value free = volume;
    free.edit("spec").erase("claimRef");
    free.edit_path("metadata", "annotations").erase(bound_by_controller);
    KUBEWALK_TRY(updated, client().update(api::kind::persistent_volumes, free));
    return outcome_of(set_volume_phase(updated, "Available"));
}

Result<void> PersistentVolumeController::reclaim(const Value& volume) {
    const auto policy = volume["spec"]["persistentVolumeReclaimPolicy"].as_string();
    // Retain is the administrator's business, and what a provisioner made it takes away itself.
    if (policy != "Delete" || volume["metadata"]["annotations"].contains(provisioned_by) || api::is_deleting(volume))
        return {};
    const std::string message = "error getting deleter volume plugin for volume \"" + std::string(api::name_of(volume)) +
                                "\": no deletable volume plugin matched";
    if (volume["status"]["phase"].as_string() != "Failed")
        tell(volume, client::EventType::warning, "VolumeFailedDelete", message);
    return outcome_of(set_volume_phase(volume, "Failed", message));
}

// -- writing ------------------------------------------------------------------------------------

Result<void> PersistentVolumeController::bind(Value volume, Value claim) {
    if (volume["spec"]["claimRef"]["uid"].as_string().empty()) {
        if (volume["spec"]["claimRef"].is_null())
            volume.edit("metadata").edit("annotations").set(bound_by_controller, "yes");
        volume.edit("spec").set("claimRef", Value::object({{"apiVersion", "v1"},
                                                           {"kind", "PersistentVolumeClaim"},
                                                           {"name", claim["metadata"]["name"]},
                                                           {"namespace", claim["metadata"]["namespace"]},
                                                           {"resourceVersion", claim["metadata"]["resourceVersion"]},
                                                           {"uid", claim["metadata"]["uid"]}}));
        KUBEWALK_TRY(written, client().update(api::kind::persistent_volumes, volume));
        volume = written;
    }
    KUBEWALK_TRY(bound, set_volume_phase(volume, "Bound"));
    Value wanted = claim;
    Value& annotations = wanted.edit("metadata").edit("annotations");
    if (wanted["spec"]["volumeName"].as_string().empty()) {
        wanted.edit("spec").set("volumeName", api::name_of(volume));
        annotations.set(bound_by_controller, "yes");
    }
    annotations.set(bind_completed, "yes");
    if (wanted != claim) {
        KUBEWALK_TRY(written, client().update(api::kind::persistent_volume_claims, wanted));
        wanted = written;
    }
    return outcome_of(set_claim_phase(wanted, "Bound", bound));
}

Result<Value> PersistentVolumeController::set_volume_phase(Value volume, std::string_view phase, std::string_view message) {
    const Value before = volume;
    Value& status = volume.edit("status");
    if (status["phase"].as_string() != phase)
        status.set("lastPhaseTransitionTime", to_rfc3339(now()));
    status.set("phase", phase);
    if (message.empty())
        status.erase("message");
    else
        status.set("message", message);
    return volume == before ? Result<Value>(volume) : client().update_status(api::kind::persistent_volumes, volume);
}

Result<Value> PersistentVolumeController::set_claim_phase(Value claim, std::string_view phase, const Value& volume) {
    const Value before = claim;
    Value& status = claim.edit("status");
    status.set("phase", phase);
    if (volume.is_null()) {
        status.erase("accessModes");
        status.erase("capacity");
    } else {
        status.set("accessModes", volume["spec"]["accessModes"]);
        if (status["capacity"].is_null() || before["status"]["phase"].as_string() != "Bound")
            status.set("capacity", volume["spec"]["capacity"]);
    }
    return claim == before ? Result<Value>(claim) : client().update_status(api::kind::persistent_volume_claims, claim);
}

}  // namespace kubewalk::controllers
