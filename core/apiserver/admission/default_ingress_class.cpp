// The class of an Ingress that names none. Upstream: plugin/pkg/admission/network/defaultingressclass/admission.go.

#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::default_ingress_class {

bool handles(const Admission& admission) {
    return admission.kind.kind == "Ingress" && admission.kind.group == "networking.k8s.io" && admission.subresource.empty() &&
           admission.operation == Operation::create;
}

Answer<Done> mutate(const Admission& admission, api::Value& object) {
    const auto& spec = object["spec"];
    if (!spec["ingressClassName"].is_null() || !object["metadata"]["annotations"]["kubernetes.io/ingress.class"].is_null())
        return Done{};
    int count = 0;
    std::string name;
    const auto prefix = store_prefix(api::kind::ingress_classes, {});
    for (auto it = admission.core.store.first(prefix); admission.core.store.within(it, prefix); ++it) {
        const auto& annotations = it->second.value["metadata"]["annotations"];
        if (annotations["ingressclass.kubernetes.io/is-default-class"].as_string() != "true")
            continue;
        ++count;
        name = api::name_of(it->second.value);
    }
    if (count > 1)
        return status::forbidden(admission.kind, admission.name,
                                 cat("Internal error occurred: ", count, " default IngressClasses were found, only 1 allowed"));
    if (count == 1)
        object.edit("spec").set("ingressClassName", name);
    return Done{};
}

}  // namespace kubewalk::apiserver::default_ingress_class
