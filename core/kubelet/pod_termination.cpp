// How a Pod ends: preStop, SIGTERM, the grace period, SIGKILL, and at last its object.
// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer), pkg/kubelet/status/status_manager.go.

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {
namespace {

// Every container gets at least this long (minimumGracePeriodInSeconds).
constexpr Duration minimum_grace = seconds(2);
constexpr int killed = 137;  // 128 + SIGKILL

Duration grace_period(const api::Value& pod) {
    const auto& deletion = pod["metadata"]["deletionGracePeriodSeconds"];
    const std::int64_t grace = deletion.is_int() ? deletion.as_int() : pod["spec"]["terminationGracePeriodSeconds"].as_int(30);
    return std::max(seconds(grace), minimum_grace);
}

}  // namespace

void Kubelet::terminate_pod(PodWorker& pod) {
    const Duration grace = grace_period(pod.pod);
    const bool first = pod.stage != Stage::terminating;
    pod.stage = Stage::terminating;
    bool running = false;
    const auto stop_all = [&](std::vector<ContainerWorker>& list) {
        for (auto& container : list) {
            const Container* instance = runtime_.container(container.id);
            if (!instance || instance->state != ContainerState::running)
                continue;
            running = true;
            if (!container.stopping)
                stop_container(pod, container, container_spec(pod, container.name),
                               cat("Stopping container ", container.name), grace);
        }
    };
    // Sidecars outlive the containers they serve.
    stop_all(pod.containers);
    if (!running)
        stop_all(pod.init_containers);
    if (running && first)
        update_status(pod);
    else if (!running)
        complete_termination(pod);
}

void Kubelet::stop_container(PodWorker& pod, ContainerWorker& container, const api::Value& spec, std::string_view why,
                             Duration grace) {
    pod_event(pod, client::EventType::normal, "Killing", why, container.name);
    fact("kubelet.stopping", pod.identity, {container.name, go_duration(grace)});
    stop_probes(container);
    container.stopping = true;
    const Duration hook = std::min(pre_stop(pod, container, spec), grace);
    const auto obeys = runtime_.signal_term(container.id);
    Duration after = grace;
    int code = killed;
    if (obeys && hook + obeys->after <= grace) {
        after = hook + obeys->after;
        code = obeys->code;
    }
    container.kill_event = simulation().schedule(id(), after, kill_due, sim::Urgency::work, static_cast<std::uint64_t>(code),
                                                 cat(pod.identity.uid, "\n", container.id));
}

// How long the hook keeps the container alive.
Duration Kubelet::pre_stop(PodWorker& pod, ContainerWorker& container, const api::Value& spec) {
    const auto& hook = spec["lifecycle"]["preStop"];
    if (hook["sleep"].is_object())
        return seconds(hook["sleep"]["seconds"].as_int());
    const Container* instance = runtime_.container(container.id);
    if (!hook["exec"].is_object() || !instance)
        return {};
    auto context = context_of(*instance);
    std::vector<std::string> argv;
    for (const auto& word : hook["exec"]["command"].items())
        argv.push_back(word.str());
    const auto done = shell::run(context, argv);
    if (done.exit != 0)
        pod_event(pod, client::EventType::warning, "FailedPreStopHook", "PreStopHook failed", container.name);
    return done.elapsed;
}

void Kubelet::on_kill_due(const sim::Event& event) {
    const auto newline = event.text.find('\n');
    PodWorker* pod = worker(std::string_view(event.text).substr(0, newline));
    const Container* instance = runtime_.container(event.text.substr(newline + 1));
    if (pod && instance && instance->state == ContainerState::running)
        process_has_ended(*instance, static_cast<int>(event.number), {});
}

// By itself, after SIGTERM or by SIGKILL.
void Kubelet::process_has_ended(const Container& instance, int code, std::string_view reason) {
    const std::string container_id = instance.id;
    const Sandbox* sandbox = runtime_.sandbox(instance.sandbox);
    const std::string uid = sandbox ? sandbox->pod.uid : std::string();
    const std::string container_name = instance.config.name;
    PodWorker* pod = worker(uid);
    if (pod)
        fact("kubelet.container_ended", pod->identity, {container_name, cat(code)});
    runtime_.container_exited(container_id, code, reason);
    if (!pod)
        return;
    if (ContainerWorker* container = container_worker(*pod, container_name)) {
        if (container->kill_event != 0)
            simulation().cancel(container->kill_event);
        container->kill_event = 0;
        container->stopping = false;
        container->started = false;
        container->ready = false;
        stop_probes(*container);
    }
    queue_sync(uid, {});
}

void Kubelet::complete_termination(PodWorker& pod) {
    runtime_.stop_pod_sandbox(pod.sandbox);
    pod.stage = Stage::terminated;
    if (pod.gone) {
        remove_pod(std::string(pod.identity.uid));
        return;
    }
    update_status(pod);
    if (api::is_deleting(pod.pod))
        delete_pod_object(pod);
}

// The API server waits for exactly this: a delete without grace, from the node.
void Kubelet::delete_pod_object(PodWorker& pod) {
    if (pod.gone || pod.origin == Origin::file)
        return;
    client::DeleteOptions options;
    options.grace_period_seconds = 0;
    options.uid = pod.identity.uid;
    const auto done = client_.remove(api::kind::pods, pod.identity.namespace_name, pod.identity.name, options);
    if (!done.ok() && done.error().reason != "NotFound")
        queue_sync(pod.identity.uid, seconds(1));
}

}  // namespace kubewalk::kubelet
