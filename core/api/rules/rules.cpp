#include "core/api/rules.h"

#include "core/api/rules/entries.h"

namespace kubewalk::api {

namespace {

// A kind's rules are one line here.
const Rules* const table[] = {
    &config_map_rules, &daemon_set_rules, &deployment_rules, &endpoint_slice_rules, &endpoints_rules,
    &event_rules,      &lease_rules,      &namespace_rules,  &node_rules,           &pod_rules,
    &replica_set_rules, &secret_rules,    &service_account_rules, &service_rules,
};

}  // namespace

const Rules* find_rules(std::string_view group, std::string_view kind) {
    for (const Rules* rules : table)
        if (rules->kind == kind && rules->group == group)
            return rules;
    return nullptr;
}

}  // namespace kubewalk::api
