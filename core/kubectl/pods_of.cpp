#include "core/kubectl/pods_of.h"

#include "core/api/labels.h"
#include "core/base/sort.h"
#include "core/base/text.h"

namespace kubewalk::kubectl {

using api::Value;

namespace {

bool is_ready(const Value& pod) {
    for (const auto& condition : pod["status"]["conditions"].items())
        if (condition["type"].as_string() == "Ready")
            return condition["status"].as_string() == "True";
    return false;
}

// podutils.ActivePods, turned round: assigned, running and ready Pods first.
int rank(const Value& pod) {
    const auto phase = pod["status"]["phase"].as_string();
    const int by_phase = phase == "Running" ? 0 : phase == "Unknown" ? 1 : 2;
    return (pod["spec"]["nodeName"].as_string().empty() ? 100 : 0) + by_phase * 10 + (is_ready(pod) ? 0 : 1);
}

std::vector<std::string> all_containers(const Value& pod) {
    std::vector<std::string> names;
    for (std::string_view list : {"containers", "ephemeralContainers", "initContainers"})
        for (const auto& container : pod["spec"][list].items())
            names.push_back(list == "initContainers" ? cat(container["name"].as_string(), " (init)")
                            : list == "ephemeralContainers" ? cat(container["name"].as_string(), " (ephem)")
                                                            : container["name"].str());
    return names;
}

bool has_container(const Value& pod, std::string_view name) {
    for (std::string_view list : {"containers", "ephemeralContainers", "initContainers"})
        for (const auto& container : pod["spec"][list].items())
            if (container["name"].as_string() == name)
                return true;
    return false;
}

}  // namespace

Answer<std::vector<Value>> pods_of(Server& server, const api::Kind& kind, const Value& object) {
    if (kind.kind == "Pod")
        return std::vector<Value>{object};
    const auto& raw = object["spec"]["selector"];
    const bool plain = kind.kind == "Service" || kind.kind == "ReplicationController";
    if (raw.empty() && plain)
        return Refusal::plain(cat("invalid ", kind.singular, " '", api::name_of(object), "': ",
                                  to_lower(kind.kind), " is defined without a selector"));
    auto selector = plain ? Result<api::LabelSelector>(api::LabelSelector::from_map(raw)) : api::LabelSelector::from_object(raw);
    if (raw.is_null() || !selector.ok())
        return Refusal::plain(cat("cannot attach to *unstructured.Unstructured: selector for ", kind.kind, " not implemented"));
    auto list = server.list(api::kind::pods, api::namespace_of(object), selector.value().str());
    if (!list.ok())
        return list.refusal();
    const auto items = list.value()["items"].items();
    std::vector<Value> pods(items.begin(), items.end());
    sort_stably(pods, [](const Value& a, const Value& b) { return rank(a) < rank(b); });
    return pods;
}

Answer<Value> pod_for(Run& run, std::string_view word) {
    auto target = parse_target(word, "pods");
    if (!target.ok())
        return target.refusal();
    auto object = run.server.get(*target.value().kind, run.namespace_name(), target.value().name);
    if (!object.ok())
        return object;
    auto pods = pods_of(run.server, *target.value().kind, object.value());
    if (!pods.ok())
        return pods.refusal();
    if (pods.value().empty())
        return Refusal::plain("timed out waiting for the condition");
    return pods.value()[0];
}

Answer<ChosenContainer> choose_container(const Value& pod, std::string_view asked) {
    const auto names = all_containers(pod);
    if (!asked.empty()) {
        if (has_container(pod, asked))
            return ChosenContainer{std::string(asked), {}};
        return Refusal::plain(cat("container ", asked, " not found in pod ", api::name_of(pod)));
    }
    const auto annotated = pod["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"].as_string();
    if (!annotated.empty() && has_container(pod, annotated))
        return ChosenContainer{std::string(annotated), {}};
    const auto first = pod["spec"]["containers"][0]["name"].str();
    ChosenContainer chosen{first, {}};
    if (names.size() > 1)
        chosen.note = cat("Defaulted container ", quoted(first), " out of: ", join(names, ", "), "\n");
    return chosen;
}

}  // namespace kubewalk::kubectl
