// podAffinity and podAntiAffinity. Upstream: plugins/interpodaffinity/{filtering,scoring}.go.
#include <algorithm>
#include <map>
#include <utility>

#include "core/scheduler/plugins/all.h"

namespace kubewalk::scheduler {

namespace {

// A label's key and value: all Nodes with that pair are one topology domain.
using Pair = std::pair<std::string, std::string>;
using Counts = std::map<Pair, std::int64_t>;
using Terms = std::vector<AffinityTerm>;

void count(Counts& counts, const NodeInfo& node, const std::string& key, std::int64_t amount) {
    if (const auto& value = node.labels()[key]; value.is_string())
        counts[{key, value.str()}] += amount;
}

bool matches_all(const Terms& terms, const Value& pod) {
    return !terms.empty() && std::all_of(terms.begin(), terms.end(), [&](const AffinityTerm& term) {
        return term.matches(pod, api::null_value());
    });
}

std::int64_t found(const Counts& counts, const std::string& key, const Value& value) {
    const auto it = counts.find({key, value.str()});
    return it == counts.end() ? 0 : it->second;
}

class InterPodAffinity final : public Plugin {
public:
    explicit InterPodAffinity(const PluginArgs& args) : args_(args) {}

    Status pre_filter(const PodInfo& pod, const Snapshot& snapshot) override {
        prepared_ = true;
        affinity_ = pod.required_affinity;
        anti_affinity_ = pod.required_anti_affinity;
        resolve_namespaces(affinity_, snapshot.namespaces);
        resolve_namespaces(anti_affinity_, snapshot.namespaces);
        const bool own = !affinity_.empty() || !anti_affinity_.empty();
        if (!own && !snapshot.pods_have_affinity)
            return Status::skip();
        const Value labels = namespace_labels(pod, snapshot);
        for (const auto& node : snapshot.nodes) {
            if (!own && node->affinity_pods == 0)
                continue;
            for (const auto& other : node->pods) {
                for (const auto& term : other->required_anti_affinity)
                    if (term.matches(pod.pod, labels))
                        count(existing_anti_, *node, term.topology_key, 1);
                if (matches_all(affinity_, other->pod))
                    for (const auto& term : affinity_)
                        count(affinity_counts_, *node, term.topology_key, 1);
                for (const auto& term : anti_affinity_)
                    if (term.matches(other->pod, api::null_value()))
                        count(anti_counts_, *node, term.topology_key, 1);
            }
        }
        return own || !existing_anti_.empty() ? Status::success() : Status::skip();
    }

    Status filter(const PodInfo& pod, const NodeInfo& node) const override {
        if (!prepared_)
            return Status::error("error reading \"PreFilterInterPodAffinity\" from cycleState: not found");
        if (!satisfies_affinity(pod, node))
            return Status::unresolvable("node(s) didn't match pod affinity rules");
        for (const auto& term : anti_affinity_)
            if (const auto& value = node.labels()[term.topology_key];
                value.is_string() && found(anti_counts_, term.topology_key, value) > 0)
                return Status::unschedulable("node(s) didn't match pod anti-affinity rules");
        for (const auto& [pair, number] : existing_anti_)
            if (const auto& value = node.labels()[pair.first];
                number > 0 && value.is_string() && value.as_string() == pair.second)
                return Status::unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");
        return Status::success();
    }

    Status pre_score(const PodInfo& pod, const Snapshot& snapshot, std::span<const NodeInfoRef>) override {
        preferred_ = pod.preferred_affinity;
        anti_preferred_ = pod.preferred_anti_affinity;
        resolve_namespaces(preferred_, snapshot.namespaces);
        resolve_namespaces(anti_preferred_, snapshot.namespaces);
        const bool constrained = !preferred_.empty() || !anti_preferred_.empty();
        if (args_.ignore_preferred_terms_of_existing_pods && !constrained)
            return Status::skip();
        if (!constrained && !snapshot.pods_have_affinity)
            return Status::skip();
        const Value labels = namespace_labels(pod, snapshot);
        for (const auto& node : snapshot.nodes) {
            if (!constrained && node->affinity_pods == 0)
                continue;
            for (const auto& other : node->pods)
                if (constrained || other->has_affinity())
                    weigh(pod, *other, *node, labels);
        }
        return scores_.empty() ? Status::skip() : Status::success();
    }

    Score score(const PodInfo&, const Snapshot&, const NodeInfo& node) const override {
        std::int64_t sum = 0;
        for (const auto& [pair, weight] : scores_)
            if (const auto& value = node.labels()[pair.first]; value.is_string() && value.as_string() == pair.second)
                sum += weight;
        return {sum, {}};
    }

    void normalize(std::vector<NodeScore>& scores) const override {
        if (scores_.empty() || scores.empty())
            return;
        std::int64_t least = scores.front().score;
        std::int64_t most = least;
        for (const auto& one : scores) {
            least = std::min(least, one.score);
            most = std::max(most, one.score);
        }
        for (auto& one : scores) {
            const double share =
                most > least ? static_cast<double>(one.score - least) / static_cast<double>(most - least) : 0;
            one.score = static_cast<std::int64_t>(static_cast<double>(max_node_score) * share);
        }
    }

private:
    static Value namespace_labels(const PodInfo& pod, const Snapshot& snapshot) {
        const auto* object = snapshot.namespaces.find(api::namespace_of(pod.pod));
        return object ? (*object)["metadata"]["labels"] : Value();
    }

    bool satisfies_affinity(const PodInfo& pod, const NodeInfo& node) const {
        bool present = true;
        for (const auto& term : affinity_) {
            const auto& value = node.labels()[term.topology_key];
            if (!value.is_string())
                return false;
            present = present && found(affinity_counts_, term.topology_key, value) > 0;
        }
        // The first Pod of a group that wants its own kind near it may go anywhere.
        return present || (affinity_counts_.empty() && matches_all(affinity_, pod.pod));
    }

    void add_terms(const Terms& terms, const Value& pod, const Value& labels, const NodeInfo& node, std::int64_t sign) {
        for (const auto& term : terms)
            if (term.matches(pod, labels))
                count(scores_, node, term.topology_key, sign * term.weight);
    }

    void weigh(const PodInfo& pod, const PodInfo& other, const NodeInfo& node, const Value& labels) {
        add_terms(preferred_, other.pod, api::null_value(), node, 1);
        add_terms(anti_preferred_, other.pod, api::null_value(), node, -1);
        if (args_.hard_pod_affinity_weight > 0)
            for (const auto& term : other.required_affinity)
                if (term.matches(pod.pod, labels))
                    count(scores_, node, term.topology_key, args_.hard_pod_affinity_weight);
        if (args_.ignore_preferred_terms_of_existing_pods)
            return;
        add_terms(other.preferred_affinity, pod.pod, labels, node, 1);
        add_terms(other.preferred_anti_affinity, pod.pod, labels, node, -1);
    }

    const PluginArgs& args_;
    bool prepared_ = false;
    Terms affinity_;
    Terms anti_affinity_;
    Terms preferred_;
    Terms anti_preferred_;
    Counts existing_anti_;
    Counts affinity_counts_;
    Counts anti_counts_;
    Counts scores_;
};

}  // namespace

std::unique_ptr<Plugin> inter_pod_affinity(const PluginArgs& args) { return std::make_unique<InterPodAffinity>(args); }

}  // namespace kubewalk::scheduler
