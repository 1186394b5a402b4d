#include "core/kubectl/overrides.h"

#include "core/api/json.h"
#include "core/api/patch.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

void add_override_flags(FlagSet& set) {
    set.text("override-type", "How --overrides are merged: json, merge or strategic", 0, "merge")
        .text("overrides", "JSON that is merged into what was generated");
}

Answer<Value> overridden(const Run& run, Value object, const api::Kind& kind) {
    if (!run.flags.has("overrides"))
        return object;
    auto patch = api::parse_json(run.flags.text("overrides"));
    if (!patch.ok())
        return Refusal::plain(cat("Invalid JSON Patch: ", patch.error().message));
    const auto type = run.flags.text("override-type");
    if (type == "strategic") {
        auto merged = api::apply_strategic_merge_patch(run.environment.schema, kind.schema, object, patch.value());
        return merged.ok() ? Answer<Value>(merged.take()) : Refusal::plain(merged.error().message);
    }
    if (type == "json") {
        auto merged = api::apply_json_patch(object, patch.value());
        return merged.ok() ? Answer<Value>(merged.take()) : Refusal::plain(merged.error().message);
    }
    if (type != "merge")
        return Refusal::plain(cat("invalid value ", quoted(type), " for override-type; must be one of [json merge strategic]"));
    return api::apply_merge_patch(object, patch.value());
}

}  // namespace kubewalk::kubectl
