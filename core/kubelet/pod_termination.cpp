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
// How long StopContainer and StopPodSandbox take beyond the processes' own end.
constexpr Duration sandbox_least = milliseconds(150);
constexpr Duration sandbox_spread = milliseconds(200);
// pkg/kubelet/pod_workers.go (podWorkerLoop): what is left to do with a Pod whose processes have ended waits for the PLEG's next
// look, one a second; then for its volumes (pkg/kubelet/volumemanager: podAttachAndMountRetryInterval) and its cgroup.
constexpr Duration relist_period = seconds(1);
constexpr Duration clean_up = milliseconds(350);

Duration grace_period(const PodWorker& pod) {
    if (pod.gone)
        return minimum_grace;  // deleted by force
    if (pod.ending && pod.ending->grace)
        return *pod.ending->grace;
    const auto& deletion = pod.pod["metadata"]["deletionGracePeriodSeconds"];
    const std::int64_t grace = deletion.is_int() ? deletion.as_int()
                                                 : pod.pod["spec"]["terminationGracePeriodSeconds"].as_int(30);
    return std::max(seconds(grace), minimum_grace);
}

}  // namespace

// The node ends the Pod, which then counts as Failed.
void Kubelet::end_pod(PodWorker& pod, Ending ending) {
    pod.ending = std::move(ending);
    terminate_pod(pod);
}

void Kubelet::terminate_pod(PodWorker& pod) {
    const bool first = pod.stage != Stage::terminating;
    if (first)
        pod.end_began = now();
    pod.stage = Stage::terminating;
    // What is left of it: sidecars share the grace period with those they serve.
    const Duration grace = std::max(grace_period(pod) - (now() - pod.end_began), minimum_grace);
    const auto runs = [&](const ContainerWorker& container) {
        const Container* instance = runtime_.container(container.id);
        return instance && instance->state == ContainerState::running;
    };
    bool running = false;
    const auto stop = [&](ContainerWorker& container) {
        running = true;
        if (!container.stopping)
            stop_container(pod, container, container_spec(pod, container.name), cat("Stopping container ", container.name), grace);
        else if (container.kill_event != 0 && container.kill_at > now() + grace)
            kill_after(pod, container, grace, killed);  // the grace period was cut short
    };
    for (auto* list : {&pod.ephemeral_containers, &pod.containers}) {
        for (auto& container : *list) {
            if (runs(container))
                stop(container);
        }
    }
    // Sidecars outlive the containers they serve and end in the reverse order of their start.
    for (auto container = pod.init_containers.rbegin(); container != pod.init_containers.rend() && !running; ++container) {
        if (runs(*container))
            stop(*container);
    }
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
    const auto& handler = spec["lifecycle"]["preStop"];
    if (!handler.is_object()) {
        send_term(pod, container, grace);
        return;
    }
    const auto hook = run_hook(pod, container, spec, handler);
    if (!hook.ok)
        pod_event(pod, client::EventType::warning, "FailedPreStopHook", "PreStopHook failed", container.name);
    // The hook's time is part of the grace period; a little is left for the process in any case.
    const Duration took = std::min(hook.took, grace);
    kill_after(pod, container, std::max(grace, took + minimum_grace), killed);
    simulation().schedule(id(), took, term_due, sim::Urgency::work,
                          static_cast<std::uint64_t>(std::max(grace - took, minimum_grace).ns),
                          cat(pod.identity.uid, "\n", container.id));
}

void Kubelet::on_term_due(const sim::Event& event) {
    const auto newline = event.text.find('\n');
    PodWorker* pod = worker(std::string_view(event.text).substr(0, newline));
    const Container* instance = runtime_.container(event.text.substr(newline + 1));
    if (!pod || !instance || instance->state != ContainerState::running)
        return;
    if (ContainerWorker* container = container_worker(*pod, instance->config.name); container && container->id == instance->id)
        send_term(*pod, *container, Duration{static_cast<std::int64_t>(event.number)});
}

void Kubelet::send_term(PodWorker& pod, ContainerWorker& container, Duration grace) {
    const auto obeys = runtime_.signal_term(container.id);
    if (obeys && obeys->after <= grace)
        kill_after(pod, container, obeys->after, obeys->code);
    else
        kill_after(pod, container, grace, killed);
}

// The process ends by then, with that code.
void Kubelet::kill_after(PodWorker& pod, ContainerWorker& container, Duration delay, int code) {
    if (container.kill_event != 0)
        simulation().cancel(container.kill_event);
    container.kill_at = now() + delay;
    container.kill_event = simulation().schedule(id(), delay, kill_due, sim::Urgency::work, static_cast<std::uint64_t>(code),
                                                 cat(pod.identity.uid, "\n", container.id));
}

void Kubelet::on_kill_due(const sim::Event& event) {
    const auto newline = event.text.find('\n');
    PodWorker* pod = worker(std::string_view(event.text).substr(0, newline));
    const Container* instance = runtime_.container(event.text.substr(newline + 1));
    if (pod && instance && instance->state == ContainerState::running)
        process_has_ended(*instance, static_cast<int>(event.number), {}, static_cast<int>(event.number) == killed ? now() : event.at);
}

// By itself, after SIGTERM or by SIGKILL.
void Kubelet::process_has_ended(const Container& instance, int code, std::string_view reason, Time at) {
    const std::string container_id = instance.id;
    const Sandbox* sandbox = runtime_.sandbox(instance.sandbox);
    const std::string uid = sandbox ? sandbox->pod.uid : std::string();
    const std::string container_name = instance.config.name;
    PodWorker* pod = worker(uid);
    if (pod)
        fact("kubelet.container_ended", pod->identity, {container_name, cat(code)});
    runtime_.container_exited(container_id, code, reason, at);
    if (!pod)
        return;
    if (ContainerWorker* container = container_worker(*pod, container_name)) {
        if (container->kill_event != 0)
            simulation().cancel(container->kill_event);
        container->kill_event = 0;
        container->stopping = false;
        container->started = false;
        container->ready = false;
        container->in_post_start = false;
        stop_probes(*container);
    }
    queue_sync(uid, {});
}

void Kubelet::complete_termination(PodWorker& pod) {
    const auto chance = [this](Duration most) { return milliseconds(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.whole_ms())))); };
    if (const Sandbox* sandbox = runtime_.sandbox(pod.sandbox); sandbox && sandbox->ready) {
        runtime_.stop_pod_sandbox(pod.sandbox);
        pod.busy_until = now() + sandbox_least + chance(sandbox_spread);
    }
    if (now() < pod.busy_until) {
        queue_sync(pod.identity.uid, {});
        return;
    }
    pod.stage = Stage::terminated;
    pod.busy_until = now() + chance(relist_period) + clean_up;
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
    if (now() < pod.busy_until) {
        queue_sync(pod.identity.uid, {});
        return;
    }
    client::DeleteOptions options;
    options.grace_period_seconds = 0;
    options.uid = pod.identity.uid;
    const auto done = client_.remove(api::kind::pods, pod.identity.namespace_name, pod.identity.name, options);
    if (!done.ok() && done.error().reason != "NotFound")
        queue_sync(pod.identity.uid, seconds(1), sim::Urgency::background);
}

}  // namespace kubewalk::kubelet
