// pods/NAME/resize: the resources of its containers.
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

Answer<Value> take_resources(const Core&, const Call& call, const Value& old, const Value& wanted) {
    const auto forbidden = [&](std::string_view what, std::string field) {
        return status::invalid(*call.route.kind, call.route.name, {{"FieldValueForbidden", cat("Forbidden: ", what), std::move(field)}});
    };
    Value object = old;
    for (const std::string_view list : {"containers", "initContainers"}) {
        const Value& given = wanted["spec"][list];
        if (given.size() != old["spec"][list].size())
            return forbidden("containers may not be added or removed on resize", cat("spec.", list));
        for (std::size_t i = 0; i < given.size(); ++i) {
            if (given[i]["name"] != old["spec"][list][i]["name"])
                return forbidden("containers may not be renamed or reordered on resize", cat("spec.", list, "[", i, "].name"));
            Value& container = object.edit_path("spec", list).edit_at(i);
            take(container, given[i], "resources");
            take(container, given[i], "resizePolicy");
        }
    }
    return object;
}

}  // namespace

Answer<Value> resize(Core& core, Registry& registry, Call& call) {
    return part_of_object(core, registry, call, Registry::Part::resize, take_resources);
}

}  // namespace kubewalk::apiserver::subresource
