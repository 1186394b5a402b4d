// PersistentVolume and PersistentVolumeClaim. Upstream: pkg/apis/core/v1/defaults.go,
// pkg/apis/core/validation/validation.go (ValidatePersistentVolumeSpec, ValidatePersistentVolumeClaim*),
// pkg/registry/core/{persistentvolume,persistentvolumeclaim}/strategy.go.

#include <algorithm>

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

void validate_volume_mode(const Value& mode, const Path& path, FieldErrors& errors) {
    if (!mode.is_null() && !one_of(mode.as_string(), {"Block", "Filesystem"}))
        errors.not_supported(path, mode, {"Block", "Filesystem"});
}

void validate_class_name(const Value& name, const Path& path, FieldErrors& errors) {
    if (!name.as_string().empty())
        errors.invalid_each(path, name, is_dns1123_subdomain(name.as_string()));
}

// dataSource and dataSourceRef: what a claim starts as.
void validate_data_source(const Value& source, const Path& path, FieldErrors& errors) {
    if (source["name"].as_string().empty())
        errors.required(path.child("name"));
    if (source["kind"].as_string().empty())
        errors.required(path.child("kind"));
    const auto group = source["apiGroup"].as_string();
    if (group.empty() && source["kind"].as_string() != "PersistentVolumeClaim")
        errors.invalid(path, source["kind"].str(), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    if (!group.empty())
        errors.invalid_each(path.child("apiGroup"), source["apiGroup"], is_dns1123_subdomain(group));
    if (const auto space = source["namespace"].as_string(); !space.empty())
        errors.invalid_each(path.child("namespace"), source["namespace"], is_dns1123_label(space));
}

bool same_source(const Value& source, const Value& reference) {
    return source["apiGroup"] == reference["apiGroup"] && source["kind"] == reference["kind"] && source["name"] == reference["name"];
}

void validate_data_sources(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& source = spec["dataSource"];
    const Value& reference = spec["dataSourceRef"];
    if (!source.is_null())
        validate_data_source(source, path.child("dataSource"), errors);
    if (!reference.is_null())
        validate_data_source(reference, path.child("dataSourceRef"), errors);
    if (source.is_null() || reference.is_null())
        return;
    // Upstream shows the path as a Go value here, with an address in it; the path's text stands for it.
    const Value shown = path.child("dataSource").str();
    if (!reference["namespace"].as_string().empty())
        errors.invalid(path, shown, "may not be specified when dataSourceRef.namespace is specified");
    else if (!same_source(source, reference))
        errors.invalid(path, shown, "must match dataSourceRef");
}

}  // namespace

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

void validate_claim_spec(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path modes = path.child("accessModes");
    if (spec["accessModes"].empty())
        errors.required(modes, "at least 1 access mode is required");
    if (!spec["selector"].is_null())
        validate_label_selector(spec["selector"], path.child("selector"), errors);
    validate_access_modes(spec["accessModes"], modes, errors);
    const Path resources = path.child("resources");
    const Path storage = resources.key("storage");
    if (!spec["resources"]["requests"].contains("storage"))
        errors.required(storage);
    else
        validate_positive_quantity(spec["resources"]["requests"]["storage"], storage, errors);
    validate_class_name(spec["storageClassName"], path.child("storageClassName"), errors);
    validate_volume_mode(spec["volumeMode"], path.child("volumeMode"), errors);
    validate_data_sources(spec, path, errors);
    validate_class_name(spec["volumeAttributesClassName"], path.child("volumeAttributesClassName"), errors);
}

void claim_spec_warnings(const Value& spec, const Path& path, std::vector<std::string>& out) {
    const auto& storage = spec["resources"]["requests"]["storage"];
    const auto amount = Quantity::from(storage);
    if (!storage.is_null() && compare(amount, Quantity::of(amount.value(), amount.format())) != 0)
        out.push_back(cat(path.child("resources").child("requests").key("storage").str(), ": fractional byte value ",
                          quoted(amount.str()), " is invalid, must be an integer"));
}

namespace {

// -- PersistentVolume ------------------------------------------------------------------------------------

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
    Value& spec = object.edit("spec");
    if (object["status"]["phase"].as_string().empty())
        object.edit("status").set("phase", "Pending");
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

void validate_sources(const Value& spec, const Path& path, FieldErrors& errors) {
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
            validate_source(field, source, at, errors);
        if (field == "local" && spec["nodeAffinity"]["required"].is_null())
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

void validate_volume_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    if (spec["accessModes"].empty())
        errors.required(path.child("accessModes"));
    validate_access_modes(spec["accessModes"], path.child("accessModes"), errors);
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
    const Value& policy = spec["persistentVolumeReclaimPolicy"];
    if (!policy.as_string().empty() && !one_of(policy.as_string(), {"Delete", "Recycle", "Retain"}))
        errors.not_supported(path.child("persistentVolumeReclaimPolicy"), policy, {"Delete", "Recycle", "Retain"});
    if (!spec["nodeAffinity"].is_null()) {
        const Path affinity = path.child("nodeAffinity");
        if (spec["nodeAffinity"]["required"].is_null())
            errors.required(affinity.child("required"), "must specify required node constraints");
        else
            validate_node_selector(spec["nodeAffinity"]["required"], affinity.child("required"), errors);
    }
    validate_sources(spec, path, errors);
    if (!spec["hostPath"].is_null() && is_root(spec["hostPath"]["path"].as_string()) && policy.as_string() == "Recycle")
        errors.forbidden(path.child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'");
    validate_class_name(spec["storageClassName"], path.child("storageClassName"), errors);
    validate_volume_mode(spec["volumeMode"], path.child("volumeMode"), errors);
    const Value& attributes = spec["volumeAttributesClassName"];
    if (attributes.is_null())
        return;
    if (attributes.as_string().empty())
        errors.required(path.child("volumeAttributesClassName"), "an empty string is disallowed");
    validate_class_name(attributes, path.child("volumeAttributesClassName"), errors);
    if (spec["csi"].is_null())
        errors.required(path.child("csi"), "has to be specified when using volumeAttributesClassName");
}

void validate_volume(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    validate_volume_spec(object["spec"], errors);
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
        validate_immutable(object["spec"]["nodeAffinity"], old["spec"]["nodeAffinity"], Path("nodeAffinity"), errors);
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

// -- PersistentVolumeClaim -------------------------------------------------------------------------------

void default_claim(Value& object) {
    if (object["status"]["phase"].as_string().empty())
        object.edit("status").set("phase", "Pending");
    default_claim_spec(object.edit("spec"));
}

// dataSource and dataSourceRef say the same where only one is given (NormalizeDataSources).
void normalize_data_sources(Value& spec) {
    if (!spec["dataSource"].is_null() && spec["dataSourceRef"].is_null())
        spec.set("dataSourceRef", spec["dataSource"]);
    else if (spec["dataSource"].is_null() && !spec["dataSourceRef"].is_null() &&
             spec["dataSourceRef"]["namespace"].as_string().empty())
        spec.set("dataSource", spec["dataSourceRef"]);
}

void prepare_claim(Value& object) {
    object.set("status", Value::object({{"phase", "Pending"}}));
    normalize_data_sources(object.edit("spec"));
}

void prepare_claim_update(Value& object, const Value& old) {
    keep_status(object, old);
    normalize_data_sources(object.edit("spec"));
}

void validate_claim(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    validate_claim_spec(object["spec"], Path("spec"), errors);
}

void validate_claim_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_claim(object, errors);
    Value now = object["spec"], before = old["spec"];
    const auto follow = [](Value& to, const Value& from, std::string_view key) {
        if (from.contains(key))
            to.set(key, from[key]);
        else
            to.erase(key);
    };
    if (before["volumeName"].as_string().empty())
        follow(before, now, "volumeName");  // the binder's, once
    if (before["storageClassName"].is_null())
        follow(now, before, "storageClassName");  // a default class found later
    if (object["status"]["phase"].as_string() == "Bound" && !now["resources"]["requests"].is_null())
        now.edit_path("resources", "requests").set("storage", before["resources"]["requests"]["storage"]);
    follow(now, before, "volumeAttributesClassName");
    const Path spec("spec");
    if (!(now == before))
        errors.forbidden(spec, cat("spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n",
                                   changed_fields(now, before)));
    const auto old_size = Quantity::from(old["spec"]["resources"]["requests"]["storage"]);
    const auto new_size = Quantity::from(object["spec"]["resources"]["requests"]["storage"]);
    if (compare(new_size, old_size) < 0 && compare(new_size, Quantity::from(old["status"]["capacity"]["storage"])) <= 0)
        errors.forbidden(spec.child("resources").child("requests").child("storage"), "field can not be less than status.capacity");
    validate_immutable(object["spec"]["volumeMode"], old["spec"]["volumeMode"], Path("volumeMode"), errors);
    const Value& attributes = object["spec"]["volumeAttributesClassName"];
    if (!old["spec"]["volumeAttributesClassName"].is_null() && attributes.is_null())
        errors.forbidden(spec.child("volumeAttributesClassName"), "update from non-nil value to nil is forbidden");
}

void claim_warnings(const Value& object, std::vector<std::string>& out) {
    claim_spec_warnings(object["spec"], Path("spec"), out);
    if (object["metadata"]["annotations"].contains("volume.beta.kubernetes.io/storage-class"))
        out.push_back("metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead");
}

}  // namespace

const Rules persistent_volume_rules = {"", "PersistentVolume", default_volume, prepare_volume, keep_status, keep_all_but_status,
                                       validate_volume, validate_volume_update, validate_status_update, volume_warnings};
const Rules persistent_volume_claim_rules = {"", "PersistentVolumeClaim", default_claim, prepare_claim, prepare_claim_update,
                                             keep_all_but_status, validate_claim, validate_claim_update, validate_status_update,
                                             claim_warnings};

}  // namespace kubewalk::api
