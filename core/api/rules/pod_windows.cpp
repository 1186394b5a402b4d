// Security options of Windows, and containers that run as processes of the node. Upstream:
// validateWindowsSecurityContextOptions and validateWindowsHostProcessPod of pkg/apis/core/validation/validation.go.

#include <algorithm>
#include <string>

#include "core/api/names.h"
#include "core/api/rules/pod_parts.h"
#include "core/base/text.h"

namespace kubewalk::api {
namespace {

constexpr std::size_t longest_credential_spec = 64 * 1024;
constexpr std::size_t longest_domain = 255;
constexpr std::size_t longest_user = 104;
constexpr std::size_t longest_net_bios_name = 15;

bool has_any(std::string_view text, std::string_view characters) {
    return text.find_first_of(characters) != std::string_view::npos;
}

bool is_net_bios_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_net_bios_name && name.front() != '.' && !has_any(name, "\\/:*?\"<>|");
}

// Labels of letters of either case, digits and dashes.
bool is_dns_name(std::string_view name) {
    for (const auto label : split(name, '.')) {
        if (!is_dns1123_label(to_lower(label)).empty()) return false;
    }
    return true;
}

void validate_user(std::string_view user, const auto& refuse) {
    constexpr std::string_view forbidden = "\"/\\:;|=,+*?<>@[]";
    if (user.empty()) {
        refuse("runAsUserName's User cannot be empty");
    } else if (user.size() > longest_user) {
        refuse("runAsUserName's User length must not be longer than 104 characters");
    }
    if (!user.empty() && user.find_first_not_of(". ") == std::string_view::npos) {
        refuse("runAsUserName's User cannot contain only periods or spaces");
    }
    if (has_any(user, forbidden)) {
        refuse("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
    }
}

// "user" or "domain\user".
void validate_user_name(const Value& name, const Path& path, FieldErrors& errors) {
    const std::string_view text = name.as_string();
    const auto refuse = [&](std::string_view why) { errors.invalid(path, name, why); };
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
    if (text.empty()) return refuse("runAsUserName cannot be an empty string");
    if (std::any_of(text.begin(), text.end(), is_control)) return refuse("runAsUserName cannot contain control characters");
    const auto parts = split(text, '\\');
    if (parts.size() > 2) return refuse("runAsUserName cannot contain more than one backslash");
    if (parts.size() == 2) {
        if (parts[0].size() > longest_domain) refuse("runAsUserName's Domain length must be under 256 characters");
        if (!is_net_bios_name(parts[0]) && !is_dns_name(parts[0])) {
            refuse("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
        }
    }
    validate_user(parts.back(), refuse);
}

const Value& host_process_of(const Value& context) { return context["windowsOptions"]["hostProcess"]; }

}  // namespace

void validate_windows_options(const Value& options, const Path& path, FieldErrors& errors) {
    const Value& name = options["gmsaCredentialSpecName"];
    const Value& spec = options["gmsaCredentialSpec"];
    const Path spec_path = path.child("gmsaCredentialSpec");
    if (!name.is_null()) {
        errors.invalid_each(path.child("gmsaCredentialSpecName"), name, is_dns1123_subdomain(name.as_string()));
    }
    if (!spec.is_null() && spec.as_string().empty()) {
        errors.invalid(spec_path, spec, "gmsaCredentialSpec cannot be an empty string");
    } else if (spec.as_string().size() > longest_credential_spec) {
        errors.invalid(spec_path, spec, "gmsaCredentialSpec size must be under 64 KiB");
    }
    if (!options["runAsUserName"].is_null()) {
        validate_user_name(options["runAsUserName"], path.child("runAsUserName"), errors);
    }
}

void validate_host_process(const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& of_pod = host_process_of(spec["securityContext"]);
    std::size_t containers = 0;
    std::size_t host_processes = 0;
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
        const Path list_path = path.child(list);
        for (std::size_t i = 0; i < spec[list].size(); ++i) {
            const Value& own = host_process_of(spec[list][i]["securityContext"]);
            ++containers;
            if ((own.is_null() ? of_pod : own).as_bool()) ++host_processes;
            if (own.is_null() || of_pod.is_null() || own.as_bool() == of_pod.as_bool()) continue;
            const Path container = list_path.index(i);
            const Path context = container.child("securityContext");
            const Path options = context.child("windowsOptions");
            errors.invalid(options.child("hostProcess"), own,
                           cat("pod hostProcess value must be identical if both are specified, was ",
                               of_pod.as_bool() ? "true" : "false"));
        }
    }
    if (host_processes == 0) return;
    if (host_processes != containers) {
        errors.invalid(path, Value(""), "If pod contains any hostProcess containers then all containers must be HostProcess containers");
    }
    if (!spec["hostNetwork"].as_bool()) {
        errors.invalid(path.child("hostNetwork"), Value(false), "hostNetwork must be true if pod contains any hostProcess containers");
    }
}

}  // namespace kubewalk::api
