#include "core/kubelet/runtime.h"

#include "core/base/text.h"
#include "core/kubelet/confinement.h"
#include "core/kubelet/data_program.h"
#include "core/net/node_stack.h"

namespace kubewalk::kubelet {
namespace {

// A registry at the end of an ordinary line: set-up, then bytes (simplification "pull-speed").
constexpr std::int64_t pull_bytes_per_second = 25'000'000;
constexpr Duration pull_setup = milliseconds(400);
// Unpacked, an image is larger than what was transferred (simplification "disk-usage").
constexpr std::int64_t unpacked_percent = 250;
constexpr std::size_t id_digits = 64;
constexpr std::size_t shown_digits = 13;  // as crictl shortens them
constexpr std::size_t kept_calls = 64;  // a node's, for lessons

std::string start_error(std::string_view argv0) {
    const bool is_path = argv0.find('/') != std::string_view::npos;
    const std::string why = is_path ? cat("stat ", argv0, ": no such file or directory") : "executable file not found in $PATH";
    return cat("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
               "unable to start container process: error during container init: exec: ", quoted(argv0), ": ", why,
               ": unknown");
}

}  // namespace

ContainerRuntime::ContainerRuntime(RuntimeServices services, std::string node, std::string component, Random random)
    : services_(services), node_(std::move(node)), component_(std::move(component)), random_(random) {}

void ContainerRuntime::record(std::string_view call, const PodIdentity& pod, std::vector<std::string> args) {
    std::vector<std::string> words;
    for (const auto& arg : args)
        words.push_back(arg.size() == id_digits ? arg.substr(0, shown_digits) : arg);
    keep_call(call, pod, join(words, " "));
    services_.simulation.record(sim::EntryKind::cri, component_, {"pods", pod.namespace_name, pod.name}, {cat("cri.", call), args});
}

void ContainerRuntime::keep_call(std::string_view call, const PodIdentity& pod, std::string detail) {
    std::string key = cat(pod.namespace_name, "/", pod.name);
    if (!calls_.empty() && calls_.back().call == call && calls_.back().pod == key && calls_.back().detail == detail) {
        calls_.back().at = services_.simulation.now();
        ++calls_.back().times;
        return;
    }
    if (calls_.size() >= kept_calls)
        calls_.pop_front();
    calls_.push_back({services_.simulation.now(), std::string(call), std::move(key), std::move(detail), 1});
}

void ContainerRuntime::note(std::string_view call, const Container& container, std::string_view detail) {
    keep_call(call, pod_of(container), cat(container.config.name, " ", detail));
}

void ContainerRuntime::update_container_resources(std::string_view id, std::int64_t memory_limit) {
    const Container* found = containers_.find(id);
    if (!found || found->state != ContainerState::running)
        return;
    Container updated = *found;
    updated.config.memory_limit = memory_limit;
    record("UpdateContainerResources", pod_of(updated), {updated.config.name, updated.id});
    if (auto* component = services_.simulation.find(updated.program))
        static_cast<Program*>(component)->set_memory_limit(memory_limit);
    containers_.set(std::string(id), std::move(updated));
}

std::string ContainerRuntime::new_id() {
    static constexpr char digits[] = "0123456789abcdef";
    std::string id;
    for (int word = 0; word < 4; ++word) {
        std::uint64_t bits = random_.next();
        for (int i = 0; i < 16; ++i, bits >>= 4)
            id += digits[bits & 15];
    }
    return id;
}

bool ContainerRuntime::network_ready() const { return services_.cni.configured(node_); }

Result<std::string> ContainerRuntime::run_pod_sandbox(const PodIdentity& pod, const SandboxConfig& config) {
    Sandbox sandbox;
    sandbox.id = new_id();
    sandbox.pod = pod;
    sandbox.host_network = config.host_network;
    sandbox.ports = config.ports;
    sandbox.created = services_.simulation.now();
    record("RunPodSandbox", pod, {pod.name, sandbox.id});
    if (config.host_network == HostNetwork::yes) {
        sandbox.netns = services_.network.machine(node_);
    } else {
        sandbox.netns = services_.network.add_namespace(node_, cat(pod.namespace_name, "/", pod.name));
        net::NodeStack* stack = services_.network.stack(node_);
        if (net::NetNamespace* inside = stack ? stack->find_for_edit(sandbox.netns) : nullptr) {
            if (services_.unprivileged_icmp)
                inside->set_sysctl(ping_group_range, "0 2147483647");
            for (const auto& [name, value] : config.sysctls)
                if (name.starts_with("net.") || name.starts_with("kernel."))
                    inside->set_sysctl(name, value);
        }
        const auto ips = services_.cni.add(node_, sandbox.netns, {sandbox.id, pod.namespace_name, pod.name, config.ports});
        if (!ips.ok()) {
            services_.network.remove_namespace(sandbox.netns);
            return Error{"CreatePodSandboxError",
                         cat("rpc error: code = Unknown desc = failed to setup network for sandbox ", quoted(sandbox.id),
                             ": ", ips.error().message), {}, 0, 0};
        }
        for (const net::Ip& ip : ips.value())
            sandbox.ips.push_back(ip.text());
    }
    const std::string id = sandbox.id;
    sandboxes_.set(id, std::move(sandbox));
    return id;
}

void ContainerRuntime::stop_pod_sandbox(std::string_view id) {
    const Sandbox* found = sandboxes_.find(id);
    if (!found || !found->ready)
        return;
    Sandbox& sandbox = sandboxes_[std::string(id)];
    record("StopPodSandbox", sandbox.pod, {sandbox.pod.name, sandbox.id});
    if (sandbox.host_network == HostNetwork::no) {
        services_.cni.del(node_, sandbox.netns, {sandbox.id, sandbox.pod.namespace_name, sandbox.pod.name, sandbox.ports});
        services_.network.remove_namespace(sandbox.netns);
    }
    sandbox.netns = 0;
    sandbox.ips.clear();
    sandbox.ready = false;
}

void ContainerRuntime::remove_pod_sandbox(std::string_view id) {
    const Sandbox* found = sandboxes_.find(id);
    if (!found)
        return;
    const PodIdentity pod = found->pod;
    stop_pod_sandbox(id);
    std::vector<std::string> doomed;
    for (const auto& [container_id, container] : containers_) {
        if (container.sandbox == id)
            doomed.push_back(container_id);
    }
    for (const auto& container_id : doomed) {
        services_.disks.remove(containers_.find(container_id)->file_system.layer);
        containers_.erase(container_id);
    }
    record("RemovePodSandbox", pod, {pod.name, std::string(id)});
    sandboxes_.erase(id);
}

namespace {

// runc takes the user's home from the image's /etc/passwd (libcontainer/init_linux.go); users it does not know live in "/".
std::string home_of(const Image& image, std::int64_t asked_uid) {
    const auto uid = asked_uid < 0 ? image.uid : asked_uid;
    if (uid == 0)
        return "/root";
    const bool named = uid == image.uid && !image.user.empty() && !parse_int(image.user);
    return named ? cat("/home/", image.user) : "/";
}

}  // namespace

Result<std::string> ContainerRuntime::create_container(std::string_view sandbox_id, ContainerConfig config) {
    const Sandbox* sandbox = sandboxes_.find(sandbox_id);
    const LocalImage* local = image_status(config.image);
    if (!sandbox || !local)
        return Error{"CreateContainerError", cat("image ", quoted(config.image), " is not present"), {}, 0, 0};
    Container container;
    container.id = new_id();
    container.sandbox = sandbox->id;
    container.image = local->remote.image;
    container.image_id = cat(ImageReference::parse(local->remote.reference).value_or({}).name(), "@", local->remote.digest);
    // spec.command replaces the entry point and with it the image's own arguments.
    container.argv = config.command.empty() ? container.image->entrypoint : config.command;
    const auto& args = !config.args.empty() || !config.command.empty() ? config.args : container.image->command;
    container.argv.insert(container.argv.end(), args.begin(), args.end());
    if (container.argv.empty() && !container.image->generic)
        return Error{"CreateContainerError", "failed to generate container spec: no command specified", {}, 0, 0};
    for (const auto& [name, value] : container.image->environment)
        config.environment.emplace(name, value);
    config.environment.emplace("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    config.environment.emplace("HOME", home_of(*container.image, config.uid));
    for (const auto& [path, content] : container.image->files)
        config.files.emplace(path, content);
    container.environment = std::make_shared<const std::map<std::string, std::string>>(std::exchange(config.environment, {}));
    container.file_system = {cat("layer/", container.id), std::make_shared<const Files>(std::exchange(config.files, {})),
                             config.mounts};
    if (config.uid < 0)
        config.uid = container.image->uid;
    config.confined = confinement_of(config, container.image->uid);
    container.created = services_.simulation.now();
    images_[local->remote.reference].last_used = container.created;
    container.config = std::move(config);
    record("CreateContainer", sandbox->pod, {container.config.name, container.config.image, container.id});
    const std::string id = container.id;
    containers_.set(id, std::move(container));
    return id;
}

Result<void> ContainerRuntime::start_container(std::string_view id, sim::ComponentId supervisor, std::uint32_t exit_event) {
    Container& container = containers_[std::string(id)];
    const Sandbox& sandbox = *sandboxes_.find(container.sandbox);
    record("StartContainer", sandbox.pod, {container.config.name, container.id});
    container.started = services_.simulation.now();
    ProgramContext context{services_.simulation, services_.network, services_.transport, node_, sandbox.netns,
                           sandbox.pod.namespace_name, sandbox.pod.name, sandbox.pod.uid, container.config.name,
                           container.config.image, container.argv, *container.environment,
                           services_.disks.view(container.file_system), container.file_system, container.environment,
                           &services_.disks,
                           container.config.memory_limit};
    auto program = create_image_program(*container.image, context, container.config, services_.programs);
    if (!program) {
        const std::string message = start_error(container.argv.empty() ? std::string_view() : container.argv[0]);
        container.state = ContainerState::exited;
        container.started = {};
        container.finished = services_.simulation.now();
        container.exit_code = 128;
        container.reason = "StartError";
        container.message = message;
        return Error{"StartError", message, {}, 0, 0};
    }
    container.state = ContainerState::running;
    program->supervise(supervisor, exit_event);
    const sim::ComponentId started = services_.simulation.add(std::move(program));
    // Adding runs the program's start(), which may have come back to this runtime.
    containers_[std::string(id)].program = started;
    by_program_.set(started, std::string(id));
    return {};
}

std::optional<Program::Obeys> ContainerRuntime::signal_term(std::string_view id) {
    const Container* container = containers_.find(id);
    if (!container || container->state != ContainerState::running)
        return Program::Obeys{};
    record("StopContainer", pod_of(*container), {container->config.name, container->id});
    auto* program = static_cast<Program*>(services_.simulation.find(container->program));
    return program ? program->terminate() : Program::Obeys{};
}

void ContainerRuntime::container_exited(std::string_view id, int code, std::string_view reason, Time at) {
    const Container* found = containers_.find(id);
    if (!found || found->state != ContainerState::running)
        return;
    Container& container = containers_[std::string(id)];
    container.state = ContainerState::exited;
    container.finished = at;
    container.exit_code = code;
    container.reason = reason.empty() ? code == 0 ? "Completed" : "Error" : std::string(reason);
    const sim::ComponentId id_of_program = container.program;
    container.program = 0;
    if (auto* program = static_cast<Program*>(services_.simulation.find(id_of_program))) {
        container.log = program->log();
        if (const std::string* said = services_.disks.read(container.file_system, container.config.message_path))
            container.message = *said;
        program->stop();
    }
    services_.network.close_all(id_of_program);
    by_program_.erase(id_of_program);
    services_.simulation.remove(id_of_program);
}

void ContainerRuntime::remove_container(std::string_view id) {
    const Container* container = containers_.find(id);
    if (!container)
        return;
    record("RemoveContainer", pod_of(*container), {container->config.name, container->id});
    services_.disks.remove(container->file_system.layer);
    containers_.erase(id);
}

const LocalImage* ContainerRuntime::image_status(std::string_view reference) const {
    const auto parsed = ImageReference::parse(reference);
    return parsed.ok() ? images_.find(parsed.value().text()) : nullptr;
}

Result<ContainerRuntime::Pull> ContainerRuntime::pull_image(std::string_view reference, const PodIdentity& pod) {
    record("PullImage", pod, {std::string(reference)});
    KUBEWALK_TRY(remote, services_.images.resolve(reference));
    // What is there already costs only the question for its digest.
    Duration takes = pull_setup;
    if (!images_.contains(remote.reference))
        takes = takes + milliseconds(remote.size * 1000 / pull_bytes_per_second);
    const auto percent = 80 + static_cast<std::int64_t>(random_.below(61));
    takes = Duration{takes.ns / 100 * percent};
    return Pull{std::move(remote), takes};
}

void ContainerRuntime::commit_image(const Pull& pull) {
    images_.set(pull.remote.reference, {pull.remote, services_.simulation.now(), services_.simulation.now()});
}

void ContainerRuntime::remove_image(const std::string& reference) {
    record("RemoveImage", {}, {reference});
    images_.erase(reference);
}

std::int64_t ContainerRuntime::images_bytes() const {
    std::int64_t sum = 0;
    for (const auto& [reference, image] : images_)
        sum += image.remote.size / 100 * unpacked_percent;
    return sum;
}

const Container* ContainerRuntime::container_of(sim::ComponentId program) const {
    const std::string* id = by_program_.find(program);
    return id ? containers_.find(*id) : nullptr;
}

const PodIdentity& ContainerRuntime::pod_of(const Container& container) const {
    return sandboxes_.find(container.sandbox)->pod;
}

const std::vector<Program::LogLine>& ContainerRuntime::log_of(const Container& container) const {
    if (container.state == ContainerState::running) {
        if (const auto* program = static_cast<const Program*>(services_.simulation.look(container.program)))
            return program->log();
    }
    return container.log;
}

}  // namespace kubewalk::kubelet
