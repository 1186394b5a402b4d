#include "core/api/account_token.h"

#include "core/api/json.h"
#include "core/base/random.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view head = R"({"alg":"RS256","kid":"kubewalk"})";

std::string base64url(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6)
            out += alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0)
        out += alphabet[bits << (6 - count) & 63];
    return out;
}

std::string from_base64url(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (digit == std::string_view::npos)
            return {};
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xff);
        }
    }
    return out;
}

std::string signature(std::string_view signed_text) {
    std::string bytes;
    std::uint64_t hash = 0;
    for (int block = 0; block < 4; ++block) {
        hash = fnv1a(signed_text, hash + 1);
        for (int shift = 0; shift < 64; shift += 8)
            bytes += static_cast<char>(hash >> shift & 0xff);
    }
    return base64url(bytes);
}

}  // namespace

std::string account_token(const Value& claims) {
    const auto signed_text = cat(base64url(head), ".", base64url(to_json(claims)));
    return cat(signed_text, ".", signature(signed_text));
}

Value account_token_claims(std::string_view token) {
    const auto parts = split(token, '.');
    if (parts.size() != 3 || from_base64url(parts[0]) != head || signature(cat(parts[0], ".", parts[1])) != parts[2])
        return {};
    auto claims = parse_json(from_base64url(parts[1]));
    return claims.ok() ? claims.take() : Value();
}

}  // namespace kubewalk::api
