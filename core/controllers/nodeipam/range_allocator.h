#pragma once
// A share of the Pod network for each Node: 10.244.0.0/24 to the first, 10.244.1.0/24 to the next; of each of two
// networks where --cluster-cidr names two.
// Upstream: pkg/controller/nodeipam/ipam/{range_allocator.go,cidrset/cidr_set.go}.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/api/names.h"
#include "core/client/controller.h"
#include "core/controllers/controllers.h"

namespace kubewalk::controllers {

// Subnets of one size within a network of either family. The search goes on behind the last one given out, so that
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

    api::IpBytes base_;
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

    using Cidrs = std::vector<std::string>;  // one of each set
    std::optional<Cidrs> allocate();
    void release(const Cidrs& cidrs);

    std::vector<CidrSet> sets_;
    bool enabled_;
    std::map<std::string, Cidrs> given_;  // to Nodes whose cached form may not show it yet
};

}  // namespace kubewalk::controllers
