#include "core/api/rules.h"

#include "core/api/rules/entries.h"

namespace kubewalk::api {

namespace {

// A kind's rules are one line here.
const Rules* const rules_by_kind[] = {
    &api_service_rules, &certificate_signing_request_rules, &cluster_role_rules, &cluster_role_binding_rules, &config_map_rules, &controller_revision_rules,
    &cron_job_rules, &csi_driver_rules, &csi_node_rules, &csi_storage_capacity_rules, &custom_resource_definition_rules, &daemon_set_rules,
    &deployment_rules, &endpoint_slice_rules, &endpoints_rules, &event_rules, &flow_schema_rules, &horizontal_pod_autoscaler_rules,
    &ingress_rules, &ingress_class_rules, &ip_address_rules, &job_rules, &lease_rules, &limit_range_rules,
    &namespace_rules, &network_policy_rules, &node_rules, &persistent_volume_rules,
    &persistent_volume_claim_rules, &pod_rules, &pod_disruption_budget_rules, &pod_template_rules,
    &priority_class_rules, &priority_level_configuration_rules, &replica_set_rules, &replication_controller_rules, &resource_quota_rules,
    &role_rules, &role_binding_rules, &runtime_class_rules, &secret_rules, &service_rules,
    &service_account_rules, &service_cidr_rules, &stateful_set_rules, &storage_class_rules,
    &validating_admission_policy_rules, &validating_admission_policy_binding_rules, &volume_attachment_rules, &volume_attributes_class_rules,
};

}  // namespace

const Rules* find_rules(std::string_view group, std::string_view kind) {
    for (const Rules* rules : rules_by_kind)
        if (rules->kind == kind && rules->group == group)
            return rules;
    return nullptr;
}

}  // namespace kubewalk::api
