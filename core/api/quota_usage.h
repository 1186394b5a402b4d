#pragma once
// What an object counts for against a ResourceQuota. The quota controller adds it up, admission compares it.
// Upstream: pkg/quota/v1/evaluator/core/{pods.go,services.go,persistent_volume_claims.go}, k8s.io/apiserver/pkg/quota/v1.

#include <map>
#include <string>

#include "core/api/kinds.h"
#include "core/api/quantity.h"
#include "core/api/value.h"

namespace kubewalk::api {

using ResourceAmounts = std::map<std::string, Quantity, std::less<>>;

// Under every name a quota may use: "pods", "cpu", "requests.cpu", "count/deployments.apps", ...
ResourceAmounts quota_usage(const Kind& kind, const Value& object);

// What of `usage` the quota limits: nothing when the object is not within its scopes.
ResourceAmounts limited_by(const Value& quota, const Kind& kind, const Value& object, const ResourceAmounts& usage);

// Requests ("requests") or limits ("limits") of a whole Pod: containers and sidecars together, or the largest
// init container where that is more; with overhead.
ResourceAmounts pod_resources(const Value& pod_spec, std::string_view list);

}  // namespace kubewalk::api
