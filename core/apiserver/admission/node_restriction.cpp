// A kubelet changes its own Node and the Pods on it, and no others.
// Upstream: plugin/pkg/admission/noderestriction/admission.go.

#include "core/apiserver/admission/plugins.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::node_restriction {

using api::Value;

namespace {

constexpr std::string_view node_prefix = "system:node:";
constexpr std::string_view mirror_annotation = "kubernetes.io/config.mirror";

Failure refuse(const Admission& admission, std::string why) { return status::forbidden(admission.kind, admission.name, why); }

Answer<Done> check_pod(const Admission& admission, const Value& object, std::string_view node) {
    const auto bound_here = [&](const Value& pod) { return pod["spec"]["nodeName"].as_string() == node; };
    if (admission.subresource == "status")
        return bound_here(admission.old) ? Answer<Done>(Done{})
                                         : refuse(admission, cat("node ", quoted(node), " can only update pod status for pods with spec.nodeName set to itself"));
    if (!admission.subresource.empty())
        return Done{};
    if (admission.operation == Operation::remove)
        return bound_here(admission.old) ? Answer<Done>(Done{})
                                         : refuse(admission, cat("node ", quoted(node), " can only delete pods with spec.nodeName set to itself"));
    if (admission.operation != Operation::create)
        return Done{};
    if (object["metadata"]["annotations"][mirror_annotation].is_null())
        return refuse(admission, cat("pod does not have ", quoted(mirror_annotation), " annotation, node ", quoted(node), " can only create mirror pods"));
    if (!bound_here(object))
        return refuse(admission, cat("node ", quoted(node), " can only create pods with spec.nodeName set to itself"));
    return Done{};
}

}  // namespace

bool handles(const Admission& admission) {
    // With AlwaysAllow the plugin is not switched on either.
    return admission.core.options.authorization == AuthorizationMode::node_rbac && admission.kind.group.empty() &&
           (admission.kind.kind == "Pod" || admission.kind.kind == "Node") && admission.call.user.name.starts_with(node_prefix);
}

Answer<Done> mutate(const Admission& admission, Value& object) {
    const auto node = std::string_view(admission.call.user.name).substr(node_prefix.size());
    if (admission.kind.kind == "Pod")
        return check_pod(admission, object, node);
    if (admission.name != node)
        return refuse(admission, cat("node ", quoted(node), " is not allowed to modify node ", quoted(admission.name)));
    if (admission.operation == Operation::update && admission.subresource.empty() && !(object["spec"]["taints"] == admission.old["spec"]["taints"]))
        return refuse(admission, cat("node ", quoted(node), " is not allowed to modify taints"));
    return Done{};
}

}  // namespace kubewalk::apiserver::node_restriction
