#pragma once
// The columns and cells of each kind, and what several of them share.

#include <string>
#include <string_view>
#include <vector>

#include "core/apiserver/table.h"

namespace kubewalk::apiserver::tables {

using Cells = std::vector<api::Value>;

#define KUBEWALK_PRINTER(name)           \
    namespace name {                     \
    extern const std::span<const Column> columns; \
    Cells cells(const api::Value& object, Time now, Width width); \
    }

KUBEWALK_PRINTER(pods)
KUBEWALK_PRINTER(services)
KUBEWALK_PRINTER(endpoints)
KUBEWALK_PRINTER(endpoint_slices)
KUBEWALK_PRINTER(nodes)
KUBEWALK_PRINTER(namespaces)
KUBEWALK_PRINTER(events)
KUBEWALK_PRINTER(config_maps)
KUBEWALK_PRINTER(secrets)
KUBEWALK_PRINTER(service_accounts)
KUBEWALK_PRINTER(leases)
KUBEWALK_PRINTER(deployments)
KUBEWALK_PRINTER(replica_sets)
KUBEWALK_PRINTER(daemon_sets)
KUBEWALK_PRINTER(ingresses)
KUBEWALK_PRINTER(ingress_classes)
KUBEWALK_PRINTER(stateful_sets)
KUBEWALK_PRINTER(controller_revisions)
KUBEWALK_PRINTER(jobs)
KUBEWALK_PRINTER(cron_jobs)
KUBEWALK_PRINTER(replication_controllers)
KUBEWALK_PRINTER(pod_templates)
KUBEWALK_PRINTER(horizontal_pod_autoscalers)
KUBEWALK_PRINTER(scales)
KUBEWALK_PRINTER(persistent_volumes)
KUBEWALK_PRINTER(persistent_volume_claims)
KUBEWALK_PRINTER(storage_classes)
KUBEWALK_PRINTER(volume_attributes_classes)
KUBEWALK_PRINTER(csi_drivers)
KUBEWALK_PRINTER(csi_nodes)
KUBEWALK_PRINTER(csi_storage_capacities)
KUBEWALK_PRINTER(runtime_classes)
KUBEWALK_PRINTER(admission_policies)
KUBEWALK_PRINTER(admission_policy_bindings)
KUBEWALK_PRINTER(api_services)
KUBEWALK_PRINTER(certificate_signing_requests)
KUBEWALK_PRINTER(custom_resource_definitions)
KUBEWALK_PRINTER(flow_schemas)
KUBEWALK_PRINTER(priority_level_configurations)
KUBEWALK_PRINTER(ip_addresses)
KUBEWALK_PRINTER(service_cidrs)
KUBEWALK_PRINTER(component_statuses)
KUBEWALK_PRINTER(volume_attachments)
KUBEWALK_PRINTER(resource_quotas)
KUBEWALK_PRINTER(pod_disruption_budgets)
KUBEWALK_PRINTER(priority_classes)
KUBEWALK_PRINTER(network_policies)
KUBEWALK_PRINTER(role_bindings)
KUBEWALK_PRINTER(statuses)
KUBEWALK_PRINTER(anything)

#undef KUBEWALK_PRINTER

// translateTimestampSince: "5m", or "<unknown>" when not set.
std::string age_of_timestamp(const api::Value& timestamp, Time now);
std::string age(const api::Value& object, Time now);
// "a,b" of the containers of a Pod spec.
std::string container_names(const api::Value& pod_spec);
std::string container_images(const api::Value& pod_spec);
// labels.FormatLabels: "app=x,tier=y", "<none>".
std::string format_labels(const api::Value& labels);
std::string or_else(std::string_view text, std::string_view fallback);
// "a,b,c + 2 more..."
std::string with_more(const std::vector<std::string>& shown, std::size_t total);

}  // namespace kubewalk::apiserver::tables
