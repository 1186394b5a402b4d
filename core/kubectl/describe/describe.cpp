#include "core/kubectl/describe/describe.h"

#include <algorithm>

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

struct Entry {
    std::string_view group;
    std::string_view kind;
    Describer describer;
};

constexpr Entry table[] = {
    {"", "Pod", pod},
    {"", "Service", service},
    {"apps", "Deployment", deployment},
    {"apps", "ReplicaSet", replica_set},
    {"apps", "DaemonSet", daemon_set},
    {"", "Node", node},
    {"", "Namespace", namespace_object},
    {"", "Endpoints", endpoints},
    {"discovery.k8s.io", "EndpointSlice", endpoint_slice},
    {"", "ConfigMap", config_map},
    {"", "Secret", secret},
    {"", "ServiceAccount", service_account},
    {"networking.k8s.io", "Ingress", ingress},
    {"networking.k8s.io", "IngressClass", ingress_class},
    {"networking.k8s.io", "NetworkPolicy", network_policy},
    {"apps", "StatefulSet", stateful_set},
    {"", "ReplicationController", replication_controller},
    {"batch", "Job", job},
    {"batch", "CronJob", cron_job},
    {"autoscaling", "HorizontalPodAutoscaler", autoscaler},
    {"policy", "PodDisruptionBudget", disruption_budget},
    {"scheduling.k8s.io", "PriorityClass", priority_class},
    {"", "ResourceQuota", resource_quota},
    {"", "LimitRange", limit_range},
    {"", "PersistentVolume", persistent_volume},
    {"", "PersistentVolumeClaim", persistent_volume_claim},
    {"storage.k8s.io", "StorageClass", storage_class},
    {"storage.k8s.io", "CSINode", csi_node},
    {"storage.k8s.io", "VolumeAttributesClass", volume_attributes_class},
    {"certificates.k8s.io", "CertificateSigningRequest", certificate_signing_request},
    {"networking.k8s.io", "IPAddress", ip_address},
    {"networking.k8s.io", "ServiceCIDR", service_cidr},
    {"rbac.authorization.k8s.io", "Role", role},
    {"rbac.authorization.k8s.io", "ClusterRole", role},
    {"rbac.authorization.k8s.io", "RoleBinding", role_binding},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", role_binding},
};

Value events_of(Server& server, const Value& object, std::string_view uid) {
    auto selector = cat("involvedObject.name=", api::name_of(object), ",involvedObject.uid=", uid);
    if (const auto namespace_name = api::namespace_of(object); !namespace_name.empty())
        append(selector, ",involvedObject.namespace=", namespace_name);
    auto list = server.list(api::kind::events, api::namespace_of(object), {}, selector);
    return list.ok() ? list.value()["items"] : Value::array();
}

}  // namespace

std::string describe(const api::Kind& kind, const Value& object, Server& server, Time now, bool show_events) {
    Value events;
    if (show_events && kind.kind != "Namespace" && kind.kind != "Secret") {
        events = events_of(server, object, api::uid_of(object));
        if (kind.kind == "Node") {  // the kubelet names its Node by name, controllers by uid
            const Value by_name = events_of(server, object, api::name_of(object));
            for (const auto& event : by_name.items())
                events.push_back(event);
        }
    }
    Describer describer = generic;
    for (const auto& entry : table)
        if (entry.kind == kind.kind && entry.group == kind.group)
            describer = entry.describer;
    Writer w;
    describer({kind, object, server, now, events}, w);
    return w.take();
}

}  // namespace kubewalk::kubectl::describe
