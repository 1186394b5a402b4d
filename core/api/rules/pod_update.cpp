// What may change of a Pod that exists. Upstream: ValidatePodUpdate of pkg/apis/core/validation/validation.go.

#include <string>

#include "core/api/names.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"

namespace kubewalk::api {
namespace {

enum class Compare : bool { stop, go_on };

Compare validate_container_updates(const Value& containers, const Value& old, const Path& path, FieldErrors& errors) {
    if (containers.size() != old.size()) {
        errors.forbidden(path, "pod updates may not add or remove containers");
        return Compare::stop;
    }
    for (std::size_t i = 0; i < containers.size(); ++i) {
        if (containers[i]["image"].as_string().empty()) {
            const Path at = path.index(i);
            errors.required(at.child("image"));
        }
    }
    return Compare::go_on;
}

// It may be set, and come down.
Compare validate_deadline(const Value& deadline, const Value& old, const Path& path, FieldErrors& errors) {
    constexpr std::int64_t max_int32 = 2147483647;
    if (deadline.is_null()) {
        if (!old.is_null()) errors.invalid(path, deadline, "must not update from a positive integer to nil value");
        return Compare::go_on;
    }
    if (deadline.as_int() < 0 || deadline.as_int() > max_int32) {
        errors.invalid(path, deadline, inclusive_range_error(0, max_int32));
        return Compare::stop;
    }
    if (!old.is_null() && old.as_int() < deadline.as_int()) {
        errors.invalid(path, deadline, "must be less than or equal to previous value");
        return Compare::stop;
    }
    return Compare::go_on;
}

Value without_seconds(Value toleration) {
    toleration.erase("tolerationSeconds");
    return toleration;
}

void validate_only_added_tolerations(const Value& tolerations, const Value& old, const Path& path,
                                     FieldErrors& errors) {
    for (const Value& before : old.items()) {
        bool found = false;
        for (const Value& now : tolerations.items()) found = found || without_seconds(now) == without_seconds(before);
        if (!found) {
            return errors.forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
        }
    }
}

void validate_only_deleted_gates(const Value& gates, const Value& old, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < gates.size(); ++i) {
        bool known = false;
        for (const Value& before : old.items()) known = known || before["name"] == gates[i]["name"];
        if (known) continue;
        const Path at = path.index(i);
        errors.forbidden(at.child("name"),
                         "only deletion is allowed, but found new scheduling gate '" + gates[i]["name"].str() + "'");
    }
}

void put_back(Value& spec, const Value& old, std::string_view field) {
    if (old.contains(field)) {
        spec.set(field, old[field]);
    } else {
        spec.erase(field);
    }
}

bool starts_with_items(const Value& list, const Value& head) {
    if (list.size() < head.size()) return false;
    for (std::size_t i = 0; i < head.size(); ++i) {
        if (!(list[i] == head[i])) return false;
    }
    return true;
}

bool has_only_additions(const Value& term, const Value& old) {
    if (old["matchExpressions"].empty() && old["matchFields"].empty()) {
        return term["matchExpressions"].empty() && term["matchFields"].empty();
    }
    return starts_with_items(term["matchExpressions"], old["matchExpressions"]) &&
           starts_with_items(term["matchFields"], old["matchFields"]);
}

// A Pod that its gates still hold back may be given a narrower choice of nodes.
void validate_gated(Value& spec, const Value& old, const Path& path, FieldErrors& errors) {
    for (const Value::Member& label : old["nodeSelector"].members()) {
        if (spec["nodeSelector"][label.key] == label.value) continue;
        errors.invalid(path.child("nodeSelector"), spec["nodeSelector"],
                       "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        break;
    }
    put_back(spec, old, "nodeSelector");
    constexpr std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution";
    const Value& old_terms = old.path("affinity", "nodeAffinity", required, "nodeSelectorTerms");
    const Value terms = spec.path("affinity", "nodeAffinity", required, "nodeSelectorTerms");
    const Path affinity_path = path.child("affinity");
    const Path node_path = affinity_path.child("nodeAffinity");
    const Path required_path = node_path.child(required);
    const Path terms_path = required_path.child("nodeSelectorTerms");
    if (!old_terms.empty() && old_terms.size() != terms.size()) {
        errors.invalid(terms_path, terms, "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    } else {
        for (std::size_t i = 0; i < old_terms.size(); ++i) {
            if (has_only_additions(terms[i], old_terms[i])) continue;
            errors.invalid(terms_path.index(i), terms[i], "only additions are allowed (no mutations or deletions)");
        }
    }
    if (spec["affinity"]["nodeAffinity"] == old["affinity"]["nodeAffinity"]) return;
    put_back(spec.edit("affinity"), old["affinity"], "nodeAffinity");
    if (spec["affinity"].empty() && !old.contains("affinity")) spec.erase("affinity");
}

}  // namespace

void validate_pod_update(const Value& pod, const Value& old, FieldErrors& errors) {
    const Path path("spec");
    const Value& spec = pod["spec"];
    const Value& old_spec = old["spec"];
    for (const std::string_view list : {"containers", "initContainers"}) {
        const Compare next = validate_container_updates(spec[list], old_spec[list], path.child(list), errors);
        if (next == Compare::stop) return;
    }
    if (validate_deadline(spec["activeDeadlineSeconds"], old_spec["activeDeadlineSeconds"],
                          path.child("activeDeadlineSeconds"), errors) == Compare::stop) {
        return;
    }
    validate_only_added_tolerations(spec["tolerations"], old_spec["tolerations"], path.child("tolerations"), errors);
    validate_only_deleted_gates(spec["schedulingGates"], old_spec["schedulingGates"], path.child("schedulingGates"),
                                errors);
    if (spec == old_spec) return;

    // Puts back everything that may change: what then still differs may not.
    Value rest = spec;
    for (const std::string_view list : {"containers", "initContainers"}) {
        for (std::size_t i = 0; i < spec[list].size(); ++i) {
            if (spec[list][i]["image"] == old_spec[list][i]["image"]) continue;
            rest.edit(list).edit_at(i).set("image", old_spec[list][i]["image"]);
        }
    }
    for (const std::string_view field : {"activeDeadlineSeconds", "schedulingGates", "tolerations"}) {
        put_back(rest, old_spec, field);
    }
    const Value& grace = old_spec["terminationGracePeriodSeconds"];
    if (grace.as_int() < 0 && rest["terminationGracePeriodSeconds"].as_int() == 1) {
        rest.set("terminationGracePeriodSeconds", grace);
    }
    if (!old_spec["schedulingGates"].empty()) validate_gated(rest, old_spec, path, errors);
    if (rest == old_spec) return;
    errors.forbidden(path,
                     "pod updates may not change fields other than "
                     "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                     "`spec.tolerations` (only additions to existing tolerations),"
                     "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
}

namespace {

bool lacks_one_of(const Value& amounts, const Value& old) {
    for (const std::string_view name : {"cpu", "memory"})
        if (old.contains(name) && !amounts.contains(name)) return true;
    return false;
}

bool may_be_resized(std::string_view list, const Value& container) {
    return list == "containers" || container["restartPolicy"].as_string() == "Always";  // sidecars too
}

// A spec without all that a resize may change.
Value without_resizable(Value spec) {
    for (const std::string_view list : {"containers", "initContainers"}) {
        for (std::size_t i = 0; i < spec[list].size(); ++i) {
            if (!may_be_resized(list, spec[list][i])) continue;
            Value& container = spec.edit(list).edit_at(i);
            container.erase("resizePolicy");
            Value rest = Value::object();
            for (const auto& [part, amounts] : container["resources"].members()) {
                Value others = Value::object();
                for (const auto& [name, amount] : amounts.members())
                    if (name != "cpu" && name != "memory") others.set(name, amount);
                if (part == "claims")
                    rest.set(part, amounts);
                else if (!others.empty())
                    rest.set(part, others);
            }
            container.set("resources", rest);
        }
    }
    return spec;
}

}  // namespace

void validate_resized_spec(const Value& pod, const Value& old, FieldErrors& errors) {
    const Path path("spec");
    const Value& spec = pod["spec"];
    const Value& old_spec = old["spec"];
    const auto qos = pod_qos_class(pod);
    if (pod_qos_class(old) != qos)
        errors.invalid(path, old["status"]["qosClass"].str(qos), "Pod QOS Class may not change as a result of resizing");
    for (const std::string_view list : {"containers", "initContainers"}) {
        const Path list_path = path.child(list);
        for (std::size_t i = 0; i < spec[list].size() && i < old_spec[list].size(); ++i) {
            const Value& now = spec[list][i]["resources"];
            const Value& before = old_spec[list][i]["resources"];
            if (!may_be_resized(list, old_spec[list][i])) continue;
            const Path at = list_path.index(i);
            const Path resources = at.child("resources");
            if (lacks_one_of(now["requests"], before["requests"]))
                errors.forbidden(resources.child("requests"), "resource requests cannot be removed");
            if (lacks_one_of(now["limits"], before["limits"]))
                errors.forbidden(resources.child("limits"), "resource limits cannot be removed");
        }
    }
    if (!(without_resizable(spec) == without_resizable(old_spec)))
        errors.forbidden(path, "only cpu and memory resources are mutable");
}

}  // namespace kubewalk::api
