// `rollout restart`, `pause` and `resume`.
// Upstream: k8s.io/kubectl/pkg/polymorphichelpers (objectrestarter.go, objectpauser.go, objectresumer.go).

#include "core/base/text.h"
#include "core/kubectl/modify.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

Answer<Outcome> restart(Run& run, const Info& info, const std::vector<std::string>&) {
    Outcome outcome{info.object, "restarted"};
    if (info.kind->kind == "Pod" || !info.object["spec"]["template"].is_object() || info.kind->kind == "ReplicaSet" ||
        info.kind->kind == "ReplicationController")
        return Refusal::plain(cat("error: ", info.kind->resource, " ", quoted(info.name), " restarting is not supported"));
    if (info.object["spec"]["paused"].as_bool())
        return Refusal::plain(cat("error: ", info.kind->resource, " ", quoted(info.name),
                                  " can't restart paused deployment (run rollout resume first)"));
    outcome.object.edit_path("spec", "template", "metadata", "annotations")
        .set("kubectl.kubernetes.io/restartedAt", to_rfc3339(run.environment.now));
    if (outcome.object == info.object)
        return Refusal::plain(cat("failed to create patch for ", info.name,
                                  ": if restart has already been triggered within the past second, please wait before "
                                  "attempting to trigger another"));
    return outcome;
}

Answer<Outcome> pause(Run&, const Info& info, const std::vector<std::string>&) {
    if (info.kind->kind != "Deployment")
        return Refusal::plain(cat("error: ", info.kind->resource, " ", quoted(info.name), " pausing is not supported"));
    if (info.object["spec"]["paused"].as_bool())
        return Refusal::plain(cat("error: ", info.kind->resource, ".", info.kind->group, " ", quoted(info.name), " is already paused"));
    Outcome outcome{info.object, "paused"};
    outcome.object.edit("spec").set("paused", true);
    return outcome;
}

Answer<Outcome> resume(Run&, const Info& info, const std::vector<std::string>&) {
    if (info.kind->kind != "Deployment")
        return Refusal::plain(cat("error: ", info.kind->resource, " ", quoted(info.name), " resuming is not supported"));
    if (!info.object["spec"]["paused"].as_bool())
        return Refusal::plain(cat("error: ", info.kind->resource, ".", info.kind->group, " ", quoted(info.name), " is not paused"));
    Outcome outcome{info.object, "resumed"};
    outcome.object.edit("spec").erase("paused");
    return outcome;
}

void step(Run& run, ChangeOne change) {
    if (run.args().empty() && !run.flags.has("filename") && !run.flags.has("selector"))
        return run.fail("required resource not specified");
    modify_each(run, run.args(), {}, change);
}

}  // namespace

void rollout_flags(FlagSet& set) { add_modify_flags(set); }
void rollout_restart(Run& run) { step(run, restart); }
void rollout_pause(Run& run) { step(run, pause); }
void rollout_resume(Run& run) { step(run, resume); }

}  // namespace kubewalk::kubectl::command
