#include "core/scheduler/preemption.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>

#include "core/base/sort.h"
#include "core/base/text.h"
#include "core/scheduler/cycle.h"

namespace kubewalk::scheduler {

namespace {

constexpr std::size_t min_candidates = 100;  // minCandidateNodesAbsolute; and a tenth of the Nodes
constexpr std::string_view not_helpful = "Preemption is not helpful for scheduling";

std::string_view start_of(const PodInfoRef& pod) { return pod->pod["status"]["startTime"].as_string(); }

bool more_important(const PodInfoRef& a, const PodInfoRef& b) {
    const auto first = priority_of(a->pod);
    const auto second = priority_of(b->pod);
    return first != second ? first > second : start_of(a) < start_of(b);
}

struct Candidate {
    std::string node;
    std::vector<PodInfoRef> victims;  // the most important first
    std::int64_t violations = 0;      // of disruption budgets
};

// Pods whose eviction a budget does not allow any more come first in the result's first part.
std::pair<std::vector<PodInfoRef>, std::vector<PodInfoRef>> by_budget(const std::vector<PodInfoRef>& pods,
                                                                      const std::vector<Value>& budgets) {
    std::vector<std::int64_t> allowed;
    for (const auto& budget : budgets)
        allowed.push_back(budget["status"]["disruptionsAllowed"].as_int());
    std::pair<std::vector<PodInfoRef>, std::vector<PodInfoRef>> parts;
    for (const auto& pod : pods) {
        bool violates = false;
        const auto& labels = pod->pod["metadata"]["labels"];
        for (std::size_t i = 0; i < budgets.size() && !labels.empty(); ++i) {
            const auto& budget = budgets[i];
            if (api::namespace_of(budget) != api::namespace_of(pod->pod) || budget["spec"]["selector"].empty())
                continue;
            const auto selector = api::LabelSelector::from_object(budget["spec"]["selector"]);
            if (!selector.ok() || !selector.value().matches(labels) ||
                budget["status"]["disruptedPods"].contains(api::name_of(pod->pod)))
                continue;
            violates = --allowed[i] < 0 || violates;
        }
        (violates ? parts.first : parts.second).push_back(pod);
    }
    return parts;
}

// One Node tried out: without its less important Pods, then with as many of them as fit again.
class Trial {
public:
    Trial(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args, const Nominations& nominations)
        : pod_(pod), snapshot_(snapshot), args_(args), nominations_(nominations), cycle_(pod, snapshot, args),
          beyond_(cycle_.looks_beyond_node()) {}

    std::optional<Candidate> run(std::size_t index, const std::vector<Value>& budgets, Status& why) {
        NodeInfo node = *snapshot_.nodes[index];
        std::vector<PodInfoRef> potential;
        for (const auto& other : snapshot_.nodes[index]->pods)
            if (priority_of(other->pod) < priority_of(pod_.pod))
                potential.push_back(other);
        if (potential.empty()) {
            why = Status::unresolvable("No preemption victims found for incoming pod");
            return std::nullopt;
        }
        for (const auto& one : potential)
            node.remove_pod(api::key_of(one->pod));
        why = fits(index, node);
        if (!why.ok())
            return std::nullopt;
        sort_stably(potential, more_important);
        Candidate candidate;
        candidate.node = node.name();
        const auto [violating, others] = by_budget(potential, budgets);
        const auto reprieve = [&](const PodInfoRef& one) {
            node.add_pod(one);
            if (fits(index, node).ok())
                return true;
            node.remove_pod(api::key_of(one->pod));
            candidate.victims.push_back(one);
            return false;
        };
        for (const auto& one : violating)
            candidate.violations += reprieve(one) ? 0 : 1;
        for (const auto& one : others)
            (void)reprieve(one);
        sort_stably(candidate.victims, more_important);
        return candidate;
    }

private:
    Status fits(std::size_t index, const NodeInfo& node) const {
        if (!beyond_)
            return cycle_.filter(node, nominations_);
        // Spreading and affinity look at all Nodes: they see the trial's.
        Snapshot changed = snapshot_;
        changed.nodes[index] = std::make_shared<NodeInfo>(node);
        return Cycle(pod_, changed, args_).filter(node, nominations_);
    }

    const PodInfo& pod_;
    const Snapshot& snapshot_;
    const PluginArgs& args_;
    const Nominations& nominations_;
    Cycle cycle_;
    bool beyond_;
};

// Lower is better: budgets violated, the most important victim, the sum of priorities, their number; and the
// later their start the better (pickOneNodeForPreemption).
bool better(const Candidate& a, const Candidate& b) {
    const auto rank = [](const Candidate& one) {
        std::int64_t sum = 0;
        for (const auto& victim : one.victims)
            sum += priority_of(victim->pod) + std::numeric_limits<std::int32_t>::max() + std::int64_t{1};
        return std::tuple(one.violations, priority_of(one.victims.front()->pod), sum, one.victims.size());
    };
    const auto first = rank(a);
    const auto second = rank(b);
    if (first != second)
        return first < second;
    const auto earliest = [](const Candidate& one) {
        const auto most = priority_of(one.victims.front()->pod);
        std::string_view start = start_of(one.victims.front());
        for (const auto& victim : one.victims)
            if (priority_of(victim->pod) == most)
                start = std::min(start, start_of(victim));
        return start;
    };
    return earliest(a) > earliest(b);
}

// Empty when the Pod may evict others.
std::string not_eligible(const PodInfo& pod, const Snapshot& snapshot) {
    if (pod.pod["spec"]["preemptionPolicy"].as_string() == "Never")
        return "not eligible due to preemptionPolicy=Never.";
    const auto nominated = pod.pod["status"]["nominatedNodeName"].as_string();
    for (const auto& node : snapshot.nodes) {
        if (nominated.empty() || node->name() != nominated)
            continue;
        for (const auto& other : node->pods) {
            if (!api::is_deleting(other->pod) || priority_of(other->pod) >= priority_of(pod.pod))
                continue;
            for (const auto& condition : other->pod["status"]["conditions"].items())
                if (condition["type"].as_string() == "DisruptionTarget" &&
                    condition["reason"].as_string() == "PreemptionByScheduler")
                    return "not eligible due to a terminating pod on the nominated node.";
        }
    }
    return {};
}

}  // namespace

Preemption preempt(const PodInfo& pod, const Snapshot& snapshot, const PluginArgs& args, const Decision& decision,
                   const std::vector<Value>& budgets, const Nominations& nominations, Random& random) {
    // DynamicResources is asked first and has nothing to give back.
    const std::string prefix = "no new claims to deallocate, preemption: ";
    if (auto why = not_eligible(pod, snapshot); !why.empty())
        return {{}, {}, prefix + why};
    std::map<std::string_view, const NodeVerdict*> verdicts;
    for (const auto& one : decision.nodes)
        verdicts[one.node] = &one;
    std::vector<std::size_t> potential;
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < snapshot.nodes.size(); ++i) {
        const auto found = verdicts.find(snapshot.nodes[i]->name());
        if (found != verdicts.end() && found->second->status.code == Status::Code::unschedulable)
            potential.push_back(i);
        else
            reasons.emplace_back(not_helpful);
    }
    std::vector<Candidate> candidates;
    if (!potential.empty()) {
        const std::size_t wanted = std::max(min_candidates, potential.size() / 10);
        const std::size_t offset = random.below(potential.size());
        Trial trial(pod, snapshot, args, nominations);
        for (std::size_t i = 0; i < potential.size() && candidates.size() < wanted; ++i) {
            Status why;
            auto candidate = trial.run(potential[(offset + i) % potential.size()], budgets, why);
            if (candidate && !candidate->victims.empty())
                candidates.push_back(std::move(*candidate));
            else
                reasons.insert(reasons.end(), why.reasons.begin(), why.reasons.end());
        }
    }
    if (candidates.empty())
        return {{}, {}, prefix + fit_error(snapshot.nodes.size(), reasons)};
    // By name among equals, so that the offset decides nothing but who is looked at.
    std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    auto best = std::min_element(candidates.begin(), candidates.end(), better);
    return {best->node, std::move(best->victims), {}};
}

}  // namespace kubewalk::scheduler
