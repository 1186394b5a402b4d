// Upstream: k8s.io/kubectl/pkg/cmd/replace/replace.go.

#include "core/api/json.h"
#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/modify.h"
#include "core/kubectl/raw.h"
#include "core/kubectl/removal.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// util.CreateOrUpdateAnnotation: an annotation that is there is kept up to date.
Value configuration_of(const Run& run, const Value& object) {
    const bool annotated = object["metadata"]["annotations"].contains(last_applied_annotation);
    return run.flags.is("save-config") || annotated ? with_last_applied(object) : object;
}

Answer<Outcome> replace_one(Run& run, const Info& info, DryRun dry_run) {
    Outcome outcome{configuration_of(run, info.object), "replaced"};
    record_change(run, outcome.object);
    if (dry_run == DryRun::client)
        return outcome;
    auto path = api::object_path(*info.kind, info.namespace_name, info.name);
    if (run.flags.has("subresource"))
        append(path, "/", run.flags.text("subresource"));
    // Helper.Replace: without a resourceVersion of its own the object takes the live one's.
    if (info.object["metadata"]["resourceVersion"].is_null())
        if (const auto live = run.server.quiet().get(*info.kind, info.namespace_name, info.name); live.ok())
            outcome.object.edit("metadata").set("resourceVersion", live.value()["metadata"]["resourceVersion"]);
    auto request = run.server.request(client::Method::put, std::move(path));
    request.body = std::move(outcome.object);
    add_write_query(request, {dry_run, field_validation_of(run)}, run.flags.text("field-manager"));
    auto replaced = run.server.answer(std::move(request));
    if (!replaced.ok()) {
        Refusal refusal = replaced.refusal();
        refusal.add_source("replacing", info.source);
        return refusal;
    }
    outcome.object = replaced.take();
    return outcome;
}

// --force: once everything is gone, it is created anew.
class Recreating final : public Waiting<Recreating> {
public:
    Recreating(const Server& server, Disappearing going, std::vector<client::Request> requests, std::vector<const api::Kind*> kinds)
        : server_(server), going_(std::move(going)), requests_(std::move(requests)), kinds_(std::move(kinds)) {}

    bool poll(Time now, Output& more) override {
        if (!going_.poll(now, more))
            return false;
        if (more.exit != 0)
            return true;
        for (std::size_t i = 0; i < requests_.size(); ++i) {
            auto created = server_.answer(requests_[i]);
            more.err += server_.take_notes();
            if (created.ok()) {
                append(more.out, kind_prefix(*kinds_[i]), "/", api::name_of(created.value()), " replaced\n");
                continue;
            }
            more.err += created.refusal().alone() + "\n";
            more.exit = 1;
        }
        return true;
    }

private:
    Server server_;
    Disappearing going_;
    std::vector<client::Request> requests_;
    std::vector<const api::Kind*> kinds_;
};

void force_replace(Run& run) {
    auto removal = removal_of(run);
    if (!removal.ok())
        return run.fail(removal.refusal());
    Found found = read_manifests(run);
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    if (removal.value().grace_period == 0)
        run.err("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
                "The resource may continue to run on the cluster indefinitely.\n");
    std::vector<Doomed> items;
    std::vector<client::Request> requests;
    std::vector<const api::Kind*> kinds;
    for (const auto& info : found.infos) {
        auto removed = remove_object(run, info, removal.value(), DryRun::none);
        if (!removed.ok() && !removed.refusal().is("NotFound"))
            return run.fail(removed.refusal());
        if (removed.ok()) {
            run.out(removal_line(info, removal.value(), DryRun::none));
            items.push_back(doomed(info, removed.value()));
        }
        auto request = run.server.request(client::Method::post, api::collection_path(*info.kind, info.namespace_name));
        request.body = without_version(configuration_of(run, info.object));
        record_change(run, request.body);
        add_write_query(request, {DryRun::none, field_validation_of(run)}, run.flags.text("field-manager"));
        requests.push_back(std::move(request));
        kinds.push_back(info.kind);
    }
    auto timeout = run.flags.duration("timeout");
    if (timeout.ns == 0)
        timeout = minutes(5);
    auto rest = std::make_unique<Recreating>(run.server, Disappearing(run.server, std::move(items), run.environment.now + timeout),
                                             std::move(requests), std::move(kinds));
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

}  // namespace

void replace_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_validate_flag(set);
    add_manager_flag(set, "kubectl-replace");
    add_record_flag(set);
    add_removal_flags(set);
    set.text("raw", "A path to which the file is sent as it is")
        .boolean("save-config", "Keep the configuration in an annotation, as apply does")
        .text("subresource", "Replace a part of the object: status or scale");
}

void replace(Run& run) {
    if (!run.flags.has("filename") && !run.flags.has("kustomize"))
        return run.fail("must specify one of -f and -k");
    const bool force = run.flags.is("force");
    if (run.flags.integer("grace-period") >= 0 && !force)
        return run.fail("--grace-period must have --force specified");
    if (run.flags.duration("timeout").ns != 0 && !force)
        return run.fail("--timeout must have --force specified");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    if (force && how.value().dry_run != DryRun::none)
        return run.fail("--dry-run can not be used when --force is set");
    if (run.flags.has("raw"))
        return send_raw(run, client::Method::put);
    if (force)
        return force_replace(run);
    change_each(run, read_manifests(run), how.value(), [&](const Info& info) { return replace_one(run, info, how.value().dry_run); });
}

}  // namespace kubewalk::kubectl::command
