// When probes run and what their results do. Upstream: pkg/kubelet/prober/{worker,prober_manager}.go.

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {
namespace {

constexpr std::array<const char*, probe_kinds> fields_of = {"startupProbe", "readinessProbe", "livenessProbe"};
constexpr std::array<const char*, probe_kinds> names_of = {"Startup", "Readiness", "Liveness"};
constexpr std::array<const char*, probe_kinds> lower_names = {"startup", "readiness", "liveness"};

const api::Value& probe_of(const api::Value& spec, ProbeKind kind) { return spec[fields_of[static_cast<std::size_t>(kind)]]; }

}  // namespace

// Right after a container's start: without a startup probe it counts as started, without a readiness
// probe as ready.
void Kubelet::start_probes(PodWorker& pod, ContainerWorker& container, const api::Value& spec) {
    container.probes = {};
    const bool has_startup = probe_of(spec, ProbeKind::startup).is_object();
    container.started = !has_startup;
    container.ready = container.started && !probe_of(spec, ProbeKind::readiness).is_object();
    if (list_of(pod, container.name) == "ephemeralContainers")
        container.ready = false;
    if (list_of(pod, container.name) == "initContainers" && spec["restartPolicy"].as_string() != "Always")
        container.ready = false;  // an init container is ready when it has done its work
    for (const ProbeKind kind : {ProbeKind::startup, ProbeKind::readiness, ProbeKind::liveness}) {
        const auto& probe = probe_of(spec, kind);
        if (!probe.is_object() || (has_startup && kind != ProbeKind::startup))
            continue;
        schedule_probe(pod, container, kind, seconds(probe["initialDelaySeconds"].as_int()) + milliseconds(100),
                       kind == ProbeKind::liveness ? sim::Urgency::background : sim::Urgency::work);
    }
}

void Kubelet::stop_probes(ContainerWorker& container) {
    for (auto& state : container.probes) {
        if (state.event != 0)
            simulation().cancel(state.event);
        state.event = 0;
    }
}

void Kubelet::schedule_probe(PodWorker& pod, ContainerWorker& container, ProbeKind kind, Duration delay, sim::Urgency urgency) {
    container.probes[static_cast<std::size_t>(kind)].event =
        simulation().schedule(id(), delay, probe_due, urgency, static_cast<std::uint64_t>(kind),
                              cat(pod.identity.uid, "\n", container.name));
}

void Kubelet::on_probe_due(const sim::Event& event) {
    const auto newline = event.text.find('\n');
    PodWorker* pod = worker(std::string_view(event.text).substr(0, newline));
    if (!pod || pod->stage != Stage::syncing)
        return;
    const std::string_view name = std::string_view(event.text).substr(newline + 1);
    ContainerWorker* container = container_worker(*pod, name);
    const api::Value spec = container_spec(*pod, name);
    const auto kind = static_cast<ProbeKind>(event.number);
    const auto probe = probe_of(spec, kind);
    if (!container || !probe.is_object())
        return;
    ProbeState& state = container->probes[event.number];
    // Who was stopped on purpose stays stopped: no probe restarts it (simplifications.json: "component-stop").
    if (const Container* instance = runtime_.container(container->id);
        kind != ProbeKind::readiness && instance && simulation().paused(instance->program)) {
        schedule_probe(*pod, *container, kind, seconds(probe["periodSeconds"].as_int(10)), sim::Urgency::background);
        return;
    }
    // Who does not run, or has no address to be asked at, is looked at again the next time.
    if (const Container* instance = runtime_.container(container->id);
        !instance || instance->state != ContainerState::running || pod_ips(*pod).empty()) {
        schedule_probe(*pod, *container, kind, seconds(probe["periodSeconds"].as_int(10)), sim::Urgency::background);
        return;
    }
    // Without a runtime no command runs in a container and none is started anew; and once the sync loop stands, nobody
    // takes a result in.
    if (runtime_lost_.ns != 0 && (kind != ProbeKind::readiness || probe["exec"].is_object() || !runtime_errors().empty())) {
        schedule_probe(*pod, *container, kind, seconds(probe["periodSeconds"].as_int(10)), sim::Urgency::background);
        return;
    }
    const auto result = run_probe(*pod, *container, spec, probe);
    if (!result.success) {
        fact("kubelet.probe_failed", pod->identity, {container->name, lower_names[event.number], result.output});
        pod_event(*pod, client::EventType::warning, "Unhealthy",
                  cat(names_of[event.number], " probe failed: ", result.output), container->name);
    }
    state.run = state.last == result.success ? state.run + 1 : 1;
    state.last = result.success;
    // From here on it goes round for ever; only the first one is something to wait for.
    schedule_probe(*pod, *container, kind, seconds(probe["periodSeconds"].as_int(10)), sim::Urgency::background);
    const auto threshold = result.success ? probe["successThreshold"].as_int(1) : probe["failureThreshold"].as_int(3);
    // A container that has never been ready is unready at its first failure.
    const bool early = kind == ProbeKind::readiness && !result.success && !state.decided;
    if (state.run < threshold && !early)
        return;
    state.decided = true;
    apply_probe_result(*pod, *container, spec, kind);
}

void Kubelet::apply_probe_result(PodWorker& pod, ContainerWorker& container, const api::Value& spec, ProbeKind kind) {
    ProbeState& state = container.probes[static_cast<std::size_t>(kind)];
    if (kind == ProbeKind::readiness) {
        if (container.ready == state.last)
            return;
        container.ready = state.last;
        fact(state.last ? "kubelet.ready" : "kubelet.unready", pod.identity, {container.name});
        update_status(pod);
        return;
    }
    if (!state.last) {
        const auto& own_grace = probe_of(spec, kind)["terminationGracePeriodSeconds"];
        const std::int64_t grace = own_grace.is_int() ? own_grace.as_int()
                                                      : pod.pod["spec"]["terminationGracePeriodSeconds"].as_int(30);
        stop_container(pod, container, spec,
                       cat("Container ", container.name, " failed ", lower_names[static_cast<std::size_t>(kind)],
                           " probe, will be restarted"), seconds(grace));
        return;
    }
    if (kind != ProbeKind::startup || container.started)
        return;
    // Started: the other probes begin, this one is over.
    simulation().cancel(state.event);
    state.event = 0;
    container.started = true;
    container.ready = !probe_of(spec, ProbeKind::readiness).is_object();
    for (const ProbeKind next : {ProbeKind::readiness, ProbeKind::liveness}) {
        const auto& probe = probe_of(spec, next);
        if (probe.is_object())
            schedule_probe(pod, container, next, seconds(probe["initialDelaySeconds"].as_int()),
                           next == ProbeKind::readiness ? sim::Urgency::work : sim::Urgency::background);
    }
    queue_sync(pod.identity.uid, {});
}

Kubelet::ProbeResult Kubelet::run_probe(const PodWorker& pod, const ContainerWorker& container, const api::Value& spec,
                                        const api::Value& probe) {
    const Duration timeout = seconds(probe["timeoutSeconds"].as_int(1));
    const auto ips = pod_ips(pod);
    const std::string ip = ips.empty() ? std::string() : ips[0];
    if (probe["httpGet"].is_object())
        return probe_http(ip, spec, probe["httpGet"], timeout);
    if (probe["tcpSocket"].is_object())
        return probe_tcp(ip, spec, probe["tcpSocket"], timeout);
    if (probe["exec"].is_object())
        return probe_exec(container, probe["exec"], timeout);
    if (probe["grpc"].is_object())
        return probe_grpc(ip, probe["grpc"], timeout);
    return {true, {}};
}

}  // namespace kubewalk::kubelet
