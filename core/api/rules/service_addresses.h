#pragma once
// A Service's addresses and families. The allocator asks the same before it hands out addresses.
// Upstream: ValidateServiceClusterIPsRelatedFields and ValidateNonSpecialIP of pkg/apis/core/validation/validation.go.

#include "core/api/field_error.h"
#include "core/api/value.h"

namespace kubewalk::api {

// clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy, each by itself and together.
void validate_cluster_ips(const Value& service, FieldErrors& errors);

// An address that traffic from elsewhere can be sent to: not 0.0.0.0, no loopback, no link-local one.
void validate_non_special_ip(const Value& ip, const Path& path, FieldErrors& errors);

}  // namespace kubewalk::api
