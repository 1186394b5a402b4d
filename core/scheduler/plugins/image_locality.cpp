// Prefers Nodes that have the images already. Upstream: plugins/imagelocality/image_locality.go.
#include <algorithm>

#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {

constexpr std::int64_t megabyte = 1024 * 1024;
constexpr std::int64_t min_threshold = 23 * megabyte;
constexpr std::int64_t max_container_threshold = 1000 * megabyte;

std::string normalized(std::string_view image) {
    const auto colon = image.rfind(':');
    const auto slash = image.rfind('/');
    const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
    return tagged ? std::string(image) : std::string(image) + ":latest";
}

class ImageLocality final : public Plugin {
    Score score(const PodInfo& pod, const Snapshot& snapshot, const NodeInfo& node) const override {
        const auto& spec = pod.pod["spec"];
        std::int64_t sum = 0;
        for (const auto key : {"initContainers", "containers"})
            for (const auto& container : spec[key].items())
                sum += image_score(container["image"].as_string(), snapshot, node);
        const auto containers = static_cast<std::int64_t>(spec["initContainers"].size() + spec["containers"].size());
        const auto max_threshold = max_container_threshold * containers;
        sum = std::clamp(sum, min_threshold, std::max(min_threshold, max_threshold));
        if (max_threshold <= min_threshold)
            return {};
        return {max_node_score * (sum - min_threshold) / (max_threshold - min_threshold), {}};
    }

    // An image that is everywhere counts fully, a rare one less: so that one Node does not draw all Pods.
    static std::int64_t image_score(std::string_view image, const Snapshot& snapshot, const NodeInfo& node) {
        const std::string name = normalized(image);
        const auto* size = node.images.find(name);
        const auto* count = snapshot.image_nodes.find(name);
        if (!size || !count)
            return 0;
        const double spread = static_cast<double>(*count) / static_cast<double>(snapshot.nodes.size());
        return static_cast<std::int64_t>(static_cast<double>(*size) * spread);
    }
};

}  // namespace

std::unique_ptr<Plugin> image_locality(const PluginArgs&) { return std::make_unique<ImageLocality>(); }

}  // namespace kubewalk::scheduler
