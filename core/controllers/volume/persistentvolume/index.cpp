#include "core/controllers/volume/persistentvolume/index.h"

#include <algorithm>

#include "core/api/quantity.h"

namespace kubewalk::controllers::persistentvolume {

namespace {

bool has_modes(const Value& volume, const Value& claim) {
    const auto offered = volume["spec"]["accessModes"].items();
    for (const auto& mode : claim["spec"]["accessModes"].items())
        if (std::find(offered.begin(), offered.end(), mode) == offered.end())
            return false;
    return true;
}

std::string_view mode_of(const Value& object) { return object["spec"]["volumeMode"].as_string("Filesystem"); }
api::Quantity capacity_of(const Value& volume) { return api::Quantity::from(volume["spec"]["capacity"]["storage"]); }
api::Quantity request_of(const Value& claim) {
    return api::Quantity::from(claim["spec"]["resources"]["requests"]["storage"]);
}

}  // namespace

std::string_view class_of(const Value& object) {
    const auto& beta = object["metadata"]["annotations"]["volume.beta.kubernetes.io/storage-class"];
    return beta.is_null() ? object["spec"]["storageClassName"].as_string() : beta.as_string();
}

bool is_bound_to(const Value& volume, const Value& claim) {
    const auto& reference = volume["spec"]["claimRef"];
    if (reference.is_null() || reference["name"].as_string() != api::name_of(claim) ||
        reference["namespace"].as_string() != api::namespace_of(claim))
        return false;
    const auto uid = reference["uid"].as_string();
    return uid.empty() || uid == api::uid_of(claim);
}

std::optional<std::string> mismatch(const Value& volume, const Value& claim) {
    if (api::is_deleting(volume))
        return "the volume is marked for deletion";
    if (compare(capacity_of(volume), request_of(claim)) < 0)
        return "requested PV is too small";
    if (class_of(volume) != class_of(claim))
        return "storageClassName does not match";
    if (mode_of(volume) != mode_of(claim))
        return "incompatible volumeMode";
    if (!has_modes(volume, claim))
        return "incompatible accessMode";
    return std::nullopt;
}

Value best_match(const std::vector<Value>& volumes, const Value& claim, Binding binding) {
    const auto& wanted = claim["spec"]["selector"];
    const auto selector = api::LabelSelector::from_object(wanted);
    Value best;
    for (const auto& volume : volumes) {
        if (!has_modes(volume, claim) || mode_of(volume) != mode_of(claim))
            continue;
        const bool large_enough = compare(capacity_of(volume), request_of(claim)) >= 0;
        if (!volume["spec"]["claimRef"].is_null()) {
            // Reserved for this claim: nothing suits better.
            if (is_bound_to(volume, claim) && large_enough)
                return volume;
            continue;
        }
        if (binding == Binding::delayed || !large_enough || api::is_deleting(volume) ||
            volume["status"]["phase"].as_string() != "Available" || class_of(volume) != class_of(claim))
            continue;
        if (!wanted.is_null() && (!selector.ok() || !selector.value().matches(volume["metadata"]["labels"])))
            continue;
        if (best.is_null() || compare(capacity_of(volume), capacity_of(best)) < 0)
            best = volume;
    }
    return best;
}

}  // namespace kubewalk::controllers::persistentvolume
