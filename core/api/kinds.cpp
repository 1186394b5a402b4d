#include "core/api/kinds.h"

#include "core/api/custom_kinds.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr Scope cluster = Scope::cluster;
constexpr Scope namespaced = Scope::namespaced;
constexpr StatusSubresource no = StatusSubresource::no;
constexpr StatusSubresource yes = StatusSubresource::yes;

// The preferred version of a group comes first.
constexpr Kind table[] = {
    {"", "v1", "Binding", "bindings", "binding", "", namespaced, no, "V1Binding", ""},
    {"", "v1", "ComponentStatus", "componentstatuses", "componentstatus", "cs", cluster, no, "V1ComponentStatus", ""},
    {"", "v1", "ConfigMap", "configmaps", "configmap", "cm", namespaced, no, "V1ConfigMap", ""},
    {"", "v1", "Endpoints", "endpoints", "endpoints", "ep", namespaced, no, "V1Endpoints", ""},
    {"", "v1", "Event", "events", "event", "ev", namespaced, no, "CoreV1Event", ""},
    {"", "v1", "LimitRange", "limitranges", "limitrange", "limits", namespaced, no, "V1LimitRange", ""},
    {"", "v1", "Namespace", "namespaces", "namespace", "ns", cluster, yes, "V1Namespace", ""},
    {"", "v1", "Node", "nodes", "node", "no", cluster, yes, "V1Node", ""},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim", "pvc", namespaced, yes,
     "V1PersistentVolumeClaim", ""},
    {"", "v1", "PersistentVolume", "persistentvolumes", "persistentvolume", "pv", cluster, yes, "V1PersistentVolume", ""},
    {"", "v1", "Pod", "pods", "pod", "po", namespaced, yes, "V1Pod", "all"},
    {"", "v1", "PodTemplate", "podtemplates", "podtemplate", "", namespaced, no, "V1PodTemplate", ""},
    {"", "v1", "ReplicationController", "replicationcontrollers", "replicationcontroller", "rc", namespaced, yes,
     "V1ReplicationController", "all"},
    {"", "v1", "ResourceQuota", "resourcequotas", "resourcequota", "quota", namespaced, yes, "V1ResourceQuota", ""},
    {"", "v1", "Secret", "secrets", "secret", "", namespaced, no, "V1Secret", ""},
    {"", "v1", "Service", "services", "service", "svc", namespaced, yes, "V1Service", "all"},
    {"", "v1", "ServiceAccount", "serviceaccounts", "serviceaccount", "sa", namespaced, no, "V1ServiceAccount", ""},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "validatingadmissionpolicy", "", cluster, yes,
     "V1ValidatingAdmissionPolicy", "api-extensions"},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "validatingadmissionpolicybinding", "",
     cluster, no, "V1ValidatingAdmissionPolicyBinding", "api-extensions"},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", "customresourcedefinition", "crd,crds", cluster, yes,
     "V1CustomResourceDefinition", "api-extensions"},
    {"apiregistration.k8s.io", "v1", "APIService", "apiservices", "apiservice", "", cluster, yes, "V1APIService",
     "api-extensions"},
    {"apps", "v1", "ControllerRevision", "controllerrevisions", "controllerrevision", "", namespaced, no,
     "V1ControllerRevision", ""},
    {"apps", "v1", "DaemonSet", "daemonsets", "daemonset", "ds", namespaced, yes, "V1DaemonSet", "all"},
    {"apps", "v1", "Deployment", "deployments", "deployment", "deploy", namespaced, yes, "V1Deployment", "all"},
    {"apps", "v1", "ReplicaSet", "replicasets", "replicaset", "rs", namespaced, yes, "V1ReplicaSet", "all"},
    {"apps", "v1", "StatefulSet", "statefulsets", "statefulset", "sts", namespaced, yes, "V1StatefulSet", "all"},
    {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "horizontalpodautoscaler", "hpa",
     namespaced, yes, "V2HorizontalPodAutoscaler", "all"},
    {"autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "horizontalpodautoscaler", "hpa",
     namespaced, yes, "V1HorizontalPodAutoscaler", "all"},
    {"batch", "v1", "CronJob", "cronjobs", "cronjob", "cj", namespaced, yes, "V1CronJob", "all"},
    {"batch", "v1", "Job", "jobs", "job", "", namespaced, yes, "V1Job", "all"},
    {"certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", "certificatesigningrequest", "csr", cluster, yes,
     "V1CertificateSigningRequest", ""},
    {"coordination.k8s.io", "v1", "Lease", "leases", "lease", "", namespaced, no, "V1Lease", ""},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "endpointslice", "", namespaced, no,
     "V1EndpointSlice", ""},
    {"events.k8s.io", "v1", "Event", "events", "event", "ev", namespaced, no, "EventsV1Event", ""},
    {"flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", "flowschema", "", cluster, yes, "V1FlowSchema", ""},
    {"flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", "prioritylevelconfiguration", "", cluster,
     yes, "V1PriorityLevelConfiguration", ""},
    {"networking.k8s.io", "v1", "IngressClass", "ingressclasses", "ingressclass", "", cluster, no, "V1IngressClass", ""},
    {"networking.k8s.io", "v1", "Ingress", "ingresses", "ingress", "ing", namespaced, yes, "V1Ingress", ""},
    {"networking.k8s.io", "v1", "IPAddress", "ipaddresses", "ipaddress", "ip", cluster, no, "V1IPAddress", ""},
    {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "networkpolicy", "netpol", namespaced, no,
     "V1NetworkPolicy", ""},
    {"networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", "servicecidr", "", cluster, yes, "V1ServiceCIDR", ""},
    {"node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "runtimeclass", "", cluster, no, "V1RuntimeClass", ""},
    {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "poddisruptionbudget", "pdb", namespaced, yes,
     "V1PodDisruptionBudget", ""},
    {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "clusterrolebinding", "", cluster, no,
     "V1ClusterRoleBinding", ""},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "clusterrole", "", cluster, no, "V1ClusterRole", ""},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "rolebinding", "", namespaced, no, "V1RoleBinding", ""},
    {"rbac.authorization.k8s.io", "v1", "Role", "roles", "role", "", namespaced, no, "V1Role", ""},
    {"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "priorityclass", "pc", cluster, no, "V1PriorityClass", ""},
    {"storage.k8s.io", "v1", "CSIDriver", "csidrivers", "csidriver", "", cluster, no, "V1CSIDriver", ""},
    {"storage.k8s.io", "v1", "CSINode", "csinodes", "csinode", "", cluster, no, "V1CSINode", ""},
    {"storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", "csistoragecapacity", "", namespaced, no,
     "V1CSIStorageCapacity", ""},
    {"storage.k8s.io", "v1", "StorageClass", "storageclasses", "storageclass", "sc", cluster, no, "V1StorageClass", ""},
    {"storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", "volumeattributesclass", "vac", cluster, no,
     "V1VolumeAttributesClass", ""},
    {"storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "volumeattachment", "", cluster, yes,
     "V1VolumeAttachment", ""},
};

const Kind& by_name(std::string_view kind) {
    for (const auto& entry : table)
        if (entry.kind == kind)
            return entry;
    return table[0];
}

bool lists(std::string_view names, std::string_view name) {
    for (auto candidate : split(names, ','))
        if (!candidate.empty() && candidate == name)
            return true;
    return false;
}

}  // namespace

namespace kind {
const Kind& namespaces = by_name("Namespace");
const Kind& nodes = by_name("Node");
const Kind& pods = by_name("Pod");
const Kind& services = by_name("Service");
const Kind& endpoints = by_name("Endpoints");
const Kind& endpoint_slices = by_name("EndpointSlice");
const Kind& deployments = by_name("Deployment");
const Kind& replica_sets = by_name("ReplicaSet");
const Kind& daemon_sets = by_name("DaemonSet");
const Kind& config_maps = by_name("ConfigMap");
const Kind& secrets = by_name("Secret");
const Kind& service_accounts = by_name("ServiceAccount");
const Kind& events = by_name("Event");
const Kind& leases = by_name("Lease");
const Kind& limit_ranges = by_name("LimitRange");
const Kind& persistent_volume_claims = by_name("PersistentVolumeClaim");
const Kind& persistent_volumes = by_name("PersistentVolume");
const Kind& replication_controllers = by_name("ReplicationController");
const Kind& resource_quotas = by_name("ResourceQuota");
const Kind& controller_revisions = by_name("ControllerRevision");
const Kind& stateful_sets = by_name("StatefulSet");
const Kind& horizontal_pod_autoscalers = by_name("HorizontalPodAutoscaler");
const Kind& cron_jobs = by_name("CronJob");
const Kind& jobs = by_name("Job");
const Kind& ingress_classes = by_name("IngressClass");
const Kind& ingresses = by_name("Ingress");
const Kind& network_policies = by_name("NetworkPolicy");
const Kind& pod_disruption_budgets = by_name("PodDisruptionBudget");
const Kind& cluster_role_bindings = by_name("ClusterRoleBinding");
const Kind& cluster_roles = by_name("ClusterRole");
const Kind& role_bindings = by_name("RoleBinding");
const Kind& roles = by_name("Role");
const Kind& priority_classes = by_name("PriorityClass");
const Kind& storage_classes = by_name("StorageClass");
const Kind& api_services = by_name("APIService");
const Kind& volume_attachments = by_name("VolumeAttachment");
const Kind& certificate_signing_requests = by_name("CertificateSigningRequest");
const Kind& custom_resource_definitions = by_name("CustomResourceDefinition");
const Kind& flow_schemas = by_name("FlowSchema");
const Kind& priority_level_configurations = by_name("PriorityLevelConfiguration");
}  // namespace kind

std::string Kind::api_version() const { return group.empty() ? std::string(version) : cat(group, "/", version); }

std::string Kind::list() const { return list_kind.empty() ? cat(kind, "List") : std::string(list_kind); }

std::string Kind::group_resource() const { return group.empty() ? std::string(resource) : cat(resource, ".", group); }

std::span<const Kind> kinds() { return table; }

const Kind* find_kind(std::string_view api_version, std::string_view kind) {
    for (const auto& entry : table)
        if (entry.kind == kind && entry.api_version() == api_version)
            return &entry;
    return nullptr;
}

const Kind* find_resource(std::string_view group, std::string_view version, std::string_view resource) {
    for (const auto& entry : table)
        if (entry.resource == resource && entry.group == group && entry.version == version)
            return &entry;
    return nullptr;
}

const Kind* find_by_any_name(std::string_view name) {
    const std::string wanted = to_lower(name);
    const auto dot = wanted.find('.');
    const std::string_view head = std::string_view(wanted).substr(0, dot);
    const std::string_view tail = dot == std::string::npos ? std::string_view() : std::string_view(wanted).substr(dot + 1);
    for (const auto& entry : table) {
        if (head != entry.resource && head != entry.singular && head != to_lower(entry.kind) &&
            !lists(entry.short_names, head))
            continue;
        if (tail.empty() || tail == entry.group || tail == cat(entry.version, ".", entry.group))
            return &entry;
    }
    return nullptr;
}

std::string collection_path(const Kind& kind, std::string_view namespace_name) {
    std::string path = kind.group.empty() ? cat("/api/", kind.version) : cat("/apis/", kind.group, "/", kind.version);
    if (kind.namespaced() && !namespace_name.empty())
        append(path, "/namespaces/", namespace_name);
    append(path, "/", kind.resource);
    return path;
}

std::string object_path(const Kind& kind, std::string_view namespace_name, std::string_view name) {
    return cat(collection_path(kind, namespace_name), "/", name);
}

std::string_view name_of(const Value& object) { return object["metadata"]["name"].as_string(); }
std::string_view namespace_of(const Value& object) { return object["metadata"]["namespace"].as_string(); }
std::string_view uid_of(const Value& object) { return object["metadata"]["uid"].as_string(); }
std::string_view resource_version_of(const Value& object) { return object["metadata"]["resourceVersion"].as_string(); }
bool is_deleting(const Value& object) { return !object["metadata"]["deletionTimestamp"].is_null(); }

std::string key_of(const Value& object) {
    const auto namespace_name = namespace_of(object);
    return namespace_name.empty() ? std::string(name_of(object)) : cat(namespace_name, "/", name_of(object));
}

NamespacedName split_key(std::string_view key) {
    const auto slash = key.find('/');
    if (slash == std::string_view::npos)
        return {{}, key};
    return {key.substr(0, slash), key.substr(slash + 1)};
}

const Value& controller_of(const Value& object) {
    for (const auto& owner : object["metadata"]["ownerReferences"].items())
        if (owner["controller"].as_bool())
            return owner;
    return null_value();
}

Value controller_ref(const Value& owner) {
    return Value::object({{"apiVersion", owner["apiVersion"]},
                          {"kind", owner["kind"]},
                          {"name", owner["metadata"]["name"]},
                          {"uid", owner["metadata"]["uid"]},
                          {"controller", true},
                          {"blockOwnerDeletion", true}});
}

}  // namespace kubewalk::api
