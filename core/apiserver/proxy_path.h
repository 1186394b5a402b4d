#pragma once
// The path and query of a request that is handed on, as they travel, and what they say to the server at the other end.

#include <string>
#include <string_view>

#include "core/client/transport.h"

namespace kubewalk::apiserver {

std::string escaped_path(std::string_view text);             // percent-encoded, slashes kept
std::string escaped_query(const client::Request& request);   // "?a=b&c=d", or nothing

// The way back: method, path and query of "/a/b?c=d". What is not well encoded stays as it is.
client::Request received(std::string_view method, std::string_view path_and_query);

}  // namespace kubewalk::apiserver
