// apply view-last-applied, set-last-applied, edit-last-applied. Upstream: k8s.io/kubectl/pkg/cmd/apply
// (apply_view_last_applied.go, apply_set_last_applied.go, apply_edit_last_applied.go).

#include "core/api/json.h"
#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/editing.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Value last_applied_of(const Value& object) {
    const auto& text = object["metadata"]["annotations"][last_applied_annotation];
    return text.is_null() ? Value() : api::parse_json(text.as_string()).value_or({});
}

}  // namespace

void view_last_applied_flags(FlagSet& set) {
    add_filename_flags(set);
    add_label_flag(set);
    set.text("output", "yaml or json", 'o', "yaml").boolean("all", "All of the kind in the namespace");
}

void view_last_applied(Run& run) {
    const auto form = run.flags.text("output");
    if (form != "yaml" && form != "json")
        return run.usage_error(cat("Unexpected -o output mode: ", form, ", the flag 'output' must be one of yaml|json"));
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    Found found = find_resources(run, run.args(), asked);
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    for (const auto& info : found.infos) {
        const Value configuration = last_applied_of(info.object);
        if (configuration.is_null())
            return run.fail(cat("no last-applied-configuration annotation found on resource: ", info.name));
        run.out(form == "json" ? api::to_json(configuration, 2) + "\n" : api::to_yaml(configuration));
    }
}

void set_last_applied_flags(FlagSet& set) {
    add_output_flags(set);
    add_dry_run_flag(set);
    set.list("filename", "Files or folders with manifests; - is standard input", 'f')
        .boolean("create-annotation", "Make the annotation where there is none");
}

void set_last_applied(Run& run) {
    if (!run.flags.has("filename"))
        return run.fail("must specify one of -f and -k");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    change_each(run, read_manifests(run), how.value(), [&](const Info& info) -> Answer<Outcome> {
        auto live = run.server.get(*info.kind, info.namespace_name, info.name);
        if (!live.ok())
            return live.refusal();
        const bool annotated = live.value()["metadata"]["annotations"].contains(last_applied_annotation);
        if (!annotated && !run.flags.is("create-annotation"))
            return Refusal::plain(cat("no last-applied-configuration annotation found on resource: ", info.name,
                                      ", to create the annotation, run the command with --create-annotation"));
        const auto text = with_last_applied(info.object)["metadata"]["annotations"][last_applied_annotation];
        if (live.value()["metadata"]["annotations"][last_applied_annotation] == text) {
            run.out(cat("set-last-applied ", info.name, ": no changes required.\n"));
            return Outcome{live.take(), {}};
        }
        if (how.value().dry_run == DryRun::client)
            return Outcome{live.take(), "configured"};
        auto request = run.server.request(client::Method::patch, api::object_path(*info.kind, info.namespace_name, info.name));
        request.headers["Content-Type"] = "application/merge-patch+json";
        request.body.edit_path("metadata", "annotations").set(last_applied_annotation, text);
        if (how.value().dry_run == DryRun::server)
            request.query["dryRun"] = "All";
        auto patched = run.server.answer(std::move(request));
        return patched.ok() ? Answer<Outcome>(Outcome{patched.take(), "configured"}) : patched.refusal();
    });
}

void edit_last_applied_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-client-side-apply");
    add_record_flag(set);
    set.boolean("windows-line-endings", "Accepted; the editor's lines end with a newline");
}

void edit_last_applied(Run& run) {
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    Found found = find_resources(run, run.args(), asked);
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    std::vector<Info> annotated;
    for (auto& info : found.infos)
        if (Value configuration = last_applied_of(info.object); !configuration.is_null()) {
            info.object = std::move(configuration);
            annotated.push_back(info);
        }
    if (annotated.empty())
        return run.fail("no last-applied-configuration annotation found on resources, to create the annotation, use command "
                        "`kubectl apply set-last-applied --create-annotation`");
    start_editing(run, std::move(annotated), EditMode::last_applied);
}

}  // namespace kubewalk::kubectl::command
