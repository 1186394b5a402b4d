#include "core/scheduler/plugins/resource_allocation.h"

namespace kubewalk::scheduler {

const std::vector<Allocation>& allocations(const PodInfo& pod, const NodeInfo& node,
                                           const std::vector<ResourceWeight>& resources, MissingRequests missing,
                                           std::vector<Allocation>& buffer) {
    const bool defaults = missing == MissingRequests::defaults;
    const Resources& wanted = defaults ? pod.non_zero_requests : pod.requests;
    const Resources& used = defaults ? node.non_zero_requested : node.requested;
    buffer.clear();
    for (const auto& resource : resources) {
        const auto request = wanted.get(resource.name);
        const auto allocatable = node.allocatable.get(resource.name);
        // An extended resource that the Pod does not want says nothing about the Node.
        const bool counts = allocatable != 0 && !(request == 0 && is_scalar_resource(resource.name));
        buffer.push_back(counts ? Allocation{used.get(resource.name) + request, allocatable, resource.weight}
                                : Allocation{});
    }
    return buffer;
}

}  // namespace kubewalk::scheduler
