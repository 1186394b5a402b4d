// A Pod stays five minutes on a node that is not ready or unreachable, unless it says otherwise.
// Upstream: plugin/pkg/admission/defaulttolerationseconds/admission.go.

#include <iterator>

#include "core/apiserver/admission/plugins.h"

namespace kubewalk::apiserver::default_toleration_seconds {

namespace {

constexpr std::string_view keys[] = {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"};

bool tolerates(const api::Value& tolerations, std::string_view key) {
    for (const auto& toleration : tolerations.items()) {
        const auto its_key = toleration["key"].as_string();
        const auto effect = toleration["effect"].as_string();
        if ((its_key == key || its_key.empty()) && (effect == "NoExecute" || effect.empty()))
            return true;
    }
    return false;
}

// The two that nearly all Pods get: they share them.
api::Value usual_tolerations() {
    api::Value both = api::Value::array();
    for (std::string_view key : keys)
        both.push_back(api::Value::object({{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}}));
    return both;
}

}  // namespace

bool handles(const Admission& admission) {
    return admission.kind.kind == "Pod" && admission.subresource.empty() && admission.operation == Operation::create;
}

Answer<Done> mutate(const Admission&, api::Value& object) {
    static const api::Value usual = usual_tolerations();
    if (object["spec"]["tolerations"].empty()) {
        object.edit("spec").set("tolerations", usual);
        return Done{};
    }
    for (std::size_t i = 0; i < std::size(keys); ++i)
        if (!tolerates(object["spec"]["tolerations"], keys[i]))
            object.edit_path("spec", "tolerations").push_back(usual[i]);
    return Done{};
}

}  // namespace kubewalk::apiserver::default_toleration_seconds
