// The whole of a PodSpec and of a PodTemplateSpec. Upstream: ValidatePodSpec of
// pkg/apis/core/validation/validation.go.

#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/quantity.h"
#include "core/api/rules/object_meta.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"

namespace kubewalk::api {
namespace {

constexpr int max_nameservers = 3;
constexpr int max_search_paths = 32;
constexpr int max_search_characters = 2048;

void validate_choice(const Value& value, const std::vector<std::string_view>& supported, const Path& path,
                     FieldErrors& errors) {
    if (value.as_string().empty()) return errors.required(path);
    for (const std::string_view choice : supported) {
        if (value.as_string() == choice) return;
    }
    errors.not_supported(path, value, supported);
}

void validate_dns_config(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& config = spec["dnsConfig"];
    const Value& servers = config["nameservers"];
    const Value& searches = config["searches"];
    const Path servers_path = path.child("nameservers");
    const Path searches_path = path.child("searches");
    const Path options_path = path.child("options");
    if (spec["dnsPolicy"].as_string() == "None") {
        if (config.is_null()) return errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        if (servers.empty()) {
            return errors.required(servers_path, "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }
    }
    if (servers.size() > max_nameservers) {
        errors.invalid(servers_path, servers, "must not have more than 3 nameservers");
    }
    for (std::size_t i = 0; i < servers.size(); ++i) {
        errors.invalid_each(servers_path.index(i), servers[i], is_valid_ip(servers[i].as_string()));
    }
    if (searches.size() > max_search_paths) {
        errors.invalid(searches_path, searches, "must not have more than 32 search paths");
    }
    std::size_t characters = searches.empty() ? 0 : searches.size() - 1;
    for (const Value& search : searches.items()) characters += search.as_string().size();
    if (characters > max_search_characters) {
        errors.invalid(searches_path, searches,
                       "must not have more than 2048 characters (including spaces) in the search list");
    }
    for (std::size_t i = 0; i < searches.size(); ++i) {
        std::string_view search = searches[i].as_string();
        if (search == ".") continue;
        if (search.ends_with('.')) search.remove_suffix(1);
        errors.invalid_each(searches_path.index(i), Value(search), is_dns1123_subdomain_with_underscore(search));
    }
    for (std::size_t i = 0; i < config["options"].size(); ++i) {
        if (config["options"][i]["name"].as_string().empty()) {
            errors.required(options_path.index(i), "must not be empty");
        }
    }
}

void validate_host_aliases(const Value& aliases, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < aliases.size(); ++i) {
        const Path at = path.index(i);
        errors.invalid_each(at.child("ip"), Value(aliases[i]["ip"].as_string()),
                            is_valid_ip(aliases[i]["ip"].as_string()));
        const Value& names = aliases[i]["hostnames"];
        const Path names_path = at.child("hostnames");
        for (std::size_t n = 0; n < names.size(); ++n) {
            errors.invalid_each(names_path.index(n), names[n], is_dns1123_subdomain(names[n].as_string()));
        }
    }
}

void validate_gates(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path readiness_path = path.child("readinessGates");
    for (std::size_t i = 0; i < spec["readinessGates"].size(); ++i) {
        const Value type(spec["readinessGates"][i]["conditionType"].as_string());
        const Path at = readiness_path.index(i);
        errors.invalid_each(at.child("conditionType"), type, is_qualified_name(type.as_string()));
    }
    std::set<std::string_view> seen;
    const Path scheduling_path = path.child("schedulingGates");
    for (std::size_t i = 0; i < spec["schedulingGates"].size(); ++i) {
        const Value& name = spec["schedulingGates"][i]["name"];
        errors.invalid_each(scheduling_path.index(i), Value(name.as_string()), is_qualified_name(name.as_string()));
        if (!seen.insert(name.as_string()).second) errors.duplicate(scheduling_path.index(i), name);
    }
}

void validate_resource_claims(const Value& claims, const Path& path, FieldErrors& errors) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const Path at = path.index(i);
        const Value& claim = claims[i];
        const std::string_view name = claim["name"].as_string();
        if (name.empty()) {
            errors.required(at.child("name"));
        } else if (!names.insert(name).second) {
            errors.duplicate(at.child("name"), claim["name"]);
        } else {
            errors.invalid_each(at.child("name"), claim["name"], is_dns1123_label(name));
        }
        const bool by_name = !claim["resourceClaimName"].is_null();
        const bool by_template = !claim["resourceClaimTemplateName"].is_null();
        if (by_name && by_template) {
            errors.invalid(at, claim,
                           "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
        } else if (!by_name && !by_template) {
            errors.invalid(at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
        }
        for (const std::string_view field : {"resourceClaimName", "resourceClaimTemplateName"}) {
            if (claim[field].is_null()) continue;
            errors.invalid_each(at.child(field), claim[field], is_dns1123_subdomain(claim[field].as_string()));
        }
    }
}

// Resources of the Pod as a whole (spec.resources): its containers' together must fit.
void validate_pod_resources(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& resources = spec["resources"];
    if (resources.is_null() || resources.empty()) return;
    if (!resources["claims"].is_null()) {
        errors.forbidden(path.child("claims"), "claims cannot be set for Resources at pod-level");
    }
    validate_resources(resources, spec, path, errors);
    const Path requests_path = path.child("requests");
    for (const Value::Member& total : pod_container_requests(spec).members()) {
        const Quantity needed = Quantity::from(total.value);
        const Quantity given = Quantity::from(resources["requests"][total.key]);
        if (compare(needed, given) <= 0) continue;
        errors.invalid(requests_path.key(total.key), Value(given.str()),
                       "must be greater than or equal to aggregate container requests of " + needed.str());
    }
    const Path containers_path = path.child("containers");
    for (std::size_t i = 0; i < spec["containers"].size(); ++i) {
        const Path at = containers_path.index(i);
        for (const Value::Member& limit : spec["containers"][i].path("resources", "limits").members()) {
            if (!resources["limits"].contains(limit.key)) continue;
            const Quantity own = Quantity::from(limit.value);
            const Quantity whole = Quantity::from(resources["limits"][limit.key]);
            if (compare(own, whole) <= 0) continue;
            const Path key_path = at.key(limit.key);
            errors.invalid(key_path.child("limits"), Value(own.str()),
                           "must be less than or equal to pod limits of " + whole.str());
        }
    }
}

void validate_names(const Value& spec, const Path& path, FieldErrors& errors) {
    struct NameField {
        std::string_view field;
        Messages (*check)(std::string_view);
    };
    static constexpr NameField fields[] = {
        {"serviceAccountName", is_dns1123_subdomain}, {"nodeName", is_dns1123_subdomain},
        {"hostname", is_dns1123_label},               {"subdomain", is_dns1123_label},
        {"priorityClassName", is_dns1123_subdomain},
    };
    for (const NameField& entry : fields) {
        const Value& name = spec[entry.field];
        if (name.as_string().empty()) continue;
        errors.invalid_each(path.child(entry.field), name, entry.check(name.as_string()));
    }
    const Value& runtime_class = spec["runtimeClassName"];
    if (!runtime_class.is_null()) {
        errors.invalid_each(path.child("runtimeClassName"), runtime_class,
                            is_dns1123_subdomain(runtime_class.as_string()));
    }
}

void validate_scalars(const Value& spec, const Path& path, FieldErrors& errors) {
    constexpr std::int64_t max_int32 = 2147483647;
    const Value& deadline = spec["activeDeadlineSeconds"];
    if (!deadline.is_null() && (deadline.as_int() < 1 || deadline.as_int() > max_int32)) {
        errors.invalid(path.child("activeDeadlineSeconds"), deadline, inclusive_range_error(1, max_int32));
    }
    if (!spec["preemptionPolicy"].is_null()) {
        validate_choice(spec["preemptionPolicy"], {"PreemptLowerPriority", "Never"}, path.child("preemptionPolicy"),
                        errors);
    }
    // The rules of a container's limits.
    if (!spec["overhead"].empty()) {
        validate_resources(Value::object({{"limits", spec["overhead"]}}), null_value(), path.child("overhead"), errors);
    }
}

}  // namespace

void validate_pod_spec(const PodScope& scope, const Path& path, FieldErrors& errors) {
    const Value& spec = scope.spec;
    if (spec["terminationGracePeriodSeconds"].is_null()) errors.required(path.child("terminationGracePeriodSeconds"));
    const Value volumes = validate_volumes(scope, path.child("volumes"), errors);
    validate_resource_claims(spec["resourceClaims"], path.child("resourceClaims"), errors);
    validate_containers(scope, volumes, path, errors);
    validate_pod_resources(spec, path.child("resources"), errors);
    validate_choice(spec["restartPolicy"], {"Always", "OnFailure", "Never"}, path.child("restartPolicy"), errors);
    validate_choice(spec["dnsPolicy"], {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"},
                    path.child("dnsPolicy"), errors);
    validate_labels(spec["nodeSelector"], path.child("nodeSelector"), errors);
    validate_pod_security(scope, path, errors);
    validate_affinity(spec["affinity"], path.child("affinity"), errors);
    validate_dns_config(spec, path.child("dnsConfig"), errors);
    validate_gates(spec, path, errors);
    validate_topology_spread(spec["topologySpreadConstraints"], path.child("topologySpreadConstraints"), errors);
    validate_tolerations(spec["tolerations"], path.child("tolerations"), errors);
    validate_host_aliases(spec["hostAliases"], path.child("hostAliases"), errors);
    validate_names(spec, path, errors);
    validate_scalars(spec, path, errors);
    validate_os(spec, path, errors);
}

void validate_pod_spec(const Value& spec, const Path& path, FieldErrors& errors) {
    validate_pod_spec(PodScope{.spec = spec, .pod_name = {}, .is_pod = false}, path, errors);
}

void validate_pod_template(const Value& pod_template, const Path& path, FieldErrors& errors) {
    // Upstream's paths leave "metadata" out.
    const Path spec = path.child("spec");
    const Value& annotations = pod_template.path("metadata", "annotations");
    validate_labels(pod_template.path("metadata", "labels"), path.child("labels"), errors);
    validate_annotations(annotations, path.child("annotations"), errors);
    validate_pod_annotations(annotations, pod_template["spec"], path.child("annotations"), errors);
    validate_pod_spec(pod_template["spec"], spec, errors);
    if (!pod_template.path("spec", "ephemeralContainers").empty()) {
        errors.forbidden(spec.child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
    }
    validate_profiles_match(annotations, pod_template["spec"], spec, errors);
}

}  // namespace kubewalk::api
