// Probes and lifecycle hooks. Upstream: pkg/apis/core/validation/validation.go.

#include <optional>
#include <string>

#include "core/api/names.h"
#include "core/api/rules/pod_parts.h"

namespace kubewalk::api {
namespace {

// The time a Pod has to end; nothing when its spec does not say.
using GracePeriod = std::optional<std::int64_t>;

void validate_port_or_name(const Value& port, const Path& path, FieldErrors& errors) {
    if (port.is_string()) {
        errors.invalid_each(path, port, is_valid_port_name(port.as_string()));
    } else {
        errors.invalid_each(path, Value(port.as_int()), is_valid_port_num(port.as_int()));
    }
}

void validate_http_get(const Value& get, const Path& path, FieldErrors& errors) {
    if (get["path"].as_string().empty()) errors.required(path.child("path"));
    validate_port_or_name(get["port"], path.child("port"), errors);
    const std::string_view scheme = get["scheme"].as_string();
    if (scheme != "HTTP" && scheme != "HTTPS") {
        errors.not_supported(path.child("scheme"), Value(scheme), {"HTTP", "HTTPS"});
    }
    for (const Value& header : get["httpHeaders"].items()) {
        errors.invalid_each(path.child("httpHeaders"), Value(header["name"].as_string()),
                            is_http_header_name(header["name"].as_string()));
    }
}

void validate_action(std::string_view kind, const Value& action, GracePeriod grace, const Path& path,
                     FieldErrors& errors) {
    if (kind == "exec") {
        if (action["command"].empty()) errors.required(path.child("command"));
    } else if (kind == "httpGet") {
        validate_http_get(action, path, errors);
    } else if (kind == "tcpSocket") {
        validate_port_or_name(action["port"], path.child("port"), errors);
    } else if (kind == "grpc") {
        validate_port_or_name(Value(action["port"].as_int()), path.child("port"), errors);
    } else {  // sleep
        const std::int64_t seconds = action["seconds"].as_int();
        if (grace && (seconds < 0 || seconds > *grace)) {
            errors.invalid(path, Value(seconds),
                           "must be non-negative and less than terminationGracePeriodSeconds (" +
                               std::to_string(*grace) + ")");
        }
    }
}

void validate_handler(const Value& handler, std::initializer_list<std::string_view> kinds, GracePeriod grace,
                      const Path& path, FieldErrors& errors) {
    bool found = false;
    for (const std::string_view kind : kinds) {
        if (handler[kind].is_null()) continue;
        const Path at = path.child(kind);
        if (found) {
            errors.forbidden(at, "may not specify more than 1 handler type");
        } else {
            validate_action(kind, handler[kind], grace, at, errors);
        }
        found = true;
    }
    if (!found) errors.required(path, "must specify a handler type");
}

enum class ProbeKind : std::uint8_t { liveness, readiness, startup };

void validate_probe(const Value& probe, ProbeKind kind, GracePeriod grace, const Path& path, FieldErrors& errors) {
    if (probe.is_null()) return;
    validate_handler(probe, {"exec", "httpGet", "tcpSocket", "grpc"}, grace, path, errors);
    for (const std::string_view field :
         {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"}) {
        if (probe[field].as_int() < 0) {
            errors.invalid(path.child(field), probe[field], "must be greater than or equal to 0");
        }
    }
    const Value& own_grace = probe["terminationGracePeriodSeconds"];
    const Path grace_path = path.child("terminationGracePeriodSeconds");
    if (!own_grace.is_null() && own_grace.as_int() <= 0) {
        errors.invalid(grace_path, own_grace, "must be greater than 0");
    }
    if (kind == ProbeKind::readiness) {
        if (!own_grace.is_null()) errors.invalid(grace_path, own_grace, "must not be set for readinessProbes");
    } else if (probe["successThreshold"].as_int() != 1) {
        errors.invalid(path.child("successThreshold"), Value(probe["successThreshold"].as_int()), "must be 1");
    }
}

}  // namespace

void validate_probes(const Value& container, const Value& spec, const Path& path, FieldErrors& errors) {
    GracePeriod grace;
    if (!spec["terminationGracePeriodSeconds"].is_null()) grace = spec["terminationGracePeriodSeconds"].as_int();
    const Value& lifecycle = container["lifecycle"];
    const Path lifecycle_path = path.child("lifecycle");
    for (const std::string_view hook : {"postStart", "preStop"}) {
        if (lifecycle[hook].is_null()) continue;
        validate_handler(lifecycle[hook], {"exec", "httpGet", "tcpSocket", "sleep"}, grace, lifecycle_path.child(hook),
                         errors);
    }
    validate_probe(container["livenessProbe"], ProbeKind::liveness, grace, path.child("livenessProbe"), errors);
    validate_probe(container["readinessProbe"], ProbeKind::readiness, grace, path.child("readinessProbe"), errors);
    validate_probe(container["startupProbe"], ProbeKind::startup, grace, path.child("startupProbe"), errors);
}

}  // namespace kubewalk::api
