// Volumes of a PodSpec and what containers mount of them. Upstream: pkg/apis/core/validation/validation.go.

#include <algorithm>
#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/quantity.h"
#include "core/api/rules/pod_parts.h"
#include "core/base/text.h"

namespace kubewalk::api {
namespace {

using Names = std::set<std::string, std::less<>>;

void validate_host_path(const Value& source, const Path& path, FieldErrors& errors) {
    if (source["path"].as_string().empty()) return errors.required(path.child("path"));
    validate_no_backsteps(source["path"].as_string(), path.child("path"), errors);
    static const std::vector<std::string_view> types = {"",           "BlockDevice",       "CharDevice", "Directory",
                                                        "DirectoryOrCreate", "File", "FileOrCreate", "Socket"};
    for (const std::string_view type : types) {
        if (source["type"].as_string() == type) return;
    }
    errors.not_supported(path.child("type"), source["type"], types);
}

void validate_csi(const Value& source, const Path& path, FieldErrors& errors) {
    constexpr int max_name = 63;
    const std::string_view driver = source["driver"].as_string();
    const Path at = path.child("driver");
    if (driver.empty()) errors.required(at);
    if (driver.size() > max_name) errors.too_long(at, max_name);
    errors.invalid_each(at, Value(driver), is_dns1123_subdomain(to_lower(driver)));
    const Value& secret = source["nodePublishSecretRef"];
    if (secret.is_null()) return;
    const Path secret_path = path.child("nodePublishSecretRef");
    const std::string_view name = secret["name"].as_string();
    if (name.empty()) return errors.required(secret_path.child("name"));
    errors.invalid_each(path.child("name"), secret["name"], is_dns1123_subdomain(name));
}

}  // namespace

void validate_source(std::string_view kind, const Value& source, const SourceOwner& owner, const Path& path,
                     FieldErrors& errors) {
    if (kind == "hostPath") return validate_host_path(source, path, errors);
    if (kind == "secret" || kind == "configMap" || kind == "downwardAPI" || kind == "projected") {
        return validate_files_source(kind, source, path, errors);
    }
    if (kind == "csi") return validate_csi(source, path, errors);
    if (kind == "emptyDir") {
        if (!source["sizeLimit"].is_null() && Quantity::from(source["sizeLimit"]).sign() < 0) {
            errors.forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
        }
        return;
    }
    if (kind == "image") {
        if (source["reference"].as_string().empty()) errors.required(path.child("reference"));
        const Value& policy = source["pullPolicy"];
        const std::string_view text = policy.as_string();
        if (text.empty()) return errors.required(path.child("pullPolicy"));
        if (text == "Always" || text == "IfNotPresent" || text == "Never") return;
        return errors.not_supported(path.child("pullPolicy"), policy, {"Always", "IfNotPresent", "Never"});
    }
    validate_driver(kind, source, owner, path, errors);
}

namespace {

// The order in which upstream looks: the first that is there counts, the others are too many.
constexpr std::string_view source_kinds[] = {
    "emptyDir",       "hostPath",    "gitRepo",   "gcePersistentDisk", "awsElasticBlockStore",
    "secret",         "nfs",         "iscsi",     "glusterfs",         "flocker",
    "persistentVolumeClaim", "rbd",  "cinder",    "cephfs",            "quobyte",
    "downwardAPI",    "fc",          "flexVolume", "configMap",        "azureFile",
    "vsphereVolume",  "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos",
    "projected",      "scaleIO",     "csi",       "ephemeral",         "image",
};

void validate_volume_source(const Value& volume, const Path& path, FieldErrors& errors) {
    const SourceOwner owner{SourceOwner::Kind::pod, volume["name"].as_string()};
    bool found = false;
    for (const std::string_view kind : source_kinds) {
        if (volume[kind].is_null()) continue;
        const Path at = path.child(kind);
        if (found) {
            errors.forbidden(at, "may not specify more than 1 volume type");
        } else {
            validate_source(kind, volume[kind], owner, at, errors);
        }
        found = true;
    }
    if (!found) errors.required(path, "must specify a volume type");
}

bool is_privileged(const Value& container) { return container.path("securityContext", "privileged").as_bool(); }

void validate_propagation(const Value& mount, const Value& container, const Path& path, FieldErrors& errors) {
    const Value& propagation = mount["mountPropagation"];
    const std::string_view mode = propagation.as_string();
    if (!propagation.is_null()) {
        const Path at = path.child("mountPropagation");
        if (mode != "Bidirectional" && mode != "HostToContainer" && mode != "None") {
            errors.not_supported(at, propagation, {"Bidirectional", "HostToContainer", "None"});
        }
        if (mode == "Bidirectional" && !is_privileged(container)) {
            errors.forbidden(at, "Bidirectional mount propagation is available only to privileged containers");
        }
    }
    const Value& recursive = mount["recursiveReadOnly"];
    if (recursive.is_null() || recursive.as_string() == "Disabled") return;
    const Path at = path.child("recursiveReadOnly");
    if (recursive.as_string() != "Enabled" && recursive.as_string() != "IfPossible") {
        return errors.not_supported(at, recursive, {"Disabled", "Enabled", "IfPossible"});
    }
    if (!mount["readOnly"].as_bool()) errors.forbidden(at, "may only be specified when readOnly is true");
    if (!propagation.is_null() && mode != "None") {
        errors.forbidden(at, "may only be specified when mountPropagation is None or not specified");
    }
}

void validate_sub_paths(const Value& mount, const Value& volume, const Path& path, const Path& list_path,
                        FieldErrors& errors) {
    for (const std::string_view field : {"subPath", "subPathExpr"}) {
        if (!volume["image"].is_null() && !mount[field].as_string().empty()) {
            errors.invalid(path.child(field), mount[field], "not allowed in image volume sources");
        }
    }
    const std::string_view sub_path = mount["subPath"].as_string();
    const std::string_view expression = mount["subPathExpr"].as_string();
    if (!sub_path.empty()) validate_descending_path(sub_path, list_path.child("subPath"), errors);
    if (expression.empty()) return;
    if (!sub_path.empty()) {
        errors.invalid(path.child("subPathExpr"), mount["subPathExpr"],
                       "subPathExpr and subPath are mutually exclusive");
    }
    validate_descending_path(expression, list_path.child("subPathExpr"), errors);
}

bool has_member(const Value& list, std::string_view field, std::string_view text) {
    for (const Value& item : list.items()) {
        if (item[field].as_string() == text) return true;
    }
    return false;
}

void validate_devices(const Value& container, const Value& volumes, const Path& path, FieldErrors& errors) {
    const Value& devices = container["volumeDevices"];
    Names names;
    Names paths;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const Path at = path.index(i);
        const Value name(devices[i]["name"].as_string());
        const Value device_path(devices[i]["devicePath"].as_string());
        const std::string_view text = device_path.as_string();
        const Value& volume = volumes[name.as_string()];
        if (name.as_string().empty()) errors.required(at.child("name"));
        if (names.find(name.as_string()) != names.end()) errors.invalid(at.child("name"), name, "must be unique");
        if (volume.is_null()) {
            errors.not_found(at.child("name"), name);
        } else if (volume["persistentVolumeClaim"].is_null() && volume["ephemeral"].is_null()) {
            errors.invalid(at.child("name"), name,
                           "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
        }
        if (text.empty()) errors.required(at.child("devicePath"));
        if (paths.find(text) != paths.end()) errors.invalid(at.child("devicePath"), device_path, "must be unique");
        FieldErrors backsteps;
        validate_no_backsteps(text, at, backsteps);
        if (!backsteps.empty()) {
            errors.invalid(at.child("devicePath"), device_path, "can not contain backsteps ('..')");
        } else {
            paths.emplace(text);
        }
        if (has_member(container["volumeMounts"], "name", name.as_string())) {
            errors.invalid(at.child("name"), name, "must not already exist in volumeMounts");
        }
        if (has_member(container["volumeMounts"], "mountPath", text)) {
            errors.invalid(at.child("devicePath"), device_path, "must not already exist as a path in volumeMounts");
        }
        if (!name.as_string().empty()) names.emplace(name.as_string());
    }
}

}  // namespace

void validate_no_backsteps(std::string_view target, const Path& path, FieldErrors& errors) {
    std::size_t start = 0;
    while (start <= target.size()) {
        const std::size_t end = std::min(target.find('/', start), target.size());
        if (target.substr(start, end - start) == "..") {
            return errors.invalid(path, Value(target), "must not contain '..'");
        }
        start = end + 1;
    }
}

void validate_descending_path(std::string_view target, const Path& path, FieldErrors& errors) {
    if (target.starts_with('/')) errors.invalid(path, Value(target), "must be a relative path");
    validate_no_backsteps(target, path, errors);
}

Value validate_volumes(const PodScope& scope, const Path& path, FieldErrors& errors) {
    Value sound = Value::object();
    const Value& volumes = scope.spec["volumes"];
    const auto claim_name = [&](std::string_view volume) {
        return std::string(scope.pod_name) + "-" + std::string(volume);
    };
    Names created;
    for (const Value& volume : volumes.items()) {
        if (!scope.pod_name.empty() && !volume["ephemeral"].is_null()) {
            created.insert(claim_name(volume["name"].as_string()));
        }
    }
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const Value& volume = volumes[i];
        const std::string_view name = volume["name"].as_string();
        const Path at = path.index(i);
        FieldErrors own;
        validate_volume_source(volume, at, own);
        if (!volume["ephemeral"].is_null() && !scope.pod_name.empty() && !name.empty()) {
            for (const std::string& message : is_dns1123_subdomain(claim_name(name))) {
                own.invalid(at.child("name"), volume["name"], "PVC name \"" + claim_name(name) + "\": " + message);
            }
        }
        if (name.empty()) {
            own.required(at.child("name"));
        } else {
            own.invalid_each(at.child("name"), volume["name"], is_dns1123_label(name));
        }
        if (sound.contains(name)) own.duplicate(at.child("name"), volume["name"]);
        if (own.empty()) {
            sound.set(name, volume);
        } else {
            errors.add(std::move(own));
        }
        const Value& claim = volume.path("persistentVolumeClaim", "claimName");
        if (created.find(claim.as_string()) != created.end()) {
            const Path claim_path = at.child("persistentVolumeClaim");
            errors.invalid(claim_path.child("claimName"), claim,
                           "must not reference a PVC that gets created for an ephemeral volume");
        }
    }
    return sound;
}

void validate_mounts(const Value& container, const Value& volumes, const Path& path, FieldErrors& errors) {
    const Value& mounts = container["volumeMounts"];
    const Path mounts_path = path.child("volumeMounts");
    Names mount_points;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        const Path at = mounts_path.index(i);
        const Value name(mounts[i]["name"].as_string());
        const Value mount_path(mounts[i]["mountPath"].as_string());
        if (name.as_string().empty()) errors.required(at.child("name"));
        if (!volumes.contains(name.as_string())) errors.not_found(at.child("name"), name);
        if (mount_path.as_string().empty()) errors.required(at.child("mountPath"));
        if (!mount_points.emplace(mount_path.as_string()).second) {
            errors.invalid(at.child("mountPath"), mount_path, "must be unique");
        }
        if (has_member(container["volumeDevices"], "name", name.as_string())) {
            errors.invalid(at.child("name"), name, "must not already exist in volumeDevices");
        }
        if (has_member(container["volumeDevices"], "devicePath", mount_path.as_string())) {
            errors.invalid(at.child("mountPath"), mount_path, "must not already exist as a path in volumeDevices");
        }
        // Upstream leaves the position out of the paths of these.
        validate_sub_paths(mounts[i], volumes[name.as_string()], at, mounts_path, errors);
        validate_propagation(mounts[i], container, mounts_path, errors);
    }
    validate_devices(container, volumes, path.child("volumeDevices"), errors);
}

}  // namespace kubewalk::api
