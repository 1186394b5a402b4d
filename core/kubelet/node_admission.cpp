// A Pod that comes to the node: taken, or Failed at once. Upstream: pkg/kubelet/kubelet.go (HandlePodAdditions,
// rejectPod), pkg/kubelet/lifecycle/predicate.go.

#include "core/api/kinds.h"
#include "core/base/text.h"
#include "core/kubelet/admission.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/status.h"

namespace kubewalk::kubelet {

PodClaim Kubelet::claimed() const {
    PodClaim sum;
    for (const auto& [uid, pod] : workers_) {
        if (pod.admitted && pod.stage != Stage::terminated)
            add_claim(sum, pod.claim);
    }
    return sum;
}

// False when the node refuses the Pod: its status says why, and nothing of it runs.
bool Kubelet::admit_pod(PodWorker& pod) {
    if (pod.admitted)
        return true;
    pod.admitted = true;
    // Static Pods were there before the node knew its own size.
    if (pod.origin == Origin::file || reported_status_.is_null())
        return true;
    std::int64_t others = 0;
    for (const auto& [uid, other] : workers_)
        others += other.admitted && other.stage != Stage::terminated && uid != pod.identity.uid;
    pod.admitted = false;  // not among the others
    const PodClaim taken = claimed();
    pod.admitted = true;
    const auto& spec = pod.pod["spec"];
    api::Value node;
    if (!spec["nodeSelector"].is_null() || !spec["affinity"]["nodeAffinity"].is_null())
        node = client_.heartbeats().get(api::kind::nodes, {}, options_.node).value_or({});
    const auto refusal = refuse({pod.pod, pod.claim, taken, others, reported_status_["allocatable"], node, memory_pressure_,
                                 disk_pressure_});
    if (!refusal)
        return true;
    fact("kubelet.refused", pod.identity, {pod.identity.name, refusal->reason, refusal->message});
    pod_event(pod, client::EventType::warning, refusal->reason, refusal->message);
    pod.ending = Ending{refusal->reason, cat("Pod was rejected: ", refusal->message), false, {}};
    pod.stage = Stage::terminated;
    const auto body = api::Value::object(
        {{"metadata", api::Value::object({{"uid", pod.identity.uid}})},
         {"status", api::Value::object({{"phase", "Failed"},
                                        {"qosClass", pod.pod["status"]["qosClass"].as_string(qos_class(spec))},
                                        {"reason", pod.ending->reason},
                                        {"message", pod.ending->message},
                                        {"startTime", to_rfc3339(now())}})}});
    const auto written = client_.patch(api::kind::pods, pod.identity.namespace_name, pod.identity.name,
                                       client::PatchType::merge, body, "status");
    if (written.ok())
        pod.status = body["status"];
    return false;
}

}  // namespace kubewalk::kubelet
