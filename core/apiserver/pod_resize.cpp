// GET, PUT and PATCH of pods/NAME/resize: of the Pod that comes in only its containers' resources count.
// Upstream: pkg/registry/core/pod/strategy.go (podResizeStrategy, dropNonResizeUpdates), pkg/registry/core/pod/storage.

#include "core/apiserver/subresources.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

namespace {

void take(Value& container, const Value& wanted, std::string_view field) {
    if (wanted.contains(field))
        container.set(field, wanted[field]);
    else
        container.erase(field);
}

}  // namespace

Answer<Value> resize(Core& core, Registry& registry, Call& call) {
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
    for (const std::string_view list : {"containers", "initContainers"}) {
        const Value& given = wanted.value()["spec"][list];
        if (given.size() != old["spec"][list].size())
            return status::invalid(kind, call.route.name,
                                   {{"FieldValueForbidden", "Forbidden: containers may not be added or removed on resize", cat("spec.", list)}});
        for (std::size_t i = 0; i < given.size(); ++i) {
            if (given[i]["name"] != old["spec"][list][i]["name"])
                return status::invalid(kind, call.route.name,
                                       {{"FieldValueForbidden", "Forbidden: containers may not be renamed or reordered on resize",
                                         cat("spec.", list, "[", i, "].name")}});
            Value& container = object.edit_path("spec", list).edit_at(i);
            take(container, given[i], "resources");
            take(container, given[i], "resizePolicy");
        }
    }
    return registry.replace(call, kind, std::move(object), old, Registry::Part::resize);
}

}  // namespace kubewalk::apiserver::subresource
