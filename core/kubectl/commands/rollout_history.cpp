// `rollout history` and `rollout undo`, of Deployments, DaemonSets and StatefulSets.
// Upstream: k8s.io/kubectl/pkg/polymorphichelpers (history.go, rollback.go), pkg/cmd/rollout (rollout_history.go,
// rollout_undo.go).

#include <map>

#include "core/api/json.h"
#include "core/api/labels.h"
#include "core/api/patch.h"
#include "core/base/text.h"
#include "core/kubectl/describe/describe.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

constexpr std::string_view revision_annotation = "deployment.kubernetes.io/revision";
constexpr std::string_view change_cause = "kubernetes.io/change-cause";
constexpr std::string_view hash_label = "pod-template-hash";
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";
// They stay what they are on the Deployment when a ReplicaSet's come back.
constexpr std::string_view kept_annotations[] = {last_applied, revision_annotation, "deployment.kubernetes.io/revision-history",
                                                 "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
                                                 "deprecated.deployment.rollback.to"};

// One revision: what keeps it (a ReplicaSet or a ControllerRevision), and its Pod template.
struct Revision {
    Value keeper;
    Value pod_template;
};
using Revisions = std::map<std::int64_t, Revision>;

bool has_history(const api::Kind& kind) { return kind.kind == "Deployment" || kind.kind == "DaemonSet" || kind.kind == "StatefulSet"; }

Answer<Value> keepers_of(Run& run, const Info& info, const api::Kind& kind) {
    auto selector = api::LabelSelector::from_object(info.object["spec"]["selector"]);
    auto list = run.server.list(kind, info.namespace_name, selector.ok() ? selector.value().str() : std::string());
    if (!list.ok())
        return list.refusal();
    Value own = Value::array();
    for (const auto& item : list.value()["items"].items())
        if (api::controller_of(item)["uid"].as_string() == api::uid_of(info.object))
            own.push_back(item);
    return own;
}

Answer<Revisions> revisions_of(Run& run, const Info& info) {
    const bool deployment = info.kind->kind == "Deployment";
    auto keepers = keepers_of(run, info, deployment ? api::kind::replica_sets : api::kind::controller_revisions);
    if (!keepers.ok())
        return keepers.refusal();
    Revisions revisions;
    for (const auto& keeper : keepers.value().items()) {
        if (deployment) {
            if (const auto number = parse_int(keeper["metadata"]["annotations"][revision_annotation].as_string()))
                revisions[*number] = {keeper, keeper["spec"]["template"]};
            continue;
        }
        auto whole = api::apply_strategic_merge_patch(run.environment.schema, info.kind->schema, info.object, keeper["data"]);
        revisions[keeper["revision"].as_int()] = {keeper, whole.ok() ? whole.value()["spec"]["template"] : Value()};
    }
    return revisions;
}

std::string cause_of(const Revision& revision) {
    return revision.keeper["metadata"]["annotations"][change_cause].str("<none>");
}

std::string template_text(const Revision& revision, const api::Kind& kind) {
    Value pod_template = revision.pod_template;
    if (const auto& cause = revision.keeper["metadata"]["annotations"][change_cause]; !cause.is_null() && kind.kind == "Deployment")
        pod_template.edit_path("metadata", "annotations").set(change_cause, cause);
    describe::Writer w(describe::Writer::Tabs::kept);
    describe::pod_template(w, pod_template);
    return w.take();
}

Answer<std::string> history_text(const Revisions& revisions, const api::Kind& kind, std::int64_t number) {
    if (revisions.empty())
        return std::string("No rollout history found.");
    if (number > 0) {
        const auto found = revisions.find(number);
        if (found == revisions.end())
            return Refusal::plain("unable to find the specified revision");
        return template_text(found->second, kind);
    }
    TabWriter writer(describe_stops);
    writer.write("REVISION\tCHANGE-CAUSE\n");
    for (const auto& [revision, entry] : revisions)
        writer.write(cat(revision, "\t", cause_of(entry), "\n"));
    return writer.take();
}

Found workloads_asked(Run& run) {
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    return find_resources(run, run.args(), asked);
}

// What -o prints of a revision: the ReplicaSet, or the object as it was then.
Value printed_revision(const Info& info, const Revision& revision) {
    if (info.kind->kind == "Deployment")
        return revision.keeper;
    Value object = info.object;
    object.edit("spec").set("template", revision.pod_template);
    return object;
}

std::optional<Refusal> print_revisions(Run& run, const Info& info, const Revisions& revisions, std::int64_t number) {
    auto printer = make_printer(run, {});
    if (!printer.ok())
        return printer.refusal();
    if (number > 0 && !revisions.contains(number))
        return Refusal::plain("unable to find the specified revision");
    for (const auto& [revision, entry] : revisions)
        if (number == 0 || number == revision)
            printer.value().changed(run, *info.kind, printed_revision(info, entry), "");
    return std::nullopt;
}

// -- undo --------------------------------------------------------------------------------------------

Answer<std::int64_t> wanted_revision(const Info& info, const Revisions& revisions, std::int64_t asked) {
    if (asked < 0 || (asked > 0 && !revisions.contains(asked)))
        return Refusal::plain(cat("unable to find specified revision ", asked, " in history"));
    if (asked > 0)
        return asked;
    if (revisions.size() < 2)
        return Refusal::plain(info.kind->kind == "Deployment" ? cat("no rollout history found for deployment ", quoted(info.name))
                                                              : "no last revision to roll back to");
    return std::next(revisions.rbegin())->first;
}

Value without_hash(Value pod_template) {
    pod_template.edit_path("metadata", "labels").erase(hash_label);
    return pod_template;
}

// The patch that brings a Deployment back: its template and the annotations of that time.
client::Request deployment_patch(Run& run, const Info& info, const Revision& revision) {
    Value annotations = Value::object();
    const auto is_kept = [](std::string_view key) {
        return std::find(std::begin(kept_annotations), std::end(kept_annotations), key) != std::end(kept_annotations);
    };
    for (const auto& [key, value] : info.object["metadata"]["annotations"].members())
        if (is_kept(key))
            annotations.set(key, value);
    for (const auto& [key, value] : revision.keeper["metadata"]["annotations"].members())
        if (!is_kept(key))
            annotations.set(key, value);
    auto request = run.server.request(client::Method::patch, api::object_path(*info.kind, info.namespace_name, info.name));
    request.headers["Content-Type"] = "application/json-patch+json";
    request.body = Value::array(
        {Value::object({{"op", "replace"}, {"path", "/spec/template"}, {"value", without_hash(revision.pod_template)}}),
         Value::object({{"op", "replace"}, {"path", "/metadata/annotations"}, {"value", annotations}})});
    return request;
}

client::Request revision_patch(Run& run, const Info& info, const Revision& revision) {
    auto request = run.server.request(client::Method::patch, api::object_path(*info.kind, info.namespace_name, info.name));
    request.headers["Content-Type"] = "application/strategic-merge-patch+json";
    request.body = revision.keeper["data"];
    return request;
}

Answer<Outcome> undo_one(Run& run, const Info& info, DryRun dry_run) {
    const auto& annotations = info.object["metadata"]["annotations"];
    if (annotations.contains(last_applied))
        run.err(cat("Warning: resource ", info.kind->resource, "/", info.name,
                    " was previously managed with 'kubectl apply'. Rolling back will not update the ", last_applied,
                    " annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using "
                    "'kubectl apply' with your previous configuration file instead.\n"));
    if (!has_history(*info.kind))
        return Refusal::plain(cat("no rollbacker has been implemented for ", quoted(cat(info.kind->kind, info.kind->group.empty() ? "" : ".", info.kind->group))));
    auto revisions = revisions_of(run, info);
    if (!revisions.ok())
        return revisions.refusal();
    const auto asked = run.flags.integer("to-revision");
    auto number = wanted_revision(info, revisions.value(), asked);
    if (!number.ok())
        return number.refusal();
    const auto& revision = revisions.value().at(number.value());
    if (dry_run == DryRun::client)
        return Outcome{info.object, cat(info.kind->kind == "Deployment" ? "" : "will roll back to ", template_text(revision, *info.kind))};
    if (info.object["spec"]["paused"].as_bool())
        return Refusal::plain("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again");
    if (without_hash(revision.pod_template) == info.object["spec"]["template"])
        return Outcome{info.object, cat("skipped rollback (current template already matches revision ", asked, ")")};
    auto request = info.kind->kind == "Deployment" ? deployment_patch(run, info, revision) : revision_patch(run, info, revision);
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    auto patched = run.server.answer(std::move(request));
    if (!patched.ok())
        return Refusal::plain(cat("failed restoring revision ", asked, ": ", patched.refusal().text));
    return Outcome{info.object, "rolled back"};
}

}  // namespace

void rollout_history_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_label_flag(set);
    set.integer("revision", "Show this revision's Pod template", "0");
}

void rollout_history(Run& run) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("required resource not specified");
    const auto number = run.flags.integer("revision");
    if (number < 0)
        return run.fail(cat("revision must be a positive integer: ", number));
    Found found = workloads_asked(run);
    for (const auto& info : found.infos) {
        if (!has_history(*info.kind))
            return run.fail(cat("no history viewer has been implemented for ",
                                quoted(cat(info.kind->kind, info.kind->group.empty() ? "" : ".", info.kind->group))));
        auto revisions = revisions_of(run, info);
        if (!revisions.ok())
            return run.fail(revisions.refusal());
        if (run.flags.has("output")) {
            if (auto refused = print_revisions(run, info, revisions.value(), number))
                return run.fail(*refused);
            continue;
        }
        auto text = history_text(revisions.value(), *info.kind, number);
        if (!text.ok())
            return run.fail(text.refusal());
        run.out(cat(info.slash_name(), " ", number > 0 ? cat("with revision #", number) : std::string(), "\n", text.value(), "\n"));
    }
    run.fail(found.refusals);
}

void rollout_undo_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_label_flag(set);
    set.integer("to-revision", "Back to this revision; 0: the one before", "0");
}

void rollout_undo(Run& run) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("required resource not specified");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    change_each(run, workloads_asked(run), how.value(), [&](const Info& info) { return undo_one(run, info, how.value().dry_run); });
}

}  // namespace kubewalk::kubectl::command
