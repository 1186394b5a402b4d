#include "core/client/query.h"

#include "core/base/text.h"

namespace kubewalk::client {

std::string unescaped(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        if (escape) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

void read_query(std::string_view query, Request& request) {
    for (const auto pair : split(query, '&')) {
        if (pair.empty())
            continue;
        const auto equals = pair.find('=');
        const auto key = unescaped(pair.substr(0, equals));
        const auto value = equals == std::string_view::npos ? std::string() : unescaped(pair.substr(equals + 1));
        const auto [at, fresh] = request.query.try_emplace(key, value);
        if (!fresh)
            append(at->second, "\n", value);
    }
}

}  // namespace kubewalk::client
