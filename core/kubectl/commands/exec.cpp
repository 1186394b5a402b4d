// exec and attach. Upstream: k8s.io/kubectl/pkg/cmd/exec/exec.go, pkg/cmd/attach/attach.go.

#include "core/base/text.h"
#include "core/kubectl/attaching.h"
#include "core/kubectl/pods_of.h"

namespace kubewalk::kubectl::command {

using api::Value;

void exec_flags(FlagSet& set) {
    set.text("container", "The container; else the Pod's default or first one", 'c')
        .boolean("stdin", "Pass standard input on", 'i')
        .boolean("tty", "Give the program a terminal: with -i a shell shows its prompt", 't')
        .boolean("quiet", "Print only what the program prints", 'q')
        .list("filename", "A file that names the object", 'f')
        .duration("pod-running-timeout", "Accepted; the Pod is taken as it is", "1m0s");
}

void exec(Run& run) {
    const auto& args = run.args();
    const int dash = run.flags.args_before_dash;
    if (args.empty() || dash == 0)
        return run.fail("pod, type/name or --filename must be specified");
    if (dash < 0 && args.size() > 1)
        return run.usage_error("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
    if (args.size() < 2)
        return run.fail("you must specify at least one command for the container");
    auto pod = pod_for(run, args[0]);
    if (!pod.ok())
        return run.fail(pod.refusal());
    const auto phase = pod.value()["status"]["phase"].as_string();
    if (phase == "Succeeded" || phase == "Failed")
        return run.fail(cat("cannot exec into a container in a completed pod; current phase is ", phase));
    auto container = choose_container(pod.value(), run.flags.text("container"));
    if (!container.ok())
        return run.fail(container.refusal());
    if (!run.flags.is("quiet"))
        run.err(container.value().note);
    const auto path = api::object_path(api::kind::pods, api::namespace_of(pod.value()), api::name_of(pod.value()));
    auto request = run.server.request(client::Method::post, cat(path, "/exec"));
    request.query["container"] = container.value().name;
    request.query["command"] = join(std::vector<std::string>(args.begin() + 1, args.end()), "\n");
    const bool terminal = run.environment.interactive && run.input.empty();
    if (run.flags.is("tty") && run.flags.is("stdin") && terminal)
        request.query["tty"] = "true";
    if (run.environment.interactive && run.flags.is("tty") && run.flags.is("stdin") && run.input.empty()) {
        if (auto shell = open_shell(run.server, request, run.environment.now, run.started.output, run.started.elapsed))
            run.go_on(std::move(shell));
        return;
    }
    if (run.environment.interactive && run.flags.is("tty") && run.flags.is("stdin") && !run.flags.is("quiet"))
        run.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
    if (run.flags.is("stdin"))
        request.body = Value::object({{"stdin", run.input}});
    auto answer = run.server.answer(std::move(request));
    if (!answer.ok()) {
        // Streaming refuses with the kubelet's sentence alone.
        const auto& refusal = answer.refusal();
        if (refusal.is("InternalError") || refusal.is(""))
            return run.fail(cat("Internal error occurred: ", refusal.text));
        return run.fail(refusal);
    }
    const Value& result = answer.value();
    run.out(result["stdout"].as_string());
    run.err(result["stderr"].as_string());
    run.started.elapsed = Duration{result["elapsedNs"].as_int()};
    const auto exit = static_cast<int>(result["exitCode"].as_int());
    if (exit != 0) {
        run.err(cat("command terminated with exit code ", exit, "\n"));
        run.started.output.exit = exit;
    }
}

void attach_flags(FlagSet& set) {
    set.text("container", "The container; else the Pod's default or first one", 'c')
        .text("detach-keys", "Accepted; Ctrl+C leaves", 0, "ctrl-p,ctrl-q")
        .duration("pod-running-timeout", "How long to wait until the Pod runs", "1m0s")
        .boolean("quiet", "Print only what the container prints", 'q')
        .boolean("stdin", "Pass standard input on", 'i')
        .boolean("tty", "Standard input is a terminal", 't');
}

void attach(Run& run) {
    if (run.args().empty())
        return run.fail("at least 1 argument is required for attach");
    if (run.args().size() > 2)
        return run.fail(cat("expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ", run.args().size(), ": [", join(run.args(), " "), "]"));
    auto pod = pod_for(run, run.args().size() == 2 ? cat(run.args()[0], "/", run.args()[1]) : run.args()[0]);
    if (!pod.ok())
        return run.fail(pod.refusal());
    const auto phase = pod.value()["status"]["phase"].as_string();
    if (phase == "Succeeded" || phase == "Failed")
        return run.fail(cat("cannot attach a container in a completed pod; current phase is ", phase));
    auto container = choose_container(pod.value(), run.flags.text("container"));
    if (!container.ok())
        return run.fail(container.refusal());
    if (!run.flags.is("quiet"))
        run.err(container.value().note);
    AttachPlan plan;
    plan.namespace_name = api::namespace_of(pod.value());
    plan.pod = api::name_of(pod.value());
    plan.container = container.value().name;
    for (const auto& one : pod.value()["spec"]["ephemeralContainers"].items())
        if (one["name"].as_string() == plan.container)
            plan.list = "ephemeralContainerStatuses";
    plan.terminal = run.environment.interactive && run.flags.is("stdin") && run.flags.is("tty");
    plan.quiet = run.flags.is("quiet");
    plan.patience = run.flags.duration("pod-running-timeout");
    auto rest = attach_when_running(run.server, std::move(plan), run.environment.now);
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

}  // namespace kubewalk::kubectl::command
