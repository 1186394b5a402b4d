// Annotations of Pods that mean something to the cluster. Upstream: ValidatePodSpecificAnnotations of
// pkg/apis/core/validation/validation.go, pkg/apis/core/helper/helpers.go.

#include <cstdint>
#include <string>
#include <utility>

#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"

namespace kubewalk::api {
namespace {

constexpr std::string_view mirror_key = "kubernetes.io/config.mirror";
constexpr std::string_view deletion_cost_key = "controller.kubernetes.io/pod-deletion-cost";
constexpr std::string_view seccomp_pod_key = "seccomp.security.alpha.kubernetes.io/pod";
constexpr std::string_view app_armor_prefix = "container.apparmor.security.beta.kubernetes.io/";
constexpr std::string_view seccomp_container_prefix = "container.seccomp.security.alpha.kubernetes.io/";
// How an annotation spells what a profile's type says.
std::string_view annotation_of(std::string_view type) {
    if (type == "Unconfined") return "unconfined";
    if (type == "RuntimeDefault") return "runtime/default";
    return "localhost/";
}

struct ProfileKind {
    std::string_view field;
    std::string_view word;         // in messages
    std::string_view old_default;  // a second spelling of runtime/default
};
constexpr ProfileKind seccomp{"seccompProfile", "seccomp", "docker/default"};
constexpr ProfileKind app_armor{"appArmorProfile", "apparmor", {}};

void validate_match(const ProfileKind& kind, const Value& profile, const Value& annotation, const Path& path,
                    FieldErrors& errors) {
    if (profile.is_null() || annotation.is_null()) return;
    const std::string_view text = annotation.as_string();
    const std::string_view type = profile["type"].as_string();
    const std::string_view expected = annotation_of(type);
    const Path at = path.child(kind.field);
    const std::string word(kind.word);
    if (type != "Localhost") {
        const bool same = text == expected || (type == "RuntimeDefault" && !text.empty() && text == kind.old_default);
        if (!same) errors.forbidden(at.child("type"), word + " type in annotation and field must match");
    } else if (!text.starts_with(expected)) {
        errors.forbidden(at.child("type"), word + " type in annotation and field must match");
    } else if (text.substr(expected.size()) != profile["localhostProfile"].as_string()) {
        errors.forbidden(at.child("localhostProfile"), word + " profile in annotation and field must match");
    }
}


// A 32-bit number without "+" and leading zeros.
bool is_deletion_cost(std::string_view text) {
    const bool negative = text.starts_with('-');
    const std::string_view digits = negative ? text.substr(1) : text;
    if (digits.empty() || digits.size() > 10) return false;
    std::int64_t number = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return false;
        number = number * 10 + (c - '0');
    }
    if (text.front() == '0' && text != "0") return false;
    return number <= (negative ? std::int64_t{1} << 31 : (std::int64_t{1} << 31) - 1);
}

void validate_seccomp_text(const Value& text, const Path& path, FieldErrors& errors) {
    constexpr std::string_view local = "localhost/";
    const std::string_view profile = text.as_string();
    if (profile == "runtime/default" || profile == "docker/default" || profile == "unconfined") return;
    if (profile.starts_with(local)) return validate_descending_path(profile.substr(local.size()), path, errors);
    errors.invalid(path, text, "must be a valid seccomp profile");
}

bool has_container(const Value& spec, std::string_view name) {
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
        for (const Value& container : spec[list].items()) {
            if (container["name"].as_string() == name) return true;
        }
    }
    return false;
}

void validate_app_armor_text(const Value::Member& annotation, const Value& spec, const Path& path,
                             FieldErrors& errors) {
    const std::string_view container = std::string_view(annotation.key).substr(app_armor_prefix.size());
    const std::string_view profile = annotation.value.as_string();
    if (!has_container(spec, container)) {
        errors.invalid(path.key(annotation.key), Value(container), "container not found");
    }
    if (profile.empty() || profile == "runtime/default" || profile == "unconfined") return;
    if (profile.starts_with("localhost/")) return;
    errors.invalid(path.key(annotation.key), annotation.value,
                   "invalid AppArmor profile name: \"" + std::string(profile) + "\"");
}

}  // namespace

void validate_pod_annotations(const Value& annotations, const Value& spec, const Path& path, FieldErrors& errors) {
    const Value& mirror = annotations[mirror_key];
    if (!mirror.is_null() && spec["nodeName"].as_string().empty()) {
        errors.invalid(path.key(mirror_key), mirror, "must set spec.nodeName if mirror pod annotation is set");
    }
    for (const Value::Member& annotation : annotations.members()) {
        const std::string_view key = annotation.key;
        if (key == seccomp_pod_key || key.starts_with(seccomp_container_prefix)) {
            validate_seccomp_text(annotation.value, path.child(key), errors);
        } else if (key.starts_with(app_armor_prefix)) {
            validate_app_armor_text(annotation, spec, path, errors);
        } else if (key == deletion_cost_key && !is_deletion_cost(annotation.value.as_string())) {
            errors.invalid(path.key(key), annotation.value, "must be a 32bit integer");
        }
    }
}

void validate_profiles_match(const Value& annotations, const Value& spec, const Path& path, FieldErrors& errors) {
    if (annotations.empty()) return;
    const Value& pod_context = spec["securityContext"];
    validate_match(seccomp, pod_context["seccompProfile"], annotations[seccomp_pod_key], path.child("securityContext"),
                   errors);
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
        const Path list_path = path.child(list);
        for (std::size_t i = 0; i < spec[list].size(); ++i) {
            const Path container_path = list_path.index(i);
            const Path at = container_path.child("securityContext");
            const Value& context = spec[list][i]["securityContext"];
            const std::string name = spec[list][i]["name"].str();
            validate_match(seccomp, context["seccompProfile"],
                           annotations[std::string(seccomp_container_prefix) + name], at, errors);
            const Value& own = context["appArmorProfile"];
            validate_match(app_armor, own.is_null() ? pod_context["appArmorProfile"] : own,
                           annotations[std::string(app_armor_prefix) + name], at, errors);
        }
    }
}

void pod_annotation_warnings(const Value& pod, const Path& metadata, std::vector<std::string>& out) {
    static constexpr std::pair<std::string_view, std::string_view> old_keys[] = {
        {"scheduler.alpha.kubernetes.io/critical-pod",
         "non-functional in v1.16+; use the \"priorityClassName\" field instead"},
        {"security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"},
        {"security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"},
    };
    const Value& annotations = pod.path("metadata", "annotations");
    const Path path = metadata.child("annotations");
    if (annotations.empty()) return;
    const auto warn = [&](std::string_view key, std::string_view text) {
        if (annotations.contains(key)) out.push_back(path.key(key).str() + ": " + std::string(text));
    };
    for (const auto& [key, text] : old_keys) warn(key, text);
    const Value& spec = pod["spec"];
    constexpr std::string_view use_seccomp = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
    constexpr std::string_view use_app_armor = "deprecated since v1.30; use the \"appArmorProfile\" field instead";
    const Value& pod_context = spec["securityContext"];
    if (pod_context["seccompProfile"].is_null()) warn(seccomp_pod_key, use_seccomp);
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
        for (const Value& container : spec[list].items()) {
            const Value& context = container["securityContext"];
            const std::string name = container["name"].str();
            if (context["seccompProfile"].is_null()) warn(std::string(seccomp_container_prefix) + name, use_seccomp);
            if (context["appArmorProfile"].is_null() && pod_context["appArmorProfile"].is_null()) {
                warn(std::string(app_armor_prefix) + name, use_app_armor);
            }
        }
    }
}

}  // namespace kubewalk::api
