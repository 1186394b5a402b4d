#include "core/kubectl/applier.h"

#include "core/api/json.h"
#include "core/api/patch.h"
#include "core/base/text.h"
#include "core/kubectl/custom_kinds.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

constexpr int max_tries = 5;  // patcher.go: maxPatchRetry

std::string described(const Info& info) {
    const auto& kind = *info.kind;
    const auto group_version = kind.group.empty() ? cat("/", kind.version) : cat(kind.group, "/", kind.version);
    return cat("Resource: ", quoted(cat(group_version, ", Resource=", kind.resource)), ", GroupVersionKind: ",
               quoted(cat(group_version, ", Kind=", kind.kind)), "\nName: ", quoted(info.name), ", Namespace: ",
               quoted(info.namespace_name));
}

Value without_nulls(const Value& value) {
    if (!value.is_object())
        return value;
    Value kept = Value::object();
    for (const auto& [key, member] : value.members())
        if (!member.is_null())
            kept.set(key, without_nulls(member));
    return kept;
}

Answer<AppliedObject> create(Server& server, const Info& info, const ApplyMode& mode) {
    AppliedObject applied{Change::created, without_nulls(with_last_applied(info.object)), {}};
    if (mode.dry_run == DryRun::client)
        return applied;
    auto request = server.request(client::Method::post, api::collection_path(*info.kind, info.namespace_name));
    request.body = without_version(applied.object);
    add_write_query(request, mode, mode.manager);
    auto created = server.answer(std::move(request));
    if (!created.ok()) {
        Refusal refusal = created.refusal();
        refusal.add_source("creating", info.source);
        return refusal;
    }
    applied.object = created.take();
    return applied;
}

std::string missing_annotation_warning(const Info& info) {
    return cat("Warning: resource ", info.kind->resource, "/", info.name, " is missing the ", last_applied_annotation,
               " annotation which is required by kubectl apply. kubectl apply should only be used on resources created "
               "declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be "
               "patched automatically.\n");
}

Refusal unpatchable(const Info& info, const Value& patch, Refusal refusal) {
    refusal.add_source(cat("applying patch:\n", api::to_json(patch), "\nto:\n", described(info), "\nfor:"), info.source);
    return refusal;
}

Answer<AppliedObject> patch(Server& server, const api::Schema& schema, const Info& info, const Value& live,
                            const ApplyMode& mode) {
    AppliedObject applied{Change::unchanged, live, {}};
    const auto last = live["metadata"]["annotations"][last_applied_annotation];
    if (last.is_null())
        applied.notes = missing_annotation_warning(info);
    if (api::is_deleting(live))
        append(applied.notes, "Warning: Detected changes to resource ", info.name, " which is currently being deleted.\n");
    const Value original = last.is_null() ? Value() : api::parse_json(last.as_string()).value_or({});
    auto wanted = api::three_way_patch(schema, info.kind->schema, original, with_last_applied(info.object), live);
    if (!wanted.ok())
        return Refusal::plain(cat("error when creating patch with:\noriginal:\n", last.as_string(), "\nmodified:\n",
                                  api::to_json(info.object), "\nfor: ", quoted(info.source), ": ", wanted.error().message));
    const Value& change = wanted.value();
    if (change.is_null() || change.empty())
        return applied;
    applied.change = Change::configured;
    if (mode.dry_run == DryRun::client) {
        auto merged = api::apply_strategic_merge_patch(schema, info.kind->schema, live, change);
        if (merged.ok())
            applied.object = merged.take();
        return applied;
    }
    auto request = server.request(client::Method::patch, api::object_path(*info.kind, info.namespace_name, info.name));
    request.headers["Content-Type"] = patch_content_type(*info.kind);
    request.body = change;
    add_write_query(request, mode, mode.manager);
    auto patched = server.answer(std::move(request));
    if (!patched.ok())
        return unpatchable(info, change, patched.refusal());
    // What the server did not change (defaults written out, say) is no change.
    if (api::resource_version_of(patched.value()) == api::resource_version_of(live) && mode.dry_run == DryRun::none)
        applied.change = Change::unchanged;
    applied.object = patched.take();
    return applied;
}

}  // namespace

std::string_view change_name(Change change) {
    static constexpr std::string_view names[] = {"created", "configured", "unchanged"};
    return names[static_cast<int>(change)];
}

Value with_last_applied(const Value& object) {
    Value configuration = object;
    auto& annotations = configuration.edit_path("metadata", "annotations");
    if (!annotations.is_object())
        annotations = Value::object();
    annotations.erase(last_applied_annotation);
    const auto text = api::to_json(configuration) + "\n";
    configuration.edit_path("metadata", "annotations").set(last_applied_annotation, text);
    return configuration;
}

Value without_version(Value object) {
    if (object["metadata"].contains("resourceVersion"))
        object.edit("metadata").erase("resourceVersion");
    return object;
}

void add_write_query(client::Request& request, const ApplyMode& mode, std::string_view manager) {
    request.query["fieldManager"] = manager;
    request.query["fieldValidation"] = mode.field_validation;
    if (mode.dry_run == DryRun::server)
        request.query["dryRun"] = "All";
}

std::string field_validation_of(const Run& run) {
    const auto text = run.flags.text("validate");
    if (text == "warn")
        return "Warn";
    return text == "false" || text == "ignore" ? "Ignore" : "Strict";
}

Answer<Value> merge_on_server(Server& server, const api::Schema& schema, const Info& info, const Value& live) {
    const auto& last = live["metadata"]["annotations"][last_applied_annotation];
    const Value original = last.is_null() ? Value() : api::parse_json(last.as_string()).value_or({});
    // diff leaves the annotation as it is (GetModifiedConfiguration with annotate=false).
    Value modified = info.object;
    if (!last.is_null())
        modified.edit_path("metadata", "annotations").set(last_applied_annotation, last);
    auto wanted = api::three_way_patch(schema, info.kind->schema, original, modified, live);
    if (!wanted.ok())
        return Refusal::plain(wanted.error().message);
    if (wanted.value().is_null() || wanted.value().empty())
        return live;
    auto request = server.request(client::Method::patch, api::object_path(*info.kind, info.namespace_name, info.name));
    request.headers["Content-Type"] = patch_content_type(*info.kind);
    request.query["dryRun"] = "All";
    request.query["fieldManager"] = "kubectl-client-side-apply";
    request.body = wanted.value();
    auto merged = server.answer(std::move(request));
    return merged.ok() ? merged : Answer<Value>(unpatchable(info, wanted.value(), merged.refusal()));
}

Answer<AppliedObject> apply_object(Server& server, const api::Schema& schema, const Info& info, const ApplyMode& mode) {
    if (info.name.empty())
        return Refusal::plain(cat("from ", info.source, ": cannot use generate name with apply"));
    for (int tries = 0;; ++tries) {
        auto live = server.get(*info.kind, info.namespace_name, info.name);
        if (!live.ok() && live.refusal().is("NotFound"))
            return create(server, info, mode);
        if (!live.ok()) {
            Refusal refusal = live.refusal();
            refusal.add_source(cat("retrieving current configuration of:\n", described(info), "\nfrom server for:"), info.source);
            return refusal;
        }
        auto patched = patch(server, schema, info, live.value(), mode);
        if (patched.ok() || !patched.refusal().is("Conflict") || tries >= max_tries)
            return patched;
    }
}

}  // namespace kubewalk::kubectl
