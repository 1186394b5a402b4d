#include "core/scheduler/framework.h"

#include <algorithm>

#include "core/api/scheduling.h"
#include "core/base/text.h"

namespace kubewalk::scheduler {

std::string Status::message() const { return join(reasons, ", "); }

std::string_view code_name(Status::Code code) {
    switch (code) {
        case Status::Code::success:
            return "Success";
        case Status::Code::error:
            return "Error";
        case Status::Code::unschedulable:
            return "Unschedulable";
        case Status::Code::unschedulable_and_unresolvable:
            return "UnschedulableAndUnresolvable";
        case Status::Code::skip:
            return "Skip";
    }
    return "";
}

bool AffinityTerm::matches(const Value& pod, const Value& namespace_labels) const {
    const auto name = api::namespace_of(pod);
    const bool here = std::find(namespaces.begin(), namespaces.end(), name) != namespaces.end() ||
                      namespace_selector.matches(namespace_labels);
    return here && selector.matches(pod["metadata"]["labels"]);
}

// What cannot be parsed selects nothing, as upstream's error would keep the Pod away.
static api::LabelSelector selector_or_nothing(const Value& object) {
    return api::LabelSelector::from_object(object).value_or(api::LabelSelector::nothing());
}

static AffinityTerm affinity_term(const Value& pod, const Value& term, std::int64_t weight) {
    AffinityTerm made;
    for (const auto& name : term["namespaces"].items())
        made.namespaces.push_back(name.str());
    if (made.namespaces.empty() && term["namespaceSelector"].is_null())
        made.namespaces.emplace_back(api::namespace_of(pod));
    made.namespace_selector = selector_or_nothing(term["namespaceSelector"]);
    made.selector = selector_or_nothing(term["labelSelector"]);
    made.topology_key = term["topologyKey"].str();
    made.weight = weight;
    return made;
}

static void read_terms(const Value& pod, const Value& affinity, std::vector<AffinityTerm>& required,
                       std::vector<AffinityTerm>& preferred) {
    for (const auto& term : affinity["requiredDuringSchedulingIgnoredDuringExecution"].items())
        required.push_back(affinity_term(pod, term, 0));
    for (const auto& term : affinity["preferredDuringSchedulingIgnoredDuringExecution"].items())
        preferred.push_back(affinity_term(pod, term["podAffinityTerm"], term["weight"].as_int()));
}

PodInfo::PodInfo(Value object)
    : pod(std::move(object)),
      requests(pod_requests(pod["spec"], MissingRequests::zero)),
      non_zero_requests(pod_requests(pod["spec"], MissingRequests::defaults)) {
    const auto& affinity = pod["spec"]["affinity"];
    read_terms(pod, affinity["podAffinity"], required_affinity, preferred_affinity);
    read_terms(pod, affinity["podAntiAffinity"], required_anti_affinity, preferred_anti_affinity);
}

bool PodInfo::has_affinity() const {
    return !required_affinity.empty() || !required_anti_affinity.empty() || !preferred_affinity.empty() ||
           !preferred_anti_affinity.empty();
}

void NodeInfo::set_node(const Value& object) {
    node = object;
    allocatable = resources_of(object["status"]["allocatable"]);
    const auto taints = object["spec"]["taints"].items();
    tainted = !taints.empty();
    softly_tainted = std::any_of(taints.begin(), taints.end(), [](const Value& taint) {
        return api::has_effect(taint, api::TaintEffects::prefer_no_schedule);
    });
    unschedulable = object["spec"]["unschedulable"].as_bool();
    images.clear();
    for (const auto& image : object["status"]["images"].items())
        for (const auto& image_name : image["names"].items())
            images.set(image_name.str(), image["sizeBytes"].as_int());
}

void NodeInfo::add_pod(PodInfoRef pod) {
    requested.add(pod->requests);
    non_zero_requested.add(pod->non_zero_requests);
    affinity_pods += pod->has_affinity();
    count_labels(*pod, 1);
    pods.push_back(std::move(pod));
}

void NodeInfo::count_labels(const PodInfo& info, std::int64_t sign) {
    if (api::is_deleting(info.pod))
        return;
    const auto& labels = info.pod["metadata"]["labels"];
    const auto space = api::namespace_of(info.pod);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        auto& group = groups[i];
        if (group.namespace_name != space || !(group.labels.same(labels) || group.labels == labels))
            continue;
        group.pods += sign;
        if (group.pods == 0)
            groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(i));
        return;
    }
    groups.push_back({std::string(space), labels, sign});
}

bool NodeInfo::remove_pod(std::string_view key) {
    // Names tell first: putting keys together for each Pod of the Node would cost more than all the rest.
    const auto [namespace_name, pod_name] = api::split_key(key);
    const auto found = std::find_if(pods.begin(), pods.end(), [&, space = namespace_name, wanted = pod_name](const PodInfoRef& one) {
        return api::name_of(one->pod) == wanted && api::namespace_of(one->pod) == space;
    });
    if (found == pods.end())
        return false;
    requested.subtract((*found)->requests);
    non_zero_requested.subtract((*found)->non_zero_requests);
    affinity_pods -= (*found)->has_affinity();
    count_labels(**found, -1);
    pods.erase(found);
    return true;
}

Status Plugin::pre_score(const PodInfo&, const Snapshot&, std::span<const NodeInfoRef>) { return Status::success(); }

void default_normalize(std::vector<NodeScore>& scores, bool reverse) {
    std::int64_t most = 0;
    for (const auto& one : scores)
        most = std::max(most, one.score);
    for (auto& one : scores) {
        const auto scaled = most == 0 ? 0 : max_node_score * one.score / most;
        one.score = reverse ? max_node_score - scaled : scaled;
    }
}

void resolve_namespaces(std::vector<AffinityTerm>& terms, const OrderedMap<std::string, Value>& namespaces) {
    for (auto& term : terms) {
        if (term.namespace_selector.is_nothing() || term.namespace_selector.is_everything())
            continue;
        for (const auto& [name, object] : namespaces)
            if (term.namespace_selector.matches(object["metadata"]["labels"]))
                term.namespaces.push_back(name);
        term.namespace_selector = api::LabelSelector::nothing();
    }
}

}  // namespace kubewalk::scheduler
