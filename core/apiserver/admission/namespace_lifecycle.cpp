// Nothing is created in a Namespace that does not exist or ends; some Namespaces live for ever.
// Upstream: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go.

#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::namespace_lifecycle {

bool handles(const Admission& admission) {
    return admission.kind.namespaced() || admission.kind.kind == "Namespace";
}

Answer<Done> mutate(const Admission& admission, api::Value&) {
    if (admission.kind.kind == "Namespace") {
        const bool immortal =
            admission.name == "default" || admission.name == "kube-system" || admission.name == "kube-public";
        if (admission.operation == Operation::remove && immortal)
            return status::forbidden(admission.kind, admission.name, "this namespace may not be deleted");
        return Done{};
    }
    if (admission.operation != Operation::create || !admission.subresource.empty())
        return Done{};
    const auto& owner = admission.core.get(api::kind::namespaces, {}, admission.namespace_name);
    if (owner.is_null())
        return status::not_found(api::kind::namespaces, admission.namespace_name);
    if (owner["status"]["phase"].as_string() == "Terminating") {
        auto refused = status::forbidden(admission.kind, admission.name,
                                         cat("unable to create new content in namespace ", admission.namespace_name,
                                             " because it is being terminated"));
        refused.causes.push_back({"NamespaceTerminating",
                                  cat("namespace ", admission.namespace_name, " is being terminated"),
                                  "metadata.namespace"});
        return refused;
    }
    return Done{};
}

}  // namespace kubewalk::apiserver::namespace_lifecycle
