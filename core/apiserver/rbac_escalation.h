#pragma once
// Nobody gives away more than they have: who writes a role or a binding must hold all that it grants, or be allowed to
// "escalate" the role or "bind" to it. Upstream: pkg/registry/rbac/*/policybased/storage.go,
// pkg/registry/rbac/validation/rule.go (ConfirmNoEscalation, Covers).

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

// `old` is null on create. All is well for kinds that are no part of RBAC.
Answer<Done> confirm_no_escalation(Core& core, const Call& call, const api::Kind& kind, const api::Value& object, const api::Value& old);

}  // namespace kubewalk::apiserver
