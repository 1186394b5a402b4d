#pragma once
// Service account tokens: JWTs whose claims can be read as those of a real one. The signature is the one thing that
// is not real: it only tells tokens of this server from others.
// Upstream: pkg/serviceaccount/{jwt,claims}.go, pkg/registry/core/serviceaccount/storage/token.go.

#include <string>
#include <string_view>

#include "core/apiserver/registry.h"

namespace kubewalk::apiserver {

// "system:serviceaccount:ns:name" of a token that this server made, that has not expired, and whose account (and
// Pod, when it is bound to one) still exist; empty otherwise.
std::string user_of_token(const Core& core, std::string_view token);

namespace subresource {
// POST serviceaccounts/NAME/token with a TokenRequest.
Answer<api::Value> token(Core& core, Registry& registry, Call& call);
}  // namespace subresource

}  // namespace kubewalk::apiserver
