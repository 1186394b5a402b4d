// What a Pod of one operating system may not set. Upstream: validateLinux and validateWindows of
// pkg/apis/core/validation/validation.go.

#include "core/api/rules/pod_parts.h"

namespace kubewalk::api {
namespace {

constexpr std::string_view windows_detail = "cannot be set for a windows pod";
constexpr std::string_view linux_detail = "windows options cannot be set for a linux pod";

constexpr std::string_view pod_linux_only[] = {
    "appArmorProfile",     "seLinuxOptions", "seccompProfile", "fsGroup",
    "fsGroupChangePolicy", "sysctls",        "runAsUser",      "runAsGroup",
    "supplementalGroups",  "supplementalGroupsPolicy", "seLinuxChangePolicy",
};
constexpr std::string_view container_linux_only[] = {
    "appArmorProfile", "seLinuxOptions",           "seccompProfile", "capabilities", "readOnlyRootFilesystem",
    "privileged",      "allowPrivilegeEscalation", "procMount",      "runAsUser",    "runAsGroup",
};

// Calls visit(securityContext, path) for every container that has one.
template <typename Visit>
void each_context(const Value& spec, const Path& path, Visit visit) {
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
        const Path list_path = path.child(list);
        for (std::size_t i = 0; i < spec[list].size(); ++i) {
            const Path container_path = list_path.index(i);
            const Value& context = spec[list][i]["securityContext"];
            if (!context.is_null()) visit(context, container_path.child("securityContext"));
        }
    }
}

void validate_windows(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path context_path = path.child("securityContext");
    for (const std::string_view field : pod_linux_only) {
        if (!spec["securityContext"][field].is_null()) errors.forbidden(context_path.child(field), windows_detail);
    }
    for (const std::string_view field : {"hostUsers", "shareProcessNamespace"}) {
        if (!spec[field].is_null()) errors.forbidden(path.child(field), windows_detail);
    }
    for (const std::string_view field : {"hostPID", "hostIPC"}) {
        if (spec[field].as_bool()) errors.forbidden(path.child(field), windows_detail);
    }
    each_context(spec, path, [&](const Value& context, const Path& at) {
        for (const std::string_view field : container_linux_only) {
            if (!context[field].is_null()) errors.forbidden(at.child(field), windows_detail);
        }
    });
}

void validate_linux(const Value& spec, const Path& path, FieldErrors& errors) {
    const Path context_path = path.child("securityContext");
    if (!spec["securityContext"]["windowsOptions"].is_null()) {
        errors.forbidden(context_path.child("windowsOptions"), linux_detail);
    }
    each_context(spec, path, [&](const Value& context, const Path& at) {
        if (!context["windowsOptions"].is_null()) errors.forbidden(at.child("windowsOptions"), linux_detail);
    });
}

}  // namespace

void validate_os(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& os = spec["os"];
    if (os.is_null()) return;
    const Path os_path = path.child("os");
    const std::string_view name = os["name"].as_string();
    if (name.empty()) return errors.required(os_path.child("name"), "cannot be empty");
    if (name == "linux") return validate_linux(spec, path, errors);
    if (name == "windows") return validate_windows(spec, path, errors);
    errors.not_supported(os_path.child("name"), os["name"], {"linux", "windows"});
}

}  // namespace kubewalk::api
