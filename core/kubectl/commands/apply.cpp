// Upstream: k8s.io/kubectl/pkg/cmd/apply.

#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl::command {

void apply_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-client-side-apply");
    set.text("selector", "Only objects with these labels", 'l')
        .boolean("prune", "Delete what is no longer in the manifests (not supported here)")
        .boolean("all", "With --prune: all objects")
        .boolean("server-side", "Let the server merge (not supported here)")
        .boolean("force-conflicts", "With --server-side: take fields over")
        .boolean("force", "Accepted; nothing is deleted and created anew")
        .boolean("overwrite", "Own values win over those on the server", 0, "true")
        .boolean("openapi-patch", "Accepted; merge keys always come from the schema", 0, "true")
        .boolean("wait", "Accepted")
        .text("cascade", "Accepted", 0, "background", "background")
        .integer("grace-period", "Accepted", "-1")
        .duration("timeout", "Accepted", "0s");
}

void apply(Run& run) {
    if (!run.args().empty())
        return run.usage_error(cat("Unexpected args: [", join(run.args(), " "), "]"));
    if (run.flags.has("kustomize"))
        return run.fail("kustomize is not part of this kubectl");
    if (!run.flags.has("filename"))
        return run.fail("must specify one of -f and -k");
    if (run.flags.is("prune"))
        return run.fail("--prune is not part of this kubectl: delete what is no longer wanted with kubectl delete");
    if (run.flags.is("server-side"))
        return run.fail("--server-side is not part of this kubectl: fields have no managers here");
    const auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());

    Found found = read_manifests(run);
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        auto applied = apply_object(run.server, run.environment.schema, info, {dry_run.value(), field_validation_of(run)});
        run.err(run.server.take_notes());
        if (!applied.ok()) {
            refusals.push_back(applied.refusal());
            if (applied.refusal().origin == Refusal::Origin::connection)
                break;
            continue;
        }
        run.err(applied.value().notes);
        printer.value().changed(run, *info.kind, applied.value().object,
                                cat(change_name(applied.value().change), dry_run_suffix(dry_run.value())));
    }
    run.fail(refusals);
}

}  // namespace kubewalk::kubectl::command
