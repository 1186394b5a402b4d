// containerd has stopped: the containers go on (each has its shim), but nobody creates, stops or asks after one. For half a
// minute the kubelet tries and fails, then its sync loop stands still and the node is NotReady; what came meanwhile
// is done when the runtime answers again.
// Upstream: pkg/kubelet/kubelet.go (updateRuntimeUp, syncLoop), pkg/kubelet/runtime.go (runtimeErrors),
// pkg/kubelet/pleg/generic.go (Healthy).

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {
namespace {

constexpr Duration runtime_threshold = seconds(30);  // maxWaitForContainerRuntime
constexpr Duration relist_threshold = minutes(3);
constexpr Duration sandbox_retry = seconds(10);

}  // namespace

std::string_view Kubelet::runtime_unreachable() {
    return "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial unix "
           "/run/containerd/containerd.sock: connect: no such file or directory\"";
}

void Kubelet::set_runtime_running(bool running) {
    if (running == runtime_running_)
        return;
    runtime_running_ = running;
    if (running)
        return;  // the next look at it finds out
    if (runtime_lost_.ns == 0)
        runtime_lost_ = now();
    if (!pulls_.empty())
        pull_error_ = "rpc error: code = Unavailable desc = error reading from server: EOF";
}

std::vector<std::string> Kubelet::runtime_errors() const {
    std::vector<std::string> errors;
    if (runtime_lost_.ns == 0)
        return errors;
    if (now() - runtime_seen_ >= runtime_threshold)
        errors.emplace_back("container runtime is down");
    if (const Duration elapsed = now() - runtime_lost_; elapsed > relist_threshold)
        errors.push_back(cat("PLEG is not healthy: pleg was last seen active ", go_duration(elapsed), " ago; threshold is ",
                             go_duration(relist_threshold)));
    return errors;
}

// Takes the events that nothing can be done about without a runtime.
bool Kubelet::held_back(const sim::Event& event) {
    if (runtime_lost_.ns == 0)
        return false;
    switch (event.code) {
    case sync_due: try_without_runtime(event.text); break;
    case process_ended: network().close_all(static_cast<sim::ComponentId>(event.number)); break;
    case kill_due:
    case term_due:
    case post_start_due:
    case volumes_due:
    case pressure_due:
    case image_gc_due: break;
    default: return false;
    }
    held_.push_back(event);
    return true;
}

// What the sync loop comes to before it notices: the first call fails.
void Kubelet::try_without_runtime(const std::string& uid) {
    PodWorker* pod = worker(uid);
    if (!pod || pod->stage == Stage::terminated || runtime_running_ || !runtime_errors().empty())
        return;
    const std::string_view why = runtime_unreachable();
    if (pod->stage == Stage::terminating || api::is_deleting(pod->pod) || pod->gone) {
        std::vector<std::string> failures;
        for (const auto& container : pod->containers)
            if (const Container* instance = runtime_.container(container.id); instance && instance->state == ContainerState::running)
                failures.push_back(cat("failed to \"KillContainer\" for ", quoted(container.name), " with KillContainerError: ",
                                       quoted(why)));
        failures.push_back(cat("failed to \"KillPodSandbox\" for ", quoted(uid), " with KillPodSandboxError: ", quoted(why)));
        const std::string list = join(failures, ", ");
        pod_event(*pod, client::EventType::warning, "FailedKillPod",
                  cat("error killing pod: ", failures.size() == 1 ? list : cat("[", list, "]")));
    } else if (const Sandbox* sandbox = runtime_.sandbox(pod->sandbox); !sandbox || !sandbox->ready) {
        if (!admit_pod(*pod))
            return;
        if (pod->start_time.is_null())
            pod->start_time = api::Value(to_rfc3339(now()));
        pod_event(*pod, client::EventType::warning, "FailedCreatePodSandBox", cat("Failed to create pod sandbox: ", why));
        update_status(*pod);
    } else {
        return;
    }
    simulation().schedule(id(), sandbox_retry, runtime_retry_due, sim::Urgency::background, 0, uid);
}

// The runtime answers again: what was held back is done in the order in which it came. An exit counts from when it
// happened, containerd has it from the shim.
void Kubelet::catch_up() {
    runtime_lost_ = {};
    for (auto& event : std::exchange(held_, {})) {
        const sim::Simulation::CauseScope scope(simulation(), event.cause);
        on_event(event);
    }
}

}  // namespace kubewalk::kubelet
