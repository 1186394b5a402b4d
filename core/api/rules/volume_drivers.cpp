// What each storage driver's source must say, in a Pod and in a PersistentVolume. Most are gone from release 1.36's
// kubelet; their fields are still checked. Upstream: validate*VolumeSource of pkg/apis/core/validation/validation.go.

#include <algorithm>
#include <string>
#include <vector>

#include "core/api/names.h"
#include "core/api/rules/claim_spec.h"
#include "core/api/rules/object_meta.h"
#include "core/api/rules/pod_parts.h"
#include "core/base/regex.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using Sv = std::string_view;

constexpr std::int64_t highest_byte = 255;

// What the drivers cannot do without.
struct RequiredFields {
    Sv source;
    std::vector<Sv> fields;
};
const std::vector<RequiredFields>& required_fields() {
    static const std::vector<RequiredFields> table = {
        {"gitRepo", {"repository"}},
        {"gcePersistentDisk", {"pdName"}},
        {"awsElasticBlockStore", {"volumeID"}},
        {"nfs", {"server", "path"}},
        {"iscsi", {"targetPortal", "iqn"}},
        {"glusterfs", {"endpoints", "path"}},
        {"persistentVolumeClaim", {"claimName"}},
        {"rbd", {"monitors", "image"}},
        {"cinder", {"volumeID"}},
        {"cephfs", {"monitors"}},
        {"quobyte", {"volume"}},
        {"flexVolume", {"driver"}},
        {"azureFile", {"secretName", "shareName"}},
        {"vsphereVolume", {"volumePath"}},
        {"photonPersistentDisk", {"pdID"}},
        {"portworxVolume", {"volumeID"}},
        {"azureDisk", {"diskName", "diskURI"}},
        {"storageos", {"volumeName"}},
        {"scaleIO", {"gateway", "system", "volumeName"}},
        {"ephemeral", {"volumeClaimTemplate"}},
    };
    return table;
}

bool is_missing(const Value& value) {
    return value.is_null() || (value.is_string() && value.as_string().empty()) || (value.is_array() && value.empty());
}

void validate_range(const Value& number, const Path& path, FieldErrors& errors) {
    if (number.as_int() < 0 || number.as_int() > highest_byte)
        errors.invalid(path, Value(number.as_int()), inclusive_range_error(0, highest_byte));
}

// A name of iSCSI: of a domain and a date, or a number in one of two forms.
void validate_iqn(const Value& name, const Path& path, FieldErrors& errors) {
    struct Form {
        Sv prefix;
        Sv regex;
    };
    static constexpr Form forms[] = {{"iqn", R"(iqn\.[0-9]{4}-[0-9]{2}\.[0-9A-Za-z\-.]+:[^,;*&$| \t\r\n]+$)"},
                                     {"eui", "^eui.[0-9A-Za-z]{16}$"},
                                     {"naa", "^naa.[0-9A-Za-z]{32}$"}};
    for (const auto& form : forms) {
        if (!name.as_string().starts_with(form.prefix))
            continue;
        const auto regex = Regex::compile(form.regex);
        if (regex.ok() && !regex.value().matches(name.as_string()))
            errors.invalid(path, name, "must be valid format");
        return;
    }
    errors.invalid(path, name, "must be valid format starting with iqn, eui, or naa");
}

void validate_iscsi(const Value& source, Sv volume, const Path& path, FieldErrors& errors) {
    constexpr std::size_t longest_name = 64;
    // An initiator of its own makes the volume's name part of the interface's.
    if (!source["initiatorName"].is_null() && volume.size() + 1 + source["targetPortal"].as_string().size() > longest_name)
        errors.invalid(path.child("targetportal"), source["targetPortal"],
                       "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.");
    for (const Sv field : {"iqn", "initiatorName"})
        if (!source[field].as_string().empty() || (field == "initiatorName" && !source[field].is_null()))
            validate_iqn(source[field], path.child(field), errors);
    validate_range(source["lun"], path.child("lun"), errors);
    const Path secret = path.child("secretRef");
    if ((source["chapAuthDiscovery"].as_bool() || source["chapAuthSession"].as_bool()) && source["secretRef"].is_null())
        errors.required(secret);
    if (!source["secretRef"].is_null() && source["secretRef"]["name"].as_string().empty())
        errors.required(secret.child("name"));
}

void validate_fc(const Value& source, const Path& path, FieldErrors& errors) {
    const Value& targets = source["targetWWNs"];
    const bool by_id = !source["wwids"].empty();
    if (targets.empty() && !by_id)
        errors.required(path.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
    if (!targets.empty() && by_id)
        errors.invalid(path.child("targetWWNs"), targets, "targetWWNs and wwids can not be specified simultaneously");
    if (targets.empty())
        return;
    if (source["lun"].is_null())
        errors.required(path.child("lun"), "lun is required if targetWWNs is specified");
    else
        validate_range(source["lun"], path.child("lun"), errors);
}

void validate_flocker(const Value& source, const Path& path, FieldErrors& errors) {
    const auto name = source["datasetName"].as_string(), uuid = source["datasetUUID"].as_string();
    if (name.empty() && uuid.empty())
        errors.required(path, "one of datasetName and datasetUUID is required");
    if (!name.empty() && !uuid.empty())
        errors.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
    if (name.find('/') != Sv::npos)
        errors.invalid(path.child("datasetName"), source["datasetName"], "must not contain '/'");
}

void validate_quobyte(const Value& source, const Path& path, FieldErrors& errors) {
    constexpr std::size_t longest_tenant = 64;
    constexpr Sv pairs = "must be a host:port pair or multiple pairs separated by commas";
    const Path registry = path.child("registry");
    const auto text = source["registry"].as_string();
    if (text.empty())
        return errors.required(registry, pairs);
    if (source["tenant"].as_string().size() > longest_tenant)
        return errors.required(path.child("tenant"), "must be a UUID and may not exceed a length of 64 characters");
    for (const auto pair : split(text, ','))
        if (std::count(pair.begin(), pair.end(), ':') != 1)
            errors.invalid(registry, source["registry"], pairs);
}

void validate_endpoints_namespace(const Value& space, const Path& path, FieldErrors& errors) {
    if (space.is_null())
        return;
    if (space.as_string().empty())
        errors.invalid(path, space, "if the endpointnamespace is set, it must be a valid namespace name");
    else
        errors.invalid_each(path, space, is_dns1123_label(space.as_string()));
}

// Options under Kubernetes' own names are the kubelet's to set.
void validate_flex(const Value& source, const Path& path, FieldErrors& errors) {
    const Path options = path.child("options");
    for (const auto& [key, value] : source["options"].members()) {
        const std::string space = cat(".", to_lower(Sv(key).substr(0, key.find('/'))));
        if (space.ends_with(".kubernetes.io") || space.ends_with(".k8s.io"))
            errors.invalid(options.key(key), Value(key), "kubernetes.io and k8s.io namespaces are reserved");
    }
}

void validate_azure_disk(const Value& source, const Path& path, FieldErrors& errors) {
    const Value& caching = source["cachingMode"];
    const Value& kind = source["kind"];
    const auto one_of = [](const Value& value, std::initializer_list<Sv> choices) {
        return std::find(choices.begin(), choices.end(), value.as_string()) != choices.end();
    };
    if (!caching.is_null() && !one_of(caching, {"None", "ReadOnly", "ReadWrite"}))
        errors.not_supported(path.child("cachingMode"), caching, {"None", "ReadOnly", "ReadWrite"});
    if (!kind.is_null() && !one_of(kind, {"Dedicated", "Managed", "Shared"}))
        errors.not_supported(path.child("kind"), kind, {"Dedicated", "Managed", "Shared"});
    if (kind.is_null())
        return;
    const auto uri = source["diskURI"].as_string();
    const bool managed = kind.as_string() == "Managed";
    if (managed && !uri.starts_with("/subscriptions/"))
        errors.not_supported(path.child("diskURI"), Value(uri),
                             {"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"});
    if (!managed && !uri.starts_with("https://"))
        errors.not_supported(path.child("diskURI"), Value(uri), {"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"});
}

// A claim that is made for one Pod: of its metadata only labels and annotations count.
void validate_ephemeral(const Value& source, const Path& path, FieldErrors& errors) {
    const Value& claim = source["volumeClaimTemplate"];
    if (claim.is_null())
        return;
    const Path at = path.child("volumeClaimTemplate");
    const Path metadata = at.child("metadata");
    validate_annotations(claim["metadata"]["annotations"], metadata.child("annotations"), errors);
    validate_labels(claim["metadata"]["labels"], metadata.child("labels"), errors);
    for (const auto& [field, value] : claim["metadata"].members())
        if (field != "annotations" && field != "labels" && !value.is_null())
            errors.forbidden(metadata.child(field), "cannot be set");
    validate_claim_spec(claim["spec"], at.child("spec"), errors);
}

}  // namespace

void validate_driver(Sv kind, const Value& source, const SourceOwner& owner, const Path& path, FieldErrors& errors) {
    for (const RequiredFields& entry : required_fields())
        if (entry.source == kind)
            for (const Sv field : entry.fields)
                if (is_missing(source[field]))
                    errors.required(path.child(field));
    if (kind == "nfs" && !source["path"].as_string().starts_with('/'))
        errors.invalid(path.child("path"), Value(source["path"].as_string()), "must be an absolute path");
    if (kind == "gitRepo")
        validate_descending_path(source["directory"].as_string(), path.child("directory"), errors);
    if (kind == "gcePersistentDisk" || kind == "awsElasticBlockStore")
        validate_range(source["partition"], path.child("partition"), errors);
    const bool persistent = owner.kind == SourceOwner::Kind::persistent_volume;
    if (kind == "cinder" && !source["secretRef"].is_null()) {
        const Path secret = path.child("secretRef");
        for (const Sv part : {"name", "namespace"})
            if ((part == "name" || persistent) && source["secretRef"][part].as_string().empty())
                errors.required(secret.child(part));
    }
    if (kind == "glusterfs" && persistent)
        validate_endpoints_namespace(source["endpointsNamespace"], path.child("endpointsNamespace"), errors);
    if (kind == "azureFile" && source["secretNamespace"].is_string() && source["secretNamespace"].as_string().empty())
        errors.required(path.child("secretNamespace"));
    if (kind == "iscsi")
        validate_iscsi(source, owner.name, path, errors);
    if (kind == "fc")
        validate_fc(source, path, errors);
    if (kind == "flocker")
        validate_flocker(source, path, errors);
    if (kind == "quobyte")
        validate_quobyte(source, path, errors);
    if (kind == "flexVolume")
        validate_flex(source, path, errors);
    if (kind == "azureDisk")
        validate_azure_disk(source, path, errors);
    if (kind == "ephemeral")
        validate_ephemeral(source, path, errors);
}

}  // namespace kubewalk::api
