#pragma once
// From what runs to what the API shows: a Pod's phase, conditions and container statuses.
// Upstream: pkg/kubelet/kubelet_pods.go (getPhase, convertToAPIContainerStatuses), pkg/kubelet/status/generate.go.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"
#include "core/base/time.h"

namespace kubewalk::kubelet {

// Whether every container of the Pod has stopped for good (it is deleted, evicted or past its deadline).
enum class Terminal : std::uint8_t { no, yes };

// `statuses` holds init and regular container statuses together.
std::string_view pod_phase(const api::Value& pod_spec, const std::vector<api::Value>& statuses, Terminal terminal);

// Whether a container that has ended with this code starts again.
bool restarts(const api::Value& pod_spec, const api::Value& container, int exit_code);
// /proc/PID/oom_score_adj of a container: who dies first. Upstream: pkg/kubelet/qos/policy.go.
int oom_score_adjust(const api::Value& pod_spec, const api::Value& container, std::int64_t node_memory);
bool is_sidecar(const api::Value& init_container);  // restartPolicy: Always

// The Pod's own conditions in the order the kubelet writes them, transition times kept from `old`.
struct ConditionInput {
    const api::Value& pod;
    const api::Value& init_statuses;       // array
    const api::Value& container_statuses;  // array
    std::string_view phase;
    bool has_network = false;  // the sandbox stands
};
api::Value pod_conditions(const ConditionInput& input, const api::Value& old_conditions, Time now);

// Guaranteed, Burstable or BestEffort. Upstream: pkg/apis/core/v1/helper/qos.
std::string_view qos_class(const api::Value& pod_spec);

}  // namespace kubewalk::kubelet
