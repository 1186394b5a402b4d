// spec.nodeSelector and spec.affinity.nodeAffinity, and the affinity that the scheduler adds. Upstream: plugins/nodeaffinity/node_affinity.go.
#include "core/api/scheduling.h"
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {
constexpr std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view preferred = "preferredDuringSchedulingIgnoredDuringExecution";

class NodeAffinity final : public Plugin {
public:
    explicit NodeAffinity(const PluginArgs& args) : added_(args.added_affinity) {}

    Status pre_filter(const PodInfo& pod, const Snapshot&) override {
        const bool own = !pod.pod["spec"]["nodeSelector"].empty() || !affinity_of(pod)[required].is_null();
        return own || !added_[required].is_null() ? Status::success() : Status::skip();
    }

    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        if (const auto& enforced = added_[required]; !enforced.is_null() && !api::matches_node_selector(enforced, node.node))
            return Status::unresolvable("node(s) didn't match scheduler-enforced node affinity");
        return api::matches_required_node_affinity(pod.pod["spec"], node.node)
                   ? Status::success()
                   : Status::unresolvable("node(s) didn't match Pod's node affinity/selector");
    }

    Status pre_score(const PodInfo& pod, const Snapshot&, std::span<const NodeInfoRef>) override {
        return affinity_of(pod)[preferred].empty() && added_[preferred].empty() ? Status::skip() : Status::success();
    }

    Score score(const PodInfo& pod, const Snapshot&, const NodeInfo& node) const override {
        return {weight(added_[preferred], node) + weight(affinity_of(pod)[preferred], node), {}};
    }

    void normalize(std::vector<NodeScore>& scores) const override { default_normalize(scores, false); }

private:
    static const Value& affinity_of(const PodInfo& pod) { return pod.pod["spec"]["affinity"]["nodeAffinity"]; }

    static std::int64_t weight(const Value& terms, const NodeInfo& node) {
        std::int64_t sum = 0;
        for (const auto& term : terms.items())
            if (api::matches_node_selector_term(term["preference"], node.node))
                sum += term["weight"].as_int();
        return sum;
    }

    const Value& added_;
};
}  // namespace

std::unique_ptr<Plugin> node_affinity(const PluginArgs& args) { return std::make_unique<NodeAffinity>(args); }

}  // namespace kubewalk::scheduler
