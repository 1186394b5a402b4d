// Security contexts and host namespaces. Upstream: pkg/apis/core/validation/validation.go.

#include <set>
#include <string>

#include "core/api/names.h"
#include "core/api/rules/pod_parts.h"

namespace kubewalk::api {
namespace {

constexpr int sysctl_max_length = 253;

void validate_seccomp(const Value& profile, const Path& path, FieldErrors& errors) {
    if (profile.is_null()) return;
    const std::string_view type = profile["type"].as_string();
    const Value& local = profile["localhostProfile"];
    const Path local_path = path.child("localhostProfile");
    if (type.empty()) {
        errors.required(path.child("type"), "type is required when seccompProfile is set");
    } else if (type != "Localhost" && type != "RuntimeDefault" && type != "Unconfined") {
        errors.not_supported(path.child("type"), profile["type"], {"Localhost", "RuntimeDefault", "Unconfined"});
    }
    if (type != "Localhost") {
        if (!local.is_null()) errors.invalid(local_path, profile, "can only be set when seccomp type is Localhost");
    } else if (local.is_null()) {
        errors.required(local_path, "must be set when seccomp type is Localhost");
    } else {
        validate_descending_path(local.as_string(), local_path, errors);
    }
}

void validate_app_armor(const Value& profile, const Path& path, FieldErrors& errors) {
    constexpr int max_length = 4095;
    if (profile.is_null()) return;
    const std::string_view type = profile["type"].as_string();
    const Value& local = profile["localhostProfile"];
    const Path local_path = path.child("localhostProfile");
    if (type.empty()) {
        errors.required(path.child("type"), "type is required when appArmorProfile is set");
    } else if (type == "RuntimeDefault" || type == "Unconfined") {
        if (!local.is_null()) errors.invalid(local_path, local, "can only be set when AppArmor type is Localhost");
    } else if (type != "Localhost") {
        errors.not_supported(path.child("type"), profile["type"], {"Localhost", "RuntimeDefault", "Unconfined"});
    } else if (local.as_string().empty()) {
        errors.required(local_path, "must be set when AppArmor type is Localhost");
    } else {
        constexpr std::string_view spaces = " \t\n\v\f\r";
        const std::string_view text = local.as_string();
        if (spaces.find(text.front()) != std::string_view::npos || spaces.find(text.back()) != std::string_view::npos) {
            errors.invalid(local_path, local, "must not be padded with whitespace");
        }
        if (text.size() > max_length) errors.too_long(local_path, max_length);
    }
}

void validate_ids(const Value& context, const Path& path, FieldErrors& errors) {
    if (!context["fsGroup"].is_null()) {
        errors.invalid_each(path.child("fsGroup"), context["fsGroup"], is_valid_group_id(context["fsGroup"].as_int()));
    }
    const Value& user = context["runAsUser"];
    if (!user.is_null()) errors.invalid_each(path.child("runAsUser"), user, is_valid_user_id(user.as_int()));
    const Value& group = context["runAsGroup"];
    if (!group.is_null()) errors.invalid_each(path.child("runAsGroup"), group, is_valid_group_id(group.as_int()));
    const Value& groups = context["supplementalGroups"];
    const Path groups_path = path.child("supplementalGroups");
    for (std::size_t i = 0; i < groups.size(); ++i) {
        errors.invalid_each(groups_path.index(i), groups[i], is_valid_group_id(groups[i].as_int()));
    }
}

bool is_sysctl_name(std::string_view name) {
    if (name.empty() || name.size() > sysctl_max_length) return false;
    const auto is_alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    bool at_start = true;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool at_end = i + 1 == name.size() || name[i + 1] == '.' || name[i + 1] == '/';
        if (c == '.' || c == '/') {
            if (at_start) return false;
            at_start = true;
            continue;
        }
        if (!is_alphanumeric(c) && (at_start || at_end || (c != '-' && c != '_'))) return false;
        at_start = false;
    }
    return !at_start;
}

// The namespace a sysctl belongs to: "net", "ipc" or none. Upstream: component-helpers/node/util/sysctl.
std::string_view sysctl_namespace(std::string_view name) {
    std::string dotted(name);
    if (const auto first = dotted.find_first_of("./"); first != std::string::npos && dotted[first] == '/') {
        for (char& c : dotted) c = c == '/' ? '.' : c == '.' ? '/' : c;
    }
    if (dotted.starts_with("net.")) return "net";
    const bool ipc = dotted == "kernel.sem" || dotted.starts_with("kernel.shm") || dotted.starts_with("kernel.msg") ||
                     dotted.starts_with("fs.mqueue.");
    return ipc ? "ipc" : "";
}

void validate_sysctls(const Value& spec, const Path& path, FieldErrors& errors) {
    std::set<std::string_view> names;
    const Value& sysctls = spec.path("securityContext", "sysctls");
    for (std::size_t i = 0; i < sysctls.size(); ++i) {
        const Path at = path.index(i);
        const Path name_path = at.child("name");
        const Value& value = sysctls[i]["name"];
        const std::string_view name = value.as_string();
        if (name.empty()) {
            errors.required(name_path);
        } else if (!is_sysctl_name(name)) {
            errors.invalid(name_path, value,
                           "must have at most 253 characters and match regex "
                           "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
        } else if (names.count(name) != 0) {
            errors.duplicate(name_path, value);
        }
        const std::string_view space = sysctl_namespace(name);
        if (space == "net" && spec["hostNetwork"].as_bool()) {
            errors.invalid(name_path, value, "may not be specified when 'hostNetwork' is true");
        } else if (space == "ipc" && spec["hostIPC"].as_bool()) {
            errors.invalid(name_path, value, "may not be specified when 'hostIPC' is true");
        }
        names.insert(name);
    }
}

void validate_one_of(const Value& value, const std::vector<std::string_view>& supported, const Path& path,
                     FieldErrors& errors) {
    if (value.is_null()) return;
    for (const std::string_view choice : supported) {
        if (value.as_string() == choice) return;
    }
    errors.not_supported(path, value, supported);
}

// With a user namespace of its own a Pod cannot have the host's other namespaces.
void validate_host_users(const PodScope& scope, const Path& path, FieldErrors& errors) {
    constexpr std::string_view detail = "when `hostUsers` is false";
    if (scope.host_users()) return;
    for (const std::string_view field : {"hostNetwork", "hostPID", "hostIPC"}) {
        if (scope.spec[field].as_bool()) errors.forbidden(path.child(field), detail);
    }
}

// In a Pod the host's ports must be the containers'; in a template they may be left out.
void validate_host_network(const PodScope& scope, const Path& path, FieldErrors& errors) {
    if (!scope.spec["hostNetwork"].as_bool()) return;
    const Path containers_path = path.child("containers");
    for (std::size_t c = 0; c < scope.spec["containers"].size(); ++c) {
        const Value& ports = scope.spec["containers"][c]["ports"];
        const Path container_path = containers_path.index(c);
        const Path ports_path = container_path.child("ports");
        for (std::size_t i = 0; i < ports.size(); ++i) {
            const std::int64_t host_port = ports[i]["hostPort"].as_int();
            if ((scope.is_pod || host_port != 0) && host_port != ports[i]["containerPort"].as_int()) {
                errors.invalid(ports_path.index(i).child("hostPort"), Value(host_port),
                               "must match `containerPort` when `hostNetwork` is true");
            }
        }
    }
}

}  // namespace

void validate_security_context(const Value& context, const PodScope& scope, const Path& path, FieldErrors& errors) {
    if (context.is_null()) return;
    validate_ids(context, path, errors);
    const Value& proc_mount = context["procMount"];
    validate_one_of(proc_mount, {"Default", "Unmasked"}, path.child("procMount"), errors);
    if (proc_mount.as_string() == "Unmasked" && scope.host_users()) {
        errors.invalid(path.child("procMount"), proc_mount, "`hostUsers` must be false to use `Unmasked`");
    }
    validate_seccomp(context["seccompProfile"], path.child("seccompProfile"), errors);
    if (!context["allowPrivilegeEscalation"].is_null() && !context["allowPrivilegeEscalation"].as_bool()) {
        if (context["privileged"].as_bool()) {
            errors.invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        for (const Value& capability : context.path("capabilities", "add").items()) {
            if (capability.as_string() == "CAP_SYS_ADMIN") {
                errors.invalid(path, context,
                               "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }
    }
    validate_windows_options(context["windowsOptions"], path.child("windowsOptions"), errors);
    validate_app_armor(context["appArmorProfile"], path.child("appArmorProfile"), errors);
}

void validate_pod_security(const PodScope& scope, const Path& path, FieldErrors& errors) {
    const Value& context = scope.spec["securityContext"];
    const Path context_path = path.child("securityContext");
    validate_host_network(scope, path, errors);
    validate_ids(context, context_path, errors);
    if (scope.spec["shareProcessNamespace"].as_bool() && scope.spec["hostPID"].as_bool()) {
        errors.invalid(context_path.child("shareProcessNamespace"), Value(true),
                       "ShareProcessNamespace and HostPID cannot both be enabled");
    }
    validate_sysctls(scope.spec, context_path.child("sysctls"), errors);
    validate_one_of(context["fsGroupChangePolicy"], {"Always", "OnRootMismatch"},
                    context_path.child("fsGroupChangePolicy"), errors);
    validate_seccomp(context["seccompProfile"], context_path.child("seccompProfile"), errors);
    validate_windows_options(context["windowsOptions"], context_path.child("windowsOptions"), errors);
    validate_app_armor(context["appArmorProfile"], context_path.child("appArmorProfile"), errors);
    validate_one_of(context["supplementalGroupsPolicy"], {"Merge", "Strict"},
                    context_path.child("supplementalGroupsPolicy"), errors);
    validate_one_of(context["seLinuxChangePolicy"], {"MountOption", "Recursive"},
                    context_path.child("seLinuxChangePolicy"), errors);
    validate_host_users(scope, path, errors);
    validate_host_process(scope.spec, path, errors);
}

}  // namespace kubewalk::api
