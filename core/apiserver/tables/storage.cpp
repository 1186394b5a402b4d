// PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttachment.
// Upstream: pkg/printers/internalversion/printers.go, pkg/apis/core/v1/helper/helpers.go (GetAccessModesAsString).

#include "core/api/quantity.h"
#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::tables {

using api::Value;

namespace {

constexpr std::string_view class_annotation = "volume.beta.kubernetes.io/storage-class";

std::string access_modes(const Value& modes) {
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}};
    std::vector<std::string> texts;
    for (const auto& [mode, text] : known)
        for (const auto& given : modes.items())
            if (given.as_string() == mode) {
                texts.emplace_back(text);
                break;
            }
    return join(texts, ",");
}

std::string class_of(const Value& object) {
    const auto& annotated = object["metadata"]["annotations"][class_annotation];
    return annotated.is_null() ? object["spec"]["storageClassName"].str() : annotated.str();
}

std::string unset_or(const Value& value) { return value.str("<unset>"); }

std::string phase_of(const Value& object) { return api::is_deleting(object) ? "Terminating" : object["status"]["phase"].str(); }

}  // namespace

namespace persistent_volumes {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"},  {"Capacity", "string", ""}, {"Access Modes", "string", ""}, {"Reclaim Policy", "string", ""},
    {"Status", "string", ""},    {"Claim", "string", ""},    {"StorageClass", "string", ""}, {"VolumeAttributesClass", "string", ""},
    {"Reason", "string", ""},    {"Age", "string", ""},      {"VolumeMode", "string", "", 1},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    const auto& claim = spec["claimRef"];
    return {api::name_of(object),
            api::Quantity::from(spec["capacity"]["storage"]).str(),
            access_modes(spec["accessModes"]),
            spec["persistentVolumeReclaimPolicy"].as_string(),
            phase_of(object),
            claim.is_null() ? std::string() : cat(claim["namespace"].as_string(), "/", claim["name"].as_string()),
            class_of(object),
            unset_or(spec["volumeAttributesClassName"]),
            object["status"]["reason"].as_string(),
            age(object, now),
            unset_or(spec["volumeMode"])};
}

}  // namespace persistent_volumes

namespace persistent_volume_claims {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"},     {"Status", "string", ""},       {"Volume", "string", ""},
    {"Capacity", "string", ""},     {"Access Modes", "string", ""}, {"StorageClass", "string", ""},
    {"VolumeAttributesClass", "string", ""}, {"Age", "string", ""}, {"VolumeMode", "string", "", 1},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    const auto& status = object["status"];
    const bool bound = !spec["volumeName"].as_string().empty();
    return {api::name_of(object),
            phase_of(object),
            spec["volumeName"].as_string(),
            bound ? api::Quantity::from(status["capacity"]["storage"]).str() : std::string(),
            bound ? access_modes(status["accessModes"]) : std::string(),
            class_of(object),
            unset_or(spec["volumeAttributesClassName"]),
            age(object, now),
            unset_or(spec["volumeMode"])};
}

}  // namespace persistent_volume_claims

namespace storage_classes {

namespace {

constexpr Column table[] = {
    {"Name", "string", "name"},           {"Provisioner", "string", ""},          {"ReclaimPolicy", "string", ""},
    {"VolumeBindingMode", "string", ""},  {"AllowVolumeExpansion", "string", ""}, {"Age", "string", ""},
};

bool is_default(const Value& object) {
    for (const std::string_view key : {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"})
        if (object["metadata"]["annotations"][key].as_string() == "true")
            return true;
    return false;
}

}  // namespace

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    return {cat(api::name_of(object), is_default(object) ? " (default)" : ""),
            object["provisioner"].as_string(),
            object["reclaimPolicy"].as_string("Delete"),
            object["volumeBindingMode"].as_string("Immediate"),
            object["allowVolumeExpansion"].as_bool(),
            age(object, now)};
}

}  // namespace storage_classes

namespace volume_attachments {

namespace {
constexpr Column table[] = {
    {"Name", "string", "name"}, {"Attacher", "string", "name"},  {"PV", "string", ""},
    {"Node", "string", ""},     {"Attached", "boolean", ""},     {"Age", "string", ""},
};
}

constinit const std::span<const Column> columns = table;

Cells cells(const Value& object, Time now, Width) {
    const auto& spec = object["spec"];
    return {api::name_of(object),
            spec["attacher"].as_string(),
            spec["source"]["persistentVolumeName"].as_string(),
            spec["nodeName"].as_string(),
            object["status"]["attached"].as_bool(),
            age(object, now)};
}

}  // namespace volume_attachments

}  // namespace kubewalk::apiserver::tables
