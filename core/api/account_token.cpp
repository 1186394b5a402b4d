#include "core/api/account_token.h"

#include "core/api/json.h"
#include "core/base/base64.h"
#include "core/base/random.h"
#include "core/base/text.h"

namespace kubewalk::api {

namespace {

constexpr std::string_view head = R"({"alg":"RS256","kid":"kubewalk"})";

std::string signature(std::string_view signed_text) {
    std::string bytes;
    std::uint64_t hash = 0;
    for (int block = 0; block < 4; ++block) {
        hash = fnv1a(signed_text, hash + 1);
        for (int shift = 0; shift < 64; shift += 8)
            bytes += static_cast<char>(hash >> shift & 0xff);
    }
    return to_base64(bytes, Base64::url);
}

}  // namespace

std::string account_token(const Value& claims) {
    const auto signed_text = cat(to_base64(head, Base64::url), ".", to_base64(to_json(claims), Base64::url));
    return cat(signed_text, ".", signature(signed_text));
}

Value account_token_claims(std::string_view token) {
    const auto parts = split(token, '.');
    if (parts.size() != 3 || from_base64(parts[0], Base64::url) != head || signature(cat(parts[0], ".", parts[1])) != parts[2])
        return {};
    const auto text = from_base64(parts[1], Base64::url);
    auto claims = parse_json(text.value_or(""));
    return claims.ok() ? claims.take() : Value();
}

}  // namespace kubewalk::api
