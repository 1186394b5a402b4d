// Defaults of PodSpec. Upstream: pkg/apis/core/v1/defaults.go and zz_generated.defaults.go.

#include <cstdint>
#include <utility>

#include "core/api/quantity.h"
#include "core/api/rules/pod_parts.h"
#include "core/api/rules/pod_spec.h"

namespace kubewalk::api {
namespace {

constexpr int file_mode = 0644;
constexpr int token_expiration_seconds = 3600;

bool is_unset(const Value& value) {
    return value.is_null() || (value.is_string() && value.as_string().empty()) ||
           (value.is_int() && value.as_int() == 0);
}

// For fields whose zero means "not given".
void set_unset(Value& object, std::string_view key, const Value& value) {
    if (is_unset(object[key])) object.set(key, value);
}

// For fields that are pointers upstream: an explicit zero stays.
void set_absent(Value& object, std::string_view key, const Value& value) {
    if (object[key].is_null()) object.set(key, value);
}

// Both change a member only when `change` changed it, so that what is complete stays shared: a Pod made from
// a defaulted template keeps the template's nodes.
template <typename Change>
void in_member(Value& object, std::string_view key, Change change) {
    if (!object[key].is_object()) return;
    Value member = object[key];
    change(member);
    if (!member.same(object[key])) object.set(key, std::move(member));
}

template <typename Change>
void in_items(Value& object, std::string_view key, Change change) {
    for (std::size_t i = 0; i < object[key].size(); ++i) {
        if (!object[key][i].is_object()) continue;
        Value item = object[key][i];
        change(item);
        if (!item.same(object[key][i])) object.edit(key).edit_at(i) = std::move(item);
    }
}

void default_field_ref(Value& item) {
    in_member(item, "fieldRef", [](Value& field) { set_unset(field, "apiVersion", "v1"); });
}

void default_resources(Value& owner) {
    in_member(owner, "resources", [](Value& resources) {
        default_resource_list(resources, "limits");
        default_resource_list(resources, "requests");
    });
}

void default_http_get(Value& handler) {
    in_member(handler, "httpGet", [](Value& get) {
        set_unset(get, "path", "/");
        set_unset(get, "scheme", "HTTP");
    });
}

void default_probe(Value& probe) {
    set_unset(probe, "timeoutSeconds", 1);
    set_unset(probe, "periodSeconds", 10);
    set_unset(probe, "successThreshold", 1);
    set_unset(probe, "failureThreshold", 3);
    default_http_get(probe);
    in_member(probe, "grpc", [](Value& grpc) { set_absent(grpc, "service", ""); });
}

void default_container(Value& container) {
    if (is_unset(container["imagePullPolicy"])) {
        container.set("imagePullPolicy", default_pull_policy(container["image"].as_string()));
    }
    set_unset(container, "terminationMessagePath", "/dev/termination-log");
    set_unset(container, "terminationMessagePolicy", "File");
    in_items(container, "ports", [](Value& port) { set_unset(port, "protocol", "TCP"); });
    in_items(container, "env", [](Value& variable) {
        in_member(variable, "valueFrom", [](Value& source) {
            default_field_ref(source);
            in_member(source, "fileKeyRef", [](Value& file) { set_absent(file, "optional", false); });
        });
    });
    default_resources(container);
    for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"}) {
        in_member(container, probe, default_probe);
    }
    in_member(container, "lifecycle", [](Value& lifecycle) {
        in_member(lifecycle, "postStart", default_http_get);
        in_member(lifecycle, "preStop", default_http_get);
    });
}

void default_projection(Value& projection) {
    in_member(projection, "downwardAPI", [](Value& downward) { in_items(downward, "items", default_field_ref); });
    in_member(projection, "serviceAccountToken",
              [](Value& token) { set_absent(token, "expirationSeconds", token_expiration_seconds); });
}

void default_file_volume(Value& source) {
    set_absent(source, "defaultMode", file_mode);
    in_items(source, "items", default_field_ref);  // only a downwardAPI's items have one
    in_items(source, "sources", default_projection);
}

}  // namespace

void default_shared_volumes(Value& volume) {
    in_member(volume, "hostPath", [](Value& source) { set_absent(source, "type", ""); });
    in_member(volume, "iscsi", [](Value& source) { set_unset(source, "iscsiInterface", "default"); });
    in_member(volume, "rbd", [](Value& source) {
        set_unset(source, "pool", "rbd");
        set_unset(source, "user", "admin");
        set_unset(source, "keyring", "/etc/ceph/keyring");
    });
    in_member(volume, "azureDisk", [](Value& source) {
        set_absent(source, "cachingMode", "ReadWrite");
        set_absent(source, "kind", "Shared");
        set_absent(source, "fsType", "ext4");
        set_absent(source, "readOnly", false);
    });
    in_member(volume, "scaleIO", [](Value& source) {
        set_unset(source, "storageMode", "ThinProvisioned");
        set_unset(source, "fsType", "xfs");
    });
}

namespace {

void default_volume(Value& volume) {
    // Any member beside the name is a source.
    const bool has_source = volume.size() > (volume.contains("name") ? 1U : 0U);
    if (!has_source) volume.set("emptyDir", Value::object());
    in_member(volume, "image", [](Value& image) {
        if (is_unset(image["pullPolicy"])) {
            image.set("pullPolicy", default_pull_policy(image["reference"].as_string()));
        }
    });
    for (const std::string_view kind : {"secret", "configMap", "downwardAPI", "projected"}) {
        in_member(volume, kind, default_file_volume);
    }
    in_member(volume, "ephemeral", [](Value& ephemeral) {
        in_member(ephemeral, "volumeClaimTemplate", [](Value& claim) { in_member(claim, "spec", default_claim_spec); });
    });
    default_shared_volumes(volume);
}

bool is_repository_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
}

// Whether the part after the registry's host is a repository of docker's reference grammar, nearly: what
// decides here is that capitals and spaces are none.
bool is_repository(std::string_view name) {
    if (name.empty() || name.front() == '/' || name.back() == '/') return false;
    const auto slash = name.find('/');
    if (slash != std::string_view::npos) {
        const std::string_view host = name.substr(0, slash);
        if (host == "localhost" || host.find_first_of(".:") != std::string_view::npos) name.remove_prefix(slash + 1);
    }
    for (const char c : name) {
        if (!is_repository_char(c)) return false;
    }
    return !name.empty();
}

}  // namespace

// Upstream: pkg/util/parsers. A reference that is none counts as tagged with something else than "latest".
std::string_view default_pull_policy(std::string_view image) {
    constexpr std::string_view always = "Always";
    constexpr std::string_view if_not_present = "IfNotPresent";
    const auto at = image.find('@');
    const bool has_digest = at != std::string_view::npos;
    std::string_view name = image.substr(0, at);
    std::string_view tag;
    const auto colon = name.rfind(':');
    const auto slash = name.rfind('/');
    if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
        tag = name.substr(colon + 1);
        name = name.substr(0, colon);
        if (tag.empty()) return if_not_present;
    }
    if (!is_repository(name)) return if_not_present;
    return tag == "latest" || (tag.empty() && !has_digest) ? always : if_not_present;
}

void default_resource_list(Value& owner, std::string_view key) {
    for (std::size_t i = 0; i < owner[key].members().size(); ++i) {
        const Value::Member& member = owner[key].members()[i];
        const Quantity exact = Quantity::from(member.value);
        // Beyond the range of thousandths there is nothing to round.
        if (exact.value() > INT64_MAX / 1000 || exact.value() < INT64_MIN / 1000) continue;
        const Quantity rounded = Quantity::of_milli(exact.milli_value(), exact.format());
        if (compare(exact, rounded) == 0) continue;
        const std::string name = member.key;
        owner.edit(key).set(name, rounded.str());
    }
}

void default_claim_spec(Value& spec) {
    set_absent(spec, "volumeMode", "Filesystem");
    default_resources(spec);
}

void default_pod_spec(Value& spec) {
    set_unset(spec, "dnsPolicy", "ClusterFirst");
    set_unset(spec, "restartPolicy", "Always");
    set_absent(spec, "securityContext", Value::object());
    set_absent(spec, "terminationGracePeriodSeconds", 30);
    set_unset(spec, "schedulerName", "default-scheduler");
    in_items(spec, "volumes", default_volume);
    for (const std::string_view list : {"initContainers", "containers", "ephemeralContainers"}) {
        in_items(spec, list, default_container);
    }
    default_resources(spec);
    default_resource_list(spec, "overhead");
}

void default_pod_template(Value& pod_template) {
    if (!pod_template["spec"].is_object()) pod_template.set("spec", Value::object());
    in_member(pod_template, "spec", default_pod_spec);
}

namespace {

void default_requests_from_limits(Value& container) {
    const Value limits = container.path("resources", "limits");
    for (const Value::Member& limit : limits.members()) {
        if (container.path("resources", "requests").contains(limit.key)) continue;
        container.edit_path("resources", "requests").set(limit.key, limit.value);
    }
}

}  // namespace

void default_pod(Value& pod) {
    if (!pod["spec"].is_object()) pod.set("spec", Value::object());
    in_member(pod, "spec", [](Value& spec) {
        for (const std::string_view list : {"containers", "initContainers"}) {
            in_items(spec, list, default_requests_from_limits);
        }
        set_absent(spec, "enableServiceLinks", true);
        if (spec["hostNetwork"].as_bool()) {
            for (const std::string_view list : {"containers", "initContainers"}) {
                in_items(spec, list, [](Value& container) {
                    in_items(container, "ports",
                             [](Value& port) { set_unset(port, "hostPort", port["containerPort"]); });
                });
            }
        }
        default_pod_spec(spec);
        // Requests of the Pod as a whole follow its containers', and its limits where they have none.
        const Value needed = pod_container_requests(spec);
        in_member(spec, "resources", [&needed](Value& resources) {
            const Value limits = resources["limits"];
            if (limits.empty()) return;
            for (const std::string_view name : {"cpu", "memory"}) {
                if (!needed.contains(name) || resources["requests"].contains(name)) continue;
                resources.edit("requests").set(name, needed[name]);
            }
            for (const Value::Member& limit : limits.members()) {
                if (!resources["requests"].contains(limit.key)) resources.edit("requests").set(limit.key, limit.value);
            }
        });
    });
}

}  // namespace kubewalk::api
