// certificatesigningrequests/NAME/approval: its conditions.
// Upstream: pkg/registry/certificates/certificates/strategy.go (csrApprovalStrategy, populateConditionTimestamps).

#include "core/apiserver/subresources.h"
#include "core/base/time.h"

namespace kubewalk::apiserver::subresource {

using api::Value;

namespace {

Answer<Value> take_conditions(const Core& core, const Call&, const Value& old, const Value& wanted) {
    Value conditions = wanted["status"]["conditions"];
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
    return object;
}

}  // namespace

Answer<Value> approval(Core& core, Registry& registry, Call& call) {
    return part_of_object(core, registry, call, Registry::Part::approval, take_conditions);
}

}  // namespace kubewalk::apiserver::subresource
