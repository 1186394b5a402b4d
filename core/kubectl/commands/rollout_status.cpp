// Upstream: k8s.io/kubectl/pkg/cmd/rollout/rollout_status.go, pkg/polymorphichelpers/rollout_status.go.

#include "core/base/text.h"
#include "core/kubectl/resource_args.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

struct Progress {
    std::string message;  // one line
    bool done = false;
};

Answer<Progress> deployment_progress(const Value& object, std::int64_t revision) {
    const auto name = quoted(api::name_of(object));
    const auto& status = object["status"];
    const auto now = parse_int(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_string()).value_or(0);
    if (revision > 0 && revision != now)
        return Refusal::plain(cat("desired revision (", revision, ") is different from the running revision (", now, ")"));
    if (object["metadata"]["generation"].as_int() > status["observedGeneration"].as_int())
        return Progress{"Waiting for deployment spec update to be observed...\n"};
    for (const auto& condition : status["conditions"].items())
        if (condition["type"].as_string() == "Progressing" && condition["reason"].as_string() == "ProgressDeadlineExceeded")
            return Refusal::plain(cat("deployment ", name, " exceeded its progress deadline"));
    const auto wanted = object["spec"]["replicas"].as_int(1);
    const auto updated = status["updatedReplicas"].as_int();
    const auto all = status["replicas"].as_int();
    const auto available = status["availableReplicas"].as_int();
    const auto waiting = cat("Waiting for deployment ", name, " rollout to finish: ");
    if (updated < wanted)
        return Progress{cat(waiting, updated, " out of ", wanted, " new replicas have been updated...\n")};
    if (all > updated)
        return Progress{cat(waiting, all - updated, " old replicas are pending termination...\n")};
    if (available < updated)
        return Progress{cat(waiting, available, " of ", updated, " updated replicas are available...\n")};
    return Progress{cat("deployment ", name, " successfully rolled out\n"), true};
}

Answer<Progress> daemon_set_progress(const Value& object) {
    const auto name = quoted(api::name_of(object));
    const auto& status = object["status"];
    if (object["spec"]["updateStrategy"]["type"].as_string() != "RollingUpdate")
        return Refusal::plain("rollout status is only available for RollingUpdate strategy type");
    if (object["metadata"]["generation"].as_int() > status["observedGeneration"].as_int())
        return Progress{"Waiting for daemon set spec update to be observed...\n"};
    const auto wanted = status["desiredNumberScheduled"].as_int();
    const auto waiting = cat("Waiting for daemon set ", name, " rollout to finish: ");
    if (const auto updated = status["updatedNumberScheduled"].as_int(); updated < wanted)
        return Progress{cat(waiting, updated, " out of ", wanted, " new pods have been updated...\n")};
    if (const auto available = status["numberAvailable"].as_int(); available < wanted)
        return Progress{cat(waiting, available, " of ", wanted, " updated pods are available...\n")};
    return Progress{cat("daemon set ", name, " successfully rolled out\n"), true};
}

Answer<Progress> stateful_set_progress(const Value& object) {
    const auto& spec = object["spec"];
    const auto& status = object["status"];
    if (spec["updateStrategy"]["type"].as_string() != "RollingUpdate")
        return Refusal::plain("rollout status is only available for RollingUpdate strategy type");
    const auto observed = status["observedGeneration"].as_int();
    if (observed == 0 || object["metadata"]["generation"].as_int() > observed)
        return Progress{"Waiting for statefulset spec update to be observed...\n"};
    const auto wanted = spec["replicas"].as_int(1);
    if (const auto ready = status["readyReplicas"].as_int(); ready < wanted)
        return Progress{cat("Waiting for ", wanted - ready, " pods to be ready...\n")};
    const auto updated = status["updatedReplicas"].as_int();
    const auto& partition = spec["updateStrategy"]["rollingUpdate"]["partition"];
    if (partition.as_int() > 0) {
        if (updated < wanted - partition.as_int())
            return Progress{cat("Waiting for partitioned roll out to finish: ", updated, " out of ", wanted - partition.as_int(), " new pods have been updated...\n")};
        return Progress{cat("partitioned roll out complete: ", updated, " new pods have been updated...\n"), true};
    }
    const auto next = status["updateRevision"].as_string();
    if (next != status["currentRevision"].as_string())
        return Progress{cat("waiting for statefulset rolling update to complete ", updated, " pods at revision ", next, "...\n")};
    return Progress{cat("statefulset rolling update complete ", status["currentReplicas"].as_int(), " pods at revision ", status["currentRevision"].as_string(), "...\n"), true};
}

Answer<Progress> progress(const api::Kind& kind, const Value& object, std::int64_t revision) {
    if (kind.kind == "Deployment")
        return deployment_progress(object, revision);
    if (kind.kind == "DaemonSet")
        return daemon_set_progress(object);
    if (kind.kind == "StatefulSet")
        return stateful_set_progress(object);
    return Refusal::plain(cat("no status viewer has been implemented for ", kind.kind));
}

// One object after the other; each change of the object prints a line.
class RollingOut final : public Waiting<RollingOut> {
public:
    RollingOut(const Server& server, std::vector<Info> infos, std::int64_t revision, std::optional<Time> deadline)
        : server_(server.quiet()), infos_(std::move(infos)), revision_(revision), deadline_(deadline) {}

    bool poll(Time now, Output& more) override {
        while (at_ < infos_.size()) {
            const Info& info = infos_[at_];
            auto object = server_.get(*info.kind, info.namespace_name, info.name);
            if (!object.ok())
                return fail(more, object.refusal().is("NotFound") ? Refusal::plain("object has been deleted") : object.refusal());
            if (api::resource_version_of(object.value()) != seen_) {
                seen_ = api::resource_version_of(object.value());
                auto state = progress(*info.kind, object.value(), revision_);
                if (!state.ok())
                    return fail(more, state.refusal());
                more.out += state.value().message;
                if (state.value().done) {
                    ++at_;
                    seen_.clear();
                    continue;
                }
            }
            if (deadline_ && now >= *deadline_)
                return fail(more, Refusal::plain("timed out waiting for the condition"));
            return false;
        }
        return true;
    }

private:
    static bool fail(Output& more, const Refusal& refusal) {
        more.err += refusal.alone() + "\n";
        more.exit = 1;
        return true;
    }

    Server server_;
    std::vector<Info> infos_;
    std::int64_t revision_;
    std::optional<Time> deadline_;
    std::size_t at_ = 0;
    std::string seen_;
};

}  // namespace

void rollout_status_flags(FlagSet& set) {
    add_filename_flags(set);
    set.boolean("watch", "Wait until it is done", 'w', "true")
        .integer("revision", "Only this revision; 0: the latest", "0")
        .duration("timeout", "How long to wait; 0s: as long as it takes", "0s")
        .text("selector", "Labels to select by", 'l');
}

void rollout_status(Run& run) {
    if (run.args().empty() && !run.flags.has("filename"))
        return run.fail("required resource not specified");
    if (run.flags.integer("revision") < 0)
        return run.fail(cat("revision must be a positive integer: ", run.flags.integer("revision")));
    Asked asked;
    asked.empty_selector = EmptySelector::selects_all;
    Found found = find_resources(run, run.args(), asked);
    if (!found.refusals.empty())
        return run.fail(found.refusals);
    if (found.infos.empty())
        return run.err(cat("No resources found in ", run.namespace_name(), " namespace.\n"));
    const auto revision = run.flags.integer("revision");
    if (!run.flags.is("watch")) {
        for (const auto& info : found.infos) {
            auto state = progress(*info.kind, info.object, revision);
            if (!state.ok())
                return run.fail(state.refusal());
            run.out(state.value().message);
        }
        return;
    }
    const auto timeout = run.flags.duration("timeout");
    std::optional<Time> deadline;
    if (timeout.ns > 0)
        deadline = run.environment.now + timeout;
    auto rest = std::make_unique<RollingOut>(run.server, std::move(found.infos), revision, deadline);
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

}  // namespace kubewalk::kubectl::command
