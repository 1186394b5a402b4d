// Ingress and IngressClass. Upstream: pkg/apis/networking/validation/validation.go, pkg/apis/networking/v1/defaults.go,
// pkg/registry/networking/{ingress,ingressclass}/strategy.go.

#include "core/api/rules/rules_shared.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

using Sv = std::string_view;

constexpr Sv class_annotation = "kubernetes.io/ingress.class";
constexpr std::size_t longest_controller = 250;

// What an update may keep although a create would be refused.
struct Allowed {
    bool secret_names = false;
    bool wildcard_rules = false;
    bool service_names = false;  // labels of RFC 1123 where Services' names are of RFC 1035
};

bool contains(Sv text, Sv piece) { return text.find(piece) != Sv::npos; }

// -- references to other objects -----------------------------------------------------------------

Messages path_segment_name(Sv name) {
    Messages wrong;
    for (const Sv whole : {".", ".."})
        if (name == whole)
            return {cat("may not be '", whole, "'")};
    for (const Sv piece : {"/", "%"})
        if (contains(name, piece))
            wrong.push_back(cat("may not contain '", piece, "'"));
    return wrong;
}

void validate_reference(const Value& reference, const Path& path, FieldErrors& errors) {
    if (!reference["apiGroup"].is_null())
        errors.invalid_each(path.child("apiGroup"), reference["apiGroup"], is_dns1123_subdomain(reference["apiGroup"].as_string()));
    for (const Sv field : {"kind", "name"}) {
        const auto text = reference[field].as_string();
        if (text.empty())
            errors.required(path.child(field));
        else
            errors.invalid_each(path.child(field), text, path_segment_name(text));
    }
}

// -- backends ------------------------------------------------------------------------------------------

void validate_service_backend(const Value& service, const Path& path, const Allowed& allowed, FieldErrors& errors) {
    const Path at = path.child("service");
    const auto name = service["name"].as_string();
    if (name.empty())
        errors.required(at.child("name"));
    else
        errors.invalid_each(at.child("name"), name, allowed.service_names ? is_dns1123_label(name) : is_dns1035_label(name));
    const Value& port = service["port"];
    const bool has_name = !port["name"].as_string().empty();
    const bool has_number = port["number"].as_int() != 0;
    const Path port_path = at.child("port");
    if (has_name && has_number)
        errors.invalid(path, "", "cannot set both port name & port number");
    else if (has_name)
        errors.invalid_each(port_path.child("name"), port["name"], is_valid_port_name(port["name"].as_string()));
    else if (has_number)
        errors.invalid_each(port_path.child("number"), port["number"], is_valid_port_num(port["number"].as_int()));
    else
        errors.required(path, "port name or number is required");
}

void validate_backend(const Value& backend, const Path& path, const Allowed& allowed, FieldErrors& errors) {
    const bool resource = backend["resource"].is_object();
    const bool service = backend["service"].is_object();
    if (resource && service)
        errors.invalid(path, "", "cannot set both resource and service backends");
    else if (resource)
        validate_reference(backend["resource"], path.child("resource"), errors);
    else if (service)
        validate_service_backend(backend["service"], path, allowed, errors);
    else
        errors.invalid(path, "", "resource or service backend is required");
}

// -- rules ---------------------------------------------------------------------------------------------

void validate_path_text(const Value& entry, const Path& path, FieldErrors& errors) {
    const auto text = entry["path"].as_string();
    const bool exact_form = entry["pathType"].as_string() != "ImplementationSpecific";
    if (!text.starts_with('/') && (exact_form || !text.empty()))
        errors.invalid(path, text, "must be an absolute path");
    if (!exact_form)
        return;
    for (const Sv sequence : {"//", "/./", "/../", "%2f", "%2F"})
        if (contains(text, sequence))
            errors.invalid(path, text, cat("must not contain '", sequence, "'"));
    for (const Sv suffix : {"/..", "/."})
        if (text.ends_with(suffix))
            errors.invalid(path, text, cat("cannot end with '", suffix, "'"));
}

void validate_path(const Value& entry, const Path& path, const Allowed& allowed, FieldErrors& errors) {
    const auto type = entry["pathType"].as_string();
    if (entry["pathType"].is_null())
        return errors.required(path.child("pathType"), "pathType must be specified");
    if (type == "Exact" || type == "Prefix" || type == "ImplementationSpecific")
        validate_path_text(entry, path.child("path"), errors);
    else
        errors.not_supported(path.child("pathType"), entry["pathType"], {"Exact", "ImplementationSpecific", "Prefix"});
    validate_backend(entry["backend"], path.child("backend"), allowed, errors);
}

void validate_rule_value(const Value& rule, const Path& path, const Allowed& allowed, FieldErrors& errors) {
    if (!rule["http"].is_object())
        return;
    const Path http = path.child("http");
    const Path paths = http.child("paths");
    if (rule["http"]["paths"].empty())
        errors.required(paths);
    for (std::size_t i = 0; i < rule["http"]["paths"].size(); ++i)
        validate_path(rule["http"]["paths"][i], paths.index(i), allowed, errors);
}

Messages host_errors(Sv host) { return contains(host, "*") ? is_wildcard_dns1123_subdomain(host) : is_dns1123_subdomain(host); }

void validate_rule(const Value& rule, const Path& path, const Allowed& allowed, FieldErrors& errors) {
    const auto host = rule["host"].as_string();
    const Path host_path = path.child("host");
    if (!host.empty()) {
        if (parse_ip(host))
            errors.invalid(host_path, host, "must be a DNS name, not an IP address");
        errors.invalid_each(host_path, host, host_errors(host));
    }
    if (!contains(host, "*") || !allowed.wildcard_rules)
        validate_rule_value(rule, path, allowed, errors);
}

void validate_tls(const Value& tls, const Path& path, const Allowed& allowed, FieldErrors& errors) {
    const Path hosts = path.child("hosts");
    for (std::size_t i = 0; i < tls["hosts"].size(); ++i)
        errors.invalid_each(hosts.index(i), tls["hosts"][i], host_errors(tls["hosts"][i].as_string()));
    const auto secret = tls["secretName"].as_string();
    if (!secret.empty() && !allowed.secret_names)
        errors.invalid_each(path.child("secretName"), secret, is_dns1123_subdomain(secret));
}

void validate_ingress_object(const Value& object, const Allowed& allowed, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::namespaced, is_dns1123_subdomain, Path("metadata"), errors);
    const Value& spec = object["spec"];
    const Path path("spec");
    if (spec["rules"].empty() && !spec["defaultBackend"].is_object())
        errors.invalid(path, spec["rules"].is_null() ? Value() : spec["rules"], "either `defaultBackend` or `rules` must be specified");
    if (spec["defaultBackend"].is_object())
        validate_backend(spec["defaultBackend"], path.child("defaultBackend"), allowed, errors);
    const Path rules = path.child("rules"), tls = path.child("tls");
    for (std::size_t i = 0; i < spec["rules"].size(); ++i)
        validate_rule(spec["rules"][i], rules.index(i), allowed, errors);
    for (std::size_t i = 0; i < spec["tls"].size(); ++i)
        validate_tls(spec["tls"][i], tls.index(i), allowed, errors);
    if (!spec["ingressClassName"].is_null())
        errors.invalid_each(path.child("ingressClassName"), spec["ingressClassName"], is_dns1123_subdomain(spec["ingressClassName"].as_string()));
}

// -- Ingress ---------------------------------------------------------------------------------------------

void prepare_ingress(Value& object) {
    object.set("status", Value::object({{"loadBalancer", Value::object()}}));
    start_generation(object);
}

void prepare_update(Value& object, const Value& old) {
    keep_status(object, old);
    set_generation(object, old, !(object["spec"] == old["spec"]));
}

void validate_ingress(const Value& object, FieldErrors& errors) {
    validate_ingress_object(object, {}, errors);
    const Value& annotation = object["metadata"]["annotations"][class_annotation];
    const Value& named = object["spec"]["ingressClassName"];
    const Path annotations("annotations");
    if (!annotation.is_null() && !named.is_null() && !(annotation == named))
        errors.invalid(annotations.child(class_annotation), annotation, "must match `ingressClassName` when both are specified");
}

// A Service name that only the relaxed form accepts, and so was let in before.
bool is_relaxed_name(const Value& backend) {
    const auto name = backend["service"]["name"].as_string();
    return backend["service"].is_object() && is_dns1123_label(name).empty() && !is_dns1035_label(name).empty();
}

Allowed allowed_by(const Value& old) {
    Allowed allowed;
    for (const auto& tls : old["spec"]["tls"].items()) {
        const auto name = tls["secretName"].as_string();
        allowed.secret_names |= !name.empty() && !is_dns1123_subdomain(name).empty();
    }
    allowed.service_names = is_relaxed_name(old["spec"]["defaultBackend"]);
    for (const auto& rule : old["spec"]["rules"].items()) {
        FieldErrors wrong;
        if (contains(rule["host"].as_string(), "*"))
            validate_rule_value(rule, Path("rule"), {}, wrong);
        allowed.wildcard_rules |= !wrong.empty();
        for (const auto& path : rule["http"]["paths"].items())
            allowed.service_names |= is_relaxed_name(path["backend"]);
    }
    return allowed;
}

void validate_ingress_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    validate_ingress_object(object, allowed_by(old), errors);
}

void validate_ingress_status(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path status("status");
    const Path balancer = status.child("loadBalancer");
    const Path list = balancer.child("ingress");
    const Value& ingress = object["status"]["loadBalancer"]["ingress"];
    for (std::size_t i = 0; i < ingress.size(); ++i) {
        const Path at = list.index(i);
        const auto ip = ingress[i]["ip"].as_string();
        const auto hostname = ingress[i]["hostname"].as_string();
        if (!ip.empty())
            errors.invalid_each(at.child("ip"), ip, is_valid_ip(ip));
        if (hostname.empty())
            continue;
        errors.invalid_each(at.child("hostname"), hostname, is_dns1123_subdomain(hostname));
        if (parse_ip(hostname))
            errors.invalid(at.child("hostname"), hostname, "must be a DNS name, not an IP address");
    }
}

void ingress_warnings(const Value& object, std::vector<std::string>& out) {
    if (!object["metadata"]["annotations"][class_annotation].is_null() && object["spec"]["ingressClassName"].is_null())
        out.push_back(cat("annotation ", quoted(class_annotation), " is deprecated, please use 'spec.ingressClassName' instead"));
}

// -- IngressClass ----------------------------------------------------------------------------------------

// validation.IsDomainPrefixedPath
void validate_controller(Sv controller, const Path& path, FieldErrors& errors) {
    if (controller.size() > longest_controller)
        errors.too_long(path, static_cast<int>(longest_controller));
    const auto slash = controller.find('/');
    if (slash == Sv::npos || slash == 0 || slash + 1 == controller.size())
        return errors.invalid(path, controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
    const auto host = controller.substr(0, slash);
    errors.invalid_each(path, host, is_dns1123_subdomain(host));
    constexpr Sv others = "/-._~%!$&'()*+,;=:";
    const auto rest = controller.substr(slash + 1);
    for (const char c : rest) {
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && others.find(c) == Sv::npos)
            return errors.invalid(path, rest, regex_error("Invalid path", "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+", {}));
    }
}

void validate_parameters(const Value& parameters, const Path& path, FieldErrors& errors) {
    validate_reference(parameters, path, errors);
    if (parameters["scope"].is_null())
        return errors.required(path.child("scope"));
    const auto scope = parameters["scope"].as_string();
    const Value& namespace_name = parameters["namespace"];
    if (scope != "Cluster" && scope != "Namespace")
        errors.not_supported(path.child("scope"), parameters["scope"], {"Cluster", "Namespace"});
    if (scope == "Namespace" && namespace_name.is_null())
        errors.required(path.child("namespace"), "`parameters.scope` is set to 'Namespace'");
    else if (scope == "Namespace")
        errors.invalid_each(path.child("namespace"), namespace_name, is_dns1123_label(namespace_name.as_string()));
    if (scope == "Cluster" && !namespace_name.is_null())
        errors.forbidden(path.child("namespace"), "`parameters.scope` is set to 'Cluster'");
}

// SetDefaults_IngressClass: parameters that say no scope are for the whole cluster.
void default_class(Value& object) {
    if (object["spec"]["parameters"].is_object() && object["spec"]["parameters"]["scope"].is_null())
        object.edit_path("spec", "parameters").set("scope", "Cluster");
}

void prepare_class_update(Value& object, const Value& old) {
    set_generation(object, old, !(object["spec"] == old["spec"]));
}

void validate_class(const Value& object, FieldErrors& errors) {
    validate_object_meta(object["metadata"], Scope::cluster, is_dns1123_subdomain, Path("metadata"), errors);
    const Value& spec = object["spec"];
    const Path path("spec");
    const auto controller = spec["controller"].as_string();
    if (controller.empty())
        errors.required(path.child("controller"));
    else
        validate_controller(controller, path.child("controller"), errors);
    if (spec["parameters"].is_object())
        validate_parameters(spec["parameters"], path.child("parameters"), errors);
}

void validate_class_update(const Value& object, const Value& old, FieldErrors& errors) {
    validate_object_meta_update(object["metadata"], old["metadata"], Path("metadata"), errors);
    const Path path("spec");
    if (!(object["spec"]["controller"] == old["spec"]["controller"]))
        errors.invalid(path.child("controller"), object["spec"]["controller"], "field is immutable");
    validate_class(object, errors);
}

}  // namespace

const Rules ingress_rules = {"networking.k8s.io", "Ingress", nothing, prepare_ingress, prepare_update, keep_all_but_status,
                             validate_ingress, validate_ingress_update, validate_ingress_status, ingress_warnings};

const Rules ingress_class_rules = {"networking.k8s.io", "IngressClass", default_class, start_generation, prepare_class_update,
                                   nullptr, validate_class, validate_class_update, validate_status_nothing, no_warnings};

}  // namespace kubewalk::api
