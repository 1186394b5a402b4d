// GET, PUT and PATCH of certificatesigningrequests/NAME/approval: of the object that comes in only the conditions count.
// Upstream: pkg/registry/certificates/certificates/strategy.go (csrApprovalStrategy, populateConditionTimestamps).

#include "core/apiserver/subresources.h"
#include "core/base/time.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

Answer<Value> approval(Core& core, Registry& registry, Call& call) {
    const auto& kind = *call.route.kind;
    const Value old = core.get(kind, {}, call.route.name);
    if (old.is_null())
        return status::not_found(kind, call.route.name);
    if (call.route.verb == Verb::get)
        return old;
    const auto wanted = brought(core, registry, call, old);
    if (!wanted.ok())
        return wanted;
    Value conditions = wanted.value()["status"]["conditions"];
    const auto now = to_rfc3339(core.simulation.now());
    for (std::size_t i = 0; i < conditions.size(); ++i)
        for (const std::string_view field : {"lastTransitionTime", "lastUpdateTime"})
            if (conditions[i][field].is_null())
                conditions.edit_at(i).set(field, now);
    Value object = old;
    if (conditions.empty())
        object.edit("status").erase("conditions");
    else
        object.edit("status").set("conditions", std::move(conditions));
    return registry.replace(call, kind, std::move(object), old, Registry::Part::approval);
}

}  // namespace kubewalk::apiserver::subresource
