// The Pod Security Standards, by the labels of the namespace: enforce refuses Pods, warn warns (of workloads as well).
// Upstream: k8s.io/pod-security-admission (admission/admission.go, policy/check_*.go, policy/registry.go).

#include "core/apiserver/admission/plugins.h"
#include "core/apiserver/admission/pod_security_checks.h"
#include "core/base/text.h"

namespace kubewalk::apiserver::pod_security {

using api::Value;

namespace {

constexpr std::string_view label_prefix = "pod-security.kubernetes.io/";

struct Policy {
    std::string level = "privileged";
    std::string version = "latest";

    std::string str() const { return cat(level, ":", version); }
};

Policy policy_of(const Value& namespace_object, std::string_view mode) {
    const Value& labels = namespace_object["metadata"]["labels"];
    return {labels[cat(label_prefix, mode)].str("privileged"), labels[cat(label_prefix, mode, "-version")].str("latest")};
}

// Where the kinds keep their Pods; empty for those that have none.
const Value& pod_spec_of(const api::Kind& kind, const Value& object) {
    if (kind.kind == "Pod")
        return object["spec"];
    if (kind.kind == "CronJob")
        return object["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    if (kind.kind == "PodTemplate")
        return object["template"]["spec"];
    return object["spec"]["template"]["spec"];
}

bool has_pods(const api::Kind& kind) {
    for (const std::string_view name : {"Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicationController", "PodTemplate"})
        if (kind.kind == name)
            return true;
    return false;
}

std::string described(const std::vector<Violation>& violations) {
    std::vector<std::string> texts;
    for (const auto& one : violations)
        texts.push_back(one.detail.empty() ? one.reason : cat(one.reason, " (", one.detail, ")"));
    return join(texts, ", ");
}

// A new level for a namespace: which of its Pods would not be let in any more.
void warn_of_existing(const Admission& admission, const Value& object) {
    const auto policy = policy_of(object, "enforce");
    if (policy.str() == policy_of(admission.old, "enforce").str() || policy.level == "privileged")
        return;
    std::vector<std::pair<std::string, std::vector<std::string>>> by_reasons;
    const auto prefix = store_prefix(api::kind::pods, admission.name);
    for (auto it = admission.core.store.first(prefix); admission.core.store.within(it, prefix); ++it) {
        std::vector<std::string> reasons;
        for (const auto& one : check_pod_security(policy.level, it->second.value["spec"]))
            reasons.push_back(one.reason);
        if (reasons.empty())
            continue;
        const auto text = join(reasons, ", ");
        auto* found = static_cast<std::vector<std::string>*>(nullptr);
        for (auto& [known, pods] : by_reasons)
            if (known == text)
                found = &pods;
        if (!found)
            found = &by_reasons.emplace_back(text, std::vector<std::string>()).second;
        found->push_back(it->second.value["metadata"]["name"].str());
    }
    if (by_reasons.empty())
        return;
    auto& warnings = admission.call.warnings;
    warnings.push_back(cat("existing pods in namespace ", quoted(admission.name), " violate the new PodSecurity enforce level ", quoted(policy.str())));
    for (const auto& [reasons, pods] : by_reasons) {
        const auto others = pods.size() - 1;
        warnings.push_back(cat(pods[0], others == 0 ? std::string() : cat(" (and ", others, others == 1 ? " other pod)" : " other pods)"), ": ", reasons));
    }
}

}  // namespace

bool handles(const Admission& admission) {
    const bool debugs = admission.subresource == "ephemeralcontainers";
    if ((!admission.subresource.empty() && !debugs) || admission.operation == Operation::remove)
        return false;
    if (admission.kind.kind == "Namespace")
        return admission.kind.group.empty();
    return has_pods(admission.kind);
}

Answer<Done> validate(const Admission& admission, const Value& object) {
    if (admission.kind.kind == "Namespace") {
        if (admission.operation == Operation::update)
            warn_of_existing(admission, object);
        return Done{};
    }
    const Value& owner = admission.core.get(api::kind::namespaces, {}, admission.namespace_name);
    const auto enforce = policy_of(owner, "enforce"), warn = policy_of(owner, "warn");
    if (enforce.level == "privileged" && warn.level == "privileged")
        return Done{};
    const Value& spec = pod_spec_of(admission.kind, object);
    // Of a Pod only what its spec says matters, and that was looked at when it came.
    if (spec.is_null() || (admission.operation == Operation::update && spec == pod_spec_of(admission.kind, admission.old)))
        return Done{};
    if (admission.kind.kind == "Pod")
        if (const auto violations = check_pod_security(enforce.level, spec); !violations.empty())
            return status::forbidden(admission.kind, admission.name, cat("violates PodSecurity ", quoted(enforce.str()), ": ", described(violations)));
    if (const auto violations = check_pod_security(warn.level, spec); !violations.empty())
        admission.call.warnings.push_back(cat("would violate PodSecurity ", quoted(warn.str()), ": ", described(violations)));
    return Done{};
}

}  // namespace kubewalk::apiserver::pod_security
