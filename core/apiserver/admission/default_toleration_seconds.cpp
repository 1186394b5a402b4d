// A Pod stays five minutes on a node that is not ready or unreachable, unless it says otherwise.
// Upstream: plugin/pkg/admission/defaulttolerationseconds/admission.go.

#include "core/apiserver/admission/plugins.h"

namespace kubewalk::apiserver::default_toleration_seconds {

namespace {

bool tolerates(const api::Value& tolerations, std::string_view key) {
    for (const auto& toleration : tolerations.items()) {
        const auto its_key = toleration["key"].as_string();
        const auto effect = toleration["effect"].as_string();
        if ((its_key == key || its_key.empty()) && (effect == "NoExecute" || effect.empty()))
            return true;
    }
    return false;
}

}  // namespace

bool handles(const Admission& admission) {
    return admission.kind.kind == "Pod" && admission.subresource.empty() && admission.operation == Operation::create;
}

Answer<Done> mutate(const Admission&, api::Value& object) {
    for (std::string_view key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
        if (tolerates(object["spec"]["tolerations"], key))
            continue;
        object.edit_path("spec", "tolerations")
            .push_back(api::Value::object(
                {{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}}));
    }
    return Done{};
}

}  // namespace kubewalk::apiserver::default_toleration_seconds
