#pragma once
// A share of the Pod network for each Node: 10.244.0.0/24 to the first, 10.244.1.0/24 to the next.
// Upstream: pkg/controller/nodeipam/ipam/{range_allocator.go,cidrset/cidr_set.go}.

#include <map>
#include <optional>
#include <set>

#include "core/client/controller.h"
#include "core/controllers/controllers.h"

namespace kubewalk::controllers {

// Subnets of one size within a network (IPv4). The search goes on behind the last one given out, so that
// a freed subnet is not reused at once.
class CidrSet {
public:
    CidrSet(std::string_view cluster_cidr, int node_mask_size);

    std::optional<std::string> allocate_next();
    void occupy(std::string_view cidr);
    void release(std::string_view cidr);

private:
    std::optional<std::uint32_t> index_of(std::string_view cidr) const;
    std::string text_of(std::uint32_t index) const;

    std::uint32_t base_ = 0;
    int mask_size_ = 24;
    std::uint32_t count_ = 0;
    std::uint32_t next_ = 0;
    std::set<std::uint32_t> used_;
};

class RangeAllocator final : public client::ControllerOf<RangeAllocator> {
public:
    RangeAllocator(client::Environment environment, const ControllerOptions& options);

private:
    void changed(std::size_t informer, const client::Change& change) override;
    client::Outcome reconcile(const std::string& key) override;

    CidrSet cidrs_;
    bool enabled_;
    std::map<std::string, std::string> given_;  // to Nodes whose cached form may not show it yet
};

}  // namespace kubewalk::controllers
