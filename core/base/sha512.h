#pragma once
// SHA-512 (FIPS 180-4). CoreDNS tells its configurations apart by it; not for secrets.

#include <string>
#include <string_view>

namespace kubewalk {

// 128 hexadecimal digits, lower case.
std::string sha512_hex(std::string_view text);

}  // namespace kubewalk
