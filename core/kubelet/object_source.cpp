#include "core/kubelet/object_source.h"

#include "core/base/text.h"

namespace kubewalk::kubelet {
namespace {

Result<api::Value> worded(Result<api::Value> object, std::string_view what, std::string_view name) {
    if (!object.ok() && object.error().reason == "NotFound")
        return Error{"NotFound", cat(what, " ", quoted(name), " not found"), {}, 0, 0};
    return object;
}

int digit_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

Result<api::Value> ApiObjectSource::config_map(std::string_view namespace_name, std::string_view name) {
    return worded(client_.get(api::kind::config_maps, namespace_name, name), "configmap", name);
}

Result<api::Value> ApiObjectSource::secret(std::string_view namespace_name, std::string_view name) {
    auto secret = worded(client_.get(api::kind::secrets, namespace_name, name), "secret", name);
    if (!secret.ok())
        return secret;
    const auto encoded = secret.value()["data"];
    for (const auto& member : encoded.members())
        secret.value().edit("data").set(member.key, decode_base64(member.value.as_string()).value_or(""));
    return secret;
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=' || c == '\n' || c == '\r')
            continue;
        const int value = digit_value(c);
        if (value < 0)
            return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>((bits >> count) & 0xff);
        }
    }
    return out;
}

}  // namespace kubewalk::kubelet
