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
    const auto wanted = brought(core, registry, call, old);
    if (!wanted.ok())
        return wanted;
    Value object = old;
    object.edit("spec").set("ephemeralContainers", wanted.value()["spec"]["ephemeralContainers"]);
    if (object["spec"]["ephemeralContainers"].empty())
        object.edit("spec").erase("ephemeralContainers");
    return registry.replace(call, kind, std::move(object), old, Registry::Part::ephemeral_containers);
}

}  // namespace kubewalk::apiserver::subresource
