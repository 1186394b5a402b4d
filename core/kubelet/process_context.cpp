// exec and logs. Upstream: pkg/kubelet/server/server.go, kubelet_pods.go (GetKubeletContainerLogs),
// kuberuntime/logs/logs.go; the messages of runc and containerd.

#include <algorithm>

#include "core/api/kinds.h"
#include "core/base/sort.h"
#include "core/base/text.h"
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

namespace {

// Bits of linux/capability.h.
constexpr std::string_view capability_names[] = {
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
    "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
    "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
    "PERFMON", "BPF", "CHECKPOINT_RESTORE"};

std::uint64_t capability_set(const api::Value& security) {
    constexpr std::uint64_t usual = 0xa80425fb;  // containerd pkg/oci (defaultUnixCaps)
    constexpr std::uint64_t all = (std::uint64_t{1} << std::size(capability_names)) - 1;
    if (security["privileged"].as_bool())
        return all;
    std::uint64_t set = usual;
    const auto bits = [](std::string_view name) {
        if (name.starts_with("CAP_"))
            name.remove_prefix(4);
        const auto found = std::find(std::begin(capability_names), std::end(capability_names), name);
        return found == std::end(capability_names) ? 0 : std::uint64_t{1} << (found - std::begin(capability_names));
    };
    // ALL comes first on either side (containerd internal/cri/opts, WithCapabilities).
    for (const auto& name : security["capabilities"]["add"].items())
        if (name.as_string() == "ALL")
            set = all;
    for (const auto& name : security["capabilities"]["drop"].items())
        if (name.as_string() == "ALL")
            set = 0;
    for (const auto& name : security["capabilities"]["add"].items())
        if (name.as_string() != "ALL")
            set |= bits(name.as_string());
    for (const auto& name : security["capabilities"]["drop"].items())
        if (name.as_string() != "ALL")
            set &= ~bits(name.as_string());
    return set;
}

std::string hexadecimal(std::uint64_t number) {
    std::string text(16, '0');
    for (std::size_t i = 0; i < text.size(); ++i)
        text[text.size() - 1 - i] = "0123456789abcdef"[(number >> (4 * i)) & 15];
    return text;
}

std::string base_name_of(const std::vector<std::string>& argv) {
    return argv.empty() ? std::string() : argv[0].substr(argv[0].rfind('/') + 1);
}

// runAsGroup, fsGroup, supplementalGroups and capabilities, as the kernel shows them of the first process.
// Upstream: pkg/kubelet/kuberuntime/security_context.go; Linux fs/proc/array.c.
std::string process_status(const Container& container, const api::Value& pod_spec, const api::Value& spec) {
    const auto& own = spec["securityContext"];
    const auto& shared = pod_spec["securityContext"];
    const auto uid = container.config.uid;
    const auto& asked = own["runAsGroup"].is_int() ? own["runAsGroup"] : shared["runAsGroup"];
    // Without one it is the primary group that the image knows for its user, and root's for a user that it does not know.
    const auto gid = asked.as_int(uid == container.image->uid ? uid : 0);
    std::vector<std::int64_t> groups{gid};
    if (shared["fsGroup"].is_int())
        groups.push_back(shared["fsGroup"].as_int());
    for (const auto& group : shared["supplementalGroups"].items())
        groups.push_back(group.as_int());
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    std::string listed;
    for (const auto group : groups)
        append(listed, group, " ");
    const auto bounding = capability_set(own);
    const auto held = uid == 0 ? bounding : 0;
    const auto four = [](std::int64_t id) { return cat(id, "\t", id, "\t", id, "\t", id); };
    return cat("Name:\t", base_name_of(container.argv), "\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t1\nNgid:\t0\nPid:\t1\nPPid:\t0\nTracerPid:\t0\nUid:\t", four(uid), "\nGid:\t", four(gid),
               "\nFDSize:\t64\nGroups:\t", listed, "\nThreads:\t1\nCapInh:\t", hexadecimal(0), "\nCapPrm:\t", hexadecimal(held), "\nCapEff:\t", hexadecimal(held),
               "\nCapBnd:\t", hexadecimal(bounding), "\nCapAmb:\t", hexadecimal(0), "\nNoNewPrivs:\t", own["allowPrivilegeEscalation"].as_bool(true) ? 0 : 1,
               "\nSeccomp:\t0\n");
}

// Upstream: containerd internal/cri/opts/spec_linux_opts.go (WithMounts).
std::string mount_table(const Container& container, const api::Value& spec) {
    const std::string_view root = spec["securityContext"]["readOnlyRootFilesystem"].as_bool() ? "ro" : "rw";
    std::string table = cat("overlay / overlay ", root, ",relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
                            "tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0\ndevpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666 0 0\n"
                            "mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime 0 0\nsysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0\n"
                            "cgroup /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime 0 0\n");
    for (const auto& mount : container.file_system.mounts) {
        // What the kubelet writes into a Pod's own volume is nobody else's to change.
        const bool content = mount.access == Access::read_only && mount.volume.starts_with("pod/");
        append(table, content ? "tmpfs " : "/dev/vda1 ", mount.path, content ? " tmpfs " : " ext4 ", mount.access == Access::read_only ? "ro" : "rw", ",relatime 0 0\n");
    }
    for (const char* file : {"/etc/hosts", "/dev/termination-log", "/etc/hostname", "/etc/resolv.conf"})
        append(table, "/dev/vda1 ", file, " ext4 ", std::string_view(file).starts_with("/etc/h") ? root : "rw", ",relatime 0 0\n");
    append(table, "shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0\n");
    return table;
}

}  // namespace

shell::ProcessContext Kubelet::context_of(const Container& container) const {
    const Sandbox* sandbox = runtime_.sandbox(container.sandbox);
    Files files = services_.disks.view(container.file_system);
    const std::string* uid = sandbox ? by_name_.find(cat(sandbox->pod.namespace_name, "/", sandbox->pod.name)) : nullptr;
    if (const PodWorker* pod = uid ? workers_.find(*uid) : nullptr) {
        const auto& spec = container_spec(*pod, container.config.name);
        files["/proc/1/status"] = process_status(container, pod->pod["spec"], spec);
        files["/proc/mounts"] = mount_table(container, spec);
    }
    return {services_.simulation, services_.network, sandbox ? sandbox->netns : 0, container.config.hostname,
            std::move(files), *container.environment, container.image->programs, {}, container.image->libc,
            container.config.uid, container.config.net_raw, may_ping(container, sandbox),
            {}, mount_paths(container.file_system), -1, 0, 0, processes_around(container)};
}

shell::Completed Kubelet::run_in(const Container& container, const std::vector<std::string>& argv, std::string_view input) {
    auto context = context_of(container);
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
                                       const std::vector<std::string>& argv, std::string_view input) {
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
    auto done = run_in(*instance, argv, input);
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
