// exec and logs. Upstream: pkg/kubelet/server/server.go, kubelet_pods.go (GetKubeletContainerLogs),
// kuberuntime/logs/logs.go; the messages of runc and containerd.

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/kubelet/confinement.h"
#include "core/kubelet/kubelet.h"
#include "core/net/node_stack.h"

namespace kubewalk::kubelet {
namespace {

Error not_found(std::string message) { return Error{"NotFound", std::move(message), {}, 0, 0}; }

// A container's process as the kernel shows it. An image's entry-point script ends by executing what it was given, and nginx
// writes its own title (src/os/unix/ngx_setproctitle.c).
std::string shown_command(const std::vector<std::string>& argv) {
    const bool script = argv.size() > 1 && argv[0].ends_with("entrypoint.sh");
    const std::vector<std::string> words(argv.begin() + (script ? 1 : 0), argv.end());
    const std::string command = join(words, " ");
    return !words.empty() && words[0] == "nginx" ? cat("nginx: master process ", command) : command;
}

}  // namespace

const Container* Kubelet::find_container(std::string_view namespace_name, std::string_view pod_name, std::string_view name,
                                         bool previous, Error& error) const {
    const std::string* uid = by_name_.find(cat(namespace_name, "/", pod_name));
    const PodWorker* pod = uid ? workers_.find(*uid) : nullptr;
    if (!pod) {
        error = not_found(cat("pod ", quoted(cat(pod_name, "_", namespace_name)), " not found"));
        return nullptr;
    }
    std::string wanted(name);
    if (wanted.empty()) {
        wanted = pod->pod["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"].str();
        if (wanted.empty() && !pod->containers.empty())
            wanted = pod->containers[0].name;
    }
    const ContainerWorker* found = nullptr;
    for (const auto* list : {&pod->init_containers, &pod->containers, &pod->ephemeral_containers}) {
        for (const auto& candidate : *list) {
            if (candidate.name == wanted)
                found = &candidate;
        }
    }
    if (!found) {
        error = not_found(cat("container ", wanted, " is not valid for pod ", pod_name));
        return nullptr;
    }
    const std::string& instance_id = previous && found->last_id != found->id ? found->last_id : found->id;
    const Container* instance = runtime_.container(instance_id);
    if (previous && (found->last_id.empty() || !instance)) {
        // While it waits for its back-off, the dead instance is both the present and the previous one.
        instance = found->waiting_reason == "CrashLoopBackOff" ? runtime_.container(found->id) : nullptr;
        if (!instance)
            error = Error{"BadRequest", cat("previous terminated container ", quoted(wanted), " in pod ", quoted(pod_name),
                                            " not found"), {}, 0, 0};
        return instance;
    }
    if (!instance) {
        const auto spec_waits = found->waiting_reason.empty()
                                    ? pod->init_containers.empty() ? "ContainerCreating" : "PodInitializing"
                                    : found->waiting_reason;
        const bool image = spec_waits == "ErrImagePull" || spec_waits == "ImagePullBackOff";
        error = Error{"BadRequest", cat("container ", quoted(wanted), " in pod ", quoted(pod_name), " is waiting to start: ",
                                        image ? "trying and failing to pull image" : spec_waits), {}, 0, 0};
    }
    return instance;
}

// Does the process's group lie in net.ipv4.ping_group_range ("1 0" allows nobody)? Images give their users a
// group of the same number.
bool Kubelet::may_ping(const Container& container, const Sandbox* sandbox) const {
    const net::NetNamespace* inside = sandbox ? network().view(sandbox->netns) : nullptr;
    if (!inside || sandbox->host_network == HostNetwork::yes)
        return true;  // systemd's default on the node
    const auto range = fields(inside->sysctl(ping_group_range));
    if (range.size() != 2)
        return false;
    const std::int64_t group = container.config.uid;
    return parse_int(range[0]).value_or(1) <= group && group <= parse_int(range[1]).value_or(0);
}

// What `ps` finds in a container: its own main process; with shareProcessNamespace the pause container's and those of all
// containers of the Pod, in the order they started; with hostPID those of the node's; in an ephemeral container also its target's.
std::vector<shell::RunningProcess> Kubelet::processes_around(const Container& container) const {
    const Sandbox* sandbox = runtime_.sandbox(container.sandbox);
    const std::string* uid = sandbox ? by_name_.find(cat(sandbox->pod.namespace_name, "/", sandbox->pod.name)) : nullptr;
    const PodWorker* pod = uid ? workers_.find(*uid) : nullptr;
    const api::Value& spec = pod ? pod->pod["spec"] : api::null_value();
    const bool whole_node = spec["hostPID"].as_bool();
    const bool whole_pod = spec["shareProcessNamespace"].as_bool();
    std::string_view target;
    for (const auto& ephemeral : spec["ephemeralContainers"].items())
        if (ephemeral["name"].as_string() == container.config.name)
            target = ephemeral["targetContainerName"].as_string();
    std::vector<const Container*> seen;
    for (const auto& [id, other] : runtime_.containers()) {
        const bool same_pod = other.sandbox == container.sandbox;
        if (other.state == ContainerState::running &&
            (whole_node || id == container.id || (same_pod && (whole_pod || (!target.empty() && other.config.name == target)))))
            seen.push_back(&other);
    }
    sort_stably(seen, [](const Container* a, const Container* b) { return a->started.ns < b->started.ns; });
    std::vector<shell::RunningProcess> out;
    const auto add = [&out, first = whole_node ? 1000 : 1](std::int64_t user, std::string command) {
        constexpr int step = 7;  // runc takes some numbers for itself
        out.push_back({first + static_cast<int>(out.size()) * step, user, std::move(command)});
    };
    constexpr std::int64_t pause_user = 65535;
    if (whole_pod && !whole_node)
        add(pause_user, "/pause");
    for (const Container* one : seen)
        add(one->config.uid, shown_command(one->argv));
    return out;
}

shell::ProcessContext Kubelet::context_of(const Container& container) const {
    const Sandbox* sandbox = runtime_.sandbox(container.sandbox);
    shell::ProcessContext context{services_.simulation, services_.network, sandbox ? sandbox->netns : 0, container.config.hostname,
                                  services_.disks.view(container.file_system), *container.environment, container.image->programs, {}, container.image->libc,
                                  container.config.uid, container.config.net_raw, may_ping(container, sandbox),
                                  {}, mount_paths(container.file_system), -1, 0, 0, processes_around(container)};
    confine(context, container.config.confined, container.argv);
    return context;
}

shell::Completed Kubelet::run_in(const Container& container, const std::vector<std::string>& argv, std::string_view input, bool tty) {
    auto context = context_of(container);
    if (tty)
        context.environment["TERM"] = "xterm";  // containerd pkg/oci (WithTTY)
    const Files before = context.files;
    const FileSystem file_system = container.file_system;
    auto done = shell::run(context, argv, input);
    if (context.files != before) {
        services_.disks.absorb(file_system, before, context.files);
        look_for_pressure(seconds(10));  // an emptyDir may be over its limit now
    }
    return done;
}

std::optional<Error> Kubelet::refuses_exec(const Container& container) const {
    if (!runtime_running_)
        return Error{"InternalError", std::string(runtime_unreachable()), {}, 0, 0};
    if (container.state != ContainerState::running)
        return Error{"InternalError", cat("container not found (", quoted(container.config.name), ")"), {}, 0, 0};
    return std::nullopt;
}

Result<shell::ProcessContext> Kubelet::process(std::string_view namespace_name, std::string_view pod,
                                               std::string_view container) {
    Error error;
    const Container* instance = find_container(namespace_name, pod, container, false, error);
    if (!instance)
        return error;
    if (auto refusal = refuses_exec(*instance))
        return *refusal;
    return context_of(*instance);
}

Result<shell::Completed> Kubelet::exec(std::string_view namespace_name, std::string_view pod, std::string_view container,
                                       const std::vector<std::string>& argv, std::string_view input, bool tty) {
    Error error;
    const Container* instance = find_container(namespace_name, pod, container, false, error);
    if (!instance)
        return error;
    if (auto refusal = refuses_exec(*instance))
        return *refusal;
    const std::string container_id = instance->id;
    const Sandbox* sandbox = runtime_.sandbox(instance->sandbox);
    simulation().record(sim::EntryKind::cri, name_, {"pods", sandbox->pod.namespace_name, sandbox->pod.name},
                        {"cri.Exec", {instance->config.name, join(argv, " ")}});
    auto done = run_in(*instance, argv, input, tty);
    const bool missing = done.exit == 127 && done.err.substr(0, 6) == "exec: ";
    if (missing) {
        const std::string exec_id = content_hash(cat(container_id, now().ns));
        return Error{"InternalError",
                     cat("error executing command in container: failed to exec in container: failed to start exec ",
                         quoted(exec_id), ": OCI runtime exec failed: exec failed: unable to start container process: ",
                         trim(done.err), ": unknown"), {}, 0, 0};
    }
    return done;
}

Result<std::string> Kubelet::logs(std::string_view namespace_name, std::string_view pod, std::string_view container,
                                  const LogOptions& options) const {
    Error error;
    const Container* instance = find_container(namespace_name, pod, container, options.previous, error);
    if (!instance)
        return error;
    if (!runtime_running_)
        return Error{"BadRequest", cat("unable to retrieve container logs for containerd://", instance->id), {}, 0, 0};
    const auto& lines = runtime_.log_of(*instance);
    std::size_t first = 0;
    if (options.tail_lines && static_cast<std::size_t>(*options.tail_lines) < lines.size())
        first = lines.size() - static_cast<std::size_t>(*options.tail_lines);
    std::string out;
    for (std::size_t i = first; i < lines.size(); ++i) {
        if (options.since && lines[i].at < *options.since)
            continue;
        if (options.timestamps)
            append(out, to_rfc3339_micro(lines[i].at), " ");
        append(out, lines[i].text, "\n");
    }
    return out;
}

}  // namespace kubewalk::kubelet
