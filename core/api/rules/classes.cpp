// StorageClass, VolumeAttributesClass, VolumeAttachment, PriorityClass and PodDisruptionBudget. Upstream:
// pkg/apis/storage/v1/defaults.go,
// pkg/apis/{storage,scheduling,policy}/validation/validation.go, pkg/apis/scheduling/v1/{defaults,helpers}.go.

#include <algorithm>
#include <set>

#include "core/api/rules/rules_shared.h"
#include "core/api/rules/volume_spec.h"
#include "core/api/rules/workload_parts.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

void validate_update_meta(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

void validate_cluster_meta(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
}

// -- StorageClass ----------------------------------------------------------------------------------------

constexpr std::size_t max_parameters = 512;
constexpr std::size_t max_parameter_bytes = 256 * 1024;

void default_storage_class(Value& object) {
    default_to(object, "reclaimPolicy", "Delete");
    default_to(object, "volumeBindingMode", "Immediate");
}

enum class Empty : bool { refused, allowed };

void validate_parameters(const Value& parameters, Empty empty, const Path& path, FieldErrors& errors) {
    if (parameters.size() > max_parameters)
        return errors.too_long(path, static_cast<int>(max_parameters));
    std::size_t total = 0;
    for (const auto& [key, value] : parameters.members()) {
        if (key.empty())
            errors.invalid(path, Value(key), "field can not be empty.");
        total += key.size() + value.as_string().size();
    }
    if (total > max_parameter_bytes)
        errors.too_long(path, static_cast<int>(max_parameter_bytes));
    if (empty == Empty::refused && parameters.empty())
        errors.required(path, "must contain at least one key/value pair");
}

void validate_provisioner(std::string_view provisioner, const Path& path, FieldErrors& errors) {
    if (provisioner.empty())
        errors.required(path);
    else
        errors.invalid_each(path, Value(to_lower(provisioner)), is_qualified_name(to_lower(provisioner)));
}

// Two terms that allow the same say it twice.
void validate_topologies(const Value& terms, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const Path at = path.index(i);
        const Path list = at.child("matchLabelExpressions");
        const Value& expressions = terms[i]["matchLabelExpressions"];
        std::set<std::string_view> keys;
        if (expressions.empty())
            errors.required(list);
        for (std::size_t j = 0; j < expressions.size(); ++j) {
            const Path one = list.index(j);
            const auto key = expressions[j]["key"].as_string();
            std::set<std::string_view> values;
            if (expressions[j]["values"].empty())
                errors.required(one.child("values"));
            for (std::size_t k = 0; k < expressions[j]["values"].size(); ++k)
                if (!values.insert(expressions[j]["values"][k].as_string()).second)
                    errors.duplicate(one.child("values").index(k), expressions[j]["values"][k]);
            errors.invalid_each(one.child("key"), Value(key), is_qualified_name(key));
            if (!keys.insert(key).second)
                errors.duplicate(one.child("key"), Value(key));
        }
        for (std::size_t j = 0; j < i; ++j)
            if (terms[i] == terms[j])
                errors.duplicate(list, Value(""));
    }
}

void validate_storage_class(const Value& object, FieldErrors& errors) {
    validate_cluster_meta(object, errors);
    validate_provisioner(object["provisioner"].as_string(), Path("provisioner"), errors);
    validate_parameters(object["parameters"], Empty::allowed, Path("parameters"), errors);
    const auto policy = object["reclaimPolicy"].as_string();
    if (!policy.empty() && policy != "Delete" && policy != "Retain")
        errors.not_supported(Path("reclaimPolicy"), object["reclaimPolicy"], {"Delete", "Retain"});
    const Value& mode = object["volumeBindingMode"];
    if (mode.is_null())
        errors.required(Path("volumeBindingMode"));
    else if (mode.as_string() != "Immediate" && mode.as_string() != "WaitForFirstConsumer")
        errors.not_supported(Path("volumeBindingMode"), mode, {"Immediate", "WaitForFirstConsumer"});
    validate_topologies(object["allowedTopologies"], Path("allowedTopologies"), errors);
}

void validate_storage_class_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    for (const std::string_view field : {"parameters", "provisioner", "reclaimPolicy"})
        if (!(object[field] == old[field]))
            errors.forbidden(Path(field), cat("updates to ", field, " are forbidden."));
    validate_immutable(object["volumeBindingMode"], old["volumeBindingMode"], Path("volumeBindingMode"), errors);
}

// -- VolumeAttributesClass -------------------------------------------------------------------------------

void validate_attributes_class(const Value& object, FieldErrors& errors) {
    validate_cluster_meta(object, errors);
    validate_provisioner(object["driverName"].as_string(), Path("driverName"), errors);
    validate_parameters(object["parameters"], Empty::refused, Path("parameters"), errors);
}

void validate_attributes_class_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    for (const std::string_view field : {"driverName", "parameters"})
        if (!(object[field] == old[field]))
            errors.forbidden(Path(field), cat("updates to ", field, " are forbidden."));
    validate_attributes_class(object, errors);
}

// -- VolumeAttachment ------------------------------------------------------------------------------------

void prepare_attachment(Value& object) { object.set("status", Value::object({{"attached", false}})); }

void validate_attachment(const Value& object, FieldErrors& errors) {
    validate_cluster_meta(object, errors);
    const Path path("spec");
    const Value& spec = object["spec"];
    const auto attacher = spec["attacher"].as_string();
    if (attacher.empty())
        errors.required(path.child("attacher"));
    else
        errors.invalid_each(path.child("attacher"), Value(attacher), is_dns1123_subdomain(to_lower(attacher)));
    const Path source = path.child("source");
    const Value& volume = spec["source"]["persistentVolumeName"];
    const Value& inline_spec = spec["source"]["inlineVolumeSpec"];
    if (volume.is_null() && inline_spec.is_null())
        errors.required(source, "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
    else if (!volume.is_null() && !inline_spec.is_null())
        errors.forbidden(source, "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
    else if (!volume.is_null() && volume.as_string().empty())
        errors.required(source.child("persistentVolumeName"), "must specify non empty persistentVolumeName");
    else if (!volume.is_null())
        errors.invalid_each(source.child("persistentVolumeName"), volume, is_dns1123_subdomain(volume.as_string()));
    else
        validate_volume_spec(inline_spec, VolumeUse::inline_in_attachment, {}, source.child("inlineVolumeSpec"), errors);
    errors.invalid_each(path.child("nodeName"), spec["nodeName"].str(), is_dns1123_subdomain(spec["nodeName"].as_string()));
}

void validate_attachment_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_attachment(object, errors);
    validate_update_meta(object, old, errors);
    validate_immutable(object["spec"], old["spec"], Path("spec"), errors);
}

// -- PriorityClass ---------------------------------------------------------------------------------------

constexpr std::int64_t highest_user_priority = 1'000'000'000;

struct SystemClass {
    std::string_view name;
    std::int64_t value;
};
constexpr SystemClass system_classes[] = {{"system-node-critical", 2'000'001'000}, {"system-cluster-critical", 2'000'000'000}};

void default_priority_class(Value& object) { default_to(object, "preemptionPolicy", "PreemptLowerPriority"); }

// IsKnownSystemPriorityClass: why it is none; empty when it is one.
std::string not_a_system_class(const Value& object) {
    const auto name = name_of(object);
    const auto* found = std::find_if(std::begin(system_classes), std::end(system_classes), [&](const SystemClass& one) { return one.name == name; });
    if (found == std::end(system_classes))
        return cat(name, " is not a known system priority class");
    if (object["value"].as_int() != found->value)
        return cat("value of ", name, " PriorityClass must be ", found->value);
    if (object["globalDefault"].as_bool())
        return cat("globalDefault of ", name, " PriorityClass must be false");
    return {};
}

void validate_priority_class(const Value& object, FieldErrors& errors) {
    validate_cluster_meta(object, errors);
    if (name_of(object).starts_with("system-")) {
        if (const auto why = not_a_system_class(object); !why.empty())
            errors.forbidden(Path("metadata").child("name"), cat("priority class names with 'system-' prefix are reserved for system use only. error: ", why));
    } else if (object["value"].as_int() > highest_user_priority) {
        errors.forbidden(Path("value"), cat("maximum allowed value of a user defined priority is ", highest_user_priority));
    }
    const Value& policy = object["preemptionPolicy"];
    if (policy.is_null())
        return;
    if (policy.as_string().empty())
        errors.required(Path("preemptionPolicy"));
    else if (policy.as_string() != "PreemptLowerPriority" && policy.as_string() != "Never")
        errors.not_supported(Path("preemptionPolicy"), policy, {"PreemptLowerPriority", "Never"});
}

void validate_priority_class_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    if (object["value"].as_int() != old["value"].as_int())
        errors.forbidden(Path("value"), "may not be changed in an update.");
    validate_immutable(object["preemptionPolicy"], old["preemptionPolicy"], Path("preemptionPolicy"), errors);
}

// -- PodDisruptionBudget ---------------------------------------------------------------------------------

void prepare_budget(Value& object) {
    start_generation(object);
    object.set("status", Value::object({{"currentHealthy", 0}, {"desiredHealthy", 0}, {"disruptionsAllowed", 0}, {"expectedPods", 0}}));
}

void validate_budget_spec(const Value& spec, FieldErrors& errors) {
    const Path path("spec");
    if (!spec["minAvailable"].is_null() && !spec["maxUnavailable"].is_null())
        errors.invalid(path, spec, "minAvailable and maxUnavailable cannot be both set");
    for (const std::string_view field : {"minAvailable", "maxUnavailable"})
        if (!spec[field].is_null())
            validate_share(spec[field], path.child(field), true, errors);
    validate_label_selector(spec["selector"], path.child("selector"), errors);
    const Value& policy = spec["unhealthyPodEvictionPolicy"];
    if (!policy.is_null() && policy.as_string() != "AlwaysAllow" && policy.as_string() != "IfHealthyBudget")
        errors.not_supported(path.child("unhealthyPodEvictionPolicy"), policy, {"AlwaysAllow", "IfHealthyBudget"});
}

void validate_budget(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_path_segment_name, Path("metadata"), errors);
    validate_budget_spec(object["spec"], errors);
}

void validate_budget_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_budget_spec(object["spec"], errors);
}

void validate_budget_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_status_counts(object, {"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"}, errors);
}

}  // namespace

const Rules storage_class_rules = {"storage.k8s.io", "StorageClass", default_storage_class, nothing, nothing_to_prepare, nullptr,
                                   validate_storage_class, validate_storage_class_update, nullptr, no_warnings};
const Rules volume_attributes_class_rules = {"storage.k8s.io", "VolumeAttributesClass", nothing, nothing, nothing_to_prepare, nullptr,
                                             validate_attributes_class, validate_attributes_class_update, nullptr, no_warnings};
const Rules volume_attachment_rules = {"storage.k8s.io", "VolumeAttachment", nothing, prepare_attachment, keep_status, keep_all_but_status,
                                       validate_attachment, validate_attachment_update, validate_update_meta, no_warnings};
const Rules priority_class_rules = {"scheduling.k8s.io", "PriorityClass", default_priority_class, start_generation, nothing_to_prepare, nullptr,
                                    validate_priority_class, validate_priority_class_update, nullptr, no_warnings};
const Rules pod_disruption_budget_rules = {"policy", "PodDisruptionBudget", nothing, prepare_budget, prepare_workload_update,
                                           keep_all_but_status, validate_budget, validate_budget_update, validate_budget_status, no_warnings};

}  // namespace kubewalk::api
