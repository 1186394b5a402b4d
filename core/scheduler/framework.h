#pragma once
// What plugins see and say. Upstream: k8s.io/kube-scheduler/framework, pkg/scheduler/framework/types.go.
//
// A plugin object is made for one Pod and one scheduling cycle: what upstream keeps in CycleState are
// its members. Order of calls: pre_filter, filter per Node, pre_score, score per Node, normalize.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/kinds.h"
#include "core/api/labels.h"
#include "core/api/value.h"
#include "core/base/ordered_map.h"
#include "core/scheduler/resources.h"

namespace kubewalk::scheduler {

using api::Value;

inline constexpr std::int64_t max_node_score = 100;

struct Status {
    enum class Code : unsigned char {
        success,
        error,
        unschedulable,                   // might fit if Pods went away
        unschedulable_and_unresolvable,  // no Pod that goes away helps
        skip,                            // the plugin has nothing to say about this Pod
    } code = Code::success;
    std::vector<std::string> reasons;
    std::string plugin;

    bool ok() const { return code == Code::success; }
    std::string message() const;
    static Status success() { return {}; }
    static Status skip() { return {Code::skip, {}, {}}; }
    static Status error(std::string reason) { return {Code::error, {std::move(reason)}, {}}; }
    static Status unschedulable(std::string reason) { return {Code::unschedulable, {std::move(reason)}, {}}; }
    static Status unresolvable(std::string reason) {
        return {Code::unschedulable_and_unresolvable, {std::move(reason)}, {}};
    }
};
std::string_view code_name(Status::Code code);  // "Success", "UnschedulableAndUnresolvable", ...

// A term of podAffinity or podAntiAffinity, ready for matching.
struct AffinityTerm {
    std::vector<std::string> namespaces;
    api::LabelSelector namespace_selector;
    api::LabelSelector selector;
    std::string topology_key;
    std::int64_t weight = 0;  // preferred terms

    bool matches(const Value& pod, const Value& namespace_labels) const;
};

struct PodInfo {
    Value pod;
    Resources requests;
    Resources non_zero_requests;
    std::vector<AffinityTerm> required_affinity;
    std::vector<AffinityTerm> required_anti_affinity;
    std::vector<AffinityTerm> preferred_affinity;
    std::vector<AffinityTerm> preferred_anti_affinity;

    explicit PodInfo(Value object);
    bool has_affinity() const;
};
using PodInfoRef = std::shared_ptr<const PodInfo>;

// Pods of a Node that have the same labels: counting what a selector matches looks at these.
struct LabelGroup {
    std::string namespace_name;
    Value labels;
    std::int64_t pods = 0;  // those being deleted do not count
};

struct NodeInfo {
    Value node;
    std::vector<PodInfoRef> pods;
    Resources requested;
    Resources non_zero_requested;
    Resources allocatable;
    OrderedMap<std::string, std::int64_t> images;  // name with tag -> bytes
    std::vector<LabelGroup> groups;
    std::int64_t affinity_pods = 0;  // Pods with terms of their own about other Pods
    bool tainted = false;
    bool softly_tainted = false;     // has a PreferNoSchedule taint
    bool unschedulable = false;

    std::string_view name() const { return api::name_of(node); }
    const Value& labels() const { return node["metadata"]["labels"]; }
    void set_node(const Value& object);
    void add_pod(PodInfoRef pod);
    bool remove_pod(std::string_view key);

private:
    void count_labels(const PodInfo& pod, std::int64_t sign);
};
using NodeInfoRef = std::shared_ptr<const NodeInfo>;

// The cluster as one scheduling cycle sees it.
struct Snapshot {
    std::vector<NodeInfoRef> nodes;  // in name order
    OrderedMap<std::string, std::int64_t> image_nodes;  // image -> number of Nodes that have it
    bool pods_have_affinity = true;  // false: no Pod on any Node has affinity terms
    OrderedMap<std::string, Value> claims;   // PersistentVolumeClaims by namespace/name
    OrderedMap<std::string, Value> volumes;  // PersistentVolumes by name
    OrderedMap<std::string, Value> classes;  // StorageClasses by name
    OrderedMap<std::string, Value> namespaces;
    std::vector<Value> services;      // those in the Pod's namespace
    Value owner;                      // the ReplicaSet, ReplicationController or StatefulSet that the Pod belongs to, or null
};

struct NodeScore {
    const NodeInfo* node = nullptr;
    std::int64_t score = 0;
};

class Plugin {
public:
    virtual ~Plugin() = default;

    // Skip: filter() would let every Node pass. A refusal holds for all Nodes.
    virtual Status pre_filter(const PodInfo&, const Snapshot&) { return Status::success(); }
    virtual Status filter(const PodInfo&, const NodeInfo&) const { return Status::success(); }
    // `feasible`: the Nodes that passed all filters.
    virtual Status pre_score(const PodInfo&, const Snapshot&, std::span<const NodeInfoRef> feasible);
    struct Score {
        std::int64_t score = 0;
        Status status;
    };
    virtual Score score(const PodInfo&, const Snapshot&, const NodeInfo&) const { return {}; }
    virtual void normalize(std::vector<NodeScore>&) const {}
};

// helper.DefaultNormalizeScore: to 0..100; the highest becomes 100, or with `reverse` 0.
void default_normalize(std::vector<NodeScore>& scores, bool reverse);
// Terms that select namespaces by label are resolved to names once per cycle.
void resolve_namespaces(std::vector<AffinityTerm>& terms, const OrderedMap<std::string, Value>& namespaces);

}  // namespace kubewalk::scheduler
