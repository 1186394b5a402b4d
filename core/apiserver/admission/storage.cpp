// DefaultStorageClass, StorageObjectInUseProtection and PersistentVolumeClaimResize.
// Upstream: plugin/pkg/admission/storage/{storageclass/setdefault,storageobjectinuseprotection,persistentvolume/resize}.

#include "core/api/quantity.h"
#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Quantity;
using api::Value;

namespace {

constexpr std::string_view class_annotation = "volume.beta.kubernetes.io/storage-class";

bool is_claim(const Admission& admission) { return admission.kind.kind == "PersistentVolumeClaim" && admission.kind.group.empty(); }

bool is_default(const Value& storage_class) {
    for (const std::string_view key : {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"})
        if (storage_class["metadata"]["annotations"][key].as_string() == "true")
            return true;
    return false;
}

}  // namespace

namespace default_storage_class {

bool handles(const Admission& admission) {
    return is_claim(admission) && admission.subresource.empty() && admission.operation == Operation::create;
}

// Of several defaults the newest, then the first by name.
Answer<Done> mutate(const Admission& admission, Value& object) {
    if (!object["spec"]["storageClassName"].is_null() || !object["metadata"]["annotations"][class_annotation].is_null())
        return Done{};
    Value chosen;
    const auto prefix = store_prefix(api::kind::storage_classes, {});
    for (auto it = admission.core.store.first(prefix); admission.core.store.within(it, prefix); ++it) {
        const Value& one = it->second.value;
        if (is_default(one) && (chosen.is_null() || one["metadata"]["creationTimestamp"].as_string() > chosen["metadata"]["creationTimestamp"].as_string()))
            chosen = one;
    }
    if (!chosen.is_null())
        object.edit("spec").set("storageClassName", api::name_of(chosen));
    return Done{};
}

}  // namespace default_storage_class

namespace storage_object_in_use_protection {

bool handles(const Admission& admission) {
    const bool volume = admission.kind.kind == "PersistentVolume" && admission.kind.group.empty();
    return (is_claim(admission) || volume) && admission.subresource.empty() && admission.operation == Operation::create;
}

Answer<Done> mutate(const Admission& admission, Value& object) {
    const std::string_view finalizer = is_claim(admission) ? "kubernetes.io/pvc-protection" : "kubernetes.io/pv-protection";
    for (const auto& entry : object["metadata"]["finalizers"].items())
        if (entry.as_string() == finalizer)
            return Done{};
    object.edit_path("metadata", "finalizers").push_back(finalizer);
    return Done{};
}

}  // namespace storage_object_in_use_protection

namespace persistent_volume_claim_resize {

bool handles(const Admission& admission) {
    return is_claim(admission) && admission.subresource.empty() && admission.operation == Operation::update;
}

Answer<Done> validate(const Admission& admission, const Value& object) {
    const auto size_of = [](const Value& claim) { return Quantity::from(claim["spec"]["resources"]["requests"]["storage"]); };
    if (compare(size_of(object), size_of(admission.old)) <= 0)
        return Done{};
    if (admission.old["status"]["phase"].as_string() != "Bound")
        return status::forbidden(admission.kind, admission.name, "Only bound persistent volume claims can be expanded");
    const auto name = object["spec"]["storageClassName"].as_string();
    const Value& storage_class = admission.core.get(api::kind::storage_classes, {}, name);
    if (name.empty() || !storage_class["allowVolumeExpansion"].as_bool())
        return status::forbidden(admission.kind, admission.name,
                                 "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
    return Done{};
}

}  // namespace persistent_volume_claim_resize

}  // namespace kubewalk::apiserver
