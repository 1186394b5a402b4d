#pragma once
// Whether a node takes a Pod that is bound to it. Upstream: pkg/kubelet/lifecycle/predicate.go,
// pkg/kubelet/eviction/eviction_manager.go (Admit), pkg/kubelet/types/pod_update.go (IsCriticalPod).

#include <optional>
#include <string>

#include "core/api/value.h"
#include "core/kubelet/pod_worker.h"

namespace kubewalk::kubelet {

PodClaim pod_claim(const api::Value& pod_spec);
void add_claim(PodClaim& sum, const PodClaim& part);

// Static Pods, mirrors and Pods of system priority: neither pressure nor eviction touches them.
bool is_critical(const api::Value& pod);

struct Refusal {
    std::string reason;   // "OutOfcpu", "NodeAffinity", "Evicted"
    std::string message;
};

struct AdmissionInput {
    const api::Value& pod;
    const PodClaim& claim;
    const PodClaim& others;    // of the Pods on the node
    std::int64_t other_pods = 0;
    const api::Value& allocatable;
    const api::Value& node;    // null: not needed
    bool memory_pressure = false;
    bool disk_pressure = false;
};
// Nothing: the node takes it.
std::optional<Refusal> refuse(const AdmissionInput& input);

}  // namespace kubewalk::kubelet
