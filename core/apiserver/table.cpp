#include "core/apiserver/table.h"

#include "core/api/labels.h"
#include "core/apiserver/core.h"
#include "core/apiserver/custom/custom_resources.h"
#include "core/apiserver/tables/printers.h"
#include "core/base/text.h"

namespace kubewalk::apiserver {

using api::Value;

namespace {

const Printer fallback{"", "", tables::anything::columns, tables::anything::cells};

const Printer table[] = {
    {"", "Pod", tables::pods::columns, tables::pods::cells},
    {"", "Service", tables::services::columns, tables::services::cells},
    {"", "Endpoints", tables::endpoints::columns, tables::endpoints::cells},
    {"discovery.k8s.io", "EndpointSlice", tables::endpoint_slices::columns, tables::endpoint_slices::cells},
    {"", "Node", tables::nodes::columns, tables::nodes::cells},
    {"", "Namespace", tables::namespaces::columns, tables::namespaces::cells},
    {"", "Event", tables::events::columns, tables::events::cells},
    {"", "ConfigMap", tables::config_maps::columns, tables::config_maps::cells},
    {"", "Secret", tables::secrets::columns, tables::secrets::cells},
    {"", "ServiceAccount", tables::service_accounts::columns, tables::service_accounts::cells},
    {"coordination.k8s.io", "Lease", tables::leases::columns, tables::leases::cells},
    {"apps", "Deployment", tables::deployments::columns, tables::deployments::cells},
    {"apps", "ReplicaSet", tables::replica_sets::columns, tables::replica_sets::cells},
    {"apps", "DaemonSet", tables::daemon_sets::columns, tables::daemon_sets::cells},
    {"apps", "StatefulSet", tables::stateful_sets::columns, tables::stateful_sets::cells},
    {"apps", "ControllerRevision", tables::controller_revisions::columns, tables::controller_revisions::cells},
    {"batch", "Job", tables::jobs::columns, tables::jobs::cells},
    {"batch", "CronJob", tables::cron_jobs::columns, tables::cron_jobs::cells},
    {"", "ReplicationController", tables::replication_controllers::columns, tables::replication_controllers::cells},
    {"", "PodTemplate", tables::pod_templates::columns, tables::pod_templates::cells},
    {"autoscaling", "HorizontalPodAutoscaler", tables::horizontal_pod_autoscalers::columns, tables::horizontal_pod_autoscalers::cells},
    {"autoscaling", "Scale", tables::scales::columns, tables::scales::cells},
    {"", "PersistentVolume", tables::persistent_volumes::columns, tables::persistent_volumes::cells},
    {"", "PersistentVolumeClaim", tables::persistent_volume_claims::columns, tables::persistent_volume_claims::cells},
    {"storage.k8s.io", "StorageClass", tables::storage_classes::columns, tables::storage_classes::cells},
    {"storage.k8s.io", "VolumeAttributesClass", tables::volume_attributes_classes::columns, tables::volume_attributes_classes::cells},
    {"storage.k8s.io", "CSIDriver", tables::csi_drivers::columns, tables::csi_drivers::cells},
    {"storage.k8s.io", "CSINode", tables::csi_nodes::columns, tables::csi_nodes::cells},
    {"storage.k8s.io", "CSIStorageCapacity", tables::csi_storage_capacities::columns, tables::csi_storage_capacities::cells},
    {"node.k8s.io", "RuntimeClass", tables::runtime_classes::columns, tables::runtime_classes::cells},
    {"admissionregistration.k8s.io", "ValidatingAdmissionPolicy", tables::admission_policies::columns, tables::admission_policies::cells},
    {"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", tables::admission_policy_bindings::columns, tables::admission_policy_bindings::cells},
    {"apiregistration.k8s.io", "APIService", tables::api_services::columns, tables::api_services::cells},
    {"apiextensions.k8s.io", "CustomResourceDefinition", tables::custom_resource_definitions::columns, tables::custom_resource_definitions::cells},
    {"certificates.k8s.io", "CertificateSigningRequest", tables::certificate_signing_requests::columns, tables::certificate_signing_requests::cells},
    {"flowcontrol.apiserver.k8s.io", "FlowSchema", tables::flow_schemas::columns, tables::flow_schemas::cells},
    {"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", tables::priority_level_configurations::columns, tables::priority_level_configurations::cells},
    {"networking.k8s.io", "IPAddress", tables::ip_addresses::columns, tables::ip_addresses::cells},
    {"networking.k8s.io", "ServiceCIDR", tables::service_cidrs::columns, tables::service_cidrs::cells},
    {"", "ComponentStatus", tables::component_statuses::columns, tables::component_statuses::cells},
    {"storage.k8s.io", "VolumeAttachment", tables::volume_attachments::columns, tables::volume_attachments::cells},
    {"", "ResourceQuota", tables::resource_quotas::columns, tables::resource_quotas::cells},
    {"policy", "PodDisruptionBudget", tables::pod_disruption_budgets::columns, tables::pod_disruption_budgets::cells},
    {"scheduling.k8s.io", "PriorityClass", tables::priority_classes::columns, tables::priority_classes::cells},
    {"networking.k8s.io", "NetworkPolicy", tables::network_policies::columns, tables::network_policies::cells},
    {"rbac.authorization.k8s.io", "RoleBinding", tables::role_bindings::columns, tables::role_bindings::cells},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", tables::role_bindings::columns, tables::role_bindings::cells},
    {"events.k8s.io", "Event", tables::events::columns, tables::events::cells},
    {"", "Status", tables::statuses::columns, tables::statuses::cells},
    {"networking.k8s.io", "Ingress", tables::ingresses::columns, tables::ingresses::cells},
    {"networking.k8s.io", "IngressClass", tables::ingress_classes::columns, tables::ingress_classes::cells},
};

// A Pod that ended says so, for clients that fold such rows away.
Value row_conditions(const Value& object) {
    const auto phase = object["status"]["phase"].as_string();
    const bool succeeded = phase == "Succeeded";
    if (object["kind"].as_string() != "Pod" || (!succeeded && phase != "Failed"))
        return {};
    return Value::array({Value::object({{"type", "Completed"},
                                        {"status", "True"},
                                        {"reason", phase},
                                        {"message", succeeded ? "The pod has completed successfully."
                                                              : "The pod failed."}})});
}

Value row_of(const Printer& printer, const Value& object, Time now, std::string_view include_object) {
    Value cells = Value::array();
    for (auto& cell : printer.cells(object, now, Width::wide))
        cells.push_back(std::move(cell));
    Value row = Value::object({{"cells", std::move(cells)}});
    if (include_object == "Object")
        row.set("object", object);
    else if (include_object != "None")
        row.set("object", Value::object({{"kind", "PartialObjectMetadata"},
                                         {"apiVersion", "meta.k8s.io/v1"},
                                         {"metadata", object["metadata"]}}));
    if (auto conditions = row_conditions(object); !conditions.is_null())
        row.set("conditions", std::move(conditions));
    return row;
}

}  // namespace

const Printer& printer_for(std::string_view group, std::string_view kind) {
    for (const auto& entry : table)
        if (entry.kind == kind && entry.group == group)
            return entry;
    return fallback;
}

bool wants_table(std::string_view accept) {
    // The first media type that is understood counts.
    const auto first = split(accept, ',').front();
    return first.find("as=Table") != std::string_view::npos;
}

Value to_table(const api::Kind& kind, const Value& object, Time now, std::string_view include_object) {
    const bool is_list = object["items"].is_array() && object["kind"].as_string() == kind.list();
    if (!is_list && object["kind"].as_string() != kind.kind)
        return object;  // a Status
    const Printer& printer = printer_for(kind.group, kind.kind);
    Value columns = Value::array();
    for (const auto& column : printer.columns)
        columns.push_back(Value::object({{"name", column.name},
                                         {"type", column.type},
                                         {"format", column.format},
                                         {"description", ""},
                                         {"priority", column.priority}}));
    Value rows = Value::array();
    if (is_list)
        for (const auto& item : object["items"].items())
            rows.push_back(row_of(printer, item, now, include_object));
    else
        rows.push_back(row_of(printer, object, now, include_object));
    Value metadata = Value::object({{"resourceVersion", api::resource_version_of(object)}});
    for (std::string_view field : {"continue", "remainingItemCount"})
        if (is_list && !object["metadata"][field].is_null())
            metadata.set(field, object["metadata"][field]);
    return Value::object({{"kind", "Table"},
                          {"apiVersion", "meta.k8s.io/v1"},
                          {"metadata", std::move(metadata)},
                          {"columnDefinitions", std::move(columns)},
                          {"rows", std::move(rows)}});
}

constexpr api::Kind scale_kind{"autoscaling", "v1", "Scale", "scales", "scale", "", api::Scope::namespaced, api::StatusSubresource::no, "V1Scale", ""};

Value to_table(const Core& core, const Call& call, const Value& body) {
    const auto now = core.simulation.now();
    const auto& include_object = call.query("includeObject");
    const auto& kind = *call.route.kind;
    if (call.route.subresource == "scale")
        return to_table(scale_kind, body, now, include_object);
    const auto* custom = core.customs.find(kind);
    return custom ? custom->table(body, now, include_object) : to_table(kind, body, now, include_object);
}

namespace tables {

std::string age_of_timestamp(const Value& timestamp, Time now) {
    const auto time = parse_rfc3339(timestamp.as_string());
    return time ? human_duration(now - *time) : "<unknown>";
}

std::string age(const Value& object, Time now) { return age_of_timestamp(object["metadata"]["creationTimestamp"], now); }

std::string container_names(const Value& pod_spec) {
    std::vector<std::string> names;
    for (const auto& container : pod_spec["containers"].items())
        names.push_back(container["name"].str());
    return join(names, ",");
}

std::string container_images(const Value& pod_spec) {
    std::vector<std::string> images;
    for (const auto& container : pod_spec["containers"].items())
        images.push_back(container["image"].str());
    return join(images, ",");
}

std::string format_labels(const Value& labels) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : labels.members())
        pairs.push_back(cat(key, "=", value.as_string()));
    return pairs.empty() ? "<none>" : join(pairs, ",");
}

std::string or_else(std::string_view text, std::string_view fallback_text) {
    return std::string(text.empty() ? fallback_text : text);
}

std::string with_more(const std::vector<std::string>& shown, std::size_t total) {
    const auto text = join(shown, ",");
    return total > shown.size() ? cat(text, " + ", total - shown.size(), " more...") : text;
}

}  // namespace tables

}  // namespace kubewalk::apiserver
