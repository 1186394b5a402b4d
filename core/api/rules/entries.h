#pragma once
// One entry per kind; rules.cpp lists them. Also what several kinds share.

#include <string_view>

#include "core/api/names.h"
#include "core/api/rules.h"

namespace kubewalk::api {

extern const Rules config_map_rules;
extern const Rules daemon_set_rules;
extern const Rules deployment_rules;
extern const Rules endpoint_slice_rules;
extern const Rules endpoints_rules;
extern const Rules event_rules;
extern const Rules lease_rules;
extern const Rules namespace_rules;
extern const Rules node_rules;
extern const Rules pod_rules;
extern const Rules replica_set_rules;
extern const Rules secret_rules;
extern const Rules service_account_rules;
extern const Rules service_rules;

}  // namespace kubewalk::api
