// GET, PUT and PATCH of pods/NAME/ephemeralcontainers: of the Pod that comes in only that list counts.
// Upstream: pkg/registry/core/pod/strategy.go (podEphemeralContainersStrategy), pkg/registry/core/pod/storage/storage.go.

#include "core/apiserver/subresources.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

Answer<Value> ephemeral_containers(Core& core, Registry& registry, Call& call) {
    const auto& kind = *call.route.kind;
    const Value old = core.get(kind, call.route.namespace_name, call.route.name);
    if (old.is_null())
        return status::not_found(kind, call.route.name);
    if (call.route.verb == Verb::get)
        return old;
    Value wanted = call.request.body;
    if (call.route.verb == Verb::patch) {
        auto changed = registry.patched(call, kind, old);
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
    Value object = old;
    object.edit("spec").set("ephemeralContainers", decoded.value()["spec"]["ephemeralContainers"]);
    if (object["spec"]["ephemeralContainers"].empty())
        object.edit("spec").erase("ephemeralContainers");
    return registry.replace(call, kind, std::move(object), old, Registry::Part::ephemeral_containers);
}

}  // namespace kubewalk::apiserver::subresource
