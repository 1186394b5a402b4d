// Environment of a container, and the fields of the Pod it and volumes can refer to.
// Upstream: pkg/apis/core/validation/validation.go, pkg/apis/core/pods/helpers.go.

#include <algorithm>
#include <string>

#include "core/api/names.h"
#include "core/api/quantity.h"
#include "core/api/rules/pod_parts.h"
#include "core/base/text.h"

namespace kubewalk::api {
namespace {

using Texts = std::vector<std::string_view>;

const Texts& env_fields() {
    static const Texts fields = {"metadata.name",           "metadata.namespace", "metadata.uid",
                                 "spec.nodeName",           "spec.serviceAccountName", "status.hostIP",
                                 "status.hostIPs",          "status.podIP",       "status.podIPs"};
    return fields;
}

const Texts& volume_fields() {
    static const Texts fields = {"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace",
                                 "metadata.uid"};
    return fields;
}

const Texts& known_fields() {
    static const Texts fields = {
        "metadata.annotations", "metadata.labels",  "metadata.name",          "metadata.namespace", "metadata.uid",
        "spec.nodeName",        "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "status.phase",
        "status.hostIP",        "status.hostIPs",   "status.podIP",           "status.podIPs",      "spec.host"};
    return fields;
}

const Texts& resource_fields() {
    static const Texts fields = {"limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
                                 "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
    return fields;
}

bool has(const Texts& texts, std::string_view text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool is_hugepages_field(std::string_view resource) {
    return resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-");
}

// "metadata.labels['app']" -> metadata.labels, app.
struct Subscripted {
    std::string_view path;
    std::string_view subscript;
    bool ok = false;
};
Subscripted split_subscript(std::string_view text) {
    const auto open = text.find("['");
    if (open == std::string_view::npos || open == 0 || !text.ends_with("']") || text.size() < open + 4) {
        return {text, {}, false};
    }
    return {text.substr(0, open), text.substr(open + 2, text.size() - open - 4), true};
}

void validate_divisor(const Value& field, const Path& path, FieldErrors& errors) {
    static const Texts sizes = {"1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};
    const Quantity divisor = Quantity::from(field["divisor"]);
    if (divisor.is_zero()) return;
    const std::string text = divisor.str();
    const std::string_view resource = field["resource"].as_string();
    const Path at = path.child("divisor");
    if (resource.ends_with(".cpu")) {
        if (text == "1" || text == "1m") return;
        return errors.invalid(at, field["resource"],
                              "only divisor's values 1m and 1 are supported with the cpu resource");
    }
    if (has(sizes, text)) return;
    const auto refuse = [&](std::string_view what) {
        std::string detail =
            "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ";
        detail.append(what).append(" resource");
        errors.invalid(at, field["resource"], detail);
    };
    if (resource.ends_with(".memory")) return refuse("memory");
    if (resource.ends_with(".ephemeral-storage")) return refuse("local ephemeral storage");
    if (is_hugepages_field(resource)) refuse("hugepages");
}

void validate_key_ref(const Value& ref, const Path& path, FieldErrors& errors) {
    const std::string_view name = ref["name"].as_string();
    errors.invalid_each(path.child("name"), Value(name), is_dns1123_subdomain(name));
    const std::string_view key = ref["key"].as_string();
    if (key.empty()) return errors.required(path.child("key"));
    errors.invalid_each(path.child("key"), ref["key"], is_config_map_key(key));
}

void validate_file_ref(const Value& ref, const Path& path, FieldErrors& errors) {
    const std::string_view key = ref["key"].as_string();
    if (key.empty()) {
        errors.required(path.child("key"));
    } else {
        errors.invalid_each(path.child("key"), ref["key"], is_relaxed_env_var_name(key));
    }
    if (ref["volumeName"].as_string().empty()) errors.required(path.child("volumeName"));
    if (ref["path"].as_string().empty()) return errors.required(path.child("path"));
    validate_descending_path(ref["path"].as_string(), path.child("path"), errors);
}

void validate_value_from(const Value& variable, const Path& path, FieldErrors& errors) {
    const Value& from = variable["valueFrom"];
    if (from.is_null()) return;
    int sources = 0;
    const auto source = [&](std::string_view key) {
        if (from[key].is_null()) return false;
        ++sources;
        return true;
    };
    if (source("fieldRef")) validate_field_ref(from["fieldRef"], false, path.child("fieldRef"), errors);
    if (source("resourceFieldRef")) {
        validate_resource_field_ref(from["resourceFieldRef"], false, path.child("resourceFieldRef"), errors);
    }
    if (source("configMapKeyRef")) validate_key_ref(from["configMapKeyRef"], path.child("configMapKeyRef"), errors);
    if (source("secretKeyRef")) validate_key_ref(from["secretKeyRef"], path.child("secretKeyRef"), errors);
    if (source("fileKeyRef")) validate_file_ref(from["fileKeyRef"], path.child("fileKeyRef"), errors);
    if (sources == 0) {
        errors.invalid(path, "",
                       "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                       "`fileKeyRef`");
    } else if (!variable["value"].as_string().empty()) {
        errors.invalid(path, "", "may not be specified when `value` is not empty");
    } else if (sources > 1) {
        errors.invalid(path, "", "may not have more than one field specified at a time");
    }
}

void validate_env_from(const Value& sources, const Path& path, FieldErrors& errors) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const Path at = path.index(i);
        const Value& prefix = sources[i]["prefix"];
        if (!prefix.as_string().empty()) {
            errors.invalid_each(at.child("prefix"), prefix, is_relaxed_env_var_name(prefix.as_string()));
        }
        int count = 0;
        for (const std::string_view kind : {"configMapRef", "secretRef"}) {
            const Value& ref = sources[i][kind];
            if (ref.is_null()) continue;
            ++count;
            const Path ref_path = at.child(kind);
            const std::string_view name = ref["name"].as_string();
            if (name.empty()) {
                errors.required(ref_path.child("name"));
            } else {
                // Upstream checks it as a prefix: a trailing dash is allowed.
                const bool dash = name.ends_with('-') && name.size() > 1;
                errors.invalid_each(ref_path.child("name"), ref["name"],
                                    is_dns1123_subdomain(dash ? std::string(name.substr(0, name.size() - 1)) + "a"
                                                              : std::string(name)));
            }
        }
        if (count == 0) errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        if (count > 1) errors.invalid(path, "", "may not have more than one field specified at a time");
    }
}

}  // namespace

void validate_field_ref(const Value& field, bool in_volume, const Path& path, FieldErrors& errors) {
    const std::string_view version = field["apiVersion"].as_string();
    const std::string_view text = field["fieldPath"].as_string();
    if (version.empty()) return errors.required(path.child("apiVersion"));
    if (text.empty()) return errors.required(path.child("fieldPath"));
    const Path at = path.child("fieldPath");
    const auto refuse = [&](std::string why) {
        errors.invalid(at, field["fieldPath"], "error converting fieldPath: " + std::move(why));
    };
    if (version != "v1") return refuse("unsupported pod version: " + std::string(version));
    const Subscripted parts = split_subscript(text);
    if (parts.ok) {
        const bool annotation = parts.path == "metadata.annotations";
        if (!annotation && parts.path != "metadata.labels") {
            return refuse("field label does not support subscript: " + std::string(text));
        }
        const std::string key = annotation ? to_lower(parts.subscript) : std::string(parts.subscript);
        errors.invalid_each(path, Value(key), is_qualified_name(key));
        return;
    }
    if (!has(known_fields(), text)) return refuse("field label not supported: " + std::string(text));
    const std::string_view converted = text == "spec.host" ? "spec.nodeName" : text;
    const Texts& allowed = in_volume ? volume_fields() : env_fields();
    if (!has(allowed, converted)) errors.not_supported(at, Value(converted), allowed);
}

void validate_resource_field_ref(const Value& field, bool in_volume, const Path& path, FieldErrors& errors) {
    const std::string_view resource = field["resource"].as_string();
    if (in_volume && field["containerName"].as_string().empty()) {
        errors.required(path.child("containerName"));
    } else if (resource.empty()) {
        errors.required(path.child("resource"));
    } else if (!has(resource_fields(), resource) && !is_hugepages_field(resource)) {
        errors.not_supported(path.child("resource"), field["resource"], resource_fields());
    }
    validate_divisor(field, path, errors);
}

void validate_env(const Value& container, const Path& path, FieldErrors& errors) {
    const Value& variables = container["env"];
    const Path env_path = path.child("env");
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const Path at = env_path.index(i);
        const std::string_view name = variables[i]["name"].as_string();
        if (name.empty()) {
            errors.required(at.child("name"));
        } else {
            errors.invalid_each(at.child("name"), variables[i]["name"], is_relaxed_env_var_name(name));
        }
        validate_value_from(variables[i], at.child("valueFrom"), errors);
    }
    validate_env_from(container["envFrom"], path.child("envFrom"), errors);
}

}  // namespace kubewalk::api
