#include "core/apiserver/proxy_path.h"

#include "core/base/text.h"

namespace kubewalk::apiserver {

namespace {

std::string unescaped(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        out += pair ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
        i += pair ? 2 : 0;
    }
    return out;
}

}  // namespace

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
    request.path = unescaped(path_and_query.substr(0, mark));
    if (mark != std::string_view::npos)
        for (const auto pair : split(path_and_query.substr(mark + 1), '&')) {
            const auto equals = pair.find('=');
            request.query[unescaped(pair.substr(0, equals))] = equals == std::string_view::npos ? "" : unescaped(pair.substr(equals + 1));
        }
    return request;
}

}  // namespace kubewalk::apiserver
