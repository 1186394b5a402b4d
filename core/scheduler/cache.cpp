#include "core/scheduler/cache.h"

namespace kubewalk::scheduler {

void Cache::count_images(const NodeInfo& node, std::int64_t sign) {
    for (const auto& [image, size] : node.images) {
        std::int64_t& count = image_nodes_[image];
        count += sign;
        if (count == 0)
            image_nodes_.erase(image);
    }
}

void Cache::store(const std::string& name, NodeInfo info) {
    nodes_.set(name, std::make_shared<const NodeInfo>(std::move(info)));
}

void Cache::set_node(const Value& node) {
    const std::string name(api::name_of(node));
    const auto* known = nodes_.find(name);
    NodeInfo info = known ? **known : NodeInfo{};
    count_images(info, -1);
    info.set_node(node);
    count_images(info, 1);
    store(name, std::move(info));
}

void Cache::remove_node(const std::string& name) {
    const auto* known = nodes_.find(name);
    if (!known)
        return;
    NodeInfo info = **known;
    count_images(info, -1);
    if (info.pods.empty()) {
        nodes_.erase(name);
        return;
    }
    info.set_node({});
    store(name, std::move(info));
}

void Cache::set_pod(const Value& pod) {
    const std::string key = api::key_of(pod);
    remove_pod(key);
    const std::string name = pod["spec"]["nodeName"].str();
    const auto* known = nodes_.find(name);
    NodeInfo info = known ? **known : NodeInfo{};
    info.add_pod(std::make_shared<const PodInfo>(pod));
    store(name, std::move(info));
    pod_nodes_.set(key, name);
}

void Cache::remove_pod(const std::string& key) {
    const auto* name = pod_nodes_.find(key);
    if (!name)
        return;
    const std::string node = *name;
    pod_nodes_.erase(key);
    const auto* known = nodes_.find(node);
    if (!known)
        return;
    NodeInfo info = **known;
    info.remove_pod(key);
    if (info.node.is_null() && info.pods.empty())
        nodes_.erase(node);
    else
        store(node, std::move(info));
}

std::size_t Cache::node_count() const {
    std::size_t count = 0;
    for (const auto& [name, info] : nodes_)
        count += info->node.is_null() ? 0 : 1;
    return count;
}

void Cache::fill(Snapshot& snapshot) const {
    snapshot.nodes.clear();
    for (const auto& [name, info] : nodes_)
        if (!info->node.is_null())
            snapshot.nodes.push_back(info);
    snapshot.image_nodes = image_nodes_;
}

}  // namespace kubewalk::scheduler
