// spec.nodeSelector and spec.affinity.nodeAffinity. Upstream: plugins/nodeaffinity/node_affinity.go.
#include "core/api/scheduling.h"
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {
class NodeAffinity final : public Plugin {
    Status pre_filter(const PodInfo& pod, const Snapshot&) override {
        const auto& spec = pod.pod["spec"];
        const auto& required = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
        return spec["nodeSelector"].empty() && required.is_null() ? Status::skip() : Status::success();
    }

    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        return api::matches_required_node_affinity(pod.pod["spec"], node.node)
                   ? Status::success()
                   : Status::unresolvable("node(s) didn't match Pod's node affinity/selector");
    }

    Status pre_score(const PodInfo& pod, const Snapshot&, std::span<const NodeInfoRef>) override {
        return preferred(pod).empty() ? Status::skip() : Status::success();
    }

    Score score(const PodInfo& pod, const Snapshot&, const NodeInfo& node) const override {
        std::int64_t sum = 0;
        for (const auto& term : preferred(pod).items())
            if (api::matches_node_selector_term(term["preference"], node.node))
                sum += term["weight"].as_int();
        return {sum, {}};
    }

    void normalize(std::vector<NodeScore>& scores) const override { default_normalize(scores, false); }

    static const Value& preferred(const PodInfo& pod) {
        return pod.pod["spec"]["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"];
    }
};
}  // namespace

std::unique_ptr<Plugin> node_affinity(const PluginArgs&) { return std::make_unique<NodeAffinity>(); }

}  // namespace kubewalk::scheduler
