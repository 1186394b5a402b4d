#pragma once
// Before a Service's addresses are allocated: which families it wants, and what an update keeps.
// Upstream: pkg/registry/core/service/storage/{alloc.go,storage.go}.

#include <string>
#include <string_view>

#include "core/apiserver/allocator.h"

namespace kubewalk::apiserver {

Failure::Cause invalid_value(const api::Value& bad, std::string_view field, std::string_view detail);

// The Service range of a family ("IPv4", "IPv6"), empty when the cluster has none.
std::string_view cidr_of_family(const ServiceRanges& ranges, std::string_view family);
std::string_view family_of(std::string_view ip_or_cidr);

// What the client left out of an update stays as it was allocated (patchAllocatedValues).
void keep_allocated_values(api::Value& service, const api::Value& old);
// clusterIPs follows clusterIP (normalizeClusterIPs).
void normalize_cluster_ips(api::Value& service, const api::Value& old);
// Fills in ipFamilyPolicy and ipFamilies (initIPFamilyFields).
Answer<Done> init_ip_families(const ServiceRanges& ranges, api::Value& service, const api::Value& old);

}  // namespace kubewalk::apiserver
