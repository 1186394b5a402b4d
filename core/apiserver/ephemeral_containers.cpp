// pods/NAME/ephemeralcontainers: that list.
// Upstream: pkg/registry/core/pod/strategy.go (podEphemeralContainersStrategy), pkg/registry/core/pod/storage/storage.go.

#include "core/apiserver/subresources.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

namespace {

Answer<Value> take_containers(const Core&, const Call&, const Value& old, const Value& wanted) {
    Value object = old;
    if (const Value& list = wanted["spec"]["ephemeralContainers"]; list.empty())
        object.edit("spec").erase("ephemeralContainers");
    else
        object.edit("spec").set("ephemeralContainers", list);
    return object;
}

}  // namespace

Answer<Value> ephemeral_containers(Core& core, Registry& registry, Call& call) {
    return part_of_object(core, registry, call, Registry::Part::ephemeral_containers, take_containers);
}

}  // namespace kubewalk::apiserver::subresource
