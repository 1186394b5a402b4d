// Upstream: k8s.io/kubectl/pkg/cmd/run/run.go.

#include "core/api/yaml.h"
#include "core/base/text.h"
#include "core/kubectl/applier.h"
#include "core/kubectl/attaching.h"
#include "core/kubectl/creating.h"
#include "core/kubectl/modify.h"
#include "core/kubectl/overrides.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

bool attaches(const Run& run) { return run.flags.is("attach") || run.flags.is("stdin"); }

std::string wrong_flags(const Run& run, DryRun dry_run) {
    const auto restart = run.flags.text("restart");
    if (restart != "Always" && restart != "OnFailure" && restart != "Never")
        return cat("invalid restart policy: ", restart, ", valid values are: Always, OnFailure, Never");
    const auto pull = run.flags.text("image-pull-policy");
    if (!pull.empty() && pull != "Always" && pull != "IfNotPresent" && pull != "Never")
        return cat("invalid image pull policy: ", pull, ", valid values are: Always, IfNotPresent, Never");
    if (run.flags.is("tty") && !run.flags.is("stdin"))
        return "-i/--stdin is required for containers with -t/--tty=true";
    if (run.flags.is("expose") && !run.flags.has("port"))
        return "--port must be set when exposing a service";
    if (run.flags.has("port") && !parse_int(run.flags.text("port")))
        return "--port must be a number";
    if (run.flags.is("rm") && !attaches(run))
        return "--rm should only be used for attached containers";
    if (attaches(run) && dry_run != DryRun::none)
        return "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)";
    return {};
}

Answer<Value> container_of(const Run& run) {
    const auto& args = run.args();
    Value container = Value::object({{"name", args[0]}, {"image", run.flags.text("image")}, {"resources", Value::object()}});
    for (std::size_t i = 1; i < args.size(); ++i)
        container.edit(run.flags.is("command") ? "command" : "args").push_back(args[i]);
    for (const auto& variable : run.flags.list("env")) {
        const auto equals = variable.find('=');
        if (equals == std::string::npos || equals == 0)
            return Refusal::plain(cat("invalid env: ", variable));
        container.edit("env").push_back(Value::object({{"name", variable.substr(0, equals)}, {"value", variable.substr(equals + 1)}}));
    }
    if (const auto port = parse_int(run.flags.text("port")))
        container.set("ports", Value::array({Value::object({{"containerPort", *port}})}));
    if (run.flags.has("image-pull-policy"))
        container.set("imagePullPolicy", run.flags.text("image-pull-policy"));
    if (run.flags.is("stdin")) {
        container.set("stdin", true);
        if (!run.flags.is("leave-stdin-open"))
            container.set("stdinOnce", true);
    }
    if (run.flags.is("tty"))
        container.set("tty", true);
    if (run.flags.is("privileged"))
        container.set("securityContext", Value::object({{"privileged", true}}));
    return container;
}

Answer<Value> pod_of(const Run& run) {
    auto container = container_of(run);
    if (!container.ok())
        return container;
    Value object = object_with_name("v1", "Pod", run.args()[0]);
    auto& metadata = object.edit("metadata");
    if (run.flags.has("labels")) {
        auto labels = parse_labels(run.flags.text("labels"));
        if (!labels.ok())
            return labels;
        metadata.set("labels", labels.take());
    } else {
        metadata.edit("labels").set("run", run.args()[0]);
    }
    for (const auto& annotation : run.flags.list("annotations")) {
        const auto equals = annotation.find('=');
        if (equals == std::string::npos)
            return Refusal::plain(cat("invalid annotation ", annotation));
        metadata.edit("annotations").set(annotation.substr(0, equals), annotation.substr(equals + 1));
    }
    auto& spec = object.edit("spec");
    spec.set("containers", Value::array({container.take()}));
    spec.set("restartPolicy", run.flags.text("restart"));
    spec.set("dnsPolicy", "ClusterFirst");
    object.set("status", Value::object());
    return overridden(run, std::move(object), api::kind::pods);
}

Value service_of(const Run& run, const Value& pod) {
    Value object = object_with_name("v1", "Service", run.args()[0]);
    const auto port = parse_int(run.flags.text("port")).value_or(0);
    object.edit("spec").set("ports", Value::array({Value::object({{"port", port}, {"protocol", "TCP"}, {"targetPort", port}})}));
    object.edit("spec").set("selector", pod["metadata"]["labels"]);
    object.edit("status").set("loadBalancer", Value::object());
    return object;
}

Answer<Value> send(Run& run, const api::Kind& kind, Value object, DryRun dry_run) {
    if (run.namespace_given() || dry_run != DryRun::client)
        object.edit("metadata").set("namespace", run.namespace_name());
    if (run.flags.is("save-config"))
        object = with_last_applied(object);
    if (dry_run == DryRun::client)
        return object;
    auto request = run.server.request(client::Method::post, api::collection_path(kind, run.namespace_name()));
    request.body = std::move(object);
    request.query["fieldManager"] = run.flags.text("field-manager");
    if (dry_run == DryRun::server)
        request.query["dryRun"] = "All";
    return run.server.answer(std::move(request));
}

void attach(Run& run, const Value& pod, std::vector<Info> created) {
    AttachPlan plan;
    plan.namespace_name = api::namespace_of(pod);
    plan.pod = api::name_of(pod);
    plan.container = pod["spec"]["containers"][0]["name"].str();
    plan.terminal = run.flags.is("stdin") && run.flags.is("tty") && run.input.empty();
    plan.remove = run.flags.is("rm");
    plan.quiet = run.flags.is("quiet");
    plan.wait_for_end = !run.flags.is("leave-stdin-open") && run.flags.text("restart") != "Always";
    plan.patience = run.flags.duration("pod-running-timeout");
    plan.created = std::move(created);
    auto rest = attach_when_running(run.server, std::move(plan), run.environment.now);
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

}  // namespace

void run_pod_flags(FlagSet& set) {
    add_filename_flags(set);
    add_output_flags(set);
    add_dry_run_flag(set);
    add_manager_flag(set, "kubectl-run");
    add_removal_flags(set);
    add_override_flags(set);
    set.array("annotations", "KEY=VALUE as an annotation; may come again")
        .boolean("attach", "Wait until it runs, then show what it writes")
        .boolean("command", "What follows -- is the command, not its arguments")
        .text("detach-keys", "Accepted; Ctrl+C leaves", 0, "ctrl-p,ctrl-q")
        .array("env", "KEY=VALUE for the container's environment; may come again")
        .boolean("expose", "Make a ClusterIP Service for the Pod too")
        .text("image", "The image to run")
        .text("image-pull-policy", "Always, IfNotPresent or Never")
        .text("labels", "Labels, separated by commas", 'l')
        .boolean("leave-stdin-open", "Standard input stays open for a second attach")
        .duration("pod-running-timeout", "How long to wait until the Pod runs", "1m0s")
        .text("port", "The port of the container")
        .boolean("privileged", "Run the container privileged")
        .boolean("quiet", "Print only what the container prints", 'q')
        .text("restart", "Always, OnFailure or Never", 0, "Always")
        .boolean("rm", "Delete the Pod when it has ended")
        .boolean("save-config", "Keep the configuration in an annotation, as apply does")
        .boolean("stdin", "Keep standard input open", 'i')
        .boolean("tty", "Give the container a terminal", 't');
}

void run_pod(Run& run) {
    if (!run.flags.has("image"))
        return run.fail("required flag(s) \"image\" not set");
    if (run.args().empty() || run.flags.args_before_dash == 0)
        return run.usage_error("NAME is required for run");
    auto how = changes_of(run);
    if (!how.ok())
        return run.fail(how.refusal());
    const auto dry_run = how.value().dry_run;
    if (const auto wrong = wrong_flags(run, dry_run); !wrong.empty())
        return run.fail(wrong);
    auto pod = pod_of(run);
    if (!pod.ok())
        return run.fail(pod.refusal());
    std::vector<Info> created;
    const auto add = [&](const api::Kind& kind, Value object) -> std::optional<Refusal> {
        auto sent = send(run, kind, std::move(object), dry_run);
        run.err(run.server.take_notes());
        if (!sent.ok())
            return sent.refusal();
        created.push_back({&kind, run.namespace_name(), std::string(api::name_of(sent.value())), {}, 0, sent.take()});
        return std::nullopt;
    };
    if (auto refused = add(api::kind::pods, pod.value()))
        return run.fail(*refused);
    std::vector<Refusal> refusals;
    if (run.flags.is("expose"))
        if (auto refused = add(api::kind::services, service_of(run, pod.value())))
            refusals.push_back(*refused);
    if (attaches(run)) {
        const Value first = created[0].object;
        run.fail(refusals);
        return attach(run, first, std::move(created));
    }
    for (const auto& info : created)
        how.value().printer.changed(run, *info.kind, info.object, cat("created", dry_run_suffix(dry_run)));
    run.fail(refusals);
}

}  // namespace kubewalk::kubectl::command
