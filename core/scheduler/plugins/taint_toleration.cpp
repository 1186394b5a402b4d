// Taints keep Pods away that do not tolerate them. Upstream: plugins/tainttoleration/taint_toleration.go
// (the message names no taint since 1.35, kubernetes/kubernetes#134740).
#include "core/api/scheduling.h"
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {
class TaintToleration final : public Plugin {
    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        if (!node.tainted)
            return Status::success();
        const auto& taint = api::find_untolerated_taint(node.node["spec"]["taints"], pod.pod["spec"]["tolerations"],
                                                        api::TaintEffects::no_schedule_or_execute);
        return taint.is_null() ? Status::success() : Status::unresolvable("node(s) had untolerated taint(s)");
    }

    // The number of soft taints that the Pod does not tolerate: fewer are better.
    Score score(const PodInfo& pod, const Snapshot&, const NodeInfo& node) const override {
        std::int64_t count = 0;
        if (!node.softly_tainted)
            return {};
        for (const auto& taint : node.node["spec"]["taints"].items())
            if (api::has_effect(taint, api::TaintEffects::prefer_no_schedule) &&
                !api::any_tolerates(pod.pod["spec"]["tolerations"], taint))
                ++count;
        return {count, {}};
    }

    void normalize(std::vector<NodeScore>& scores) const override { default_normalize(scores, true); }
};
}  // namespace

std::unique_ptr<Plugin> taint_toleration(const PluginArgs&) { return std::make_unique<TaintToleration>(); }

}  // namespace kubewalk::scheduler
