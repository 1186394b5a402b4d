// Ephemeral containers: added to a running Pod, never restarted, without influence on its phase.
// Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions, SyncPod).

#include <algorithm>

#include "core/api/kinds.h"
#include "core/kubelet/kubelet.h"

namespace kubewalk::kubelet {

void Kubelet::run_ephemeral_containers(PodWorker& pod) {
    const auto specs = pod.pod["spec"]["ephemeralContainers"];
    for (const auto& spec : specs.items()) {
        const auto name = spec["name"].as_string();
        auto& list = pod.ephemeral_containers;
        auto found = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.name == name; });
        if (found == list.end()) {
            list.emplace_back().name = name;
            found = list.end() - 1;
        }
        if (!runtime_.container(found->id))
            (void)start_container(pod, *found, spec);
    }
}

}  // namespace kubewalk::kubelet
