// Requests against what is allocatable. Upstream: plugins/noderesources/{fit,least_allocated,most_allocated,
// requested_to_capacity_ratio}.go.
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/text.h"
#include "core/scheduler/plugins/all.h"
#include "core/scheduler/plugins/resource_allocation.h"

namespace kubewalk::scheduler {

namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::int64_t least_requested(const Allocation& one) {
    return one.requested > one.allocatable ? 0 : (one.allocatable - one.requested) * max_node_score / one.allocatable;
}

std::int64_t most_requested(const Allocation& one) {
    return std::min(one.requested, one.allocatable) * max_node_score / one.allocatable;
}

// A broken line through the shape's points; scores of 0..10 become 0..100.
std::int64_t on_shape(const std::vector<PluginArgs::ShapePoint>& shape, std::int64_t utilization) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (utilization > shape[i].utilization)
            continue;
        if (i == 0)
            return shape[0].score * 10;
        const auto& left = shape[i - 1];
        const auto& right = shape[i];
        return left.score * 10 + (right.score - left.score) * 10 * (utilization - left.utilization) /
                                     (right.utilization - left.utilization);
    }
    return shape.empty() ? 0 : shape.back().score * 10;
}

class NodeResourcesFit final : public Plugin {
public:
    explicit NodeResourcesFit(const PluginArgs& args) : args_(args) {}

    Status pre_filter(const PodInfo& pod, const Snapshot&) override {
        requests_ = pod.requests;
        return Status::success();
    }

    Status filter(const PodInfo&, const NodeInfo& node) const override {
        if (!requests_)
            return Status::error("error reading \"PreFilterNodeResourcesFit\" from cycleState: not found");
        Status status;
        if (static_cast<std::int64_t>(node.pods.size()) + 1 > node.allocatable.allowed_pods)
            refuse(status, "Too many pods", false);
        // By member and not by name: this runs for every Node of every Pod.
        check(status, "cpu", requests_->milli_cpu, node.requested.milli_cpu, node.allocatable.milli_cpu);
        check(status, "memory", requests_->memory, node.requested.memory, node.allocatable.memory);
        check(status, "ephemeral-storage", requests_->ephemeral_storage, node.requested.ephemeral_storage,
              node.allocatable.ephemeral_storage);
        for (const auto& [name, amount] : requests_->scalars)
            if (!ignored(name))
                check(status, name, amount, node.requested.get(name), node.allocatable.get(name));
        return status;
    }

    Score score(const PodInfo& pod, const Snapshot&, const NodeInfo& node) const override {
        if (args_.fit_resources.empty())
            return {0, Status::error("resources not found")};
        std::int64_t sum = 0;
        std::int64_t weights = 0;
        const bool by_shape = args_.fit_scoring == PluginArgs::Scoring::requested_to_capacity_ratio;
        for (const auto& one : allocations(pod, node, args_.fit_resources, MissingRequests::defaults, buffer_)) {
            if (one.allocatable == 0)
                continue;
            const auto points = resource_score(one);
            if (by_shape && points <= 0)
                continue;
            sum += points * one.weight;
            weights += one.weight;
        }
        if (weights == 0)
            return {};
        if (by_shape)
            return {static_cast<std::int64_t>(std::round(static_cast<double>(sum) / static_cast<double>(weights))), {}};
        return {sum / weights, {}};
    }

private:
    static void refuse(Status& status, std::string reason, bool unresolvable) {
        if (status.ok())
            status.code = Status::Code::unschedulable;
        if (unresolvable)
            status.code = Status::Code::unschedulable_and_unresolvable;
        status.reasons.push_back(std::move(reason));
    }

    static void check(Status& status, std::string_view name, std::int64_t wanted, std::int64_t used, std::int64_t allocatable) {
        if (wanted > 0 && wanted > allocatable - used)
            refuse(status, cat("Insufficient ", name), wanted > allocatable);
    }

    bool ignored(std::string_view name) const {
        if (!is_extended_resource(name))
            return false;
        return contains(args_.ignored_resources, name) ||
               contains(args_.ignored_resource_groups, name.substr(0, name.find('/')));
    }

    std::int64_t resource_score(const Allocation& one) const {
        switch (args_.fit_scoring) {
            case PluginArgs::Scoring::least_allocated:
                return least_requested(one);
            case PluginArgs::Scoring::most_allocated:
                return most_requested(one);
            case PluginArgs::Scoring::requested_to_capacity_ratio:
                return on_shape(args_.fit_shape,
                                one.requested > one.allocatable ? 100 : one.requested * 100 / one.allocatable);
        }
        return 0;
    }

    const PluginArgs& args_;
    std::optional<Resources> requests_;
    mutable std::vector<Allocation> buffer_;
};

}  // namespace

std::unique_ptr<Plugin> node_resources_fit(const PluginArgs& args) { return std::make_unique<NodeResourcesFit>(args); }

}  // namespace kubewalk::scheduler
