// Upstream: k8s.io/kubectl/pkg/cmd/run/run.go.

#include "core/base/text.h"
#include "core/kubectl/creating.h"

namespace kubewalk::kubectl::command {

using api::Value;

void run_pod_flags(FlagSet& set) {
    add_create_flags(set);
    set.text("image", "The image to run")
        .array("env", "KEY=VALUE for the container's environment")
        .text("labels", "Labels, separated by commas", 'l')
        .text("restart", "Always, OnFailure or Never", 0, "Always")
        .text("port", "The port of the container")
        .text("image-pull-policy", "Always, IfNotPresent or Never")
        .boolean("command", "What follows -- is the command, not its arguments")
        .boolean("stdin", "Not supported: run it, then use exec", 'i')
        .boolean("tty", "Not supported: run it, then use exec", 't')
        .boolean("rm", "Not supported")
        .boolean("attach", "Not supported")
        .boolean("quiet", "Accepted", 'q')
        .boolean("expose", "Not supported: use kubectl expose")
        .text("overrides", "Not supported");
}

void run_pod(Run& run) {
    if (!run.flags.has("image"))
        return run.fail("required flag(s) \"image\" not set");
    const auto& args = run.args();
    if (args.empty() || run.flags.args_before_dash == 0)
        return run.usage_error("NAME is required for run");
    for (std::string_view flag : {"stdin", "tty", "rm", "attach", "expose"})
        if (run.flags.is(flag))
            return run.fail(cat("--", flag, " is not part of this kubectl: run the Pod, then use kubectl exec, logs or expose"));
    const auto restart = run.flags.text("restart");
    if (restart != "Always" && restart != "OnFailure" && restart != "Never")
        return run.usage_error(cat("invalid restart policy: ", restart));
    Value container = Value::object({{"name", args[0]}, {"image", run.flags.text("image")}, {"resources", Value::object()}});
    for (std::size_t i = 1; i < args.size(); ++i)
        container.edit(run.flags.is("command") ? "command" : "args").push_back(args[i]);
    for (const auto& variable : run.flags.list("env")) {
        const auto equals = variable.find('=');
        if (equals == std::string::npos)
            return run.fail(cat("invalid env: ", variable));
        container.edit("env").push_back(Value::object({{"name", variable.substr(0, equals)}, {"value", variable.substr(equals + 1)}}));
    }
    if (const auto port = parse_int(run.flags.text("port")))
        container.set("ports", Value::array({Value::object({{"containerPort", *port}})}));
    if (run.flags.has("image-pull-policy"))
        container.set("imagePullPolicy", run.flags.text("image-pull-policy"));
    Value object = object_with_name("v1", "Pod", args[0]);
    const std::string labels_text = run.flags.text("labels");
    auto& labels = object.edit_path("metadata", "labels");
    if (run.flags.has("labels"))
        for (const auto pair : split(labels_text, ',')) {
            const auto equals = pair.find('=');
            if (equals == std::string_view::npos)
                return run.fail(cat("unexpected label spec: ", pair));
            labels.set(pair.substr(0, equals), pair.substr(equals + 1));
        }
    else
        labels.set("run", args[0]);
    object.edit("spec").set("containers", Value::array({std::move(container)}));
    object.edit("spec").set("restartPolicy", restart);
    object.edit("spec").set("dnsPolicy", "ClusterFirst");
    create_and_print(run, api::kind::pods, std::move(object), "created");
}

}  // namespace kubewalk::kubectl::command
