// Upstream: pkg/registry/apps/*/storage (ScaleREST), pkg/registry/core/pod/storage (BindingREST),
// pkg/registry/core/namespace/storage (FinalizeREST).

#include "core/apiserver/subresources.h"

#include "core/apiserver/managed_fields.h"
#include "core/apiserver/tokens.h"

#include "core/api/labels.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr Subresource table[] = {
    {"apps", "deployments", "scale", "get,patch,update", "Scale", "autoscaling", "v1", subresource::scale},
    {"apps", "replicasets", "scale", "get,patch,update", "Scale", "autoscaling", "v1", subresource::scale},
    {"apps", "statefulsets", "scale", "get,patch,update", "Scale", "autoscaling", "v1", subresource::scale},
    {"", "replicationcontrollers", "scale", "get,patch,update", "Scale", "autoscaling", "v1", subresource::scale},
    {"", "pods", "binding", "create", "Binding", "", "v1", subresource::binding},
    {"", "pods", "ephemeralcontainers", "get,patch,update", "Pod", "", "v1", subresource::ephemeral_containers},
    {"", "pods", "eviction", "create", "Eviction", "policy", "v1", subresource::eviction},
    {"", "pods", "resize", "get,patch,update", "Pod", "", "v1", subresource::resize},
    {"", "serviceaccounts", "token", "create", "TokenRequest", "authentication.k8s.io", "v1", subresource::token},
    {"", "pods", "log", "get", "Pod", "", "v1", subresource::log},
    {"", "pods", "exec", "create,get", "PodExecOptions", "", "v1", subresource::exec},
    {"", "pods", "portforward", "create,get", "PodPortForwardOptions", "", "v1", subresource::port_forward},
    {"", "nodes", "proxy", "create,delete,get,patch,update", "NodeProxyOptions", "", "v1", subresource::proxy},
    {"", "pods", "proxy", "create,delete,get,patch,update", "PodProxyOptions", "", "v1", subresource::proxy},
    {"", "services", "proxy", "create,delete,get,patch,update", "ServiceProxyOptions", "", "v1", subresource::proxy},
    {"certificates.k8s.io", "certificatesigningrequests", "approval", "get,patch,update", "CertificateSigningRequest", "certificates.k8s.io", "v1", subresource::approval},
    {"", "namespaces", "finalize", "update", "Namespace", "", "v1", subresource::finalize},
};

// autoscaling/v1 Scale of anything that has spec.replicas and spec.selector.
Value scale_of(const Value& object) {
    Value metadata = Value::object();
    for (std::string_view field : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
        if (!object["metadata"][field].is_null())
            metadata.set(field, object["metadata"][field]);
    Value spec = Value::object();
    if (object["spec"]["replicas"].as_int() != 0)
        spec.set("replicas", object["spec"]["replicas"]);
    Value status = Value::object({{"replicas", object["status"]["replicas"].as_int()}});
    const auto& selector = object["spec"]["selector"];
    const bool plain = object["kind"].as_string() == "ReplicationController";
    if (plain)
        status.set("selector", api::LabelSelector::from_map(selector).str());
    else if (const auto parsed = api::LabelSelector::from_object(selector); parsed.ok())
        status.set("selector", parsed.value().str());
    return Value::object({{"apiVersion", "autoscaling/v1"},
                          {"kind", "Scale"},
                          {"metadata", std::move(metadata)},
                          {"spec", std::move(spec)},
                          {"status", std::move(status)}});
}

constexpr api::Kind scale_kind{"autoscaling", "v1", "Scale", "scales", "scale", "",
                               api::Scope::namespaced, api::StatusSubresource::no, "", ""};

constexpr api::Kind binding_kind{"", "v1", "Binding", "pods/binding", "binding", "",
                                 api::Scope::namespaced, api::StatusSubresource::no, "", ""};

}  // namespace

std::span<const Subresource> subresources() { return table; }

const Subresource* find_subresource(const api::Kind& kind, std::string_view name) {
    for (const auto& entry : table)
        if (entry.name == name && entry.resource == kind.resource && entry.group == kind.group)
            return &entry;
    return nullptr;
}

namespace subresource {

Answer<Value> brought(Core& core, Registry& registry, Call& call, const Value& old) {
    const auto& kind = *call.route.kind;
    Value wanted = call.request.body;
    if (call.route.verb == Verb::patch) {
        const bool applies = is_apply_patch(call.request);
        if (auto checked = check_field_options(call, applies); !checked.ok())
            return checked.failure();
        auto changed = applies ? apply_configuration(core, call, kind, old) : registry.patched(call, kind, old);
        if (!changed.ok())
            return changed;
        wanted = changed.take();
    }
    auto decoded = registry.decode(call, kind, wanted);
    if (!decoded.ok())
        return decoded;
    const auto version = api::resource_version_of(decoded.value());
    if (!version.empty() && version != api::resource_version_of(old))
        return status::modified(kind, call.route.name);
    return decoded;
}

Answer<Value> part_of_object(Core& core, Registry& registry, Call& call, Registry::Part part, TakePart take) {
    const auto& kind = *call.route.kind;
    const Value old = core.get(kind, call.route.namespace_name, call.route.name);
    if (old.is_null())
        return status::not_found(kind, call.route.name);
    if (call.route.verb == Verb::get)
        return old;
    const auto wanted = brought(core, registry, call, old);
    if (!wanted.ok())
        return wanted;
    auto object = take(core, call, old, wanted.value());
    if (!object.ok())
        return object;
    return registry.replace(call, kind, object.take(), old, part);
}

Answer<Value> scale(Core& core, Registry& registry, Call& call) {
    const auto& kind = *call.route.kind;
    const Value old = core.get(kind, call.route.namespace_name, call.route.name);
    if (old.is_null())
        return status::not_found(kind, call.route.name);
    if (call.route.verb == Verb::get)
        return scale_of(old);
    Value wanted = call.request.body;
    if (call.route.verb == Verb::patch) {
        const bool applies = is_apply_patch(call.request);
        if (auto checked = check_field_options(call, applies); !checked.ok())
            return checked.failure();
        auto changed = applies ? apply_scale(core, call, kind, old, scale_of(old)) : registry.patched(call, scale_kind, scale_of(old));
        if (!changed.ok())
            return changed;
        wanted = changed.take();
    }
    const auto& replicas = wanted["spec"]["replicas"];
    if (!replicas.is_null() && !replicas.is_int())
        return status::bad_request(cat("Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal ",
                                       replicas.type_name(),
                                       " into Go struct field ScaleSpec.spec.replicas of type int32"));
    if (replicas.as_int() < 0)
        return status::invalid(scale_kind, call.route.name,
                               {{"FieldValueInvalid",
                                 cat("Invalid value: ", replicas.as_int(), ": must be greater than or equal to 0"),
                                 "spec.replicas"}});
    const auto version = api::resource_version_of(wanted);
    if (!version.empty() && version != api::resource_version_of(old))
        return status::modified(kind, call.route.name);
    Value object = old;
    object.edit("spec").set("replicas", replicas.as_int());
    auto written = registry.replace(call, kind, std::move(object), old, Registry::Part::object);
    if (!written.ok())
        return written;
    return scale_of(written.value());
}

// The scheduler's decision: spec.nodeName, and the condition PodScheduled (BindingREST.assignPod).
Answer<Value> binding(Core& core, Registry& registry, Call& call) {
    const auto& kind = *call.route.kind;
    const auto& name = call.route.name;
    const auto& body = call.request.body;
    const Value old = core.get(kind, call.route.namespace_name, name);
    if (old.is_null())
        return status::not_found(kind, name);
    const auto node = body["target"]["name"].as_string();
    if (node.empty())
        return status::invalid(binding_kind, name, {{"FieldValueRequired", "Required value", "target.name"}});
    if (const auto target = body["target"]["kind"].as_string(); !target.empty() && target != "Node")
        return status::invalid(binding_kind, name,
                               {{"FieldValueNotSupported",
                                 cat("Unsupported value: ", quoted(target), ": supported values: \"Node\", \"<empty>\""),
                                 "target.kind"}});
    if (const auto uid = api::uid_of(body); !uid.empty() && uid != api::uid_of(old))
        return status::conflict(binding_kind, name,
                                cat("Precondition failed: UID in precondition: ", uid,
                                    ", UID in object meta: ", api::uid_of(old)));
    if (api::is_deleting(old))
        return status::conflict(binding_kind, name,
                                cat("pod ", name, " is being deleted, cannot be assigned to a host"));
    if (const auto assigned = old["spec"]["nodeName"].as_string(); !assigned.empty())
        return status::conflict(binding_kind, name, cat("pod ", name, " is already assigned to node ", quoted(assigned)));
    if (!old["spec"]["schedulingGates"].empty())
        return status::conflict(binding_kind, name, cat("pod ", name, " has non-empty .spec.schedulingGates"));

    Value object = old;
    object.edit("spec").set("nodeName", node);
    for (const auto& [key, value] : body["metadata"]["annotations"].members())
        object.edit_path("metadata", "annotations").set(key, value);
    const Value scheduled = Value::object({{"type", "PodScheduled"},
                                           {"status", "True"},
                                           {"observedGeneration", object["metadata"]["generation"]},
                                           {"lastProbeTime", nullptr},
                                           {"lastTransitionTime", to_rfc3339(core.simulation.now())}});
    auto& conditions = object.edit_path("status", "conditions");
    std::size_t at = 0;
    while (at < conditions.size() && conditions[at]["type"].as_string() != "PodScheduled")
        ++at;
    if (at == conditions.size())
        conditions.push_back(scheduled);
    else if (conditions[at]["status"].as_string() != "True")
        conditions.edit_at(at) = scheduled;
    auto written = registry.store_or_finish(call, kind, std::move(object), old);
    if (!written.ok())
        return written;
    return status::success();
}

// The namespace controller takes its finalizer away when all is gone.
Answer<Value> finalize(Core& core, Registry& registry, Call& call) {
    const auto& kind = *call.route.kind;
    const Value old = core.get(kind, {}, call.route.name);
    if (old.is_null())
        return status::not_found(kind, call.route.name);
    const auto version = api::resource_version_of(call.request.body);
    if (!version.empty() && version != api::resource_version_of(old))
        return status::modified(kind, call.route.name);
    Value object = old;
    if (call.request.body["spec"]["finalizers"].empty())
        object.edit("spec").erase("finalizers");
    else
        object.edit("spec").set("finalizers", call.request.body["spec"]["finalizers"]);
    return registry.store_or_finish(call, kind, std::move(object), old);
}

}  // namespace subresource

}  // namespace kubewalk::apiserver
