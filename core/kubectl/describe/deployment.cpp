
#include "core/api/int_or_string.h"
#include "core/api/labels.h"
#include "core/base/sort.h"
#include "core/kubectl/describe/describe.h"

namespace kubewalk::kubectl::describe {

using api::Value;

namespace {

// deploymentutil.EqualIgnoreHash: the same template but for the hash label.
bool same_template(Value a, Value b) {
    constexpr std::string_view hash = "pod-template-hash";
    for (auto* each : {&a, &b})
        if (each->path("metadata", "labels").contains(hash))
            each->edit_path("metadata", "labels").erase(hash);
    return a == b;
}

std::string replica_set_list(const std::vector<Value>& sets) {
    std::vector<std::string> texts;
    for (const auto& set : sets)
        texts.push_back(cat(api::name_of(set), " (", set["status"]["replicas"].as_int(), "/", set["spec"]["replicas"].as_int(1),
                            " replicas created)"));
    return or_none(join(texts, ", "));
}

struct ReplicaSets {
    std::vector<Value> old;
    std::vector<Value> current;  // one at most
};

ReplicaSets replica_sets(const Subject& subject, std::string_view selector) {
    ReplicaSets sets;
    auto list = subject.server.list(*api::find_kind("apps/v1", "ReplicaSet"), api::namespace_of(subject.object), selector);
    if (!list.ok())
        return sets;
    std::vector<Value> own;
    for (const auto& set : list.value()["items"].items())
        if (api::controller_of(set)["uid"].as_string() == api::uid_of(subject.object))
            own.push_back(set);
    sort_stably(own, [](const Value& a, const Value& b) {
        return a["metadata"]["creationTimestamp"].as_string() < b["metadata"]["creationTimestamp"].as_string();
    });
    for (auto& set : own) {
        if (sets.current.empty() && same_template(set["spec"]["template"], subject.object["spec"]["template"]))
            sets.current.push_back(std::move(set));
        else
            sets.old.push_back(std::move(set));
    }
    return sets;
}

}  // namespace

void deployment(const Subject& subject, Writer& w) {
    const Value& object = subject.object;
    const auto& spec = object["spec"];
    const auto& status = object["status"];
    const auto selector = api::LabelSelector::from_object(spec["selector"]);
    const auto selector_text = selector.ok() ? selector.value().str() : std::string();
    w.line(0, "Name:\t", api::name_of(object));
    w.line(0, "Namespace:\t", api::namespace_of(object));
    w.line(0, "CreationTimestamp:\t", rfc1123(object["metadata"]["creationTimestamp"]));
    labels(w, "Labels", object["metadata"]["labels"]);
    annotations(w, "Annotations", object["metadata"]["annotations"]);
    w.line(0, "Selector:\t", selector_text);
    w.line(0, "Replicas:\t", spec["replicas"].as_int(1), " desired | ", status["updatedReplicas"].as_int(), " updated | ",
           status["replicas"].as_int(), " total | ", status["availableReplicas"].as_int(), " available | ",
           status["unavailableReplicas"].as_int(), " unavailable");
    w.line(0, "StrategyType:\t", spec["strategy"]["type"].as_string());
    w.line(0, "MinReadySeconds:\t", spec["minReadySeconds"].as_int());
    if (const auto& rolling = spec["strategy"]["rollingUpdate"]; !rolling.is_null())
        w.line(0, "RollingUpdateStrategy:\t", api::int_or_string_text(rolling["maxUnavailable"]), " max unavailable, ",
               api::int_or_string_text(rolling["maxSurge"]), " max surge");
    pod_template(w, spec["template"]);
    conditions_with_reason(w, status["conditions"]);
    const auto sets = replica_sets(subject, selector_text);
    if (!sets.old.empty() || !sets.current.empty()) {
        w.line(0, "OldReplicaSets:\t", replica_set_list(sets.old));
        w.line(0, "NewReplicaSet:\t", replica_set_list(sets.current));
    }
    events(w, subject);
}

}  // namespace kubewalk::kubectl::describe
