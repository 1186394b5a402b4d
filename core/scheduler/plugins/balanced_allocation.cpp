// Prefers Nodes whose resources are used evenly. Upstream: plugins/noderesources/balanced_allocation.go.
#include <algorithm>
#include <cmath>

#include "core/scheduler/plugins/all.h"
#include "core/scheduler/plugins/resource_allocation.h"

namespace kubewalk::scheduler {

namespace {

class BalancedAllocation final : public Plugin {
public:
    explicit BalancedAllocation(const PluginArgs& args) : args_(args) {}

    // Best-effort Pods would all go to the emptiest Node (kubernetes/kubernetes#129138).
    Status pre_score(const PodInfo& pod, const Snapshot&, std::span<const NodeInfoRef>) override {
        return best_effort(pod) ? Status::skip() : Status::success();
    }

    Score score(const PodInfo& pod, const Snapshot&, const NodeInfo& node) const override {
        if (best_effort(pod))
            return {};
        auto& fractions = fractions_;
        fractions.clear();
        double total = 0;
        for (const auto& one : allocations(pod, node, args_.balanced_resources, MissingRequests::zero, buffer_)) {
            if (one.allocatable == 0)
                continue;
            const double fraction =
                std::min(1.0, static_cast<double>(one.requested) / static_cast<double>(one.allocatable));
            fractions.push_back(fraction);
            total += fraction;
        }
        return {static_cast<std::int64_t>((1 - deviation(fractions, total)) * static_cast<double>(max_node_score)), {}};
    }

private:
    bool best_effort(const PodInfo& pod) const {
        return std::all_of(args_.balanced_resources.begin(), args_.balanced_resources.end(),
                           [&](const ResourceWeight& one) { return pod.requests.get(one.name) == 0; });
    }

    static double deviation(const std::vector<double>& fractions, double total) {
        if (fractions.size() == 2)
            return std::abs((fractions[0] - fractions[1]) / 2);
        if (fractions.size() < 2)
            return 0;
        const double count = static_cast<double>(fractions.size());
        const double mean = total / count;
        double sum = 0;
        for (const double fraction : fractions)
            sum = sum + (fraction - mean) * (fraction - mean);
        return std::sqrt(sum / count);
    }

    const PluginArgs& args_;
    mutable std::vector<Allocation> buffer_;
    mutable std::vector<double> fractions_;
};

}  // namespace

std::unique_ptr<Plugin> balanced_allocation(const PluginArgs& args) {
    return std::make_unique<BalancedAllocation>(args);
}

}  // namespace kubewalk::scheduler
