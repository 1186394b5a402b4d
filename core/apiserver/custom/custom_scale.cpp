// GET, PUT and PATCH of .../scale where the definition says what of an object that is.
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource/etcd.go (ScaleREST).

#include "core/apiserver/custom/custom_scale.h"

#include "core/apiserver/custom/custom_resources.h"
#include "core/apiserver/custom/json_path.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

constexpr api::Kind scale_kind{"autoscaling", "v1", "Scale", "scales", "scale", "", api::Scope::namespaced, api::StatusSubresource::no, "", ""};

Value first_at(const Value& object, std::string_view path) {
    const auto found = path.empty() ? std::vector<Value>() : at_json_path(object, path);
    return found.empty() ? Value() : found.front();
}

}  // namespace

Value CustomResource::scale_of(const Value& object) const {
    Value metadata = Value::object();
    for (const std::string_view field : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
        if (!object["metadata"][field].is_null())
            metadata.set(field, object["metadata"][field]);
    Value status = Value::object({{"replicas", first_at(object, scale()["statusReplicasPath"].as_string()).as_int()}});
    if (const Value selector = first_at(object, scale()["labelSelectorPath"].as_string()); selector.is_string())
        status.set("selector", selector);
    Value spec = Value::object();
    if (const auto replicas = first_at(object, scale()["specReplicasPath"].as_string()).as_int(); replicas != 0)
        spec.set("replicas", replicas);
    return Value::object({{"apiVersion", "autoscaling/v1"}, {"kind", "Scale"}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}, {"status", std::move(status)}});
}

Answer<Value> custom_scale(Core& core, Registry& registry, Call& call, const CustomResource& resource) {
    const auto& kind = *call.route.kind;
    const Value old = core.get(kind, call.route.namespace_name, call.route.name);
    if (old.is_null())
        return status::not_found(kind, call.route.name);
    const auto path = resource.scale()["specReplicasPath"].as_string();
    if (call.route.verb == Verb::get) {
        if (first_at(old, path).is_null())
            return status::internal(cat("the spec replicas field ", quoted(path), " does not exist"));
        return resource.scale_of(old);
    }
    Value wanted = call.request.body;
    if (call.route.verb == Verb::patch) {
        auto changed = registry.patched(call, scale_kind, resource.scale_of(old));
        if (!changed.ok())
            return changed;
        wanted = changed.take();
    } else if (call.route.verb != Verb::update) {
        return status::method_not_allowed();
    }
    const auto replicas = wanted["spec"]["replicas"].as_int();
    if (replicas < 0)
        return status::invalid(scale_kind, call.route.name,
                               {{"FieldValueInvalid", cat("Invalid value: ", replicas, ": should be a non-negative integer"), "spec.replicas"}});
    if (const auto version = api::resource_version_of(wanted); !version.empty() && version != api::resource_version_of(old))
        return status::modified(kind, call.route.name);
    Value object = old;
    set_at_json_path(object, path, replicas);
    auto written = registry.replace(call, kind, std::move(object), old, Registry::Part::object);
    return written.ok() ? Answer<Value>(resource.scale_of(written.value())) : written;
}

}  // namespace kubewalk::apiserver
