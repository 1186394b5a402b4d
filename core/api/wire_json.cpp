#include "core/api/wire_json.h"

#include <algorithm>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

// Under which member an object stands ("" for the whole), and how its own members go.
struct Order {
    std::string_view under;
    std::string_view members;
};

constexpr std::string_view whole =
    "kind apiVersion metadata groupVersion immutable data binaryData stringData type spec status message reason details code roleRef rules subjects involvedObject "
    "regarding source firstTimestamp lastTimestamp count eventTime handler provisioner parameters value globalDefault description columnDefinitions rows "
    "addressType endpoints ports items name versions preferredVersion resources groups serverAddressByClientCIDRs major minor emulationMajor emulationMinor "
    "minCompatibilityMajor minCompatibilityMinor gitVersion gitCommit gitTreeState buildDate goVersion compiler platform issuer jwks_uri";
constexpr std::string_view container =
    "name image command args workingDir ports envFrom env resources resizePolicy restartPolicy volumeMounts volumeDevices livenessProbe readinessProbe startupProbe "
    "lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy securityContext stdin stdinOnce tty";
constexpr std::string_view container_status = "name state lastState ready restartCount image imageID containerID started allocatedResources resources volumeMounts user";

constexpr Order orders[] = {
    {"", whole},
    {"metadata", "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations "
                 "ownerReferences finalizers managedFields continue remainingItemCount"},
    {"managedFields", "manager operation apiVersion time fieldsType fieldsV1 subresource"},
    {"ownerReferences", "apiVersion kind name uid controller blockOwnerDeletion"},
    {"spec", "podCIDR podCIDRs providerID unschedulable taints parallelism completions activeDeadlineSeconds backoffLimit schedule timeZone startingDeadlineSeconds "
             "concurrencyPolicy suspend jobTemplate replicas ports selector clusterIP clusterIPs type externalIPs sessionAffinity template volumeClaimTemplates serviceName "
             "podManagementPolicy strategy updateStrategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds volumes initContainers containers "
             "ephemeralContainers restartPolicy terminationGracePeriodSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken "
             "nodeName hostNetwork hostPID hostIPC shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations "
             "hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints "
             "capacity accessModes resources volumeName storageClassName volumeMode finalizers"},
    {"status", "capacity allocatable observedGeneration replicas updatedReplicas readyReplicas availableReplicas unavailableReplicas phase conditions message reason "
               "nominatedNodeName hostIP hostIPs podIP podIPs startTime initContainerStatuses containerStatuses qosClass ephemeralContainerStatuses addresses "
               "daemonEndpoints nodeInfo images completionTime active succeeded failed loadBalancer"},
    {"conditions", "type observedGeneration status lastProbeTime lastUpdateTime lastHeartbeatTime lastTransitionTime reason message"},
    {"containers", container},
    {"initContainers", container},
    {"containerStatuses", container_status},
    {"initContainerStatuses", container_status},
    {"ports", "name hostPort containerPort protocol appProtocol port targetPort nodePort"},
    {"env", "name value valueFrom"},
    {"volumeMounts", "name readOnly recursiveReadOnly mountPath"},
    {"volumes", "name"},
    {"details", "name group kind uid causes retryAfterSeconds"},
    {"causes", "reason message field"},
    {"resources", "name singularName namespaced group version kind verbs shortNames categories limits requests"},
    {"groups", "name versions preferredVersion"},
    {"versions", "groupVersion version"},
    {"preferredVersion", "groupVersion version"},
    {"involvedObject", "kind namespace name uid apiVersion resourceVersion fieldPath"},
    {"terminated", "exitCode signal reason message startedAt finishedAt containerID"},
    {"httpGet", "path port host scheme"},
};

std::size_t rank(std::string_view order, std::string_view member) {
    std::size_t place = 0;
    for (const auto name : split(order, ' ')) {
        if (name == member)
            return place;
        ++place;
    }
    return place;
}

class Writer {
public:
    explicit Writer(int indent) : indent_(indent) {}

    void write(const Value& value, std::string_view under, int depth) {
        if (value.is_array())
            return list(value, under, depth);
        if (!value.is_object()) {
            out += to_json(value);
            return;
        }
        const auto found = std::find_if(std::begin(orders), std::end(orders), [under](const Order& one) { return one.under == under; });
        // metav1.Status has its own order.
        const std::string_view order = under.empty() && value["kind"].as_string() == "Status" ? "kind apiVersion metadata status message reason details code"
                                       : found == std::end(orders)                             ? under == "items" ? whole : std::string_view("name")
                                                                                               : found->members;
        struct Member {
            std::size_t rank;
            std::string_view name;
            const Value* value;
        };
        std::vector<Member> members;
        for (const auto& [name, member] : value.members())
            if (under != "items" || !listed_ || (name != "kind" && name != "apiVersion"))
                members.push_back({rank(order, name), name, &member});
        std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.rank < b.rank; });
        if (members.empty()) {
            out += "{}";
            return;
        }
        out += '{';
        for (std::size_t i = 0; i < members.size(); ++i) {
            line(i, depth + 1);
            append(out, quoted(members[i].name), indent_ < 0 ? ":" : ": ");
            if (depth == 0 && members[i].name == "items")
                listed_ = value["kind"].as_string() != "List" && !value["kind"].as_string().starts_with("PartialObject");
            write(*members[i].value, members[i].name, depth + 1);
        }
        line(0, depth);
        out += '}';
    }

    std::string out;

private:
    void list(const Value& value, std::string_view under, int depth) {
        if (value.items().empty()) {
            out += "[]";
            return;
        }
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            line(i, depth + 1);
            write(value[i], under, depth + 1);
        }
        line(0, depth);
        out += ']';
    }

    void line(std::size_t before, int depth) {
        if (before > 0)
            out += ',';
        if (indent_ >= 0)
            append(out, "\n", std::string(static_cast<std::size_t>(indent_ * depth), ' '));
    }

    int indent_;
    bool listed_ = false;
};

}  // namespace

std::string to_wire_json(const Value& value, int indent) {
    // What /version says is written for people (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters, WriteRawJSON).
    Writer writer(value["gitVersion"].is_string() && indent < 0 ? 2 : indent);
    writer.write(value, {}, 0);
    return std::move(writer.out);
}

}  // namespace kubewalk::api
