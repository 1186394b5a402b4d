#pragma once
// How full a Node would be with the Pod, per resource: what both resource plugins score.
// Upstream: plugins/noderesources/resource_allocation.go.

#include <cstdint>
#include <vector>

#include "core/scheduler/plugins.h"

namespace kubewalk::scheduler {

struct Allocation {
    std::int64_t requested = 0;
    std::int64_t allocatable = 0;  // 0: does not count
    std::int64_t weight = 1;
};

// `missing` says which sums count: with defaults for containers that request nothing, or without.
// The result stands in `buffer`, which is used again from Node to Node.
const std::vector<Allocation>& allocations(const PodInfo& pod, const NodeInfo& node,
                                           const std::vector<ResourceWeight>& resources, MissingRequests missing,
                                           std::vector<Allocation>& buffer);

}  // namespace kubewalk::scheduler
