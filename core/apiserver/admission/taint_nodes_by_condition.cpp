// A new Node takes no Pods until its conditions say that it can (the node lifecycle controller then
// takes the taint away). Upstream: plugin/pkg/admission/nodetaint/admission.go.

#include "core/apiserver/admission/plugins.h"

namespace kubewalk::apiserver::taint_nodes_by_condition {

bool handles(const Admission& admission) {
    return admission.kind.kind == "Node" && admission.subresource.empty() && admission.operation == Operation::create;
}

Answer<Done> mutate(const Admission&, api::Value& object) {
    constexpr std::string_view not_ready = "node.kubernetes.io/not-ready";
    for (const auto& taint : object["spec"]["taints"].items())
        if (taint["key"].as_string() == not_ready && taint["effect"].as_string() == "NoSchedule")
            return Done{};
    object.edit_path("spec", "taints").push_back(api::Value::object({{"key", not_ready}, {"effect", "NoSchedule"}}));
    return Done{};
}

}  // namespace kubewalk::apiserver::taint_nodes_by_condition
