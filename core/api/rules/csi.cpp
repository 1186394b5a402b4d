// CSIDriver, CSINode, CSIStorageCapacity. Upstream: pkg/apis/storage/v1/defaults.go,
// pkg/apis/storage/validation/validation.go, pkg/registry/storage/csidriver/strategy.go.

#include <set>

#include "core/api/quantity.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::size_t longest_node_id = 256;
constexpr std::int64_t shortest_token_s = 600;
constexpr std::int64_t longest_token_s = std::int64_t{1} << 32;
constexpr std::int64_t shortest_period_s = 10;

void validate_update_meta(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

// -- CSIDriver -------------------------------------------------------------------------------------------

void default_driver(Value& object) {
    Value& spec = object.edit("spec");
    default_to(spec, "attachRequired", true);
    for (const std::string_view field : {"podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"})
        default_to(spec, field, false);
    default_to(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    if (spec["volumeLifecycleModes"].empty())
        spec.set("volumeLifecycleModes", Value::array({"Persistent"}));
}

// A change of what may change counts as a new generation.
void prepare_driver_update(Value& object, const Value& old) { set_generation(object, old, !(object["spec"] == old["spec"])); }

void validate_token_requests(const Value& requests, const Path& path, FieldErrors& errors) {
    std::set<std::string_view> audiences;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const Path at = path.index(i);
        if (!audiences.insert(requests[i]["audience"].as_string()).second) {
            errors.duplicate(at.child("audience"), requests[i]["audience"].str());
            continue;
        }
        const Value& seconds = requests[i]["expirationSeconds"];
        if (seconds.is_null())
            continue;
        if (seconds.as_int() < shortest_token_s)
            errors.invalid(at.child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
        if (seconds.as_int() > longest_token_s)
            errors.invalid(at.child("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
    }
}

void validate_driver_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    const Value& policy = spec["fsGroupPolicy"];
    if (const auto text = policy.as_string(); text != "File" && text != "None" && text != "ReadWriteOnceWithFSType")
        errors.not_supported(path.child("fsGroupPolicy"), policy, {"File", "None", "ReadWriteOnceWithFSType"});
    validate_token_requests(spec["tokenRequests"], path.child("tokenRequests"), errors);
    for (const auto& mode : spec["volumeLifecycleModes"].items())
        if (mode.as_string() != "Persistent" && mode.as_string() != "Ephemeral")
            errors.not_supported(path.child("volumeLifecycleModes"), mode, {"Persistent", "Ephemeral"});
    const Value& period = spec["nodeAllocatableUpdatePeriodSeconds"];
    if (!period.is_null() && period.as_int() < shortest_period_s)
        errors.invalid(path.child("nodeAllocatableUpdatePeriodSeconds"), period, "must be greater than or equal to 10 seconds");
}

// ValidateCSIDriverName
void validate_driver_name(const Value& name, const Path& path, FieldErrors& errors) {
    const auto text = name.as_string();
    if (text.empty())
        errors.required(path);
    if (text.size() > 63)
        errors.too_long(path, 63);
    errors.invalid_each(path, name.str(), is_dns1123_subdomain(to_lower(text)));
}

void validate_driver(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_path_segment_name, Path("metadata"), errors);
    validate_driver_name(object["metadata"]["name"], Path("name"), errors);  // upstream leaves "metadata" out
    validate_driver_spec(object["spec"], errors);
}

void validate_driver_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_driver_spec(object["spec"], errors);
    const Path path("spec");
    validate_immutable(object["spec"]["attachRequired"], old["spec"]["attachRequired"], path.child("attachedRequired"), errors);
    validate_immutable(object["spec"]["volumeLifecycleModes"], old["spec"]["volumeLifecycleModes"], path.child("volumeLifecycleModes"), errors);
}

// -- CSINode ---------------------------------------------------------------------------------------------

void validate_node_driver(const Value& driver, std::set<std::string_view>& names, const Path& path, FieldErrors& errors) {
    validate_driver_name(driver["name"], path.child("name"), errors);
    const auto id = driver["nodeID"].as_string();
    if (id.empty())
        errors.required(path.child("nodeID"));
    if (id.size() > longest_node_id)
        errors.invalid(path.child("nodeID"), driver["nodeID"], cat("must be ", longest_node_id, " characters or less"));
    const Path allocatable = path.child("allocatable");
    if (!driver["allocatable"]["count"].is_null())
        validate_nonnegative(driver["allocatable"]["count"], allocatable.child("count"), errors);
    if (!names.insert(driver["name"].as_string()).second)
        errors.duplicate(path.child("name"), driver["name"].str());
    std::set<std::string_view> keys;
    for (const auto& key : driver["topologyKeys"].items()) {
        if (key.as_string().empty())
            errors.required(path);
        if (!keys.insert(key.as_string()).second)
            errors.duplicate(path, key);
        errors.invalid_each(path, key, is_qualified_name(key.as_string()));
    }
}

void validate_node_drivers(const Value& object, FieldErrors& errors) {
    const Path spec("spec");
    const Path path = spec.child("drivers");
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < object["spec"]["drivers"].size(); ++i)
        validate_node_driver(object["spec"]["drivers"][i], names, path.index(i), errors);
}

void validate_node(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    validate_node_drivers(object, errors);
}

// Of a driver that stays, only how many volumes it allows may change.
void validate_node_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_node(object, errors);
    const Path spec("spec");
    for (const auto& before : old["spec"]["drivers"].items())
        for (const auto& now : object["spec"]["drivers"].items()) {
            if (!(before["name"] == now["name"]))
                continue;
            Value same = now;
            if (before["allocatable"].is_null())
                same.erase("allocatable");
            else
                same.set("allocatable", before["allocatable"]);
            if (!(same == before))
                errors.invalid(spec.child("drivers"), now, "field is immutable");
        }
}

// -- CSIStorageCapacity ----------------------------------------------------------------------------------

void validate_capacity(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    validate_label_selector(object["nodeTopology"], Path("nodeTopology"), errors);
    errors.invalid_each(Path("storageClassName"), object["storageClassName"].str(), is_dns1123_subdomain(object["storageClassName"].as_string()));
    if (const Value& capacity = object["capacity"]; !capacity.is_null() && Quantity::from(capacity).value() < 0)
        errors.invalid(Path("capacity"), Quantity::from(capacity).str(), "must be greater than or equal to 0");
}

void validate_capacity_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    for (const std::string_view field : {"nodeTopology", "storageClassName"})
        if (!(object[field] == old[field]))
            errors.invalid(Path(field), object[field], "field is immutable");
}

}  // namespace

const Rules csi_driver_rules = {"storage.k8s.io", "CSIDriver", default_driver, nothing, prepare_driver_update, nullptr,
                                validate_driver, validate_driver_update, nullptr, no_warnings};
const Rules csi_node_rules = {"storage.k8s.io", "CSINode", nothing, nothing, nothing_to_prepare, nullptr,
                              validate_node, validate_node_update, nullptr, no_warnings};
const Rules csi_storage_capacity_rules = {"storage.k8s.io", "CSIStorageCapacity", nothing, nothing, nothing_to_prepare, nullptr,
                                          validate_capacity, validate_capacity_update, nullptr, no_warnings};

}  // namespace kubewalk::api
