#pragma once
// The query of a URL.

#include <string>
#include <string_view>

#include "core/client/transport.h"

namespace kubewalk::client {

std::string unescaped(std::string_view text);
// Adds "a=b&c=d" to the request; the values of a name that is there several times go on lines of their own.
void read_query(std::string_view query, Request& request);

}  // namespace kubewalk::client
