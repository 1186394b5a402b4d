// `rollout history` and `rollout undo`, of Deployments.
// Upstream: k8s.io/kubectl/pkg/polymorphichelpers (history.go, rollback.go).

#include <map>

#include "core/api/labels.h"
#include "core/base/text.h"
#include "core/kubectl/describe/describe.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view revision_annotation = "deployment.kubernetes.io/revision";
constexpr std::string_view change_cause = "kubernetes.io/change-cause";
constexpr std::string_view hash_label = "pod-template-hash";

// Of each revision its ReplicaSet.
Answer<std::map<std::int64_t, Value>> revisions_of(Run& run, const Info& info) {
    auto selector = api::LabelSelector::from_object(info.object["spec"]["selector"]);
    auto list = run.server.list(*api::find_kind("apps/v1", "ReplicaSet"), info.namespace_name,
                                selector.ok() ? selector.value().str() : std::string());
    if (!list.ok())
        return list.refusal();
    std::map<std::int64_t, Value> revisions;
    for (const auto& set : list.value()["items"].items())
        if (api::controller_of(set)["uid"].as_string() == api::uid_of(info.object))
            if (auto revision = parse_int(set["metadata"]["annotations"][revision_annotation].as_string()))
                revisions[*revision] = set;
    return revisions;
}

Value template_of(const Value& replica_set) {
    Value pod_template = replica_set["spec"]["template"];
    if (const auto cause = replica_set["metadata"]["annotations"][change_cause]; !cause.is_null())
        pod_template.edit_path("metadata", "annotations").set(change_cause, cause);
    return pod_template;
}

Answer<std::string> history_text(const std::map<std::int64_t, Value>& revisions, std::int64_t revision) {
    if (revisions.empty())
        return std::string("No rollout history found.");
    if (revision > 0) {
        const auto found = revisions.find(revision);
        if (found == revisions.end())
            return Refusal::plain("unable to find the specified revision");
        describe::Writer w(describe::Writer::Tabs::kept);
        describe::pod_template(w, template_of(found->second));
        return w.take();
    }
    TabWriter writer(describe_stops);
    writer.write("REVISION\tCHANGE-CAUSE\n");
    for (const auto& [number, set] : revisions)
        writer.write(cat(number, "\t", set["metadata"]["annotations"][change_cause].as_string("<none>"), "\n"));
    return writer.take();
}

Found deployments_asked(Run& run) {
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    return find_resources(run, run.args(), asked);
}

Answer<Value> undone(Run& run, const Info& info, std::int64_t revision, std::string& operation) {
    auto revisions = revisions_of(run, info);
    if (!revisions.ok())
        return revisions.refusal();
    const auto& all = revisions.value();
    if (revision == 0) {
        if (all.size() < 2)
            return Refusal::plain(cat("no rollout history found for deployment ", quoted(info.name)));
        revision = std::next(all.rbegin())->first;
    }
    const auto found = all.find(revision);
    if (found == all.end())
        return Refusal::plain("unable to find the specified revision");
    if (info.object["spec"]["paused"].as_bool())
        return Refusal::plain("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again");
    Value pod_template = found->second["spec"]["template"];
    pod_template.edit_path("metadata", "labels").erase(hash_label);
    if (pod_template == info.object["spec"]["template"]) {
        operation = cat("skipped rollback (current template already matches revision ", revision, ")");
        return info.object;
    }
    Value object = info.object;
    object.edit("spec").set("template", std::move(pod_template));
    if (const auto& cause = found->second["metadata"]["annotations"][change_cause]; !cause.is_null())
        object.edit_path("metadata", "annotations").set(change_cause, cause);
    operation = "rolled back";
    return object;
}

}  // namespace

void rollout_history_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    set.integer("revision", "Show this revision's Pod template", "0").text("selector", "Labels to select by", 'l');
}

void rollout_history(Run& run) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("required resource not specified");
    Found found = deployments_asked(run);
    const auto revision = run.flags.integer("revision");
    for (const auto& info : found.infos) {
        if (info.kind->kind != "Deployment")
            return run.fail(cat("no history viewer has been implemented for ", quoted(info.kind->kind)));
        auto revisions = revisions_of(run, info);
        if (!revisions.ok())
            return run.fail(revisions.refusal());
        auto text = history_text(revisions.value(), revision);
        if (!text.ok())
            return run.fail(text.refusal());
        run.out(cat(info.slash_name(), revision > 0 ? cat(" with revision #", revision) : std::string(), "\n", text.value(), "\n"));
    }
    run.fail(found.refusals);
}

void rollout_undo_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    set.integer("to-revision", "Back to this revision; 0: the one before", "0").text("selector", "Labels to select by", 'l');
}

void rollout_undo(Run& run) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("required resource not specified");
    auto dry_run = run.dry_run();
    if (!dry_run.ok())
        return run.fail(dry_run.refusal());
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return run.fail(printer.refusal());
    Found found = deployments_asked(run);
    auto refusals = std::move(found.refusals);
    for (const auto& info : found.infos) {
        if (info.kind->kind != "Deployment") {
            refusals.push_back(Refusal::plain(cat("no rollbacker has been implemented for ", quoted(info.kind->kind))));
            continue;
        }
        if (info.object["metadata"]["annotations"].contains("kubectl.kubernetes.io/last-applied-configuration"))
            run.err(cat("Warning: resource ", info.kind->resource, "/", info.name,
                        " was previously managed with 'kubectl apply'. Rolling back will not update the "
                        "kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on "
                        "future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration "
                        "file instead.\n"));
        std::string operation;
        auto object = undone(run, info, run.flags.integer("to-revision"), operation);
        if (object.ok())
            object = send_change(run, info, object.value(), dry_run.value());
        if (object.ok())
            printer.value().changed(run, *info.kind, object.value(), cat(operation, dry_run_suffix(dry_run.value())));
        else
            refusals.push_back(object.refusal());
    }
    run.fail(refusals);
}

}  // namespace kubewalk::kubectl::command
