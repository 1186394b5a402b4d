#include "core/apiserver/watch_backlog.h"

#include "core/api/conversion.h"
#include "core/api/custom_kinds.h"
#include "core/api/json.h"
#include "core/apiserver/listing.h"
#include "core/apiserver/table.h"
#include "core/apiserver/watch_hub.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

Answer<std::vector<client::WatchEvent>> watch_backlog(const Core& core, const Call& call, const Filter& filter) {
    std::vector<client::WatchEvent> backlog;
    const auto& kind = *call.route.kind;
    if (auto refused = refused_list_options(call))
        return *std::move(refused);
    const auto asked = parse_resource_version(call.query("resourceVersion"));
    if (!asked.ok())
        return asked.failure();
    const bool initial = call.query("sendInitialEvents") == "true";
    const auto since = initial ? 0 : asked.value();
    const auto prefix = store_prefix(kind, call.route.namespace_name);
    const auto add_managed = [&](Value& object, const api::ManagedFields& managed) {
        if (call.request.without_managed_fields)
            return;
        if (const Value entries = managed.entries({core.schema, kind}); !entries.is_null())
            object.edit("metadata").set("managedFields", entries);
    };
    if (since == 0) {  // from any version: what there is comes first
        for (auto it = core.store.first(prefix); core.store.within(it, prefix); ++it)
            if (filter.matches(it->second.value)) {
                backlog.push_back({client::WatchType::added, it->second.value, 0, false});
                add_managed(backlog.back().object, it->second.managed);
            }
    } else {
        const auto changes = core.store.changes_after(since, prefix);
        if (!changes.ok())
            return status::expired(cat("too old resource version: ", since, " (", core.store.revision(), ")"));
        for (const auto& [revision, change] : changes.value())
            if (auto event = WatchHub::seen_by(filter, revision, change)) {
                backlog.push_back(std::move(*event));
                add_managed(backlog.back().object, change.managed);
            }
    }
    if (call.route.served != &kind || api::is_custom(kind))
        for (auto& event : backlog)
            event.object = api::convert(event.object, kind, *call.route.served);
    return backlog;
}

Answer<Value> watch_until_now(const Core& core, Call& call, bool as_table) {
    const auto& kind = *call.route.kind;
    auto filter = Filter::parse(kind, call.route.namespace_name, call.request.query);
    if (!filter.ok())
        return filter.failure();
    auto backlog = watch_backlog(core, call, filter.value());
    if (!backlog.ok())
        return backlog.failure();
    std::string lines;
    const auto add = [&lines](std::string_view type, Value object) {
        lines += api::to_json(Value::object({{"type", type}, {"object", std::move(object)}}));
        lines += '\n';
    };
    for (auto& event : backlog.value())
        add(client::watch_type_name(event.type),
            as_table ? to_table(core, call, event.object) : std::move(event.object));
    const auto& since = call.query("resourceVersion");
    const bool initial = call.query("sendInitialEvents") == "true";
    if (const auto now = cat(core.store.revision()); call.query("allowWatchBookmarks") == "true" && (initial || since != now)) {
        Value metadata = Value::object({{"resourceVersion", now}, {"creationTimestamp", nullptr}});
        if (initial)
            metadata.set("annotations", Value::object({{"k8s.io/initial-events-end", "true"}}));
        add("BOOKMARK", Value::object({{"kind", kind.kind}, {"apiVersion", call.route.served->api_version()}, {"metadata", std::move(metadata)}}));
    }
    call.headers["content-type"] = "application/json";
    return Value(std::move(lines));
}

}  // namespace kubewalk::apiserver
