// Pods evenly over zones, hosts and the like. Upstream: plugins/podtopologyspread/{common,filtering,scoring}.go,
// plugins/helper/spread.go.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "core/api/scheduling.h"
#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {

constexpr std::string_view hostname_label = "kubernetes.io/hostname";

// Pods of one kind share their labels, so a selector meets the same ones again and again.
class Matches {
public:
    bool operator()(const api::LabelSelector& selector, const Value& labels) {
        for (const auto& [known, result] : known_)
            if (known.same(labels))
                return result;
        const bool result = selector.matches(labels);
        if (known_.size() < most_known)
            known_.emplace_back(labels, result);
        return result;
    }

private:
    static constexpr std::size_t most_known = 8;
    std::vector<std::pair<Value, bool>> known_;
};

struct Constraint {
    std::int64_t max_skew = 1;
    std::string topology_key;
    api::LabelSelector selector;
    std::int64_t min_domains = 1;
    bool honor_affinity = true;
    bool honor_taints = false;
    std::shared_ptr<Matches> matches = std::make_shared<Matches>();

    // Whether the Node counts as part of a domain for this Pod.
    bool includes(const Value& pod, const Value& node) const {
        if (honor_affinity && !api::matches_required_node_affinity(pod["spec"], node))
            return false;
        return !honor_taints || api::find_untolerated_taint(node["spec"]["taints"], pod["spec"]["tolerations"],
                                                            api::TaintEffects::no_schedule_or_execute).is_null();
    }
};
using Constraints = std::vector<Constraint>;
// One constraint's domains: the label's value -> matching Pods. Two constraints may share their key, not their Pods.
using Domains = std::map<std::string, std::int64_t, std::less<>>;

Constraint constraint_of(const Value& object, const Value& labels) {
    Constraint made;
    made.max_skew = object["maxSkew"].as_int();
    made.topology_key = object["topologyKey"].str();
    made.selector = api::LabelSelector::from_object(object["labelSelector"]).value_or(api::LabelSelector::nothing());
    for (const auto& key : object["matchLabelKeys"].items())
        if (const auto& value = labels[key.as_string()]; value.is_string())
            made.selector.add({key.str(), api::Requirement::Operator::in, {value.str()}});
    made.min_domains = object["minDomains"].as_int(1);
    made.honor_affinity = object["nodeAffinityPolicy"].as_string("Honor") == "Honor";
    made.honor_taints = object["nodeTaintsPolicy"].as_string("Ignore") == "Honor";
    return made;
}

Constraints constraints_of(const Value& list, std::string_view when, const Value& labels) {
    Constraints result;
    for (const auto& object : list.items())
        if (object["whenUnsatisfiable"].as_string() == when)
            result.push_back(constraint_of(object, labels));
    return result;
}

// What the Pod's Services and its owner select (helper.DefaultSelector).
api::LabelSelector default_selector(const Value& pod, const Snapshot& snapshot) {
    Value labels = Value::object();
    for (const auto& service : snapshot.services) {
        const auto& map = service["spec"]["selector"];
        if (map.empty() || !api::LabelSelector::from_map(map).matches(pod["metadata"]["labels"]))
            continue;
        for (const auto& label : map.members())
            labels.set(label.key, label.value);
    }
    auto selector = api::LabelSelector::from_map(labels);
    const Value& owner = snapshot.owner;
    if (owner.is_null() || api::controller_of(pod)["uid"].as_string() != api::uid_of(owner))
        return selector;
    if (owner["kind"].as_string() == "ReplicationController") {
        for (const auto& label : owner["spec"]["selector"].members())
            selector.add({label.key, api::Requirement::Operator::in, {label.value.str()}});
        return selector;
    }
    const auto own = api::LabelSelector::from_object(owner["spec"]["selector"]);
    if (own.ok())
        for (const auto& requirement : own.value().requirements())
            selector.add(requirement);
    return selector;
}

Constraints default_constraints(const PluginArgs& args, std::string_view when, const Value& pod,
                                const Snapshot& snapshot) {
    Constraints made = constraints_of(args.spread_default_constraints, when, {});
    if (made.empty())
        return made;
    const auto selector = default_selector(pod, snapshot);
    if (selector.is_everything())
        return {};
    const auto matches = std::make_shared<Matches>();
    for (auto& one : made) {
        one.selector = selector;
        one.matches = matches;
    }
    return made;
}

std::int64_t count_matching(const NodeInfo& node, const api::LabelSelector& selector, std::string_view namespace_name,
                            Matches& matches) {
    if (selector.is_everything())
        return 0;
    std::int64_t count = 0;
    for (const auto& group : node.groups)
        if (group.namespace_name == namespace_name && matches(selector, group.labels))
            count += group.pods;
    return count;
}

bool has_all_keys(const NodeInfo& node, const Constraints& constraints) {
    return std::all_of(constraints.begin(), constraints.end(),
                       [&](const Constraint& one) { return node.labels()[one.topology_key].is_string(); });
}

// "" for a Node without the label.
std::string_view domain_of(const NodeInfo& node, const Constraint& constraint) {
    return node.labels()[constraint.topology_key].as_string();
}

std::int64_t count_of(const Domains& domains, std::string_view domain) {
    const auto found = domains.find(domain);
    return found == domains.end() ? 0 : found->second;
}

class PodTopologySpread final : public Plugin {
public:
    explicit PodTopologySpread(const PluginArgs& args) : args_(args) {}

    Status pre_filter(const PodInfo& info, const Snapshot& snapshot) override {
        prepared_ = true;
        hard_ = find(info.pod, "DoNotSchedule", snapshot);
        if (hard_.empty())
            return Status::skip();
        hard_domains_.assign(hard_.size(), {});
        for (const auto& node : snapshot.nodes) {
            if (!has_all_keys(*node, hard_))
                continue;
            for (std::size_t i = 0; i < hard_.size(); ++i)
                if (const auto& one = hard_[i]; one.includes(info.pod, node->node))
                    hard_domains_[i][std::string(domain_of(*node, one))] +=
                        count_matching(*node, one.selector, api::namespace_of(info.pod), *one.matches);
        }
        return Status::success();
    }

    Status filter(const PodInfo& info, const NodeInfo& node) const override {
        if (!prepared_)
            return Status::error("reading \"PreFilterPodTopologySpread\" from cycleState: not found");
        for (std::size_t i = 0; i < hard_.size(); ++i) {
            const auto& one = hard_[i];
            if (!node.labels()[one.topology_key].is_string())
                return Status::unresolvable(
                    "node(s) didn't match pod topology spread constraints (missing required label)");
            const auto here = count_of(hard_domains_[i], domain_of(node, one));
            const auto self = one.selector.matches(info.pod["metadata"]["labels"]) ? 1 : 0;
            if (here + self - least(hard_domains_[i], one) > one.max_skew)
                return Status::unschedulable("node(s) didn't match pod topology spread constraints");
        }
        return Status::success();
    }

    Status pre_score(const PodInfo& info, const Snapshot& snapshot, std::span<const NodeInfoRef> feasible) override {
        soft_ = find(info.pod, "ScheduleAnyway", snapshot);
        if (soft_.empty())
            return Status::skip();
        const bool need_all = !info.pod["spec"]["topologySpreadConstraints"].empty() || !args_.spread_system_defaulted;
        soft_domains_.assign(soft_.size(), {});
        for (const auto& node : feasible) {
            if (need_all && !has_all_keys(*node, soft_)) {
                ignored_.insert(std::string(node->name()));
                continue;
            }
            // Nodes without the label are one domain together; score() does not look at its Pods.
            for (std::size_t i = 0; i < soft_.size(); ++i)
                if (soft_[i].topology_key != hostname_label)
                    soft_domains_[i].emplace(domain_of(*node, soft_[i]), 0);
        }
        bool only_hosts = true;
        for (std::size_t i = 0; i < soft_.size(); ++i) {
            const bool hosts = soft_[i].topology_key == hostname_label;
            const auto size = hosts ? feasible.size() - ignored_.size() : soft_domains_[i].size();
            weights_.push_back(std::log(static_cast<double>(size + 2)));
            only_hosts = only_hosts && hosts;
        }
        if (!only_hosts)  // score() counts each host by itself
            count_domains(info.pod, snapshot, need_all);
        return Status::success();
    }

    Score score(const PodInfo& info, const Snapshot&, const NodeInfo& node) const override {
        if (ignored_.contains(node.name()))
            return {};
        double sum = 0;
        for (std::size_t i = 0; i < soft_.size(); ++i) {
            const auto& one = soft_[i];
            if (!node.labels()[one.topology_key].is_string())
                continue;
            std::int64_t count = 0;
            if (one.topology_key == hostname_label)
                count = count_matching(node, one.selector, api::namespace_of(info.pod), *one.matches);
            else
                count = count_of(soft_domains_[i], domain_of(node, one));
            sum += static_cast<double>(count) * weights_[i] + static_cast<double>(one.max_skew - 1);
        }
        return {static_cast<std::int64_t>(std::round(sum)), {}};
    }

    // Fewer Pods in the domain are better; Nodes that lack a label get nothing.
    void normalize(std::vector<NodeScore>& scores) const override {
        std::int64_t least_score = std::numeric_limits<std::int64_t>::max();
        std::int64_t most_score = 0;
        for (const auto& one : scores) {
            if (ignored_.contains(one.node->name()))
                continue;
            least_score = std::min(least_score, one.score);
            most_score = std::max(most_score, one.score);
        }
        for (auto& one : scores) {
            if (ignored_.contains(one.node->name()))
                one.score = 0;
            else if (most_score == 0)
                one.score = max_node_score;
            else
                one.score = max_node_score * (most_score + least_score - one.score) / most_score;
        }
    }

private:
    Constraints find(const Value& pod, std::string_view when, const Snapshot& snapshot) const {
        const auto& own = pod["spec"]["topologySpreadConstraints"];
        return own.empty() ? default_constraints(args_, when, pod, snapshot)
                           : constraints_of(own, when, pod["metadata"]["labels"]);
    }

    // Of all Nodes, those that did not pass the filters too; but only the domains of those that did.
    void count_domains(const Value& pod, const Snapshot& snapshot, bool need_all) {
        for (const auto& node : snapshot.nodes) {
            if (need_all && !has_all_keys(*node, soft_))
                continue;
            for (std::size_t i = 0; i < soft_.size(); ++i) {
                const auto& one = soft_[i];
                if (const auto found = soft_domains_[i].find(domain_of(*node, one));
                    found != soft_domains_[i].end() && one.includes(pod, node->node))
                    found->second += count_matching(*node, one.selector, api::namespace_of(pod), *one.matches);
            }
        }
    }

    // The global minimum over the constraint's domains; zero while there are fewer than minDomains.
    static std::int64_t least(const Domains& domains, const Constraint& constraint) {
        if (static_cast<std::int64_t>(domains.size()) < constraint.min_domains)
            return 0;
        std::int64_t fewest = std::numeric_limits<std::int32_t>::max();
        for (const auto& [domain, count] : domains)
            fewest = std::min(fewest, count);
        return fewest;
    }

    const PluginArgs& args_;
    bool prepared_ = false;
    Constraints hard_;
    Constraints soft_;
    std::vector<Domains> hard_domains_;
    std::vector<Domains> soft_domains_;
    std::vector<double> weights_;
    std::set<std::string, std::less<>> ignored_;
};

}  // namespace

std::unique_ptr<Plugin> pod_topology_spread(const PluginArgs& args) {
    return std::make_unique<PodTopologySpread>(args);
}

}  // namespace kubewalk::scheduler
