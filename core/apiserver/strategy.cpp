#include "core/apiserver/strategy.h"

#include "core/api/custom_kinds.h"

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

// csrStrategy.PrepareForCreate.
void note_requestor(api::Value& object, const UserInfo& user) {
    auto& spec = object.edit("spec");
    for (const std::string_view field : {"uid", "groups", "extra"})
        spec.erase(field);
    spec.set("username", user.name);
    for (const auto& group : user.groups)
        spec.edit("groups").push_back(group);
}

constexpr Strategy common{};
constexpr Strategy custom{.group = {}, .resource = {}, .unconditional_update = false};

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
    {.group = "apiextensions.k8s.io", .resource = "customresourcedefinitions", .unconditional_update = false},
    {.group = "apiregistration.k8s.io", .resource = "apiservices", .unconditional_update = false},
    {.group = "batch", .resource = "jobs", .orphans_by_default = true},
    {.group = "certificates.k8s.io", .resource = "certificatesigningrequests", .note_user = note_requestor},
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
    if (api::is_custom(kind))
        return custom;
    for (const auto& entry : table)
        if (entry.resource == kind.resource && entry.group == kind.group)
            return entry;
    return common;
}

}  // namespace kubewalk::apiserver
