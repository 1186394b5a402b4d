#pragma once
// The first two steps of a request: who it is, and whether that one may.
// Upstream: k8s.io/apiserver/pkg/endpoints/filters/{authentication,impersonation,authorization}.go.

#include "core/apiserver/core.h"

namespace kubewalk::apiserver {

// The user a request counts as, after impersonation; `acting` holds one who is made up for this request.
// Failure: 401 for a token that is none, 403 for impersonation that is not permitted.
Answer<const UserInfo*> authenticate(Core& core, const client::Request& request, RequestRecord& record, UserInfo& acting);
// Failure: 403.
Answer<Done> authorise(Core& core, Call& call);

}  // namespace kubewalk::apiserver
