// postStart and preStop. Upstream: pkg/kubelet/lifecycle/handlers.go, pkg/kubelet/kuberuntime/kuberuntime_container.go.

#include "core/base/text.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {
namespace {

constexpr Duration hook_http_timeout = seconds(60);

std::string go_words(const api::Value& words) {
    std::vector<std::string> out;
    for (const auto& word : words.items())
        out.push_back(word.str());
    return cat("[", join(out, " "), "]");
}

}  // namespace

Kubelet::HookResult Kubelet::run_hook(const PodWorker& pod, const ContainerWorker& container, const api::Value& spec,
                                      const api::Value& handler) {
    const Container* instance = runtime_.container(container.id);
    if (handler["sleep"].is_object())
        return {true, {}, seconds(handler["sleep"]["seconds"].as_int())};
    const std::string pod_text = cat(pod.identity.name, "_", pod.identity.namespace_name, "(", pod.identity.uid, ")");
    if (handler["exec"].is_object() && instance) {
        std::vector<std::string> argv;
        for (const auto& word : handler["exec"]["command"].items())
            argv.push_back(word.str());
        runtime_.note("ExecSync", *instance, join(argv, " "));
        const auto done = run_in(*instance, argv);
        if (done.exit == 0)
            return {true, {}, done.elapsed};
        const std::string error = cat("command '", join(argv, " "), "' exited with ", done.exit, ": ", done.err);
        return {false, cat("Exec lifecycle hook (", go_words(handler["exec"]["command"]), ") for Container ", quoted(container.name),
                           " in Pod ", quoted(pod_text), " failed - error: ", error, ", message: ", quoted(cat(done.out, done.err))),
                done.elapsed};
    }
    if (handler["httpGet"].is_object()) {
        const auto ips = pod_ips(pod);
        // Any answer will do, whatever its status.
        const auto answer = http_get(ips.empty() ? std::string_view() : std::string_view(ips[0]), spec, handler["httpGet"],
                                     hook_http_timeout, "kube-lifecycle/1.36");
        if (answer.ok)
            return {true, {}, answer.took};
        return {false, cat("HTTP lifecycle hook (", handler["httpGet"]["path"].as_string(), ") for Container ", quoted(container.name),
                           " in Pod ", quoted(pod_text), " failed - error: ", answer.error, ", message: \"\""),
                answer.took};
    }
    return {};
}

// True when there is a hook: until it is over, the Pod worker does nothing else.
bool Kubelet::begin_post_start(PodWorker& pod, ContainerWorker& container, const api::Value& spec) {
    const auto& handler = spec["lifecycle"]["postStart"];
    if (!handler.is_object())
        return false;
    const auto result = run_hook(pod, container, spec, handler);
    fact("kubelet.post_start", pod.identity, {container.name, go_duration(milliseconds(result.took.whole_ms()))});
    container.in_post_start = true;
    pod.busy_until = now() + result.took;
    simulation().schedule(id(), result.took, post_start_due, sim::Urgency::work, result.ok ? 1 : 0,
                          cat(pod.identity.uid, "\n", container.id));
    return true;
}

void Kubelet::on_post_start_due(const sim::Event& event) {
    const auto newline = event.text.find('\n');
    PodWorker* pod = worker(std::string_view(event.text).substr(0, newline));
    const Container* instance = runtime_.container(event.text.substr(newline + 1));
    if (!pod || !instance)
        return;
    ContainerWorker* container = container_worker(*pod, instance->config.name);
    if (!container || container->id != instance->id)
        return;
    container->in_post_start = false;
    const api::Value spec = container_spec(*pod, container->name);
    if (instance->state != ContainerState::running) {
        queue_sync(pod->identity.uid, {});
        return;
    }
    if (event.number == 0) {
        pod_event(*pod, client::EventType::warning, "FailedPostStartHook", "PostStartHook failed", container->name);
        stop_container(*pod, *container, spec, "FailedPostStartHook",
                       seconds(pod->pod["spec"]["terminationGracePeriodSeconds"].as_int(30)));
        return;
    }
    if (pod->stage == Stage::syncing && !container->stopping)
        start_probes(*pod, *container, spec);
    queue_sync(pod->identity.uid, {});
}

}  // namespace kubewalk::kubelet
