#pragma once
// Service-account tokens: JSON Web Tokens as upstream's (pkg/serviceaccount), with a checksum in place of the RSA
// signature, so that a changed token is found out.

#include <string>
#include <string_view>

#include "core/api/value.h"

namespace kubewalk::api {

std::string account_token(const Value& claims);
// The claims of a token that account_token() made; null when it is none.
Value account_token_claims(std::string_view token);

}  // namespace kubewalk::api
