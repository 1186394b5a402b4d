#pragma once
// Nodes with the Pods on them, kept up to date by watch events and, ahead of those, by what was just
// bound (assumed Pods). A value type whose copies share structure. Upstream: pkg/scheduler/backend/cache.

#include <string>

#include "core/base/ordered_map.h"
#include "core/scheduler/framework.h"

namespace kubewalk::scheduler {

class Cache {
public:
    void set_node(const Value& node);
    void remove_node(const std::string& name);
    // A Pod with spec.nodeName; replaces what was known of it.
    void set_pod(const Value& pod);
    void remove_pod(const std::string& key);
    bool has_pod(const std::string& key) const { return pod_nodes_.contains(key); }

    // In name order; Pods on Nodes that are not known are left out.
    void fill(Snapshot& snapshot) const;
    std::size_t node_count() const;

private:
    void count_images(const NodeInfo& node, std::int64_t sign);
    void store(const std::string& name, NodeInfo info);

    OrderedMap<std::string, NodeInfoRef> nodes_;  // also Nodes that are only named by Pods so far
    OrderedMap<std::string, std::string> pod_nodes_;
    OrderedMap<std::string, std::int64_t> image_nodes_;
};

}  // namespace kubewalk::scheduler
