#pragma once
// SHA-256 (FIPS 180-4). For names that Kubernetes derives by hashing; not for secrets.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace kubewalk {

std::array<std::uint8_t, 32> sha256(std::string_view text);

// RFC 4648 base 32, upper case, padded (Go's base32.StdEncoding).
std::string base32(std::string_view bytes);

}  // namespace kubewalk
