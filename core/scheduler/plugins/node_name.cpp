// A Pod that names its Node. Upstream: plugins/nodename/node_name.go.
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {
class NodeName final : public Plugin {
    Status pre_filter(const PodInfo& pod, const Snapshot&) override {
        return pod.pod["spec"]["nodeName"].as_string().empty() ? Status::skip() : Status::success();
    }

    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        const auto wanted = pod.pod["spec"]["nodeName"].as_string();
        return wanted.empty() || wanted == node.name()
                   ? Status::success()
                   : Status::unresolvable("node(s) didn't match the requested node name");
    }
};
}  // namespace

std::unique_ptr<Plugin> node_name(const PluginArgs&) { return std::make_unique<NodeName>(); }

}  // namespace kubewalk::scheduler
