#pragma once
// What Pods ask for and Nodes have, as the scheduler counts it.
// Upstream: pkg/scheduler/framework/types.go (Resource), k8s.io/component-helpers/resource/helpers.go.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/api/value.h"

namespace kubewalk::scheduler {

struct Resources {
    std::int64_t milli_cpu = 0;
    std::int64_t memory = 0;             // bytes
    std::int64_t ephemeral_storage = 0;  // bytes
    std::int64_t allowed_pods = 0;
    std::map<std::string, std::int64_t, std::less<>> scalars;  // extended resources, hugepages-*

    // By name: cpu in thousandths, the others in units.
    std::int64_t get(std::string_view name) const;
    void set(std::string_view name, std::int64_t amount);
    void add(const Resources& other);
    void subtract(const Resources& other);
    void raise_to(const Resources& other);  // per resource the larger one
};

// From a map of quantities (status.allocatable, resources.requests).
Resources resources_of(const api::Value& quantities);

// What a container counts for that states no request: so that not all of them land on one Node.
enum class MissingRequests : unsigned char { zero, defaults };  // defaults: 100m CPU and 200 MiB
Resources pod_requests(const api::Value& pod_spec, MissingRequests missing);

bool is_scalar_resource(std::string_view name);
bool is_extended_resource(std::string_view name);

}  // namespace kubewalk::scheduler
