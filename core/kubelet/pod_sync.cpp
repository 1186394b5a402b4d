// One Pod towards its spec. Each call makes one step; what takes time continues with the next event.
// Upstream: pkg/kubelet/kubelet.go (SyncPod), pkg/kubelet/kuberuntime/kuberuntime_manager.go.

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {
namespace {

// pkg/kubelet/kubelet.go: how long a transient failure waits for its next try.
constexpr Duration network_retry = seconds(1);
constexpr Duration sandbox_retry = seconds(10);

std::string pod_text(const PodIdentity& pod) { return cat(pod.name, "_", pod.namespace_name, "(", pod.uid, ")"); }

}  // namespace

void Kubelet::sync_pod(const std::string& uid) {
    PodWorker* found = worker(uid);
    if (!found)
        return;
    PodWorker& pod = *found;
    if (pod.stage == Stage::terminated) {
        if (pod.gone)
            remove_pod(uid);
        else if (api::is_deleting(pod.pod))
            delete_pod_object(pod);
        return;
    }
    if (pod.origin == Origin::file)
        sync_mirror(pod);
    if (pod.stage == Stage::terminating || api::is_deleting(pod.pod) || pod.gone) {
        terminate_pod(pod);
        return;
    }
    if (now() < pod.busy_until) {
        queue_sync(uid, {});
        return;
    }
    if (!admit_pod(pod))
        return;
    if (pod.start_time.is_null())
        pod.start_time = api::Value(to_rfc3339(now()));
    if (!pod.granted.same(pod.pod["spec"]))
        resize_pod(pod);
    check_deadline(pod);
    if (pod.ending) {
        terminate_pod(pod);
        return;
    }
    // The short circuit is the order of things: each step waits for the one before.
    const bool stands = ensure_volumes(pod) == Step::done && ensure_sandbox(pod) == Step::done;
    if (stands)
        run_ephemeral_containers(pod);
    const bool up = stands && run_init_containers(pod) == Step::done;
    if (up) {
        const auto specs = pod.pod["spec"]["containers"];
        for (std::size_t i = 0; i < pod.containers.size() && i < specs.size(); ++i) {
            if (run_container(pod, pod.containers[i], specs[i]) == Step::wait)
                break;
        }
    }
    update_status(pod);
    finish_if_terminal(pod);
}

namespace {

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_sandbox.go (generatePodSandboxConfig).
SandboxConfig sandbox_config(const api::Value& pod) {
    SandboxConfig config;
    const auto& spec = pod["spec"];
    if (spec["hostNetwork"].as_bool())
        config.host_network = HostNetwork::yes;
    for (const std::string_view list : {"initContainers", "containers"})
        for (const auto& container : spec[list].items()) {
            if (list == "initContainers" && !is_sidecar(container))
                continue;
            for (const auto& port : container["ports"].items()) {
                if (port["hostPort"].as_int() == 0)
                    continue;
                const auto protocol = port["protocol"].as_string();
                config.ports.push_back({protocol == "UDP"    ? net::Protocol::udp
                                        : protocol == "SCTP" ? net::Protocol::sctp
                                                             : net::Protocol::tcp,
                                        static_cast<std::uint16_t>(port["hostPort"].as_int()),
                                        static_cast<std::uint16_t>(port["containerPort"].as_int()), port["hostIP"].str()});
            }
        }
    for (const auto& sysctl : spec["securityContext"]["sysctls"].items())
        config.sysctls[sysctl["name"].str()] = sysctl["value"].str();
    return config;
}

// Which of the runtime's handlers the Pod's runtime class names; the empty one is the default.
// Upstream: pkg/kubelet/runtimeclass/runtimeclass_manager.go (LookupRuntimeHandler); containerd's error for one that
// its configuration does not have (internal/cri/server, getSandboxRuntime).
Result<void> check_runtime_handler(const client::Client& client, const api::Value& pod) {
    const auto name = pod["spec"]["runtimeClassName"].as_string();
    if (name.empty())
        return {};
    const auto found = client.get(*api::find_kind("node.k8s.io/v1", "RuntimeClass"), {}, name);
    if (!found.ok())
        return Error{"RuntimeClass", found.error().reason == "NotFound" ? cat("runtimeclass.node.k8s.io ", quoted(name), " not found")
                                                                         : cat("failed to lookup RuntimeClass ", name, ": ", found.error().message), {}, 0, 0};
    constexpr std::string_view configured = "runc";
    const auto handler = found.value()["handler"].as_string();
    if (handler.empty() || handler == configured)
        return {};
    return Error{"RuntimeClass", cat("rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for ", quoted(handler), " is configured"),
                 {}, 0, 0};
}

}  // namespace

Kubelet::Step Kubelet::ensure_sandbox(PodWorker& pod) {
    const Sandbox* sandbox = runtime_.sandbox(pod.sandbox);
    if (sandbox && sandbox->ready)
        return Step::done;
    const bool host_network = pod.pod["spec"]["hostNetwork"].as_bool();
    if (!host_network && !runtime_.network_ready()) {
        pod_event(pod, client::EventType::warning, "NetworkNotReady",
                  "network is not ready: container runtime network not ready: NetworkReady=false "
                  "reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized");
        queue_sync(pod.identity.uid, network_retry, sim::Urgency::background);
        return Step::wait;
    }
    const auto refuse = [&](const Error& error) {
        pod_event(pod, client::EventType::warning, "FailedCreatePodSandBox", cat("Failed to create pod sandbox: ", error.message));
        queue_sync(pod.identity.uid, sandbox_retry);
        return Step::wait;
    };
    if (const auto handler = check_runtime_handler(client_, pod.pod); !handler.ok())
        return refuse(handler.error());
    const auto made = runtime_.run_pod_sandbox(pod.identity, sandbox_config(pod.pod));
    if (!made.ok())
        return refuse(made.error());
    pod.sandbox = made.value();
    pod.busy_until = now() + milliseconds(200 + static_cast<std::int64_t>(random_.below(300)));
    queue_sync(pod.identity.uid, {});
    return Step::wait;
}

// activeDeadlineSeconds. Upstream: pkg/kubelet/active_deadline.go.
void Kubelet::check_deadline(PodWorker& pod) {
    const auto& limit = pod.pod["spec"]["activeDeadlineSeconds"];
    const auto started = parse_rfc3339(pod.start_time.as_string());
    if (!limit.is_int() || !started || pod.ending)
        return;
    const Time deadline = *started + seconds(limit.as_int());
    if (now() < deadline) {
        queue_sync(pod.identity.uid, deadline - now(), sim::Urgency::background);
        return;
    }
    constexpr std::string_view message = "Pod was active on the node longer than the specified deadline";
    pod_event(pod, client::EventType::normal, "DeadlineExceeded", message);
    pod.ending = Ending{"DeadlineExceeded", std::string(message), false, {}};
}

// Init containers run one after the other; sidecars among them stay.
Kubelet::Step Kubelet::run_init_containers(PodWorker& pod) {
    const auto specs = pod.pod["spec"]["initContainers"];
    for (std::size_t i = 0; i < pod.init_containers.size() && i < specs.size(); ++i) {
        ContainerWorker& init = pod.init_containers[i];
        const auto& spec = specs[i];
        const Container* instance = runtime_.container(init.id);
        if (is_sidecar(spec)) {
            if (run_container(pod, init, spec) == Step::wait)
                return Step::wait;
            if (!init.started)
                return Step::wait;  // its startup probe lets the others go
            continue;
        }
        if (instance && instance->state == ContainerState::exited && instance->exit_code == 0) {
            init.ready = true;
            continue;
        }
        if (instance && instance->state == ContainerState::running)
            return Step::wait;
        if (instance && pod.pod["spec"]["restartPolicy"].as_string() == "Never") {
            init.waiting_reason.clear();
            init.waiting_message.clear();
            return Step::wait;  // the Pod has failed
        }
        if (instance)
            return restart_or_wait(pod, init, spec, *instance);
        return start_container(pod, init, spec);
    }
    return Step::done;
}

Kubelet::Step Kubelet::run_container(PodWorker& pod, ContainerWorker& container, const api::Value& spec) {
    const Container* instance = runtime_.container(container.id);
    if (!instance)
        return start_container(pod, container, spec);
    if (instance->state == ContainerState::running) {
        if (instance->config.image != spec["image"].as_string() && !container.stopping) {
            const std::string why = cat("Container ", container.name, " definition changed, will be restarted");
            stop_container(pod, container, spec, why, seconds(pod.pod["spec"]["terminationGracePeriodSeconds"].as_int(30)));
        }
        return Step::done;
    }
    if (!restarts(pod.pod["spec"], spec, instance->exit_code)) {
        container.waiting_reason.clear();
        container.waiting_message.clear();
        return Step::done;
    }
    // One that waits for its back-off does not hold up the others; one that is being started does.
    const bool held = !container.starting && container.restart_back_off.holds(instance->finished, now(), max_back_off);
    const Step step = restart_or_wait(pod, container, spec, *instance);
    return held ? Step::done : step;
}

Kubelet::Step Kubelet::restart_or_wait(PodWorker& pod, ContainerWorker& container, const api::Value& spec,
                                       const Container& dead) {
    const Time finished = dead.finished;
    if (container.starting)
        return start_container(pod, container, spec);
    if (container.restart_back_off.holds(finished, now(), max_back_off)) {
        const auto delay = container.restart_back_off.delay;
        if (container.crash_reported != finished) {
            container.crash_reported = finished;
            fact("kubelet.back_off", pod.identity, {container.name, go_duration(delay)});
            pod_event(pod, client::EventType::warning, "BackOff",
                      cat("Back-off restarting failed container ", container.name, " in pod ", pod_text(pod.identity)),
                      container.name);
        }
        container.waiting_reason = "CrashLoopBackOff";
        container.waiting_message = cat("back-off ", go_duration(delay), " restarting failed container=", container.name,
                                        " pod=", pod_text(pod.identity));
        queue_sync(pod.identity.uid, finished + delay - now());
        return Step::wait;
    }
    // The instance before the last goes (the kubelet keeps one dead container for its logs).
    container.restart_back_off.next(finished, now(), max_back_off);
    container.starting = true;
    if (!container.last_id.empty())
        runtime_.remove_container(container.last_id);
    container.last_id = container.id;
    ++container.restarts;
    return start_container(pod, container, spec);
}

// All containers have ended for good: the Pod is Succeeded or Failed, its sandbox goes.
void Kubelet::finish_if_terminal(PodWorker& pod) {
    const auto phase = pod.status["phase"].as_string();
    if (pod.origin == Origin::file || (phase != "Succeeded" && phase != "Failed"))
        return;
    for (auto* list : {&pod.init_containers, &pod.containers}) {
        for (auto& container : *list) {
            const Container* instance = runtime_.container(container.id);
            if (instance && instance->state == ContainerState::running) {
                terminate_pod(pod);  // sidecars end with the Pod
                return;
            }
        }
    }
    runtime_.stop_pod_sandbox(pod.sandbox);
    pod.stage = Stage::terminated;
    update_status(pod);
}

}  // namespace kubewalk::kubelet
