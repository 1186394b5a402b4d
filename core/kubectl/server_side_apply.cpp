#include "core/kubectl/server_side_apply.h"

#include <set>

#include "core/api/field_set.h"
#include "core/base/text.h"
#include "core/kubectl/applier.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

constexpr std::string_view own_manager = "kubectl";
constexpr std::string_view annotation_manager = "kubectl-last-applied";
constexpr int most_tries = 5;  // maxPatchRetry

bool owns_annotation(const Value& entry) {
    return api::field_set::is_member(entry["fieldsV1"]["f:metadata"]["f:annotations"][cat("f:", last_applied_annotation)]);
}

bool is_entry(const Value& entry, std::string_view manager, std::string_view operation) {
    return entry["manager"].as_string() == manager && entry["operation"].as_string() == operation && entry["subresource"].as_string().empty();
}

template <typename Wanted>
std::size_t place_of_entry(const Value& entries, const Wanted& wanted) {
    std::size_t at = 0;
    while (at < entries.size() && !wanted(entries[at]))
        ++at;
    return at;
}

// What `from` changed by applying itself is what `to` applied: upgradedManagedFields.
Value upgraded(Value entries, std::string_view from, std::string_view to) {
    std::size_t at = place_of_entry(entries, [&](const Value& entry) { return is_entry(entry, to, "Apply"); });
    if (at == entries.size()) {
        at = place_of_entry(entries, [&](const Value& entry) { return is_entry(entry, from, "Update"); });
        if (at == entries.size())
            return entries;
        entries.edit_at(at).set("operation", "Apply");
        entries.edit_at(at).set("manager", to);
    }
    const auto old = place_of_entry(entries, [&](const Value& entry) { return is_entry(entry, from, "Update") && entry["apiVersion"] == entries[at]["apiVersion"]; });
    if (old < entries.size())
        entries.edit_at(at).set("fieldsV1", api::field_set::unite(entries[at]["fieldsV1"], entries[old]["fieldsV1"]));
    Value kept = Value::array();
    for (const auto& entry : entries.items())
        if (!is_entry(entry, from, "Update"))
            kept.push_back(entry);
    return kept;
}

// So that the annotation outlives that the configuration does not name it: kubectl can still go back to applying itself.
Answer<Value> keep_annotation(Run& run, const Info& info, const Value& object, DryRun dry_run) {
    const Value& annotation = object["metadata"]["annotations"][last_applied_annotation];
    if (server_side_manager(run) != own_manager || annotation.is_null())
        return object;
    for (const auto& entry : object["metadata"]["managedFields"].items())
        if (entry["operation"].as_string() == "Apply" && owns_annotation(entry))
            return object;
    Value metadata = Value::object({{"name", object["metadata"]["name"]}, {"annotations", Value::object({{last_applied_annotation, annotation}})}});
    if (info.kind->namespaced())
        metadata.set("namespace", object["metadata"]["namespace"]);
    auto request = apply_request(run, info, Value::object({{"apiVersion", info.kind->api_version()}, {"kind", info.kind->kind}, {"metadata", std::move(metadata)}}),
                                 annotation_manager, dry_run);
    request.query.erase("force");
    return run.server.answer(std::move(request));
}

// The object with the managers of former applies turned into this one; null when there were none.
Answer<Value> migrate(Run& run, const Info& info, Value object, DryRun dry_run) {
    std::set<std::string> managers;
    for (const auto& entry : object["metadata"]["managedFields"].items())
        if (entry["operation"].as_string() == "Update" && owns_annotation(entry))
            managers.insert(entry["manager"].str());
    const auto manager = server_side_manager(run);
    for (int tries = 1;; ++tries) {
        Value entries = object["metadata"]["managedFields"];
        for (const auto& name : managers)
            entries = upgraded(std::move(entries), name, manager);
        if (entries == object["metadata"]["managedFields"])
            return Value();
        auto request = apply_request(run, info,
                                     Value::array({Value::object({{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(entries)}}),
                                                   Value::object({{"op", "replace"},
                                                                  {"path", "/metadata/resourceVersion"},
                                                                  {"value", object["metadata"]["resourceVersion"]}})}),
                                     manager, dry_run);
        request.headers["Content-Type"] = "application/json-patch+json";
        request.query.erase("force");
        auto patched = run.server.answer(std::move(request));
        if (patched.ok() || !patched.refusal().is("Conflict") || tries == most_tries)
            return patched;
        auto asked = run.server.request(client::Method::get, api::object_path(*info.kind, info.namespace_name, info.name));
        asked.without_managed_fields = false;
        auto again = run.server.answer(std::move(asked));
        if (!again.ok())
            return again;
        object = again.take();
    }
}

// The sentences that follow "Warning: " when the way from one kind of apply to the other is blocked.
std::string migration_warning(std::string_view what, const Refusal& refusal) {
    return cat("Warning: ", what, " This is non-fatal and will be retried next time you apply. Error: ", refusal.text, "\n");
}

// All that follows the apply itself. What of it fails is only warned of.
Value migrated(Run& run, const Info& info, const client::Request& request, Value object, DryRun dry_run) {
    auto kept = keep_annotation(run, info, object, dry_run);
    if (!kept.ok()) {
        run.err(migration_warning("failed to migrate kubectl.kubernetes.io/last-applied-configuration for Server-Side Apply.", kept.refusal()));
        return object;
    }
    object = kept.take();
    auto moved = migrate(run, info, object, dry_run);
    if (!moved.ok()) {
        run.err(migration_warning("server rejected managed fields migration to Server-Side Apply.", moved.refusal()));
        return object;
    }
    if (moved.value().is_null())
        return object;
    // Once more: what the configuration no longer has can be taken away only now.
    auto again = run.server.answer(request);
    if (again.ok())
        return again.take();
    run.err(migration_warning("failed to re-apply configuration after performing Server-Side Apply migration.", again.refusal()));
    return moved.take();
}

}  // namespace

std::string server_side_manager(const Run& run) { return run.flags.has("field-manager") ? run.flags.text("field-manager") : std::string(own_manager); }

client::Request apply_request(const Run& run, const Info& info, const Value& body, std::string_view manager, DryRun dry_run) {
    auto path = api::object_path(*info.kind, info.namespace_name, info.name);
    if (run.flags.has("subresource"))
        append(path, "/", run.flags.text("subresource"));
    auto request = run.server.request(client::Method::patch, std::move(path));
    request.headers["Content-Type"] = "application/apply-patch+yaml";
    request.query["force"] = run.flags.is("force-conflicts") ? "true" : "false";
    request.without_managed_fields = false;
    request.body = body;
    add_write_query(request, {dry_run, field_validation_of(run)}, manager);
    return request;
}

Answer<Outcome> apply_on_server(Run& run, const Info& info, DryRun dry_run) {
    if (info.name.empty())
        return Refusal::plain(cat("from ", info.source, ": cannot use generate name with apply"));
    const auto request = apply_request(run, info, info.object, server_side_manager(run), dry_run);
    auto applied = run.server.answer(request);
    if (!applied.ok()) {
        const auto& refusal = applied.refusal();
        if (refusal.status["code"].as_int() == 415)
            return Refusal::plain(cat("error: Server-side apply not available on the server: (", refusal.text, ")"));
        if (!refusal.is("Conflict"))
            return refusal;
        return Refusal::plain(cat(
            refusal.text,
            "\nPlease review the fields above--they currently have other managers. Here\n"
            "are the ways you can resolve this warning:\n"
            "* If you intend to manage all of these fields, please re-run the apply\n"
            "  command with the `--force-conflicts` flag.\n"
            "* If you do not intend to manage all of the fields, please edit your\n"
            "  manifest to remove references to the fields that should keep their\n"
            "  current managers.\n"
            "* You may co-own fields by updating your manifest to match the existing\n"
            "  value; in this case, you'll become the manager if the other manager(s)\n"
            "  stop managing the field (remove it from their configuration).\n"
            "See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"));
    }
    const Value object = migrated(run, info, request, applied.take(), dry_run);
    if (api::is_deleting(object))
        run.err(cat("Warning: Detected changes to resource ", info.name, " which is currently being deleted.\n"));
    return Outcome{object, "serverside-applied"};
}

}  // namespace kubewalk::kubectl
