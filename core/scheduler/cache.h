#pragma once
// Nodes with the Pods on them, kept up to date by watch events and, ahead of those, by what was just
// bound (assumed Pods). A value type whose copies share the Nodes. Upstream: pkg/scheduler/backend/cache.

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
    // Null when no such Node is known.
    NodeInfoRef node(std::string_view name) const;

    // The Nodes as they are now; Pods on Nodes that are not known are left out. What else a cycle
    // needs (namespaces, Services, ...) the scheduler fills in.
    Snapshot& snapshot() { return snapshot_; }
    const Snapshot& snapshot() const { return snapshot_; }

private:
    std::size_t place(std::string_view name) const;
    bool stands_at(std::size_t place, std::string_view name) const;
    // The Node for change: the one everybody sees when nobody else holds it, else a copy.
    NodeInfo& edit(std::size_t place);
    void count_images(const NodeInfo& node, std::int64_t sign);

    Snapshot snapshot_;
    OrderedMap<std::string, NodeInfo> nameless_;  // Nodes that only Pods name so far
    OrderedMap<std::string, std::string> pod_nodes_;
    std::int64_t affinity_pods_ = 0;
};

}  // namespace kubewalk::scheduler
