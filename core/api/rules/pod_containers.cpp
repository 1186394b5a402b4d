// Containers of a PodSpec. Upstream: pkg/apis/core/validation/validation.go.

#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/quantity.h"
#include "core/api/rules/pod_parts.h"

namespace kubewalk::api {
namespace {

using Names = std::set<std::string, std::less<>>;

void validate_choice(const Value& value, std::initializer_list<std::string_view> supported, const Path& path,
                     FieldErrors& errors) {
    if (value.as_string().empty()) return errors.required(path);
    for (const std::string_view choice : supported) {
        if (value.as_string() == choice) return;
    }
    errors.not_supported(path, value, supported);
}

void validate_port(const Value& port, Names& names, const Path& path, FieldErrors& errors) {
    const std::string_view name = port["name"].as_string();
    if (!name.empty()) {
        const Messages wrong = is_valid_port_name(name);
        errors.invalid_each(path.child("name"), port["name"], wrong);
        if (wrong.empty() && !names.emplace(name).second) errors.duplicate(path.child("name"), port["name"]);
    }
    const Value& container_port = port["containerPort"];
    if (container_port.as_int() == 0) {
        errors.required(path.child("containerPort"));
    } else {
        errors.invalid_each(path.child("containerPort"), container_port, is_valid_port_num(container_port.as_int()));
    }
    const Value& host_port = port["hostPort"];
    if (host_port.as_int() != 0) {
        errors.invalid_each(path.child("hostPort"), host_port, is_valid_port_num(host_port.as_int()));
    }
    validate_choice(port["protocol"], {"SCTP", "TCP", "UDP"}, path.child("protocol"), errors);
}

void validate_ports(const Value& ports, const Path& path, FieldErrors& errors) {
    Names names;
    for (std::size_t i = 0; i < ports.size(); ++i) validate_port(ports[i], names, path.index(i), errors);
}

// One node cannot give the same port twice; `path` is the container's.
void count_host_ports(const Value& container, Names& taken, const Path& path, FieldErrors& errors) {
    const Path ports_path = path.child("ports");
    const Value& ports = container["ports"];
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::int64_t host_port = ports[i]["hostPort"].as_int();
        if (host_port == 0) continue;
        const std::string key =
            ports[i]["protocol"].str() + "/" + ports[i]["hostIP"].str() + "/" + std::to_string(host_port);
        if (!taken.insert(key).second) errors.duplicate(ports_path.index(i).child("hostPort"), key);
    }
}

void validate_resize_policy(const Value& policies, const Value& spec, const Path& path, FieldErrors& errors) {
    Names seen;
    for (std::size_t i = 0; i < policies.size(); ++i) {
        const Value& resource = policies[i]["resourceName"];
        if (!seen.emplace(resource.as_string()).second) errors.duplicate(path.index(i), resource);
        validate_choice(resource, {"cpu", "memory"}, path, errors);
        const Value& restart = policies[i]["restartPolicy"];
        validate_choice(restart, {"NotRequired", "RestartContainer"}, path, errors);
        if (spec["restartPolicy"].as_string() == "Never" && restart.as_string() != "NotRequired") {
            errors.invalid(path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'");
        }
    }
}

// A container's own restartPolicy and the rules that go by exit codes (beta and on since 1.35).
void validate_restart_rules(const Value& container, const Path& path, FieldErrors& errors) {
    constexpr int max_rules = 20;
    constexpr int max_codes = 255;
    const Value& policy = container["restartPolicy"];
    const Value& rules = container["restartPolicyRules"];
    if (!policy.is_null()) {
        const std::string_view text = policy.as_string();
        if (text != "Always" && text != "OnFailure" && text != "Never") {
            errors.not_supported(path.child("restartPolicy"), policy, {"Always", "OnFailure", "Never"});
        }
    }
    if (rules.empty()) return;
    const Path rules_path = path.child("restartPolicyRules");
    if (policy.is_null()) {
        errors.required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used");
    }
    if (rules.size() > max_rules) errors.too_many(rules_path, static_cast<int>(rules.size()), max_rules);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Path rule_path = rules_path.index(i);
        const std::string_view action = rules[i]["action"].as_string();
        if (action != "Restart" && action != "RestartAllContainers") {
            errors.not_supported(rule_path.child("action"), rules[i]["action"], {"Restart", "RestartAllContainers"});
        }
        const Value& codes = rules[i]["exitCodes"];
        const Path codes_path = rule_path.child("exitCodes");
        if (codes.is_null()) {
            errors.required(codes_path, "must be specified");
            continue;
        }
        const std::string_view op = codes["operator"].as_string();
        if (op != "In" && op != "NotIn") {
            errors.not_supported(codes_path.child("operator"), Value(op), {"In", "NotIn"});
        }
        if (codes["values"].size() > max_codes) {
            errors.too_many(codes_path.child("values"), static_cast<int>(codes["values"].size()), max_codes);
        }
    }
}

// What holds for containers of every sort.
void validate_common(const Value& container, const PodScope& scope, const Value& volumes, const Path& path,
                     FieldErrors& errors) {
    const std::string_view name = container["name"].as_string();
    if (name.empty()) {
        errors.required(path.child("name"));
    } else {
        errors.invalid_each(path.child("name"), container["name"], is_dns1123_label(name));
    }
    if (container["image"].as_string().empty()) errors.required(path.child("image"));
    validate_choice(container["terminationMessagePolicy"], {"File", "FallbackToLogsOnError"},
                    path.child("terminationMessagePolicy"), errors);
    validate_ports(container["ports"], path.child("ports"), errors);
    validate_env(container, path, errors);
    validate_mounts(container, volumes, path, errors);
    validate_choice(container["imagePullPolicy"], {"Always", "IfNotPresent", "Never"}, path.child("imagePullPolicy"),
                    errors);
    validate_resources(container["resources"], scope.spec, path.child("resources"), errors);
    validate_resize_policy(container["resizePolicy"], scope.spec, path.child("resizePolicy"), errors);
    validate_security_context(container["securityContext"], scope, path.child("securityContext"), errors);
}

void validate_image_spaces(const Value& container, const Path& path, FieldErrors& errors) {
    constexpr std::string_view spaces = " \t\n\v\f\r";
    const std::string_view image = container["image"].as_string();
    if (image.empty()) return;
    if (spaces.find(image.front()) != std::string_view::npos || spaces.find(image.back()) != std::string_view::npos) {
        errors.invalid(path.child("image"), container["image"], "must not have leading or trailing whitespace");
    }
}

void validate_main_containers(const PodScope& scope, const Value& volumes, const Path& path, FieldErrors& errors) {
    const Value& containers = scope.spec["containers"];
    if (containers.empty()) return errors.required(path);
    Names names;
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const Path at = path.index(i);
        validate_common(containers[i], scope, volumes, at, errors);
        if (!names.emplace(containers[i]["name"].as_string()).second) {
            errors.duplicate(at.child("name"), containers[i]["name"]);
        }
        validate_probes(containers[i], scope.spec, at, errors);
        validate_restart_rules(containers[i], at, errors);
    }
    Names host_ports;
    for (std::size_t i = 0; i < containers.size(); ++i) {
        count_host_ports(containers[i], host_ports, path.index(i), errors);
    }
}

void validate_init_containers(const PodScope& scope, const Value& volumes, const Path& path, FieldErrors& errors) {
    constexpr std::string_view only_sidecars = "may not be set for init containers without restartPolicy=Always";
    Names names;
    for (const Value& container : scope.spec["containers"].items()) names.emplace(container["name"].as_string());
    const Value& containers = scope.spec["initContainers"];
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const Path at = path.index(i);
        const Value& container = containers[i];
        validate_common(container, scope, volumes, at, errors);
        validate_restart_rules(container, at, errors);
        const std::string_view name = container["name"].as_string();
        if (!name.empty() && !names.emplace(name).second) errors.duplicate(at.child("name"), container["name"]);
        // They run one after the other, so each has the host's ports to itself. Upstream counts from 0 here.
        Names host_ports;
        count_host_ports(container, host_ports, path.index(0), errors);
        if (container["restartPolicy"].as_string() == "Always") {
            validate_probes(container, scope.spec, at, errors);
            continue;
        }
        for (const std::string_view field : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
            if (!container[field].is_null()) errors.forbidden(at.child(field), only_sidecars);
        }
    }
}

void validate_ephemeral_containers(const PodScope& scope, const Value& volumes, const Path& path,
                                   FieldErrors& errors) {
    constexpr std::string_view not_here = "cannot be set for an Ephemeral Container";
    Names permanent;
    for (const std::string_view list : {"containers", "initContainers"}) {
        for (const Value& container : scope.spec[list].items()) permanent.emplace(container["name"].as_string());
    }
    Names names = permanent;
    const Value& containers = scope.spec["ephemeralContainers"];
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const Path at = path.index(i);
        const Value& container = containers[i];
        validate_common(container, scope, volumes, at, errors);
        validate_image_spaces(container, at, errors);
        if (!names.emplace(container["name"].as_string()).second) errors.duplicate(at.child("name"), container["name"]);
        const Value& target = container["targetContainerName"];
        if (!target.as_string().empty() && permanent.find(target.as_string()) == permanent.end()) {
            errors.not_found(at.child("targetContainerName"), target);
        }
        for (const std::string_view field : {"ports", "resources", "resizePolicy", "restartPolicy", "livenessProbe",
                                             "readinessProbe", "startupProbe", "lifecycle"}) {
            const Value& value = container[field];
            const bool given = !value.is_null() && !((value.is_object() || value.is_array()) && value.empty());
            if (given) errors.forbidden(at.child(field), not_here);
        }
        const Value& mounts = container["volumeMounts"];
        const Path mounts_path = at.child("volumeMounts");
        for (std::size_t m = 0; m < mounts.size(); ++m) {
            for (const std::string_view field : {"subPath", "subPathExpr"}) {
                const Path mount_path = mounts_path.index(m);
                if (!mounts[m][field].as_string().empty()) errors.forbidden(mount_path.child(field), not_here);
            }
        }
    }
}

}  // namespace

void validate_containers(const PodScope& scope, const Value& volumes, const Path& path, FieldErrors& errors) {
    validate_main_containers(scope, volumes, path.child("containers"), errors);
    validate_init_containers(scope, volumes, path.child("initContainers"), errors);
    validate_ephemeral_containers(scope, volumes, path.child("ephemeralContainers"), errors);
    if (!scope.is_pod) return;
    for (const std::string_view list : {"containers", "initContainers"}) {
        const Path list_path = path.child(list);
        const Value& containers = scope.spec[list];
        for (std::size_t i = 0; i < containers.size(); ++i) {
            validate_image_spaces(containers[i], list_path.index(i), errors);
        }
    }
}

}  // namespace kubewalk::api
