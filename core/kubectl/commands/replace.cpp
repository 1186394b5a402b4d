// Upstream: k8s.io/kubectl/pkg/cmd/replace/replace.go.

#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/printers/printers.h"

namespace kubewalk::kubectl::command {

void replace_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_validate_flag(set);
    set.boolean("force", "Not supported: delete and create it").boolean("save-config", "Keep the configuration in an annotation");
}

void replace(Run& run) {
    if (!run.flags.has("filename"))
        return run.fail("must specify one of -f and -k");
    if (run.flags.is("force"))
        return run.fail("--force is not part of this kubectl: use kubectl delete, then kubectl create");
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    Found found = read_manifests(run);
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        auto request = run.server.request(client::Method::put, api::object_path(*info.kind, info.namespace_name, info.name));
        const auto live = run.server.get(*info.kind, info.namespace_name, info.name);
        request.body = run.flags.is("save-config") ||
                               (live.ok() && live.value()["metadata"]["annotations"].contains(last_applied_annotation))
                           ? with_last_applied(info.object)
                           : info.object;
        add_write_query(request, {dry_run.value(), field_validation_of(run)}, "kubectl-replace");
        auto replaced = dry_run.value() == DryRun::client ? Answer<api::Value>(request.body) : run.server.answer(std::move(request));
        run.err(run.server.take_notes());
        if (!replaced.ok()) {
            Refusal refusal = replaced.refusal();
            refusal.add_source("replacing", info.source);
            refusals.push_back(std::move(refusal));
            continue;
        }
        printer.value().changed(run, *info.kind, replaced.value(), cat("replaced", dry_run_suffix(dry_run.value())));
    }
    run.fail(refusals);
}

}  // namespace kubewalk::kubectl::command
