// Kinds with little to say: ConfigMap, Secret, ServiceAccount, Lease, Namespace.
// Upstream: pkg/apis/core/validation/validation.go, pkg/registry/core/*/strategy.go,
// pkg/apis/coordination/validation/validation.go.

#include <set>

#include "core/api/json.h"
#include "core/api/labels.h"
#include "core/api/quantity.h"
#include "core/api/rules/rules_shared.h"
#include "core/base/base64.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::size_t config_bytes = 1024 * 1024;

void validate_update_meta(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
}

template <NameValidator validator, Scope scope = Scope::namespaced>
void validate_meta(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], scope, validator, Path("metadata"), errors);
}

// -- ConfigMap ------------------------------------------------------------------------------------

void validate_config_map(const Value& object, FieldErrors& errors) {
    validate_meta<is_dns1123_subdomain>(object, errors);
    std::size_t total = 0;
    const Path data("data"), binary("binaryData");
    for (const auto& [key, value] : object["data"].members()) {
        errors.invalid_each(data.key(key), key, is_config_map_key(key));
        if (object["binaryData"].contains(key))
            errors.invalid(data.key(key), key, "duplicate of key present in binaryData");
        total += value.as_string().size();
    }
    for (const auto& [key, value] : object["binaryData"].members()) {
        errors.invalid_each(binary.key(key), key, is_config_map_key(key));
        total += value.as_string().size() * 3 / 4;
    }
    if (total > config_bytes)
        errors.too_long(Path(""), static_cast<int>(config_bytes));
}

void validate_config_map_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    if (old["immutable"].as_bool()) {
        if (!object["immutable"].as_bool())
            errors.forbidden(Path("immutable"), "field is immutable when `immutable` is set");
        for (const std::string_view field : {"data", "binaryData"})
            if (!(object[field] == old[field]))
                errors.forbidden(Path(field), "field is immutable when `immutable` is set");
    }
    validate_config_map(object, errors);
}

// -- Secret ------------------------------------------------------------------------------------------

void default_secret(Value& object) {
    default_to(object, "type", "Opaque");
    // stringData is written only: it goes into data.
    const Value text = object["stringData"];
    for (const auto& [key, value] : text.members())
        object.edit("data").set(key, to_base64(value.as_string()));
    object.erase("stringData");
}

// Why a text is no JSON object, as Go's encoding/json says it; empty when it is one (or null).
std::string json_object_error(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos)
        return "unexpected end of JSON input";
    if (std::string_view("{[\"-0123456789tfn").find(text[start]) == std::string_view::npos)
        return cat("invalid character ", text[start] == '\'' ? std::string("'\\''") : cat('\'', text[start], '\''),
                   " looking for beginning of value");
    const auto parsed = parse_json(text);
    if (!parsed.ok())
        return parsed.error().message;
    const Value& value = parsed.value();
    if (value.is_object() || value.is_null())
        return {};
    const std::string_view type = value.is_bool() ? "bool" : value.is_number() ? "number" : value.type_name();
    return cat("json: cannot unmarshal ", type, " into Go value of type map[string]interface {}");
}

// The keys that hold a registry's credentials are JSON objects.
void validate_docker_config(const Value& object, FieldErrors& errors) {
    constexpr std::pair<std::string_view, std::string_view> keys[] = {{"kubernetes.io/dockercfg", ".dockercfg"},
                                                                      {"kubernetes.io/dockerconfigjson", ".dockerconfigjson"}};
    const Path data("data");
    for (const auto& [type, key] : keys) {
        if (object["type"].as_string() != type || !object["data"].contains(key))
            continue;
        if (const auto wrong = json_object_error(from_base64(object["data"][key].as_string()).value_or("")); !wrong.empty())
            errors.invalid(data.key(key), "<secret contents redacted>", wrong);
    }
}

enum class Needs : bool { key, content };

struct RequiredKeys {
    std::string_view type;
    Needs needs;
    std::initializer_list<std::string_view> keys;
};

void validate_secret(const Value& object, FieldErrors& errors) {
    validate_meta<is_dns1123_subdomain>(object, errors);
    const Path data("data");
    std::size_t total = 0;
    for (const auto& [key, value] : object["data"].members()) {
        errors.invalid_each(data.key(key), key, is_config_map_key(key));
        total += value.as_string().size() * 3 / 4;
    }
    if (total > config_bytes)
        errors.too_long(data, static_cast<int>(config_bytes));
    static const RequiredKeys required[] = {{"kubernetes.io/dockercfg", Needs::key, {".dockercfg"}},
                                            {"kubernetes.io/dockerconfigjson", Needs::key, {".dockerconfigjson"}},
                                            {"kubernetes.io/ssh-auth", Needs::content, {"ssh-privatekey"}},
                                            {"kubernetes.io/tls", Needs::key, {"tls.crt", "tls.key"}}};
    const auto type = object["type"].as_string();
    for (const auto& entry : required)
        for (const auto key : entry.keys)
            if (entry.type == type && (entry.needs == Needs::content ? object["data"][key].as_string().empty() : !object["data"].contains(key)))
                errors.required(data.key(key));
    validate_docker_config(object, errors);
    if (type == "kubernetes.io/basic-auth" && !object["data"].contains("username") && !object["data"].contains("password")) {
        errors.required(data.key("username"));
        errors.required(data.key("password"));
    }
    if (type == "kubernetes.io/service-account-token" &&
        object["metadata"]["annotations"]["kubernetes.io/service-account.name"].as_string().empty())
        errors.required(Path("metadata").child("annotations").key("kubernetes.io/service-account.name"));
}

void validate_secret_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_immutable(object["type"], old["type"], Path("type"), errors);
    if (old["immutable"].as_bool()) {
        if (!object["immutable"].as_bool())
            errors.forbidden(Path("immutable"), "field is immutable when `immutable` is set");
        if (!(object["data"] == old["data"]))
            errors.forbidden(Path("data"), "field is immutable when `immutable` is set");
    }
    validate_secret(object, errors);
}

// -- ServiceAccount, Lease -------------------------------------------------------------------------

void prepare_service_account(Value& object) {
    // Names of token Secrets are references without a namespace (cleanSecretReferences).
    Value secrets = Value::array();
    for (const auto& secret : object["secrets"].items())
        secrets.push_back(Value::object({{"name", secret["name"]}}));
    if (!secrets.empty())
        object.set("secrets", secrets);
}
void prepare_service_account_update(Value& object, const Value&) { prepare_service_account(object); }

void validate_lease(const Value& object, FieldErrors& errors) {
    validate_meta<is_dns1123_subdomain>(object, errors);
    const auto& spec = object["spec"];
    const Path path("spec");
    if (!spec["leaseDurationSeconds"].is_null() && spec["leaseDurationSeconds"].as_int() <= 0)
        errors.invalid(path.child("leaseDurationSeconds"), spec["leaseDurationSeconds"], "must be greater than 0");
    if (!spec["leaseTransitions"].is_null() && spec["leaseTransitions"].as_int() < 0)
        errors.invalid(path.child("leaseTransitions"), spec["leaseTransitions"], "must be greater than or equal to 0");
}
void validate_lease_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_update_meta(object, old, errors);
    validate_lease(object, errors);
}

// -- Namespace ------------------------------------------------------------------------------------------

void default_namespace(Value& object) {
    const auto name = object["metadata"]["name"].str();
    if (!name.empty())
        object.edit_path("metadata", "labels").set("kubernetes.io/metadata.name", name);
    if (object["status"]["phase"].as_string().empty())
        object.edit("status").set("phase", "Active");
}

void prepare_namespace(Value& object) {
    object.set("status", Value::object({{"phase", "Active"}}));
    const auto& finalizers = object["spec"]["finalizers"];
    for (const auto& finalizer : finalizers.items())
        if (finalizer.as_string() == "kubernetes")
            return;
    object.edit_path("spec", "finalizers").push_back("kubernetes");
}

void validate_namespace(const Value& object, FieldErrors& errors) {
    validate_meta<is_dns1123_label, Scope::cluster>(object, errors);
    const Path spec("spec");
    const Path list = spec.child("finalizers");
    for (const auto& finalizer : object["spec"]["finalizers"].items()) {
        const auto name = finalizer.as_string();
        const auto wrong = is_qualified_name(name);
        errors.invalid_each(list, finalizer, wrong);
        if (wrong.empty() && name.find('/') == std::string_view::npos && name != "kubernetes" && name != "orphan" && name != "foregroundDeletion")
            errors.invalid(list, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
    }
}

void prepare_namespace_update(Value& object, const Value& old) {
    object.edit("spec").set("finalizers", old["spec"]["finalizers"]);
    keep_status(object, old);
}

}  // namespace

// group, kind, defaults, prepare create/update/status update, validate, update, status update, warnings
const Rules config_map_rules = {"", "ConfigMap", nothing, nothing, nothing_to_prepare, nullptr, validate_config_map,
                                validate_config_map_update, nullptr, no_warnings};
const Rules secret_rules = {"", "Secret", default_secret, nothing, nothing_to_prepare, nullptr, validate_secret,
                            validate_secret_update, nullptr, no_warnings};
const Rules service_account_rules = {"", "ServiceAccount", nothing, prepare_service_account, prepare_service_account_update, nullptr,
                                     validate_meta<is_dns1123_subdomain>, validate_update_meta, nullptr, no_warnings};
const Rules lease_rules = {"coordination.k8s.io", "Lease", nothing, nothing, nothing_to_prepare, nullptr, validate_lease,
                           validate_lease_update, nullptr, no_warnings};
const Rules namespace_rules = {"", "Namespace", default_namespace, prepare_namespace, prepare_namespace_update, keep_all_but_status,
                               validate_namespace, validate_update_meta, validate_status_nothing, no_warnings};

}  // namespace kubewalk::api
