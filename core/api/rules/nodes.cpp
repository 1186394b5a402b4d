// Node. Upstream: pkg/apis/core/validation/validation.go (ValidateNode, ValidateNodeUpdate), pkg/apis/core/v1/defaults.go.

#include <set>

#include "core/api/json.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

void default_node(Value& object) {
    // Allocatable is capacity where nobody says otherwise (SetDefaults_NodeStatus).
    if (object["status"]["allocatable"].is_null() && !object["status"]["capacity"].is_null())
        object.edit("status").set("allocatable", object["status"]["capacity"]);
}

// Several CIDRs must be a pair, one of each IP family.
void validate_one_cidr_per_family(const Value& cidrs, const Path& path, FieldErrors& errors) {
    if (cidrs.size() < 2)
        return;
    std::set<int> families;
    for (const auto& text : cidrs.items()) {
        if (const auto cidr = parse_cidr(text.as_string())) {
            families.insert(cidr->ip.size);
            continue;
        }
        errors.internal(path, cat("invalid PodCIDRs. failed to check with dual stack with error:failed to parse cidr value:",
                                  quoted(text.as_string()), " with error:invalid CIDR address: ", text.as_string()));
        families.clear();
        break;
    }
    if (families.size() != 2 || cidrs.size() > 2)
        errors.invalid(path, cidrs, "may specify no more than one CIDR for each IP family");
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < cidrs.size(); ++i)
        if (!seen.insert(cidrs[i].as_string()).second)
            errors.duplicate(path.index(i), cidrs[i]);
}

// An annotation of old that names controllers whose Pods had better go elsewhere
// (validateAvoidPodsInNodeAnnotations).
void validate_avoided_pods(const Value& annotations, const Path& path, FieldErrors& errors) {
    constexpr std::string_view key = "scheduler.alpha.kubernetes.io/preferAvoidPods";
    const auto text = annotations[key].as_string();
    if (text.empty())
        return;
    const auto parsed = parse_json(text);
    if (!parsed.ok())
        return errors.invalid(path.child("AvoidPods"), Value(key), parsed.error().message);
    const Path list = path.child(key);
    const Value& entries = parsed.value()["preferAvoidPods"];
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Path entry = list.index(i);
        const Path signature = entry.child("PodSignature");
        const Path controller = signature.child("PodController");
        const Value& owner = entries[i]["podSignature"]["podController"];
        if (owner.is_null())
            errors.required(signature);
        else if (!owner["controller"].as_bool())
            errors.invalid(controller.child("Controller"), Value(false), "must point to a controller");
    }
}

void validate_taints(const Value& taints, const Path& path, FieldErrors& errors) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    std::size_t index = 0;
    for (const auto& taint : taints.items()) {
        const Path at = path.index(index++);
        errors.invalid_each(at.child("key"), taint["key"].str(), is_qualified_name(taint["key"].as_string()));
        if (const auto wrong = is_valid_label_value(taint["value"].as_string()); !wrong.empty())
            errors.invalid(at.child("value"), taint["value"].str(), join(wrong, ";"));
        const auto effect = taint["effect"].as_string();
        if (effect.empty())
            errors.required(at.child("effect"));
        else if (effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute")
            errors.not_supported(at.child("effect"), taint["effect"], {"NoSchedule", "PreferNoSchedule", "NoExecute"});
        if (!seen.emplace(taint["key"].as_string(), effect).second)
            errors.duplicate(at, taint);
    }
}

// Taints were an annotation before they were a field (ValidateTaintsInNodeAnnotations).
void validate_old_taints(const Value& annotations, const Path& path, FieldErrors& errors) {
    constexpr std::string_view key = "scheduler.alpha.kubernetes.io/taints";
    const auto text = annotations[key].as_string();
    if (text.empty())
        return;
    const auto parsed = parse_json(text);
    if (!parsed.ok())
        return errors.invalid(path, Value(key), parsed.error().message);
    const Value list = parsed.value();
    validate_taints(list, path.child(key), errors);
}

void validate_resources(const Value& object, FieldErrors& errors) {
    const Path status("status");
    for (const std::string_view list : {"capacity", "allocatable"}) {
        const Path at = status.child(list);
        for (const auto& [name, amount] : object["status"][list].members())
            validate_resource_amount(name, amount, at.child(name), errors);
    }
}

void validate_node(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    // A path must not outlive the one it was made from: each has a name here.
    const Path metadata("metadata"), spec("spec");
    // Where upstream reports them, though they stand in spec.
    validate_taints(object["spec"]["taints"], metadata.child("taints"), errors);
    validate_old_taints(object["metadata"]["annotations"], metadata.child("annotations"), errors);
    validate_avoided_pods(object["metadata"]["annotations"], metadata.child("annotations"), errors);
    validate_resources(object, errors);
    const Path cidrs = spec.child("podCIDRs");
    std::size_t index = 0;
    for (const auto& cidr : object["spec"]["podCIDRs"].items())
        errors.invalid_each(cidrs.index(index++), cidr, is_valid_cidr(cidr.as_string()));
    validate_one_cidr_per_family(object["spec"]["podCIDRs"], cidrs, errors);
}

// What holds for status as well.
void validate_changes(const Value& object, const Value& old, FieldErrors& errors) {
    const Path status("status");
    const Path addresses = status.child("addresses");
    const Value& list = object["status"]["addresses"];
    for (std::size_t i = 0; i < list.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (list[i] == list[j]) {
                errors.duplicate(addresses.index(i), list[i]);
                break;
            }
    const Value& cidrs = old["spec"]["podCIDRs"];
    if (!cidrs.empty() && !(object["spec"]["podCIDRs"] == cidrs))
        errors.forbidden(Path("spec").child("podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
    const auto provider = old["spec"]["providerID"].as_string();
    if (!provider.empty() && object["spec"]["providerID"].as_string() != provider)
        errors.forbidden(Path("spec").child("providerID"), "node updates may not change providerID except from \"\" to valid");
}

void validate_node_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_node(object, errors);
    validate_changes(object, old, errors);
}

void validate_node_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_resources(object, errors);
    validate_changes(object, old, errors);
}

}  // namespace

const Rules node_rules = {"", "Node", default_node, nothing, keep_status, keep_all_but_status, validate_node,
                          validate_node_update, validate_node_status, no_warnings};

}  // namespace kubewalk::api
