#pragma once
// One entry per kind; rules.cpp lists them. Also what several kinds share.

#include <string_view>

#include "core/api/names.h"
#include "core/api/rules.h"

namespace kubewalk::api {

extern const Rules api_service_rules;
extern const Rules certificate_signing_request_rules;
extern const Rules cluster_role_rules;
extern const Rules cluster_role_binding_rules;
extern const Rules config_map_rules;
extern const Rules controller_revision_rules;
extern const Rules cron_job_rules;
extern const Rules csi_driver_rules;
extern const Rules csi_node_rules;
extern const Rules csi_storage_capacity_rules;
extern const Rules custom_resource_definition_rules;
extern const Rules daemon_set_rules;
extern const Rules deployment_rules;
extern const Rules endpoint_slice_rules;
extern const Rules endpoints_rules;
extern const Rules event_rules;
extern const Rules flow_schema_rules;
extern const Rules horizontal_pod_autoscaler_rules;
extern const Rules ingress_rules;
extern const Rules ingress_class_rules;
extern const Rules ip_address_rules;
extern const Rules job_rules;
extern const Rules lease_rules;
extern const Rules limit_range_rules;
extern const Rules namespace_rules;
extern const Rules network_policy_rules;
extern const Rules node_rules;
extern const Rules persistent_volume_rules;
extern const Rules persistent_volume_claim_rules;
extern const Rules pod_rules;
extern const Rules pod_disruption_budget_rules;
extern const Rules pod_template_rules;
extern const Rules priority_class_rules;
extern const Rules priority_level_configuration_rules;
extern const Rules replica_set_rules;
extern const Rules replication_controller_rules;
extern const Rules resource_quota_rules;
extern const Rules role_rules;
extern const Rules role_binding_rules;
extern const Rules runtime_class_rules;
extern const Rules secret_rules;
extern const Rules service_rules;
extern const Rules service_account_rules;
extern const Rules service_cidr_rules;
extern const Rules stateful_set_rules;
extern const Rules storage_class_rules;
extern const Rules validating_admission_policy_rules;
extern const Rules validating_admission_policy_binding_rules;
extern const Rules volume_attachment_rules;
extern const Rules volume_attributes_class_rules;

}  // namespace kubewalk::api
