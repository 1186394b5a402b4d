// `rollout restart`, `pause` and `resume`.
// Upstream: k8s.io/kubectl/pkg/polymorphichelpers (objectrestarter.go, objectpauser.go, objectresumer.go),
// pkg/cmd/rollout.

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Refusal cannot(const Info& info, std::string_view what) {
    const auto resource = info.kind->group.empty() ? std::string(info.kind->resource) : cat(info.kind->resource, ".", info.kind->group);
    return Refusal::plain(cat("error: ", resource, " ", quoted(info.name), " ", what));
}

Answer<Outcome> restart(const Run& run, const Info& info) {
    const auto& kind = info.kind->kind;
    if (kind != "Deployment" && kind != "DaemonSet" && kind != "StatefulSet")
        return cannot(info, "restarting is not supported");
    if (info.object["spec"]["paused"].as_bool())
        return cannot(info, "can't restart paused deployment (run rollout resume first)");
    Outcome outcome{info.object, "restarted"};
    outcome.object.edit_path("spec", "template", "metadata", "annotations")
        .set("kubectl.kubernetes.io/restartedAt", to_rfc3339(run.environment.now));
    if (outcome.object == info.object)
        return Refusal::plain(cat("failed to create patch for ", info.name,
                                  ": if restart has already been triggered within the past second, please wait before "
                                  "attempting to trigger another"));
    return outcome;
}

Answer<Outcome> pause(const Run&, const Info& info) {
    if (info.kind->kind != "Deployment")
        return cannot(info, "pausing is not supported");
    if (info.object["spec"]["paused"].as_bool())
        return cannot(info, "is already paused");
    Outcome outcome{info.object, "paused"};
    outcome.object.edit("spec").set("paused", true);
    return outcome;
}

Answer<Outcome> resume(const Run&, const Info& info) {
    if (info.kind->kind != "Deployment")
        return cannot(info, "resuming is not supported");
    if (!info.object["spec"]["paused"].as_bool())
        return cannot(info, "is not paused");
    Outcome outcome{info.object, "resumed"};
    outcome.object.edit("spec").erase("paused");
    return outcome;
}

void step(Run& run, Answer<Outcome> (*change)(const Run& run, const Info& info)) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("required resource not specified");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    Found found = find_resources(run, run.args(), asked);
    if (found.infos.empty() && found.refusals.empty())
        return run.err(cat("No resources found in ", run.namespace_name(), " namespace.\n"));
    change_each(run, std::move(found), how.value(), [&](const Info& info) -> Answer<Outcome> {
        auto outcome = change(run, info);
        if (!outcome.ok())
            return outcome;
        auto sent = send_change(run, info, outcome.value().object, DryRun::none);
        if (!sent.ok())
            return sent.refusal();
        outcome.value().object = sent.take();
        return outcome;
    });
}

}  // namespace

void rollout_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_label_flag(set);
    add_manager_flag(set, "kubectl-rollout");
}
void rollout_restart(Run& run) { step(run, restart); }
void rollout_pause(Run& run) { step(run, pause); }
void rollout_resume(Run& run) { step(run, resume); }

}  // namespace kubewalk::kubectl::command
