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
    // Without any of the images on any Node all score alike: zero.
    Status pre_score(const PodInfo& pod, const Snapshot& snapshot, std::span<const NodeInfoRef>) override {
        read(pod, snapshot);
        return images_.empty() ? Status::skip() : Status::success();
    }

    Score score(const PodInfo&, const Snapshot&, const NodeInfo& node) const override {
        std::int64_t sum = 0;
        for (const auto& [name, spread] : images_)
            if (const auto* size = node.images.find(name))
                sum += static_cast<std::int64_t>(static_cast<double>(*size) * spread);
        const auto max_threshold = max_container_threshold * containers_;
        sum = std::clamp(sum, min_threshold, std::max(min_threshold, max_threshold));
        if (max_threshold <= min_threshold)
            return {};
        return {max_node_score * (sum - min_threshold) / (max_threshold - min_threshold), {}};
    }

    // An image that is everywhere counts fully, a rare one less: so that one Node does not draw all Pods.
    void read(const PodInfo& pod, const Snapshot& snapshot) {
        const auto& spec = pod.pod["spec"];
        containers_ = static_cast<std::int64_t>(spec["initContainers"].size() + spec["containers"].size());
        for (const auto key : {"initContainers", "containers"})
            for (const auto& container : spec[key].items()) {
                std::string name = normalized(container["image"].as_string());
                if (const auto* count = snapshot.image_nodes.find(name))
                    images_.emplace_back(std::move(name), static_cast<double>(*count) / static_cast<double>(snapshot.nodes.size()));
            }
    }

    std::int64_t containers_ = 0;
    std::vector<std::pair<std::string, double>> images_;  // with the share of Nodes that have it
};

}  // namespace

std::unique_ptr<Plugin> image_locality(const PluginArgs&) { return std::make_unique<ImageLocality>(); }

}  // namespace kubewalk::scheduler
