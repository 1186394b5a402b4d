#include "core/api/schema_extras.h"

#include <algorithm>
#include <span>

#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// Fields of one type, separated by blanks; "*" as type: in every type.
struct FieldsOf {
    std::string_view type;
    std::string_view fields;
};

bool has_word(std::string_view words, std::string_view word) {
    for (std::size_t at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
            return true;
    }
    return false;
}

bool listed(std::span<const FieldsOf> table, std::string_view type, std::string_view field) {
    return std::any_of(table.begin(), table.end(), [&](const FieldsOf& line) {
        return (line.type == type || line.type == "*") && has_word(line.fields, field);
    });
}

// Optional numbers and booleans are pointers in Go but for these (zero and absent are the same).
constexpr std::string_view plain_scalars =
    "readOnly stdin stdinOnce tty paused hostIPC hostNetwork hostPID globalDefault unschedulable "
    "publishNotReadyAddresses chapAuthDiscovery chapAuthSession sslEnabled denied authenticated "
    "count deprecatedCount partition observedGeneration sizeBytes hostPort signal minReadySeconds numberAvailable "
    "numberUnavailable updatedNumberScheduled availableReplicas readyReplicas replicas unavailableReplicas "
    "updatedReplicas fullyLabeledReplicas currentReplicas active failed succeeded generation failureThreshold "
    "initialDelaySeconds periodSeconds successThreshold timeoutSeconds number nodePort healthCheckNodePort start "
    "code retryAfterSeconds currentHealthy desiredHealthy disruptionsAllowed expectedPods value targetPort";

// Pointers in Go: those of the names above that are, and all texts and lists that are.
constexpr FieldsOf pointers[] = {
    {"V1DeploymentSpec", "replicas selector"},
    {"V1ReplicaSetSpec", "replicas selector"},
    {"V1StatefulSetSpec", "replicas selector"},
    {"V1DaemonSetSpec", "selector"},
    {"V1ReplicationControllerSpec", "replicas"},
    {"V1RollingUpdateStatefulSetStrategy", "partition"},
    {"V1ClientIPConfig", "timeoutSeconds"},
    {"V1VolumeNodeResources", "count"},
    {"V1CSIVolumeSource", "readOnly fsType"},
    {"V1AzureDiskVolumeSource", "readOnly fsType kind cachingMode"},
    {"V1HorizontalPodAutoscalerStatus", "observedGeneration"},
    {"V2HorizontalPodAutoscalerStatus", "observedGeneration"},
    {"V2MetricTarget", "value averageValue"},
    {"V2MetricValueStatus", "value averageValue"},
    {"V2HPAScalingRules", "selectPolicy tolerance"},
    {"V1EmptyDirVolumeSource", "sizeLimit"},
    {"V1CSIStorageCapacity", "capacity maximumVolumeSize"},
    {"V1PersistentVolumeClaimSpec", "storageClassName volumeAttributesClassName volumeMode"},
    {"V1PersistentVolumeClaimStatus", "currentVolumeAttributesClassName"},
    {"V1PersistentVolumeSpec", "volumeAttributesClassName volumeMode"},
    {"V1PodSpec", "runtimeClassName preemptionPolicy hostnameOverride"},
    {"V1Container", "restartPolicy"},
    {"V1EphemeralContainer", "restartPolicy"},
    {"V1VolumeMount", "mountPropagation recursiveReadOnly"},
    {"V1ValidatingAdmissionPolicySpec", "failurePolicy"},
    {"V1MatchResources", "matchPolicy"},
    {"V1NamedRuleWithOperations", "scope"},
    {"V1Validation", "reason"},
    {"V1ParamRef", "parameterNotFoundAction"},
    {"V1VolumeMountStatus", "recursiveReadOnly"},
    {"V1SecurityContext", "procMount"},
    {"V1PodSecurityContext", "fsGroupChangePolicy supplementalGroupsPolicy seLinuxChangePolicy"},
    {"V1WindowsSecurityContextOptions", "gmsaCredentialSpecName gmsaCredentialSpec runAsUserName"},
    {"V1SeccompProfile", "localhostProfile"},
    {"V1AppArmorProfile", "localhostProfile"},
    {"V1TopologySpreadConstraint", "nodeAffinityPolicy nodeTaintsPolicy"},
    {"V1HostPathVolumeSource", "type"},
    {"V1GRPCAction", "service"},
    {"V1LifecycleHandler", "stopSignal"},
    {"V1Lifecycle", "stopSignal"},
    {"V1PodDNSConfigOption", "value"},
    {"DiscoveryV1EndpointPort", "name protocol port appProtocol"},
    {"CoreV1EndpointPort", "appProtocol"},
    {"V1Endpoint", "hostname nodeName zone"},
    {"V1EndpointAddress", "nodeName"},
    {"V1ServicePort", "appProtocol"},
    {"V1ServiceSpec", "ipFamilyPolicy internalTrafficPolicy loadBalancerClass trafficDistribution"},
    {"V1LoadBalancerIngress", "ipMode"},
    {"V1PortStatus", "error"},
    {"V1IngressPortStatus", "error"},
    {"V1IngressSpec", "ingressClassName"},
    {"V1HTTPIngressPath", "pathType"},
    {"V1IngressClassParametersReference", "apiGroup scope namespace"},
    {"V1NetworkPolicyPort", "protocol"},
    {"V1TypedLocalObjectReference", "apiGroup"},
    {"V1TypedObjectReference", "apiGroup namespace"},
    {"V1StorageClass", "reclaimPolicy volumeBindingMode"},
    {"V1VolumeAttachmentSource", "persistentVolumeName"},
    {"V1ISCSIVolumeSource", "initiatorName"},
    {"V1ISCSIPersistentVolumeSource", "initiatorName"},
    {"V1GlusterfsPersistentVolumeSource", "endpointsNamespace"},
    {"V1AzureFilePersistentVolumeSource", "secretNamespace"},
    {"V1ClusterTrustBundleProjection", "name signerName"},
    {"V1PodResourceClaim", "resourceClaimName resourceClaimTemplateName"},
    {"V1PodFailurePolicyOnExitCodesRequirement", "containerName"},
    {"V1CSIDriverSpec", "fsGroupPolicy"},
    {"V1LeaseSpec", "holderIdentity strategy preferredHolder"},
    {"V1JobSpec", "completionMode podReplacementPolicy managedBy"},
    {"V1JobStatus", "uncountedTerminatedPods failedIndexes"},
    {"V1ContainerStatus", "stopSignal"},
    {"V1LocalVolumeSource", "fsType"},
    {"V1PodResourceClaimStatus", "resourceClaimName"},
    {"V1PodSchedulingGroup", "podGroupName"},
    {"V1Preconditions", "uid"},
    {"V1ResourceHealth", "message"},
    {"V1TokenRequestSpec", "boundObjectRef"},
    {"V1SuccessPolicyRule", "succeededIndexes"},
    {"V1CronJobSpec", "timeZone"},
    {"V1PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy"},
    {"V1PriorityClass", "preemptionPolicy"},
    {"V1PersistentVolumeStatus", "lastPhaseTransitionTime"},
    {"V1ObjectMeta", "creationTimestamp deletionTimestamp"},  // creationTimestamp: omitzero since release 1.34
    {"V1ManagedFieldsEntry", "time"},
    {"V1Taint", "timeAdded"},
    {"V1PodStatus", "startTime"},
    {"V1CronJobStatus", "lastScheduleTime lastSuccessfulTime"},
    {"*", "startTime completionTime lastScaleTime acquireTime renewTime"},
};

// Printed though empty, beside required fields, metadata, spec, status and times that are no pointers.
constexpr FieldsOf printed[] = {
    {"V1Container", "resources"},
    {"V1EphemeralContainer", "resources"},
    {"V1ContainerStatus", "state lastState"},
    {"V1DeploymentSpec", "strategy"},
    {"V1DaemonSetSpec", "updateStrategy"},
    {"V1StatefulSetSpec", "updateStrategy serviceName"},
    {"V1StatefulSetOrdinals", "start"},
    {"V1ControllerRevision", "data"},
    {"V1StatefulSetStatus", "availableReplicas"},
    {"V1ReplicaSetSpec", "template"},
    {"V1PodTemplate", "template"},
    {"V1ServiceStatus", "loadBalancer"},
    {"V1IngressStatus", "loadBalancer"},
    {"V1IngressServiceBackend", "port"},
    {"V1PersistentVolumeClaimSpec", "resources"},
    {"V1NetworkPolicySpec", "podSelector"},
    {"V1Endpoint", "conditions"},
    {"V1EndpointSlice", "endpoints ports"},
    {"V1ClusterRole", "rules"},
    {"V1Role", "rules"},
    {"CoreV1Event", "source reportingComponent reportingInstance"},
    {"EventsV1Event", "deprecatedSource regarding"},
    {"V1NodeStatus", "daemonEndpoints nodeInfo"},
    {"V1NodeDaemonEndpoints", "kubeletEndpoint"},
    {"V1PodDisruptionBudgetStatus", "currentHealthy desiredHealthy disruptionsAllowed expectedPods"},
    {"V1PriorityClass", "value"},
    {"V1ResourceFieldSelector", "divisor"},
    {"V1GRPCAction", "service"},
    {"V1TypedLocalObjectReference", "apiGroup"},
    {"V1TypedObjectReference", "apiGroup"},
    {"V1IngressClassParametersReference", "scope"},
    {"V1AzureFilePersistentVolumeSource", "secretNamespace"},
    {"V1ProjectedVolumeSource", "sources"},
    {"V1PodFailurePolicyOnPodConditionsPattern", "status"},
    {"V1RoleRef", "apiGroup"},
    {"V1ContainerImage", "names"},
    {"V1NodeRuntimeHandler", "name"},
    {"V1CSINodeDriver", "topologyKeys"},
    {"V1TokenRequestSpec", "audiences boundObjectRef expirationSeconds"},
    {"V1TokenRequestStatus", "token"},
    {"V2HorizontalPodAutoscalerStatus", "currentMetrics"},
    {"V1TokenReviewStatus", "user"},
    {"V1SelfSubjectReviewStatus", "userInfo"},
};

constexpr FieldsOf quantities[] = {
    {"V1EmptyDirVolumeSource", "sizeLimit"},
    {"V1CSIStorageCapacity", "capacity maximumVolumeSize"},
    {"V1ResourceFieldSelector", "divisor"},
    {"V2MetricTarget", "averageValue value"},
    {"V2MetricValueStatus", "averageValue value"},
    {"V2HPAScalingRules", "tolerance"},
};

constexpr FieldsOf quantity_maps[] = {
    {"V1ContainerStatus", "allocatedResources"},
    {"V1LimitRangeItem", "default defaultRequest max maxLimitRequestRatio min"},
    {"V1NodeStatus", "allocatable capacity"},
    {"V1PersistentVolumeClaimStatus", "allocatedResources capacity"},
    {"V1PersistentVolumeSpec", "capacity"},
    {"V1Overhead", "podFixed"},
    {"V1PodSpec", "overhead"},
    {"V1PodStatus", "allocatedResources"},
    {"V1ResourceQuotaSpec", "hard"},
    {"V1ResourceQuotaStatus", "hard used"},
    {"V1ResourceRequirements", "limits requests"},
    {"V1VolumeResourceRequirements", "limits requests"},
};

// Lists that merge, and what makes two entries the same; objects that keep named members only.
struct Merge {
    std::string_view type;
    std::string_view field;
    std::string_view key;        // patchMergeKey; "" for lists of texts
    std::string_view list_keys;  // "" when it is the merge key alone
    PatchStrategy strategy = PatchStrategy::merge;
};

constexpr Merge merges[] = {
    {"V1ObjectMeta", "ownerReferences", "uid", ""},
    {"V1ObjectMeta", "finalizers", "", ""},
    {"*", "conditions", "type", ""},
    {"V1PodSpec", "volumes", "name", "", PatchStrategy::merge_retain_keys},
    {"V1PodSpec", "containers", "name", ""},
    {"V1PodSpec", "initContainers", "name", ""},
    {"V1PodSpec", "ephemeralContainers", "name", ""},
    {"V1PodSpec", "imagePullSecrets", "name", ""},
    {"V1PodSpec", "hostAliases", "ip", ""},
    {"V1PodSpec", "topologySpreadConstraints", "topologyKey", "topologyKey whenUnsatisfiable"},
    {"V1PodSpec", "schedulingGates", "name", ""},
    {"V1PodSpec", "resourceClaims", "name", "", PatchStrategy::merge_retain_keys},
    {"V1PodStatus", "podIPs", "ip", ""},
    {"V1PodStatus", "hostIPs", "ip", ""},
    {"V1PodStatus", "resourceClaimStatuses", "name", "", PatchStrategy::merge_retain_keys},
    {"V1PodStatus", "nodeAllocatableResourceClaimStatuses", "resourceClaimName", ""},
    {"V1ContainerStatus", "volumeMounts", "mountPath", ""},
    {"V1ContainerStatus", "allocatedResourcesStatus", "name", ""},
    {"V1Container", "ports", "containerPort", "containerPort protocol"},
    {"V1Container", "env", "name", ""},
    {"V1Container", "volumeMounts", "mountPath", ""},
    {"V1Container", "volumeDevices", "devicePath", ""},
    {"V1EphemeralContainer", "ports", "containerPort", "containerPort protocol"},
    {"V1EphemeralContainer", "env", "name", ""},
    {"V1EphemeralContainer", "volumeMounts", "mountPath", ""},
    {"V1EphemeralContainer", "volumeDevices", "devicePath", ""},
    {"V1ServiceSpec", "ports", "port", "port protocol"},
    {"V1ServiceAccount", "secrets", "name", ""},
    {"V1NodeSpec", "podCIDRs", "", ""},
    {"V1CSINodeSpec", "drivers", "name", ""},
    {"V1ComponentStatus", "conditions", "type", ""},
    {"V1NodeStatus", "addresses", "type", ""},
    {"V1DeploymentSpec", "strategy", "", "", PatchStrategy::retain_keys},
    {"V1ValidatingAdmissionPolicySpec", "matchConditions", "name", ""},
    {"V1ValidatingAdmissionPolicySpec", "variables", "name", ""},
    {"V1PodDisruptionBudgetSpec", "selector", "", "", PatchStrategy::replace_object},
};

// What server-side apply goes by, where that is not the same: +listType, +mapType and +structType.
// Upstream: client-go/applyconfigurations/internal/internal.go, which holds the same for all types.
constexpr std::string_view atomic_types =
    "CoreV1EndpointPort DiscoveryV1EndpointPort RbacV1Subject V1ConfigMapKeySelector V1CrossVersionObjectReference "
    "V1EndpointAddress V1FileKeySelector V1LabelSelector V1LocalObjectReference V1NodeSelector V1NodeSelectorTerm "
    "V1ObjectFieldSelector V1ObjectReference V1OwnerReference V1ResourceFieldSelector V1RoleRef V1ScopeSelector "
    "V1SecretKeySelector V1SecretReference V1ServiceBackendPort V1TopologySelectorTerm V1TypedLocalObjectReference";
constexpr FieldsOf atomic_maps[] = {
    {"V1PodSpec", "nodeSelector"}, {"V1Scheduling", "nodeSelector"}, {"V1ReplicationControllerSpec", "selector"}, {"V1ServiceSpec", "selector"}};
constexpr FieldsOf granular_objects[] = {{"V1PersistentVolumeSpec", "claimRef"}};
constexpr FieldsOf atomic_lists[] = {{"V1JobStatus", "conditions"}, {"V1PodStatus", "hostIPs nodeAllocatableResourceClaimStatuses"}};
constexpr FieldsOf sets[] = {{"V1CSIDriverSpec", "volumeLifecycleModes"}, {"V1UncountedTerminatedPods", "failed succeeded"}};

// What `kubectl explain` lists and validation accepts.
constexpr struct {
    std::string_view type;
    std::string_view field;
    std::string_view values;
} enums[] = {
    {"V1Container", "imagePullPolicy", "Always IfNotPresent Never"},
    {"V1EphemeralContainer", "imagePullPolicy", "Always IfNotPresent Never"},
    {"V1Container", "terminationMessagePolicy", "FallbackToLogsOnError File"},
    {"V1EphemeralContainer", "terminationMessagePolicy", "FallbackToLogsOnError File"},
    {"V1ContainerPort", "protocol", "SCTP TCP UDP"},
    {"CoreV1EndpointPort", "protocol", "SCTP TCP UDP"},
    {"DiscoveryV1EndpointPort", "protocol", "SCTP TCP UDP"},
    {"V1ServicePort", "protocol", "SCTP TCP UDP"},
    {"V1NetworkPolicyPort", "protocol", "SCTP TCP UDP"},
    {"V1HTTPGetAction", "scheme", "HTTP HTTPS"},
    {"V1PodSpec", "dnsPolicy", "ClusterFirst ClusterFirstWithHostNet Default None"},
    {"V1PodSpec", "preemptionPolicy", "Never PreemptLowerPriority"},
    {"V1PodSpec", "restartPolicy", "Always Never OnFailure"},
    {"V1PodStatus", "phase", "Failed Pending Running Succeeded Unknown"},
    {"V1PodStatus", "qosClass", "BestEffort Burstable Guaranteed"},
    {"V1PodSecurityContext", "fsGroupChangePolicy", "Always OnRootMismatch"},
    {"V1PodSecurityContext", "supplementalGroupsPolicy", "Merge Strict"},
    {"V1SecurityContext", "procMount", "Default Unmasked"},
    {"V1SeccompProfile", "type", "Localhost RuntimeDefault Unconfined"},
    {"V1AppArmorProfile", "type", "Localhost RuntimeDefault Unconfined"},
    {"V1VolumeMount", "mountPropagation", "Bidirectional HostToContainer None"},
    {"V1HostPathVolumeSource", "type", "\"\" BlockDevice CharDevice Directory DirectoryOrCreate File FileOrCreate Socket"},
    {"V1Toleration", "effect", "NoExecute NoSchedule PreferNoSchedule"},
    {"V1Toleration", "operator", "Equal Exists Gt Lt"},
    {"V1Taint", "effect", "NoExecute NoSchedule PreferNoSchedule"},
    {"V1TopologySpreadConstraint", "whenUnsatisfiable", "DoNotSchedule ScheduleAnyway"},
    {"V1TopologySpreadConstraint", "nodeAffinityPolicy", "Honor Ignore"},
    {"V1TopologySpreadConstraint", "nodeTaintsPolicy", "Honor Ignore"},
    {"V1NodeSelectorRequirement", "operator", "DoesNotExist Exists Gt In Lt NotIn"},
    {"V1ServiceSpec", "type", "ClusterIP ExternalName LoadBalancer NodePort"},
    {"V1ServiceSpec", "sessionAffinity", "ClientIP None"},
    {"V1ServiceSpec", "externalTrafficPolicy", "Cluster Local"},
    {"V1ServiceSpec", "internalTrafficPolicy", "Cluster Local"},
    {"V1ServiceSpec", "ipFamilyPolicy", "PreferDualStack RequireDualStack SingleStack"},
    {"V1EndpointSlice", "addressType", "FQDN IPv4 IPv6"},
    {"V1DeploymentStrategy", "type", "Recreate RollingUpdate"},
    {"V1DaemonSetUpdateStrategy", "type", "OnDelete RollingUpdate"},
    {"V1StatefulSetUpdateStrategy", "type", "OnDelete RollingUpdate"},
    {"V1StatefulSetSpec", "podManagementPolicy", "OrderedReady Parallel"},
    {"V1JobSpec", "completionMode", "Indexed NonIndexed"},
    {"V1JobSpec", "podReplacementPolicy", "Failed TerminatingOrFailed"},
    {"V1CronJobSpec", "concurrencyPolicy", "Allow Forbid Replace"},
    {"V1HTTPIngressPath", "pathType", "Exact ImplementationSpecific Prefix"},
    {"V1PersistentVolumeSpec", "persistentVolumeReclaimPolicy", "Delete Recycle Retain"},
    {"V1PersistentVolumeSpec", "volumeMode", "Block Filesystem"},
    {"V1PersistentVolumeStatus", "phase", "Available Bound Failed Pending Released"},
    {"V1PersistentVolumeClaimSpec", "volumeMode", "Block Filesystem"},
    {"V1PersistentVolumeClaimStatus", "phase", "Bound Lost Pending"},
    {"V1NamespaceStatus", "phase", "Active Terminating"},
    {"V1StorageClass", "reclaimPolicy", "Delete Recycle Retain"},
    {"V1StorageClass", "volumeBindingMode", "Immediate WaitForFirstConsumer"},
    {"V1PriorityClass", "preemptionPolicy", "Never PreemptLowerPriority"},
};

bool is_time(Form form) { return form == Form::time || form == Form::micro_time; }

bool is_pointer(const Type& type, const Field& field) {
    if (listed(pointers, type.name, field.name))
        return true;
    switch (field.ref.form) {
        case Form::int32:
        case Form::int64:
        case Form::number:
        case Form::boolean:
        case Form::int_or_string: return !field.required && !has_word(plain_scalars, field.name);
        default: return false;
    }
}

bool is_printed(const Type& type, const Field& field) {
    if (field.required || listed(printed, type.name, field.name))
        return true;
    if (is_time(field.ref.form))
        return !field.optional_pointer;
    return field.ref.form == Form::object && has_word("metadata spec status", field.name);
}

void add_merge(const Type& type, Field& field) {
    for (const Merge& merge : merges) {
        const bool of_type = merge.type == type.name || (merge.type == "*" && type.name.ends_with("Status"));
        if (!of_type || merge.field != field.name)
            continue;
        field.patch = merge.strategy;
        field.merge_key = merge.key;
        if (field.ref.form != Form::list)
            return;
        field.list_type = merge.key.empty() ? ListType::set : ListType::map;
        const std::string_view keys = merge.list_keys.empty() ? merge.key : merge.list_keys;
        field.list_keys = fields(keys);
        return;
    }
}

void add_ownership(const Type& type, Field& field) {
    field.atomic = listed(atomic_maps, type.name, field.name);
    field.granular = listed(granular_objects, type.name, field.name);
    if (listed(atomic_lists, type.name, field.name))
        field.list_type = ListType::atomic;
    if (listed(sets, type.name, field.name))
        field.list_type = ListType::set;
    const bool claims = type.name == "V1ResourceRequirements" && field.name == "claims";
    if (claims || (type.name == "V1ResourceStatus" && field.name == "resources")) {
        field.list_type = ListType::map;
        field.list_keys = {claims ? "name" : "resourceID"};
    }
}

// "CoreV1Event" -> "Event": the group and version before the Go type's name.
std::string_view go_name_of(std::string_view name) {
    const std::size_t digit = name.find_first_of("0123456789");
    if (digit == std::string_view::npos || digit == 0 || name[digit - 1] != 'V')
        return name;
    return name.substr(digit + 1);
}

}  // namespace

void add_extras(Type& type, const TypeRef& quantity_map_element) {
    type.go_name = go_name_of(type.name);
    type.atomic = has_word(atomic_types, type.name);
    for (Field& field : type.fields) {
        if (listed(quantities, type.name, field.name))
            field.ref = TypeRef{Form::quantity, nullptr, nullptr};
        if (listed(quantity_maps, type.name, field.name))
            field.ref = TypeRef{Form::map, nullptr, &quantity_map_element};
        field.optional_pointer = is_pointer(type, field);
        field.always_printed = is_printed(type, field);
        add_merge(type, field);
        add_ownership(type, field);
        for (const auto& line : enums) {
            if (line.type != type.name || line.field != field.name)
                continue;
            field.enum_values = fields(line.values);
            std::replace(field.enum_values.begin(), field.enum_values.end(), std::string_view("\"\""), std::string_view());
        }
    }
}

}  // namespace kubewalk::api
