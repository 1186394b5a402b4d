#pragma once
// Base64, RFC 4648: the standard alphabet with padding, or the one for URLs and file names without.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kubewalk {

enum class Base64 : std::uint8_t { standard, url };

std::string to_base64(std::string_view bytes, Base64 form = Base64::standard);

// Strict, as Go's encoding/base64: line ends are skipped, digits and padding must come out even (the form for URLs has
// neither padding nor line ends). Nothing when the text is not that.
std::optional<std::string> from_base64(std::string_view text, Base64 form = Base64::standard);
// Where strict reading of the standard form stumbles: the byte that Go's CorruptInputError names; nothing when all is well.
std::optional<std::size_t> base64_error(std::string_view text);

// As programs read a stream of the standard form: padding and line ends are skipped, and what came before the first
// other byte counts.
struct Base64Prefix {
    std::string bytes;
    bool whole = true;  // no such byte
};
Base64Prefix base64_prefix(std::string_view text);

}  // namespace kubewalk
