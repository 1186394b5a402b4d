#include "core/apiserver/strategy.h"

namespace kubewalk::apiserver {

namespace {

// podStrategy.CheckGracefulDelete: nobody has to stop what never ran or has ended.
std::int64_t pod_grace_period(const api::Value& pod, std::optional<std::int64_t> asked) {
    const auto phase = pod["status"]["phase"].as_string();
    if (pod["spec"]["nodeName"].as_string().empty() || phase == "Failed" || phase == "Succeeded")
        return 0;
    const auto period = asked ? *asked : pod["spec"]["terminationGracePeriodSeconds"].as_int();
    return period < 0 ? 1 : period;
}

constexpr Strategy common{};

constexpr Strategy table[] = {
    {.group = "", .resource = "pods", .returns_deleted = true, .grace_period = pod_grace_period},
    {.group = "", .resource = "services", .create_on_update = true, .returns_deleted = true},
    {.group = "", .resource = "serviceaccounts", .returns_deleted = true},
    {.group = "", .resource = "endpoints", .create_on_update = true},
    {.group = "", .resource = "limitranges", .create_on_update = true},
    {.group = "", .resource = "persistentvolumes", .returns_deleted = true},
    {.group = "", .resource = "persistentvolumeclaims", .returns_deleted = true},
    {.group = "", .resource = "podtemplates", .returns_deleted = true},
    {.group = "", .resource = "replicationcontrollers", .orphans_by_default = true},
    {.group = "", .resource = "resourcequotas", .returns_deleted = true},
    {.group = "apiregistration.k8s.io", .resource = "apiservices", .unconditional_update = false},
    {.group = "batch", .resource = "jobs", .orphans_by_default = true},
    {.group = "policy", .resource = "poddisruptionbudgets", .unconditional_update = false},
    {.group = "rbac.authorization.k8s.io", .resource = "roles", .create_on_update = true},
    {.group = "rbac.authorization.k8s.io", .resource = "clusterroles", .create_on_update = true},
    {.group = "rbac.authorization.k8s.io", .resource = "rolebindings", .create_on_update = true},
    {.group = "rbac.authorization.k8s.io", .resource = "clusterrolebindings", .create_on_update = true},
    {.group = "", .resource = "events", .create_on_update = true},
    {.group = "coordination.k8s.io", .resource = "leases", .create_on_update = true, .unconditional_update = false},
};

}  // namespace

const Strategy& strategy_of(const api::Kind& kind) {
    for (const auto& entry : table)
        if (entry.resource == kind.resource && entry.group == kind.group)
            return entry;
    return common;
}

}  // namespace kubewalk::apiserver
