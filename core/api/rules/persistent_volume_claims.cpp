// PersistentVolumeClaim. Upstream: pkg/apis/core/v1/defaults.go,
// pkg/apis/core/validation/validation.go (ValidatePersistentVolumeClaim*),
// pkg/registry/core/persistentvolumeclaim/strategy.go.

#include "core/api/names.h"
#include "core/api/quantity.h"
#include "core/api/rules/claim_spec.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"
#include "core/api/rules/volume_spec.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

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

void validate_claim_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

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

bool is_claim_or_snapshot(const Value& source) {
    const auto group = source["apiGroup"].as_string(), kind = source["kind"].as_string();
    return (kind == "PersistentVolumeClaim" && group.empty()) || (kind == "VolumeSnapshot" && group == "snapshot.storage.k8s.io");
}

// What older clients may send is passed over, not refused: a dataSource of a kind that it never allowed, and a
// reference into another namespace, whose feature (CrossNamespaceVolumeDataSource) is off. `old`: null on create.
// Upstream: DropDisabledFields, EnforceDataSourceBackwardsCompatibility of pkg/api/persistentvolumeclaim/util.go.
void prepare_data_sources(Value& spec, const Value& old) {
    if (!spec["dataSourceRef"]["namespace"].as_string().empty() && old["dataSourceRef"].is_null())
        spec.erase("dataSourceRef");
    if (old["dataSource"].is_null() && spec["dataSourceRef"].is_null() && !is_claim_or_snapshot(spec["dataSource"]))
        spec.erase("dataSource");
    normalize_data_sources(spec);
}

void prepare_claim(Value& object) {
    object.set("status", Value::object({{"phase", "Pending"}}));
    prepare_data_sources(object.edit("spec"), null_value());
}

void prepare_claim_update(Value& object, const Value& old) {
    keep_status(object, old);
    prepare_data_sources(object.edit("spec"), old["spec"]);
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

const Rules persistent_volume_claim_rules = {"", "PersistentVolumeClaim", default_claim, prepare_claim, prepare_claim_update,
                                             keep_all_but_status, validate_claim, validate_claim_update, validate_claim_status,
                                             claim_warnings};

}  // namespace kubewalk::api
