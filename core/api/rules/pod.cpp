// The rules of Pods. Upstream: pkg/registry/core/pod/strategy.go, pkg/apis/core/validation/validation.go,
// pkg/apis/core/helper/qos/qos.go.

#include <map>
#include <string>

#include "core/api/quantity.h"
#include "core/api/rules/entries.h"
#include "core/api/rules/object_meta.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"
#include "core/api/rules/rules_shared.h"

namespace kubewalk::api {
namespace {

constexpr std::string_view affinity_terms[] = {"requiredDuringSchedulingIgnoredDuringExecution",
                                               "preferredDuringSchedulingIgnoredDuringExecution"};

// matchLabelKeys stand for the Pod's own labels: they become expressions of the selector when it is made.
void add_label_keys(Value& term, std::string_view field, std::string_view op, const Value& labels) {
    if (term["labelSelector"].is_null()) return;
    const Value keys = term[field];
    for (const Value& key : keys.items()) {
        if (!labels.contains(key.as_string())) continue;
        const Value values = Value::array({labels[key.as_string()]});
        term.edit_path("labelSelector", "matchExpressions")
            .push_back(Value::object({{"key", key}, {"operator", op}, {"values", values}}));
    }
}

void expand_label_keys(Value& pod) {
    const Value labels = pod.path("metadata", "labels");
    const Value spec = pod["spec"];
    for (const std::string_view affinity : {"podAffinity", "podAntiAffinity"}) {
        for (const std::string_view list : affinity_terms) {
            const Value& terms = spec.path("affinity", affinity, list);
            const bool weighted = list == affinity_terms[1];
            for (std::size_t i = 0; i < terms.size(); ++i) {
                const Value& term = weighted ? terms[i]["podAffinityTerm"] : terms[i];
                if (term["matchLabelKeys"].empty() && term["mismatchLabelKeys"].empty()) continue;
                Value& item = pod.edit_path("spec", "affinity", affinity, list).edit_at(i);
                Value& changed = weighted ? item.edit("podAffinityTerm") : item;
                add_label_keys(changed, "matchLabelKeys", "In", labels);
                add_label_keys(changed, "mismatchLabelKeys", "NotIn", labels);
            }
        }
    }
    const Value& constraints = spec["topologySpreadConstraints"];
    for (std::size_t i = 0; i < constraints.size(); ++i) {
        if (constraints[i]["matchLabelKeys"].empty()) continue;
        add_label_keys(pod.edit_path("spec", "topologySpreadConstraints").edit_at(i), "matchLabelKeys", "In", labels);
    }
}

void prepare_for_create(Value& pod) {
    Value status = Value::object({{"phase", "Pending"}, {"qosClass", pod_qos_class(pod)}});
    if (!pod.path("spec", "schedulingGates").empty()) {
        status.set("conditions", Value::array({Value::object({
                                     {"type", "PodScheduled"},
                                     {"status", "False"},
                                     {"reason", "SchedulingGated"},
                                     {"message", "Scheduling is blocked due to non-empty scheduling gates"},
                                     {"lastProbeTime", nullptr},
                                     {"lastTransitionTime", nullptr},
                                 })}));
    }
    pod.set("status", std::move(status));
    pod.edit("metadata").set("generation", 1);  // since 1.33
    expand_label_keys(pod);
}

void prepare_for_update(Value& pod, const Value& old) {
    keep_status(pod, old);
    set_generation(pod, old, !(pod["spec"] == old["spec"]));
}

void prepare_for_status_update(Value& pod, const Value& old) {
    keep_all_but_status(pod, old);
    if (!pod["status"].is_object()) pod.set("status", Value::object());
    const Value& qos_class = old.path("status", "qosClass");
    if (pod.path("status", "qosClass").is_null() && !qos_class.is_null()) pod.edit("status").set("qosClass", qos_class);
}

// metadata and spec, on create and on update alike.
void validate_whole(const Value& pod, FieldErrors& errors) {
    const Path metadata("metadata");
    const Path spec_path("spec");
    const Value& spec = pod["spec"];
    validate_object_meta(pod["metadata"], Scope::namespaced, is_dns1123_subdomain, metadata, errors);
    validate_pod_annotations(pod.path("metadata", "annotations"), spec, metadata.child("annotations"), errors);
    validate_pod_spec(PodScope{.spec = spec, .pod_name = pod.path("metadata", "name").as_string(), .is_pod = true},
                      spec_path, errors);
    if (!spec["serviceAccountName"].as_string().empty()) return;
    const Path volumes_path = spec_path.child("volumes");
    for (std::size_t v = 0; v < spec["volumes"].size(); ++v) {
        const Value& sources = spec["volumes"][v].path("projected", "sources");
        const Path volume_path = volumes_path.index(v);
        const Path projected_path = volume_path.child("projected");
        const Path sources_path = projected_path.child("sources");
        for (std::size_t i = 0; i < sources.size(); ++i) {
            if (sources[i]["serviceAccountToken"].is_null()) continue;
            errors.forbidden(sources_path.index(i).child("serviceAccountToken"),
                             "must not be specified when serviceAccountName is not set");
        }
    }
}

void validate(const Value& pod, FieldErrors& errors) {
    validate_whole(pod, errors);
    const Path spec_path("spec");
    const Value& spec = pod["spec"];
    if (!spec["ephemeralContainers"].empty()) {
        errors.forbidden(spec_path.child("ephemeralContainers"), "cannot be set on create");
    }
    if (!spec["nodeName"].as_string().empty() && !spec["schedulingGates"].empty()) {
        errors.forbidden(spec_path.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
    }
    validate_profiles_match(pod.path("metadata", "annotations"), spec, spec_path, errors);
}

void validate_update(const Value& pod, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(pod["metadata"], old["metadata"], Path("metadata"), errors);
    validate_whole(pod, errors);
    validate_pod_update(pod, old, errors);
}

}  // namespace

// Upstream: ValidatePodEphemeralContainersUpdate.
void validate_ephemeral_containers_update(const Value& pod, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(pod["metadata"], old["metadata"], Path("metadata"), errors);
    validate_whole(pod, errors);
    if (old["metadata"]["annotations"].contains("kubernetes.io/config.mirror"))
        errors.forbidden(Path(""), "static pods do not support ephemeral containers");
    const Path spec("spec");
    const Path list = spec.child("ephemeralContainers");
    for (const Value& before : old["spec"]["ephemeralContainers"].items()) {
        const Value* now = nullptr;
        for (const Value& one : pod["spec"]["ephemeralContainers"].items())
            if (one["name"] == before["name"])
                now = &one;
        const std::string name = "existing ephemeral containers \"" + before["name"].str() + "\" may not be ";
        if (now == nullptr)
            errors.forbidden(list, name + "removed\n");
        else if (!(*now == before))
            errors.forbidden(list, name + "changed\n");
    }
}

namespace {

enum class Restarts : std::uint8_t { never, on_failure, always };

// A container that ended for good stays ended.
void validate_transitions(const Value& pod, const Value& old, std::string_view list, Restarts restarts,
                          FieldErrors& errors) {
    if (restarts == Restarts::always) return;
    const Path status_path("status");
    const Path list_path = status_path.child(list);
    const Value& before = old["status"][list];
    for (std::size_t i = 0; i < before.size(); ++i) {
        const Value& ended = before[i].path("state", "terminated");
        if (ended.is_null()) continue;
        if (restarts == Restarts::on_failure && ended["exitCode"].as_int() != 0) continue;
        bool restartable = false;
        for (const std::string_view containers : {"containers", "initContainers"}) {
            for (const Value& container : old["spec"][containers].items()) {
                if (container["name"] == before[i]["name"]) restartable = !container["restartPolicy"].is_null();
            }
        }
        if (restartable) continue;
        for (const Value& now : pod["status"][list].items()) {
            if (now["name"] == before[i]["name"] && now.path("state", "terminated").is_null()) {
                errors.forbidden(list_path.index(i).child("state"), "may not be transitioned to non-terminated state");
            }
        }
    }
}

// What is stored already was looked at when it came.
void validate_ips(const Value& pod, const Value& old, std::string_view list, FieldErrors& errors) {
    if (pod["status"][list].same(old["status"][list])) return;
    const Path status_path("status");
    const Path path = status_path.child(list);
    const Value& ips = pod["status"][list];
    bool has_v4 = false;
    bool has_v6 = false;
    std::map<std::string_view, int> seen;
    for (std::size_t i = 0; i < ips.size(); ++i) {
        const std::string_view ip = ips[i]["ip"].as_string();
        errors.invalid_each(path.index(i), Value(ip), is_valid_ip(ip));
        has_v4 = has_v4 || is_ipv4(ip);
        has_v6 = has_v6 || is_ipv6(ip);
        if (++seen[ip] > 1) errors.duplicate(path.index(i), ips[i]);
    }
    if (ips.size() > 2 || (ips.size() == 2 && !(has_v4 && has_v6))) {
        errors.invalid(path, ips, "may specify no more than one IP for each IP family");
    }
}

void validate_status_update(const Value& pod, const Value& old, FieldErrors& errors) {
    const Path metadata("metadata");
    const Path status("status");
    validate_object_meta_update(pod["metadata"], old["metadata"], metadata, errors);
    // Upstream's path for conditions is the metadata's.
    const Path conditions = metadata.child("conditions");
    const Value& given = pod.path("status", "conditions");
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string_view type = given[i]["type"].as_string();
        errors.invalid_each(conditions.index(i).child("Type"), Value(type), is_qualified_name(type));
    }
    if (!(pod.path("spec", "nodeName") == old.path("spec", "nodeName"))) {
        errors.forbidden(status.child("nodeName"), "may not be changed directly");
    }
    const Value& nominated = pod.path("status", "nominatedNodeName");
    if (!nominated.as_string().empty() && !(nominated == old.path("status", "nominatedNodeName"))) {
        errors.invalid_each(status.child("nominatedNodeName"), nominated, is_dns1123_subdomain(nominated.as_string()));
    }
    validate_immutable(pod.path("status", "qosClass"), old.path("status", "qosClass"), status.child("qosClass"),
                       errors);
    const std::string_view policy = old.path("spec", "restartPolicy").as_string();
    const Restarts restarts = policy == "Always"      ? Restarts::always
                              : policy == "OnFailure" ? Restarts::on_failure
                                                      : Restarts::never;
    validate_transitions(pod, old, "containerStatuses", restarts, errors);
    validate_transitions(pod, old, "initContainerStatuses", restarts, errors);
    validate_transitions(pod, old, "ephemeralContainerStatuses", Restarts::never, errors);
    validate_ips(pod, old, "podIPs", errors);
    validate_ips(pod, old, "hostIPs", errors);
}

void warnings(const Value& pod, std::vector<std::string>& out) {
    const Messages wrong = is_dns1123_label(pod.path("metadata", "name").as_string());
    if (!wrong.empty()) {
        std::string list;
        for (const std::string& message : wrong) list.append(list.empty() ? "" : " ").append(message);
        out.push_back("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; "
                      "a DNS label is recommended: [" +
                      list + "]");
    }
    pod_annotation_warnings(pod, Path("metadata"), out);
    pod_spec_warnings(pod["spec"], Path("spec"), out);
}

using Totals = std::map<std::string, Quantity, std::less<>>;

// Adds what is more than zero of cpu and memory; says whether both were there.
bool add_compute(Totals& totals, const Value& list) {
    int found = 0;
    for (const std::string_view name : {"cpu", "memory"}) {
        const Quantity amount = Quantity::from(list[name]);
        if (amount.sign() <= 0) continue;
        totals[std::string(name)].add(amount);
        ++found;
    }
    return found == 2;
}

}  // namespace

std::string_view pod_qos_class(const Value& pod) {
    const Value& spec = pod["spec"];
    Totals requests;
    Totals limits;
    bool guaranteed = true;
    if (!spec.path("resources", "requests").empty() || !spec.path("resources", "limits").empty()) {
        add_compute(requests, spec["resources"]["requests"]);
        guaranteed = add_compute(limits, spec["resources"]["limits"]);
    } else {
        for (const std::string_view list : {"containers", "initContainers"}) {
            for (const Value& container : spec[list].items()) {
                add_compute(requests, container.path("resources", "requests"));
                guaranteed = add_compute(limits, container.path("resources", "limits")) && guaranteed;
            }
        }
    }
    if (requests.empty() && limits.empty()) return "BestEffort";
    for (const auto& [name, amount] : requests) {
        const auto limit = limits.find(name);
        guaranteed = guaranteed && limit != limits.end() && compare(limit->second, amount) == 0;
    }
    return guaranteed && requests.size() == limits.size() ? "Guaranteed" : "Burstable";
}

// Upstream: ValidatePodResize.
void validate_pod_resize(const Value& pod, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(pod["metadata"], old["metadata"], Path("metadata"), errors);
    validate_whole(pod, errors);
    if (old["metadata"]["annotations"].contains("kubernetes.io/config.mirror")) {
        errors = {};
        return errors.forbidden(Path(""), "static pods cannot be resized");
    }
    validate_resized_spec(pod, old, errors);
}

const Rules pod_rules = {
    .group = "",
    .kind = "Pod",
    .defaults = default_pod,
    .prepare_for_create = prepare_for_create,
    .prepare_for_update = prepare_for_update,
    .prepare_for_status_update = prepare_for_status_update,
    .validate = validate,
    .validate_update = validate_update,
    .validate_status_update = validate_status_update,
    .warnings = warnings,
    .defaults_spec_only = true,
};

}  // namespace kubewalk::api
