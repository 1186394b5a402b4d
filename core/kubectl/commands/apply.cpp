// Upstream: k8s.io/kubectl/pkg/cmd/apply (apply.go, prune.go), pkg/util/prune/prune.go.

#include <set>

#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/modify.h"
#include "core/kubectl/removal.h"
#include "core/kubectl/server_side_apply.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// What --prune looks through unless --prune-allowlist says otherwise.
struct Prunable {
    std::string_view api_version;
    std::string_view kind;
};
constexpr Prunable prunable[] = {
    {"v1", "ConfigMap"}, {"v1", "Endpoints"}, {"v1", "PersistentVolumeClaim"}, {"v1", "Pod"}, {"v1", "ReplicationController"},
    {"v1", "Secret"}, {"v1", "Service"}, {"batch/v1", "Job"}, {"batch/v1", "CronJob"}, {"networking.k8s.io/v1", "Ingress"},
    {"apps/v1", "DaemonSet"}, {"apps/v1", "Deployment"}, {"apps/v1", "ReplicaSet"}, {"apps/v1", "StatefulSet"},
    {"v1", "Namespace"}, {"v1", "PersistentVolume"}};

std::string wrong_flags(const Run& run, DryRun dry_run) {
    const bool server_side = run.flags.is("server-side");
    const bool force = run.flags.is("force");
    if (run.flags.is("force-conflicts") && !server_side)
        return "--force-conflicts only works with --server-side";
    if (dry_run == DryRun::client && server_side)
        return "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)";
    if (force && server_side)
        return "--force cannot be used with --server-side";
    if (dry_run == DryRun::server && force)
        return "--dry-run=server cannot be used with --force";
    if (run.flags.is("all") && run.flags.has("selector"))
        return "cannot set --all and --selector at the same time";
    if (run.flags.has("subresource") && !server_side)
        return "--subresource can only be specified for --server-side";
    if (!run.flags.is("prune"))
        return {};
    if (force)
        return "--force cannot be used with --prune";
    if (!run.flags.is("all") && !run.flags.has("selector"))
        return "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you "
               "did not mean to prune all resources, specify a label selector";
    if (server_side)
        return "--prune is in alpha and doesn't currently work on objects created by server-side apply";
    return {};
}

// -- prune ---------------------------------------------------------------------------------------------

Answer<std::vector<const api::Kind*>> kinds_to_prune(const Run& run) {
    std::vector<const api::Kind*> kinds;
    for (const auto& text : run.flags.list("prune-allowlist")) {
        const auto parts = split(text, '/');
        if (parts.size() != 3)
            return Refusal::plain(cat("invalid GroupVersionKind format: ", text, ", please follow <group/version/kind>"));
        const auto version = parts[0] == "core" || parts[0].empty() ? std::string(parts[1]) : cat(parts[0], "/", parts[1]);
        const auto* kind = api::find_kind(version, parts[2]);
        if (!kind)
            return Refusal::plain(cat("no matches for kind ", quoted(parts[2]), " in version ", quoted(version)));
        kinds.push_back(kind);
    }
    if (kinds.empty())
        for (const auto& entry : prunable)
            if (const auto* kind = api::find_kind(entry.api_version, entry.kind))
                kinds.push_back(kind);
    return kinds;
}

std::optional<Refusal> prune_kind(Run& run, const Changes& how, const api::Kind& kind, const std::string& namespace_name,
                                  const std::set<std::string>& visited, const Removal& removal) {
    auto list = run.server.list(kind, namespace_name, run.flags.text("selector"));
    if (!list.ok())
        return list.refusal();
    for (const auto& object : list.value()["items"].items()) {
        if (!object["metadata"]["annotations"].contains(last_applied_annotation) || visited.contains(std::string(api::uid_of(object))))
            continue;
        const Info info{&kind, std::string(api::namespace_of(object)), std::string(api::name_of(object)), {}, 0, object};
        if (how.dry_run != DryRun::client)
            if (auto removed = remove_object(run, info, removal, how.dry_run); !removed.ok())
                return Refusal::plain(cat("error pruning ", kind.namespaced() ? "namespaced" : "nonNamespaced", " object ",
                                          kind.group.empty() ? cat("/", kind.version) : cat(kind.group, "/", kind.version), ", Kind=", kind.kind,
                                          ": ", removed.refusal().text));
        how.printer.changed(run, kind, object, cat("pruned", dry_run_suffix(how.dry_run)));
    }
    return std::nullopt;
}

std::optional<Refusal> prune(Run& run, const Changes& how, const std::set<std::string>& visited, const std::set<std::string>& namespaces) {
    auto kinds = kinds_to_prune(run);
    if (!kinds.ok())
        return kinds.refusal();
    auto removal = removal_of(run);
    if (!removal.ok())
        return removal.refusal();
    for (const auto& name : namespaces)
        for (const auto* kind : kinds.value())
            if (kind->namespaced())
                if (auto refused = prune_kind(run, how, *kind, name, visited, removal.value()))
                    return refused;
    for (const auto* kind : kinds.value())
        if (!kind->namespaced())
            if (auto refused = prune_kind(run, how, *kind, {}, visited, removal.value()))
                return refused;
    return std::nullopt;
}

// --force: an object that cannot be patched is deleted and, once it is gone, created anew.
class Reapplying final : public Waiting<Reapplying> {
public:
    Reapplying(const Server& server, Disappearing going, client::Request request, std::string name)
        : server_(server), going_(std::move(going)), request_(std::move(request)), name_(std::move(name)) {}

    bool poll(Time now, Output& more) override {
        if (!going_.poll(now, more))
            return false;
        auto created = server_.answer(request_);
        more.err += server_.take_notes();
        if (created.ok())
            append(more.out, name_, " configured\n");
        else
            more.err += created.refusal().alone() + "\n";
        more.exit = created.ok() ? 0 : 1;
        return true;
    }

private:
    Server server_;
    Disappearing going_;
    client::Request request_;
    std::string name_;
};

std::unique_ptr<Continuation> recreate(Run& run, const Info& info) {
    auto removal = removal_of(run);
    if (!removal.ok())
        return nullptr;
    auto removed = remove_object(run, info, removal.value(), DryRun::none);
    if (!removed.ok())
        return nullptr;
    auto request = run.server.request(client::Method::post, api::collection_path(*info.kind, info.namespace_name));
    request.body = without_version(with_last_applied(info.object));
    return std::make_unique<Reapplying>(run.server, Disappearing(run.server, {doomed(info, removed.value())}, std::nullopt), std::move(request),
                                        info.slash_name());
}

}  // namespace

void apply_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-client-side-apply");
    add_label_flag(set);
    add_record_flag(set);
    add_removal_flags(set);
    set.boolean("prune", "Delete what was applied once and is no longer in the manifests")
        .array("prune-allowlist", "Prune only objects of GROUP/VERSION/KIND; may come again")
        .boolean("all", "With --prune: among all objects")
        .boolean("server-side", "Let the server merge, field by field")
        .boolean("force-conflicts", "With --server-side: take fields over from other managers")
        .boolean("overwrite", "Own values win over those on the server", 0, "true")
        .boolean("openapi-patch", "Accepted; merge keys always come from the schema", 0, "true")
        .text("subresource", "With --server-side: apply a part of the object: status or scale");
}

void apply(Run& run) {
    if (!run.args().empty())
        return run.usage_error(cat("Unexpected args: [", join(run.args(), " "), "]"));
    if (!run.flags.has("filename") && !run.flags.has("kustomize"))
        return run.fail("must specify one of -f and -k");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    const auto dry_run = how.value().dry_run;
    if (const auto wrong = wrong_flags(run, dry_run); !wrong.empty())
        return run.fail(wrong);
    std::set<std::string> visited, namespaces;
    if (run.namespace_given())
        namespaces.insert(run.namespace_name());
    std::unique_ptr<Continuation> rest;
    const ApplyMode mode{dry_run, field_validation_of(run), run.flags.text("field-manager")};
    change_each(run, read_manifests(run), how.value(), [&](const Info& written) -> Answer<Outcome> {
        Info info = written;
        record_change(run, info.object);
        if (info.kind->namespaced())
            namespaces.insert(info.namespace_name);
        if (run.flags.is("server-side"))
            return apply_on_server(run, info, dry_run);
        auto applied = apply_object(run.server, run.environment.schema, info, mode);
        if (!applied.ok()) {
            const auto& refusal = applied.refusal();
            if (!rest && run.flags.is("force") && (refusal.is("Invalid") || refusal.is("Conflict")))
                if ((rest = recreate(run, info)))
                    return Outcome{};
            return refusal;
        }
        run.err(applied.value().notes);
        visited.insert(std::string(api::uid_of(applied.value().object)));
        return Outcome{applied.value().object, std::string(change_name(applied.value().change))};
    });
    if (run.started.output.exit == 0 && run.flags.is("prune"))
        if (auto refused = prune(run, how.value(), visited, namespaces))
            return run.fail(*refused);
    if (!rest)
        return;
    Output more;
    if (!rest->poll(run.environment.now, more))
        run.go_on(std::move(rest));
    run.out(more.out);
    run.err(more.err);
}

}  // namespace kubewalk::kubectl::command
