// PersistentVolume. Upstream: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation/validation.go
// (ValidatePersistentVolumeSpec, ValidatePersistentVolumeUpdate), pkg/registry/core/persistentvolume/strategy.go.

#include "core/api/rules/volume_spec.h"

#include <algorithm>

#include "core/api/names.h"
#include "core/api/quantity.h"
#include "core/api/rules/claim_spec.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> choices) {
    return std::find(choices.begin(), choices.end(), text) != choices.end();
}

}  // namespace

void validate_volume_mode(const Value& mode, const Path& path, FieldErrors& errors) {
    if (!mode.is_null() && !one_of(mode.as_string(), {"Block", "Filesystem"}))
        errors.not_supported(path, mode, {"Block", "Filesystem"});
}

void validate_class_name(const Value& name, const Path& path, FieldErrors& errors) {
    if (!name.as_string().empty())
        errors.invalid_each(path, name, is_dns1123_subdomain(name.as_string()));
}

void validate_access_modes(const Value& modes, const Path& path, FieldErrors& errors) {
    bool alone = false, shared = false;
    for (const auto& mode : modes.items()) {
        const auto name = mode.as_string();
        const bool known = one_of(name, {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
        if (!known)
            errors.not_supported(path, mode, {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
        alone = alone || name == "ReadWriteOncePod";
        shared = shared || (known && name != "ReadWriteOncePod");
    }
    if (alone && shared)
        errors.forbidden(path, "may not use ReadWriteOncePod with other access modes");
}

void validate_positive_quantity(const Value& quantity, const Path& path, FieldErrors& errors) {
    const auto amount = Quantity::from(quantity);
    if (amount.sign() <= 0)
        errors.invalid(path, Value(amount.str()), "must be greater than zero");
}

// "old -> new" of what changed, in place of go-cmp's report.
std::string changed_fields(const Value& now, const Value& before) {
    std::vector<std::string> names;
    for (const auto& [name, value] : before.members())
        if (!(now[name] == value))
            names.push_back(name);
    for (const auto& [name, value] : now.members())
        if (!before.contains(name) && !value.is_null())
            names.push_back(name);
    return join(names, ", ");
}

namespace {

// The order in which upstream looks at the sources. `shown`: the field's name in errors about it.
struct Source {
    std::string_view field;
    std::string_view shown;
};
constexpr Source volume_sources[] = {
    {"hostPath", "hostPath"},
    {"gcePersistentDisk", "persistentDisk"},
    {"awsElasticBlockStore", "awsElasticBlockStore"},
    {"glusterfs", "glusterfs"},
    {"flocker", "flocker"},
    {"nfs", "nfs"},
    {"rbd", "rbd"},
    {"quobyte", "quobyte"},
    {"cephfs", "cephfs"},
    {"iscsi", "iscsi"},
    {"cinder", "cinder"},
    {"fc", "fc"},
    {"flexVolume", "flexVolume"},
    {"azureFile", "azureFile"},
    {"vsphereVolume", "vsphereVolume"},
    {"photonPersistentDisk", "photonPersistentDisk"},
    {"portworxVolume", "portworxVolume"},
    {"azureDisk", "azureDisk"},
    {"scaleIO", "scaleIO"},
    {"local", "local"},
    {"storageos", "storageos"},
    {"csi", "csi"},
};

void default_volume(Value& object) {
    if (object["status"]["phase"].as_string().empty())
        object.edit("status").set("phase", "Pending");
    Value& spec = object.edit("spec");
    if (spec["persistentVolumeReclaimPolicy"].as_string().empty())
        spec.set("persistentVolumeReclaimPolicy", "Retain");
    default_to(spec, "volumeMode", "Filesystem");
    default_shared_volumes(spec);
    default_resource_list(spec, "capacity");
}

void prepare_volume(Value& object) {
    Value status = Value::object({{"phase", "Pending"}});
    // A new object: the phase began when it did.
    if (!object["metadata"]["creationTimestamp"].is_null())
        status.set("lastPhaseTransitionTime", object["metadata"]["creationTimestamp"]);
    object.set("status", std::move(status));
}

void validate_csi_volume(const Value& source, const Path& path, FieldErrors& errors) {
    constexpr int max_driver = 63;
    const auto driver = source["driver"].as_string();
    const Path at = path.child("driver");
    if (driver.empty())
        errors.required(at);
    if (driver.size() > max_driver)
        errors.too_long(at, max_driver);
    errors.invalid_each(at, Value(driver), is_dns1123_subdomain(to_lower(driver)));
    if (source["volumeHandle"].as_string().empty())
        errors.required(path.child("volumeHandle"));
    for (const std::string_view field :
         {"controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"}) {
        const Value& secret = source[field];
        if (secret.is_null())
            continue;
        const Path secret_path = path.child(field);
        for (const std::string_view part : {"name", "namespace"}) {
            const auto text = secret[part].as_string();
            if (text.empty())
                errors.required(secret_path.child(part));
            else
                errors.invalid_each(secret_path.child(part), secret[part],
                                    part == "name" ? is_dns1123_subdomain(text) : is_dns1123_label(text));
        }
    }
}

void validate_local(const Value& source, const Path& path, FieldErrors& errors) {
    if (source["path"].as_string().empty())
        return errors.required(path.child("path"));
    validate_no_backsteps(source["path"].as_string(), path.child("path"), errors);
}

void validate_sources(const Value& spec, const SourceOwner& owner, const Path& path, FieldErrors& errors) {
    bool found = false;
    for (const auto& [field, shown] : volume_sources) {
        const Value& source = spec[field];
        if (source.is_null())
            continue;
        if (found && field != "flexVolume") {
            errors.forbidden(path.child(field == "cephfs" ? "cephFS" : field), "may not specify more than 1 volume type");
            continue;
        }
        found = true;
        const Path at = path.child(shown);
        if (field == "csi")
            validate_csi_volume(source, at, errors);
        else if (field == "local")
            validate_local(source, at, errors);
        else
            validate_source(field, source, owner, at, errors);
        if (field == "local" && spec["nodeAffinity"].is_null())
            errors.required(path.child("nodeAffinity"), "Local volume requires node affinity");
    }
    if (!found)
        errors.required(path, "must specify a volume type");
}

// path.Clean(text) == "/", as far as volumes go: steps that cancel out.
bool is_root(std::string_view text) {
    int depth = 0;
    if (!text.starts_with('/'))
        return false;
    for (const auto step : split(text, '/')) {
        if (step == "..")
            depth = std::max(0, depth - 1);
        else if (!step.empty() && step != ".")
            ++depth;
    }
    return depth == 0;
}

void validate_capacity(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path capacity = path.child("capacity");
    if (spec["capacity"].empty())
        errors.required(capacity);
    if (!spec["capacity"].contains("storage") || spec["capacity"].size() > 1)
        errors.not_supported(capacity, spec["capacity"].is_null() ? Value::object() : spec["capacity"], {"storage"});
    for (const auto& [name, amount] : spec["capacity"].members()) {
        const Path at = capacity.key(name);
        if (Quantity::from(amount).value() < 0)
            errors.invalid(at, Value(Quantity::from(amount).value()), "must be a valid resource quantity");
        validate_positive_quantity(amount, at, errors);
    }
}

void validate_node_affinity(const Value& affinity, const Path& path, FieldErrors& errors) {
    if (affinity.is_null())
        return;
    if (affinity["required"].is_null())
        errors.required(path.child("required"), "must specify required node constraints");
    else
        validate_node_selector(affinity["required"], path.child("required"), errors);
}

// What only a volume with a life of its own may say.
void validate_inline(const Value& spec, const Path& path, FieldErrors& errors) {
    constexpr std::string_view detail = "may not be specified in the context of inline volumes";
    for (const std::string_view field : {"claimRef", "nodeAffinity"})
        if (!spec[field].is_null())
            errors.forbidden(path.child(field), detail);
    if (!spec["capacity"].empty())
        errors.forbidden(path.child("capacity"), detail);
    if (spec["csi"].is_null())
        errors.required(path.child("csi"), "has to be specified in the context of inline volumes");
    if (const auto policy = spec["persistentVolumeReclaimPolicy"].as_string(); !policy.empty() && policy != "Retain")
        errors.forbidden(path.child("persistentVolumeReclaimPolicy"), "may only be Retain in the context of inline volumes");
    if (!spec["storageClassName"].as_string().empty())
        errors.forbidden(path.child("storageClassName"), detail);
    if (!spec["volumeMode"].is_null() && spec["volumeMode"].as_string() != "Filesystem")
        errors.forbidden(path.child("volumeMode"), "may not specify volumeMode other than Filesystem in the context of inline volumes");
}

void validate_persistent(const Value& spec, const Path& path, FieldErrors& errors) {
    validate_capacity(spec, path, errors);
    const Value& policy = spec["persistentVolumeReclaimPolicy"];
    if (!policy.as_string().empty() && !one_of(policy.as_string(), {"Delete", "Recycle", "Retain"}))
        errors.not_supported(path.child("persistentVolumeReclaimPolicy"), policy, {"Delete", "Recycle", "Retain"});
    validate_node_affinity(spec["nodeAffinity"], path.child("nodeAffinity"), errors);
    validate_class_name(spec["storageClassName"], path.child("storageClassName"), errors);
    validate_volume_mode(spec["volumeMode"], path.child("volumeMode"), errors);
}

}  // namespace

void validate_volume_spec(const Value& spec, VolumeUse use, std::string_view name, const Path& path, FieldErrors& errors) {
    if (spec["accessModes"].empty())
        errors.required(path.child("accessModes"));
    validate_access_modes(spec["accessModes"], path.child("accessModes"), errors);
    if (use == VolumeUse::persistent)
        validate_persistent(spec, path, errors);
    else
        validate_inline(spec, path, errors);
    validate_sources(spec, SourceOwner{SourceOwner::Kind::persistent_volume, name}, path, errors);
    const Value& policy = spec["persistentVolumeReclaimPolicy"];
    if (!spec["hostPath"].is_null() && is_root(spec["hostPath"]["path"].as_string()) && policy.as_string() == "Recycle")
        errors.forbidden(path.child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'");
    const Value& attributes = spec["volumeAttributesClassName"];
    if (attributes.is_null())
        return;
    if (attributes.as_string().empty())
        errors.required(path.child("volumeAttributesClassName"), "an empty string is disallowed");
    validate_class_name(attributes, path.child("volumeAttributesClassName"), errors);
    if (spec["csi"].is_null())
        errors.required(path.child("csi"), "has to be specified when using volumeAttributesClassName");
}

namespace {

void validate_volume(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    validate_volume_spec(object["spec"], VolumeUse::persistent, name_of(object), Path("spec"), errors);
}

// Labels of old whose successors may take their place, and nothing else (validatePvNodeAffinity).
Value with_new_labels(const Value& before, const Value& now) {
    static constexpr std::pair<std::string_view, std::string_view> successors[] = {
        {"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
        {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
        {"beta.kubernetes.io/os", "kubernetes.io/os"},
        {"beta.kubernetes.io/arch", "kubernetes.io/arch"},
        {"beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"},
    };
    Value result = before;
    const Value& terms = before["required"]["nodeSelectorTerms"];
    for (std::size_t i = 0; i < terms.size(); ++i)
        for (std::size_t j = 0; j < terms[i]["matchExpressions"].size(); ++j) {
            const Value& key = now["required"]["nodeSelectorTerms"][i]["matchExpressions"][j]["key"];
            for (const auto& [old_label, label] : successors)
                if (terms[i]["matchExpressions"][j]["key"].as_string() == old_label && key.as_string() == label)
                    result.edit_path("required", "nodeSelectorTerms").edit_at(i).edit("matchExpressions").edit_at(j).set("key", key);
        }
    return result;
}

void validate_volume_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_volume(object, errors);
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path spec("spec");
    for (const auto& source : volume_sources) {
        Value now = object["spec"][source.field];
        const Value& before = old["spec"][source.field];
        if (source.field == "csi" && !before.is_null() && before["controllerExpandSecretRef"].is_null() && now.contains("controllerExpandSecretRef"))
            now.erase("controllerExpandSecretRef");
        if (now == before)
            continue;
        errors.forbidden(spec.child("persistentvolumesource"),
                         cat("spec.persistentvolumesource is immutable after creation\n", changed_fields(now, before)));
        break;
    }
    validate_immutable(object["spec"]["volumeMode"], old["spec"]["volumeMode"], Path("volumeMode"), errors);
    if (!old["spec"]["nodeAffinity"].is_null())
        validate_immutable(object["spec"]["nodeAffinity"], with_new_labels(old["spec"]["nodeAffinity"], object["spec"]["nodeAffinity"]),
                           Path("nodeAffinity"), errors);
    if (!old["spec"]["volumeAttributesClassName"].is_null() && object["spec"]["volumeAttributesClassName"].is_null())
        errors.forbidden(spec.child("volumeAttributesClassName"), "update from non-nil value to nil is forbidden");
}

void validate_status_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

void volume_warnings(const Value& object, std::vector<std::string>& out) {
    const Value& spec = object["spec"];
    if (spec["persistentVolumeReclaimPolicy"].as_string() == "Recycle")
        out.push_back("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.");
    constexpr std::pair<std::string_view, std::string_view> old_sources[] = {
        {"cephfs", "deprecated in v1.28, non-functional in v1.31+"},
        {"photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"},
        {"scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
        {"storageos", "deprecated in v1.22, non-functional in v1.25+"},
        {"glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
        {"rbd", "deprecated in v1.28, non-functional in v1.31+"},
    };
    for (const auto& [field, text] : old_sources)
        if (!spec[field].is_null())
            out.push_back(cat("spec.", field == "storageos" ? "storageOS" : field, ": ", text));
}

}  // namespace

const Rules persistent_volume_rules = {"", "PersistentVolume", default_volume, prepare_volume, keep_status, keep_all_but_status,
                                       validate_volume, validate_volume_update, validate_status_update, volume_warnings};

}  // namespace kubewalk::api
