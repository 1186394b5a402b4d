#pragma once
// Addresses and node ports of Services. What is in use is derived from the Services in the store.
// Upstream: pkg/registry/core/service/{ipallocator,portallocator}, pkg/registry/core/service/storage/alloc.go.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/names.h"
#include "core/api/value.h"
#include "core/apiserver/status.h"
#include "core/base/ordered_map.h"
#include "core/base/random.h"

namespace kubewalk::apiserver {

struct ServiceRanges {
    std::vector<std::string> cidrs{"10.96.0.0/12"};  // the first gives the default family; at most two
    std::vector<std::string> more_cidrs{};           // that ServiceCIDRs add, of either family
    int node_port_low = 30000;
    int node_port_high = 32767;
};

class ServiceAllocator {
public:
    // Keeps the books: call with every change of a Service (null: absent).
    void track(const api::Value& before, const api::Value& after);

    // Fills in families, addresses and ports; `old` is null on create.
    Answer<Done> allocate(const ServiceRanges& ranges, Random& random, api::Value& service, const api::Value& old) const;

    bool address_in_use(std::string_view ip) const { return addresses_.contains(ip); }

private:
    Answer<Done> allocate_addresses(const ServiceRanges& ranges, Random& random, api::Value& service,
                                    const api::Value& old) const;
    Answer<Done> allocate_ports(const ServiceRanges& ranges, Random& random, api::Value& service,
                                const api::Value& old) const;
    Answer<Done> allocate_health_check_port(const ServiceRanges& ranges, Random& random, api::Value& service,
                                            const api::Value& old) const;
    // Empty when the range is full.
    std::string next_address(std::string_view cidr, Random& random) const;
    // 0 when the range is full.
    int next_port(const ServiceRanges& ranges, Random& random, const std::vector<int>& taken) const;
    // Empty when `port` can be had, else why not.
    std::string refuse_port(const ServiceRanges& ranges, int port) const;

    OrderedMap<std::string, int> addresses_;  // -> how many Services hold it
    OrderedMap<int, int> ports_;
};

}  // namespace kubewalk::apiserver
