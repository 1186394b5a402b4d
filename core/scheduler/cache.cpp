#include "core/scheduler/cache.h"

#include <algorithm>

namespace kubewalk::scheduler {

std::size_t Cache::place(std::string_view name) const {
    const auto& nodes = snapshot_.nodes;
    const auto found = std::lower_bound(nodes.begin(), nodes.end(), name,
                                        [](const NodeInfoRef& node, std::string_view wanted) { return node->name() < wanted; });
    return static_cast<std::size_t>(found - nodes.begin());
}

bool Cache::stands_at(std::size_t place, std::string_view name) const {
    return place < snapshot_.nodes.size() && snapshot_.nodes[place]->name() == name;
}

NodeInfo& Cache::edit(std::size_t place) {
    NodeInfoRef& node = snapshot_.nodes[place];
    if (node.use_count() > 1)
        node = std::make_shared<NodeInfo>(*node);
    // Every NodeInfo in here was made as a changeable one.
    return const_cast<NodeInfo&>(*node);
}

NodeInfoRef Cache::node(std::string_view name) const {
    const auto at = place(name);
    return stands_at(at, name) ? snapshot_.nodes[at] : nullptr;
}

void Cache::count_images(const NodeInfo& node, std::int64_t sign) {
    for (const auto& [image, size] : node.images) {
        std::int64_t& count = snapshot_.image_nodes[image];
        count += sign;
        if (count == 0)
            snapshot_.image_nodes.erase(image);
    }
}

void Cache::set_node(const Value& node) {
    const std::string name(api::name_of(node));
    const auto at = place(name);
    if (!stands_at(at, name)) {
        NodeInfo info;
        if (const auto* waiting = nameless_.find(name))
            info = *waiting;
        nameless_.erase(name);
        info.set_node(node);
        snapshot_.nodes.insert(snapshot_.nodes.begin() + static_cast<std::ptrdiff_t>(at),
                               std::make_shared<NodeInfo>(std::move(info)));
    } else {
        count_images(*snapshot_.nodes[at], -1);
        edit(at).set_node(node);
    }
    count_images(*snapshot_.nodes[at], 1);
}

void Cache::remove_node(const std::string& name) {
    const auto at = place(name);
    if (!stands_at(at, name))
        return;
    count_images(*snapshot_.nodes[at], -1);
    if (!snapshot_.nodes[at]->pods.empty()) {
        NodeInfo left = *snapshot_.nodes[at];
        left.set_node({});
        nameless_.set(name, std::move(left));
    }
    snapshot_.nodes.erase(snapshot_.nodes.begin() + static_cast<std::ptrdiff_t>(at));
}

void Cache::set_pod(const Value& pod) {
    const std::string key = api::key_of(pod);
    remove_pod(key);
    const std::string name = pod["spec"]["nodeName"].str();
    auto info = std::make_shared<const PodInfo>(pod);
    affinity_pods_ += info->has_affinity();
    snapshot_.pods_have_affinity = affinity_pods_ > 0;
    if (const auto at = place(name); stands_at(at, name))
        edit(at).add_pod(std::move(info));
    else
        nameless_[name].add_pod(std::move(info));
    pod_nodes_.set(key, name);
}

void Cache::remove_pod(const std::string& key) {
    const auto* known = pod_nodes_.find(key);
    if (!known)
        return;
    const std::string name = *known;
    pod_nodes_.erase(key);
    const auto at = place(name);
    const bool named = stands_at(at, name);
    if (!named && !nameless_.contains(name))
        return;
    NodeInfo& node = named ? edit(at) : nameless_[name];
    const auto before = node.affinity_pods;
    node.remove_pod(key);
    affinity_pods_ += node.affinity_pods - before;
    snapshot_.pods_have_affinity = affinity_pods_ > 0;
    if (!named && node.pods.empty())
        nameless_.erase(name);
}

}  // namespace kubewalk::scheduler
