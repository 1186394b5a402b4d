// Upstream: k8s.io/kubectl/pkg/cmd/debug (debug.go, profiles.go).

#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/kubectl/attaching.h"
#include "core/kubectl/pods_of.h"

namespace kubewalk::kubectl::command {

using api::Value;

namespace {

// Five letters as GenerateName would draw them; here they come from what is asked and when.
std::string suffix_of(const Run& run) {
    constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
    const auto hash = sha256(cat(run.typed(), run.environment.now.ns));
    std::string suffix;
    for (std::size_t i = 0; i < 5; ++i)
        suffix += letters[hash[i] % letters.size()];
    return suffix;
}

std::string container_name(Run& run) {
    if (run.flags.has("container"))
        return run.flags.text("container");
    const auto name = cat("debugger-", suffix_of(run));
    if (!run.flags.is("quiet"))
        run.out(cat("Defaulting debug container name to ", name, ".\n"));
    return name;
}

Value container_of(const Run& run, std::string_view name) {
    Value container = Value::object({{"name", name}, {"image", run.flags.text("image")}, {"terminationMessagePolicy", "File"}});
    for (std::size_t i = 1; i < run.args().size(); ++i)
        container.edit(run.flags.is("arguments-only") ? "args" : "command").push_back(run.args()[i]);
    for (const auto& variable : run.flags.list("env")) {
        const auto equals = variable.find('=');
        container.edit("env").push_back(Value::object({{"name", variable.substr(0, equals)}, {"value", equals == std::string::npos ? "" : variable.substr(equals + 1)}}));
    }
    if (run.flags.has("image-pull-policy"))
        container.set("imagePullPolicy", run.flags.text("image-pull-policy"));
    if (run.flags.is("stdin"))
        container.set("stdin", true);
    if (run.flags.is("tty"))
        container.set("tty", true);
    return container;
}

enum class Target : unsigned char { pod, node };

// What the profiles of debug grant the container.
void apply_profile(const Run& run, Value& container, Target target) {
    const auto profile = run.flags.text("profile");
    const auto capability = [&container](std::string_view name) {
        container.edit_path("securityContext", "capabilities", "add").push_back(name);
    };
    if (profile == "general" && target == Target::pod) {
        capability("SYS_PTRACE");
    } else if (profile == "sysadmin") {
        container.edit("securityContext").set("privileged", true);
    } else if (profile == "netadmin") {
        capability("NET_ADMIN");
        capability("NET_RAW");
    } else if (profile == "restricted") {
        auto& context = container.edit("securityContext");
        context.set("allowPrivilegeEscalation", false);
        context.set("runAsNonRoot", true);
        context.set("capabilities", Value::object({{"drop", Value::array({"ALL"})}}));
        context.set("seccompProfile", Value::object({{"type", "RuntimeDefault"}}));
    }
}

void attach(Run& run, const Value& pod, const std::string& container, std::string_view list) {
    if (!run.flags.is("stdin") && !run.flags.is("attach"))
        return;
    AttachPlan plan;
    plan.namespace_name = api::namespace_of(pod);
    plan.pod = api::name_of(pod);
    plan.container = container;
    plan.list = list;
    plan.terminal = run.flags.is("stdin") && run.flags.is("tty") && run.input.empty();
    plan.quiet = run.flags.is("quiet");
    auto rest = attach_when_running(run.server, std::move(plan), run.environment.now);
    if (!rest->poll(run.environment.now, run.started.output))
        run.go_on(std::move(rest));
}

void debug_in_place(Run& run, const Value& pod) {
    if (!run.flags.text("target").empty() && !run.flags.is("quiet"))
        run.out(cat("Targeting container ", quoted(run.flags.text("target")),
                    ". If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n"));
    const auto name = container_name(run);
    Value container = container_of(run, name);
    if (run.flags.has("target"))
        container.set("targetContainerName", run.flags.text("target"));
    apply_profile(run, container, Target::pod);
    auto request = run.server.request(client::Method::patch, cat(api::object_path(api::kind::pods, api::namespace_of(pod), api::name_of(pod)), "/ephemeralcontainers"));
    request.headers["Content-Type"] = "application/strategic-merge-patch+json";
    request.body = Value::object({{"spec", Value::object({{"ephemeralContainers", Value::array({std::move(container)})}})}});
    auto patched = run.server.answer(std::move(request));
    if (!patched.ok())
        return run.fail(patched.refusal());
    attach(run, patched.value(), name, "ephemeralContainerStatuses");
}

// --set-image=CONTAINER=IMAGE,...; * for all.
void set_images(const Run& run, Value& spec) {
    for (const auto& pair : run.flags.list("set-image")) {
        const auto equals = pair.find('=');
        for (std::size_t i = 0; i < spec["containers"].size(); ++i)
            if (pair.starts_with("*=") || spec["containers"][i]["name"].as_string() == pair.substr(0, equals))
                spec.edit("containers").edit_at(i).set("image", pair.substr(equals + 1));
    }
}

void strip(const Run& run, Value& copy) {
    auto& spec = copy.edit("spec");
    if (!run.flags.is("keep-init-containers"))
        spec.erase("initContainers");
    for (std::size_t i = 0; i < spec["containers"].size(); ++i) {
        auto& container = spec.edit("containers").edit_at(i);
        for (const auto& [flag, field] : {std::pair{"keep-liveness", "livenessProbe"}, {"keep-readiness", "readinessProbe"}, {"keep-startup", "startupProbe"}})
            if (!run.flags.is(flag))
                container.erase(field);
    }
}

void debug_copy(Run& run, const Value& pod) {
    Value copy = Value::object({{"apiVersion", "v1"}, {"kind", "Pod"}});
    copy.edit("metadata").set("name", run.flags.text("copy-to"));
    copy.edit("metadata").set("namespace", api::namespace_of(pod));
    if (run.flags.is("keep-labels") && !pod["metadata"]["labels"].empty())
        copy.edit("metadata").set("labels", pod["metadata"]["labels"]);
    if (run.flags.is("keep-annotations") && !pod["metadata"]["annotations"].empty())
        copy.edit("metadata").set("annotations", pod["metadata"]["annotations"]);
    copy.set("spec", pod["spec"]);
    strip(run, copy);
    auto& spec = copy.edit("spec");
    spec.erase("ephemeralContainers");
    if (run.flags.has("share-processes") || !run.flags.text("image").empty())
        spec.set("shareProcessNamespace", run.flags.is("share-processes"));
    if (!run.flags.is("same-node"))
        spec.erase("nodeName");
    set_images(run, spec);
    std::string name = run.flags.text("container");
    const bool known = [&] {
        for (const auto& container : spec["containers"].items())
            if (container["name"].as_string() == name)
                return true;
        return false;
    }();
    if (!known && run.flags.text("image").empty()) {
        if (!run.flags.has("set-image"))
            return run.fail("you must specify image when creating new container");
        name.clear();
    } else if (!known) {
        name = container_name(run);
        Value container = container_of(run, name);
        apply_profile(run, container, Target::pod);
        spec.edit("containers").push_back(std::move(container));
    } else {
        for (std::size_t i = 0; i < spec["containers"].size(); ++i)
            if (spec["containers"][i]["name"].as_string() == name) {
                auto& container = spec.edit("containers").edit_at(i);
                const Value wanted = container_of(run, name);
                for (const auto& [field, value] : wanted.members())
                    if (field != "image" || !value.as_string().empty())
                        container.set(field, value);
            }
    }
    auto request = run.server.request(client::Method::post, api::collection_path(api::kind::pods, api::namespace_of(pod)));
    request.body = std::move(copy);
    auto created = run.server.answer(std::move(request));
    if (!created.ok())
        return run.fail(created.refusal());
    if (run.flags.is("replace")) {
        const Info info{&api::kind::pods, std::string(api::namespace_of(pod)), std::string(api::name_of(pod)), {}, 0, pod};
        if (auto removed = remove_object(run, info, {0, "Background"}, DryRun::none); !removed.ok())
            return run.fail(removed.refusal());
    }
    if (!name.empty())
        attach(run, created.value(), name, "containerStatuses");
}

void debug_node(Run& run, const Value& node) {
    const auto container_name = run.flags.has("container") ? run.flags.text("container") : std::string("debugger");
    const auto name = cat("node-debugger-", api::name_of(node), "-", suffix_of(run));
    if (!run.flags.is("quiet"))
        run.out(cat("Creating debugging pod ", name, " with container ", container_name, " on node ", api::name_of(node), ".\n"));
    Value container = container_of(run, container_name);
    apply_profile(run, container, Target::node);
    const bool on_host = run.flags.text("profile") != "restricted";
    if (on_host)
        container.set("volumeMounts", Value::array({Value::object({{"name", "host-root"}, {"mountPath", "/host"}})}));
    Value pod = Value::object({{"apiVersion", "v1"}, {"kind", "Pod"}});
    pod.edit("metadata").set("name", name);
    pod.edit("metadata").set("namespace", run.namespace_name());
    pod.edit_path("metadata", "labels").set("app.kubernetes.io/managed-by", "kubectl-debug");
    auto& spec = pod.edit("spec");
    spec.set("containers", Value::array({std::move(container)}));
    spec.set("nodeName", api::name_of(node));
    spec.set("restartPolicy", "Never");
    spec.set("tolerations", Value::array({Value::object({{"operator", "Exists"}})}));
    if (on_host) {
        for (const char* field : {"hostIPC", "hostNetwork", "hostPID"})
            spec.set(field, true);
        spec.set("volumes", Value::array({Value::object({{"name", "host-root"}, {"hostPath", Value::object({{"path", "/"}})}})}));
    }
    auto request = run.server.request(client::Method::post, api::collection_path(api::kind::pods, run.namespace_name()));
    request.body = std::move(pod);
    auto created = run.server.answer(std::move(request));
    if (!created.ok())
        return run.fail(created.refusal());
    attach(run, created.value(), container_name, "containerStatuses");
}

std::string wrong_flags(const Run& run) {
    const bool image = !run.flags.text("image").empty();
    const bool copy = run.flags.has("copy-to");
    const bool arguments = run.args().size() > 1;
    if (copy) {
        if (!image && !run.flags.has("set-image") && !arguments)
            return "you must specify --image, --set-image or command arguments.";
        if (arguments && !run.flags.has("container") && !image)
            return "you must specify an existing container or a new image when specifying args.";
        if (run.flags.has("target"))
            return "--target is incompatible with --copy-to. Use --share-processes instead.";
    } else {
        for (const auto& [flag, text] : {std::pair{"replace", "--replace may only be used with --copy-to."}, {"same-node", "--same-node may only be used with --copy-to."}})
            if (run.flags.is(flag))
                return text;
        if (run.flags.has("set-image"))
            return "--set-image may only be used with --copy-to.";
        if (!image)
            return "you must specify --image when not using --copy-to.";
    }
    if (run.args().empty())
        return "NAME or filename is required for debug";
    if (run.flags.is("tty") && !run.flags.is("stdin"))
        return "-i/--stdin is required for containers with -t/--tty=true";
    for (std::string_view known : {"legacy", "general", "baseline", "netadmin", "restricted", "sysadmin"})
        if (run.flags.text("profile") == known)
            return {};
    return cat("unknown profile: ", run.flags.text("profile"));
}

}  // namespace

void debug_flags(FlagSet& set) {
    set.boolean("arguments-only", "What follows -- are arguments, not the command")
        .boolean("attach", "Show what the container writes")
        .text("container", "The name of the debug container", 'c')
        .text("copy-to", "Debug a copy of the Pod with this name")
        .text("custom", "A file with a container to merge in (not part of this kubectl)")
        .array("env", "KEY=VALUE for the container's environment; may come again")
        .list("filename", "A file that names the object", 'f')
        .text("image", "The image of the debug container")
        .text("image-pull-policy", "Always, IfNotPresent or Never")
        .boolean("keep-annotations", "With --copy-to: annotations too")
        .boolean("keep-init-containers", "With --copy-to: init containers too", 0, "true")
        .boolean("keep-labels", "With --copy-to: labels too")
        .boolean("keep-liveness", "With --copy-to: liveness probes too")
        .boolean("keep-readiness", "With --copy-to: readiness probes too")
        .boolean("keep-startup", "With --copy-to: startup probes too")
        .text("profile", "What the container may do: general, baseline, restricted, netadmin, sysadmin or legacy", 0, "general")
        .boolean("quiet", "Print only what the container prints", 'q')
        .boolean("replace", "With --copy-to: delete the original")
        .boolean("same-node", "With --copy-to: on the same node")
        .list("set-image", "With --copy-to: CONTAINER=IMAGE, * for all")
        .boolean("share-processes", "With --copy-to: containers see each other's processes", 0, "true")
        .boolean("stdin", "Keep standard input open", 'i')
        .text("target", "The container whose processes are to be seen")
        .boolean("tty", "Give the container a terminal", 't');
}

void debug(Run& run) {
    if (run.flags.has("custom"))
        return run.fail("--custom is not part of this kubectl: choose one of the profiles");
    if (const auto wrong = wrong_flags(run); !wrong.empty())
        return run.fail(wrong);
    if (run.flags.text("profile") == "legacy")
        run.err("--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example \"--profile=general\".\n");
    auto target = parse_target(run.args()[0], "pods");
    if (!target.ok())
        return run.fail(target.refusal());
    auto object = run.server.get(*target.value().kind, run.namespace_name(), target.value().name);
    if (!object.ok())
        return run.fail(object.refusal());
    const auto& kind = target.value().kind->kind;
    if (kind == "Node")
        return debug_node(run, object.value());
    if (kind != "Pod")
        return run.fail(cat(quoted(cat(target.value().kind->api_version(), ", Kind=", kind)), " not supported by debug"));
    return run.flags.has("copy-to") ? debug_copy(run, object.value()) : debug_in_place(run, object.value());
}

}  // namespace kubewalk::kubectl::command
