#include "core/apiserver/proxy_path.h"

#include "core/base/text.h"
#include "core/client/query.h"

namespace kubewalk::apiserver {

std::string escaped_path(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~' || c == '/';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string escaped_query(const client::Request& request) {
    std::string text;
    for (const auto& [key, values] : request.query)
        for (const auto value : split(values, '\n')) {
            append(text, text.empty() ? '?' : '&', escaped_path(key));
            if (!value.empty())
                append(text, '=', escaped_path(value));
        }
    return text;
}

client::Request received(std::string_view method, std::string_view path_and_query) {
    client::Request request;
    for (const auto known : {client::Method::get, client::Method::post, client::Method::put, client::Method::patch, client::Method::del})
        if (client::method_name(known) == method)
            request.method = known;
    const auto mark = path_and_query.find('?');
    request.path = client::unescaped(path_and_query.substr(0, mark));
    if (mark != std::string_view::npos)
        client::read_query(path_and_query.substr(mark + 1), request);
    return request;
}

}  // namespace kubewalk::apiserver
