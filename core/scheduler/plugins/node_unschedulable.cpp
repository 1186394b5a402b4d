// spec.unschedulable (kubectl cordon). Upstream: plugins/nodeunschedulable/node_unschedulable.go.
#include "core/api/scheduling.h"
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {
class NodeUnschedulable final : public Plugin {
    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        if (!node.unschedulable)
            return Status::success();
        const Value taint = Value::object({{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}});
        return api::any_tolerates(pod.pod["spec"]["tolerations"], taint)
                   ? Status::success()
                   : Status::unresolvable("node(s) were unschedulable");
    }
};
}  // namespace

std::unique_ptr<Plugin> node_unschedulable(const PluginArgs&) { return std::make_unique<NodeUnschedulable>(); }

}  // namespace kubewalk::scheduler
