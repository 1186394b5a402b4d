#pragma once
// The checks of the Pod Security Standards. Upstream: k8s.io/pod-security-admission/policy/check_*.go.

#include <string>
#include <string_view>
#include <vector>

#include "core/api/value.h"

namespace kubewalk::apiserver {

struct Violation {
    std::string reason;  // "allowPrivilegeEscalation != false"
    std::string detail;  // `container "nginx" must set securityContext.allowPrivilegeEscalation=false`
};

// `level`: "privileged" (which forbids nothing), "baseline" or "restricted". In upstream's order: the checks of baseline,
// then those of restricted, each by name.
std::vector<Violation> check_pod_security(std::string_view level, const api::Value& pod_spec);

}  // namespace kubewalk::apiserver
